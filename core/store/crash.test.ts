import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { runAndKill } from '../../tests/kit/crash.ts';
import { openStore } from './database.ts';
import { collectLog, filesBelow, temporaryFolder } from './fixture.ts';
import { blobs } from './tables.ts';

/** What the child acknowledged over all rounds. */
interface Acknowledged {
  stored: Set<number>;
  failed: Set<number>;
  removing: Set<number>;
  removed: Set<number>;
}

const child = fileURLToPath(new URL('./crash-child.ts', import.meta.url));

/** Runs the child until it acknowledged `enough` captures, kills it, and adds what it said. */
async function addSaid(folder: string, enough: number, said: Acknowledged): Promise<void> {
  for (const line of await runAndKill(child, [folder], enough)) {
    const [word, number] = line.split(' ');
    said[word as keyof Acknowledged].add(Number(number));
  }
}

test('after kill -9, every acknowledged record has its files and no file is without a row', async (t) => {
  const folder = await temporaryFolder(t);
  const said: Acknowledged = { stored: new Set(), failed: new Set(), removing: new Set(), removed: new Set() };
  let leftOvers = 0;
  for (let round = 0; round < 5; round++) {
    await addSaid(folder, 40 + round * 37, said);
    leftOvers += (await filesBelow(folder, 'staged')).length;

    const store = await openStore({ folder, log: collectLog() });
    try {
      await store.blobs.idle();
      const rows = store.read.all<{ id: number; face: string; frame: string }>(sql`SELECT * FROM captures`);
      const ids = new Set(rows.map(({ id }) => id));
      for (const id of said.stored) assert.ok(ids.has(id) || said.removing.has(id), `capture ${id} is lost`);
      for (const id of said.removed) assert.ok(!ids.has(id), `capture ${id} came back`);
      for (const id of said.failed) assert.ok(!ids.has(id), `capture ${id} was undone but is there`);

      const named = rows.flatMap(({ face, frame }) => [face, frame]).sort();
      const known = store.read.select({ path: blobs.path }).from(blobs).orderBy(blobs.path).all();
      assert.deepEqual(
        known.map(({ path }) => path),
        named,
      );
      assert.deepEqual(await filesBelow(folder, 'record'), named);
      assert.deepEqual(await filesBelow(folder, 'staged'), []);
      assert.deepEqual(store.read.all(sql`SELECT * FROM doomed_blobs`), []);
      for (const { id, face, frame } of rows) {
        for (const path of [face, frame]) {
          assert.ok((await readFile(join(folder, path))).equals(Buffer.alloc(3000 + (id % 50), path)), path);
        }
      }
      const { bytes } = store.blobs.totals();
      assert.equal(
        bytes,
        rows.reduce((sum, { id }) => sum + 2 * (3000 + (id % 50)), 0),
      );
    } finally {
      await store.close();
    }
  }
  assert.ok(said.stored.size > 400 && said.removed.size > 20 && said.failed.size > 20, 'the child did its work');
  assert.ok(leftOvers > 0, 'at least one kill hit files on their way');
});
