import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openStore } from '../../core/store/database.ts';
import { collectLog, filesBelow, temporaryFolder } from '../../core/store/fixture.ts';
import { runAndKill } from '../../tests/kit/crash.ts';
import { portraitDatabases, portraitEmbeddings, portraitErasures, portraitImages } from './tables.ts';

const child = fileURLToPath(new URL('./crash-child.fixture.ts', import.meta.url));

test('after kill -9 in a batch, everybody is in with picture and embedding, or out', async (t) => {
  const folder = await temporaryFolder(t);
  const said: string[] = [];
  for (const [round, enough] of [57].entries()) {
    said.push(...(await runAndKill(child, [folder, String(round)], enough)));
    const store = await openStore({ folder, log: collectLog() });
    try {
      await store.blobs.idle();
      const rows = store.read.select().from(portraitImages).all();
      const keys = new Set(rows.map(({ libId, imgId }) => `${libId} ${imgId}`));
      const all = (word: string) =>
        said.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
      const removing = new Set(all('removing'));
      for (const key of all('stored')) assert.ok(keys.has(key) || removing.has(key), `${key} was acknowledged`);
      for (const key of all('removed')) assert.ok(!keys.has(key), `${key} is back`);

      const paths = rows.map(({ imgPath }) => imgPath).sort();
      assert.deepEqual(
        await filesBelow(folder, 'facebase', 'staged'),
        paths,
        'a picture for each row and none besides',
      );
      const images = store.read.select({ image: portraitEmbeddings.image }).from(portraitEmbeddings).all();
      assert.deepEqual(
        images.map(({ image }) => image),
        rows.map(({ id }) => id).sort((a, b) => a - b),
      );
      for (const { libId, pictures } of store.read.select().from(portraitDatabases).all()) {
        assert.equal(pictures, rows.filter((row) => row.libId === libId).length, 'the count is right');
      }
      const noted = store.read.select().from(portraitErasures).all();
      for (const key of all('removed')) {
        assert.ok(
          noted.some(({ libId, imgId }) => `${libId} ${imgId}` === key),
          'what shows them is looked for again',
        );
      }
    } finally {
      await store.close();
    }
  }
});
