import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { filesBelow, temporaryFolder } from '../../core/store/fixture.ts';
import { runAndKill } from '../../tests/kit/crash.ts';
import { until } from '../../tests/kit/wait.ts';
import { batchOf, REMOVED } from './crash-pictures.fixture.ts';
import { maskedFileName } from './file-name.ts';
import { file, startPlugin, type TestPlugin } from './fixture.ts';
import { portraitBatches, portraitDatabases, portraitEmbeddings, portraitErasures, portraitImages } from './tables.ts';

const child = fileURLToPath(new URL('./crash-child.fixture.ts', import.meta.url));

test('after kill -9 in a batch, everybody is in with picture and embedding, or out, and the list says which', async (t) => {
  const folder = await temporaryFolder(t);
  t.after(() => rmSync(`${folder}-lists`, { recursive: true, force: true }));
  const said: string[] = [];
  const all = (word: string) =>
    said.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  let interrupted = 0;
  for (let round = 0; round < 3; round++) {
    const enough = 1 + Math.floor(Math.random() * 400);
    t.diagnostic(`round ${round}: killed after ${enough}`);
    said.push(...(await runAndKill(child, [folder, String(round)], enough)));
    await t.test(`round ${round}`, async (sub) => {
      const box = await startPlugin(sub, { folder });
      await assertWhole(box, all);
      const listed = new Set(all('listed').map((key) => key.split(' ')[1]!));
      for (const uuid of listed)
        assertAgrees(box, uuid, readFileSync(join(`${folder}-lists`, `image_${uuid}.csv`), 'utf8'));
      if (await assertResumed(box, listed)) interrupted += 1;
    });
  }
  t.diagnostic(`${interrupted} of 3 kills were in the middle of a batch`);
});

type Said = (word: string) => string[];

/** Rows, pictures, embeddings and counts are those of the same people, and all whose storing was acknowledged. */
async function assertWhole({ store, folder }: TestPlugin, all: Said): Promise<void> {
  await store.blobs.idle();
  const rows = store.read.select().from(portraitImages).all();
  const keys = new Set(rows.map(({ libId, imgId }) => `${libId} ${imgId}`));
  const removing = new Set(all('removing'));
  for (const key of all('stored')) assert.ok(keys.has(key) || removing.has(key), `${key} was acknowledged`);
  for (const key of all('removed')) assert.ok(!keys.has(key), `${key} is back`);

  const paths = rows.map(({ imgPath }) => imgPath).sort();
  assert.deepEqual(await filesBelow(folder, 'facebase', 'staged'), paths, 'a picture for each row and none besides');
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
}

/** A batch without a list gets one at the next start, and may be sent again. False: no batch was under way. */
async function assertResumed(box: TestPlugin, listed: ReadonlySet<string>): Promise<boolean> {
  const noted = () => box.store.read.select().from(portraitBatches).all();
  await until('every batch has its list', () => noted().every(({ ended }) => ended !== null));
  const made = noted().filter(({ listPath }) => box.use.exports!.files.has(listPath));
  assert.ok(made.length <= 1, 'one batch was under way');
  for (const { uuid, listPath } of noted()) assert.ok(listPath !== '' || listed.has(uuid), uuid);
  const [batch] = made;
  if (!batch) return false;
  const codes = assertAgrees(box, batch.uuid, box.use.exports!.files.get(batch.listPath)!.data);
  const isIn = codes.map((code) => code === 0);
  assert.equal(batch.enrolled, isIn.filter(Boolean).length);
  assert.equal(batch.interrupted, codes.includes(INTERRUPTED));

  // The same ids, then the same bytes under other ids: what is in is not taken again, and nothing else is kept out.
  const again = async (ids: string) => {
    const pictures = batchOf(batch.uuid, ids);
    const parts = pictures.map((picture, at) => [`img_${at}`, file(picture.file, picture.bytes())] as const);
    const answer = await box.send<{ url: string }>(
      1030,
      { lib_id: batch.libId, uuid: `again-${ids}` },
      Object.fromEntries(parts),
    );
    return rowsOf(box.use.exports!.files.get(answer.data.url)!.data).map(({ code }) => code);
  };
  const showsNobody = (at: number) => at % 10 === 0;
  const resent = await again(batch.uuid);
  assert.deepEqual(
    resent,
    isIn.map((stored, at) => (stored ? -1100 : showsNobody(at) ? -1101 : 0)),
  );
  assert.deepEqual(
    await again(`x${batch.uuid}`),
    isIn.map((_, at) => (showsNobody(at) ? -1101 : -116)),
  );
  return batch.interrupted;
}

/** What the box did not get to. */
const INTERRUPTED = -1;

/** The rows of a list of results. */
function rowsOf(list: string): { file: string; imgId: string; code: number; text: string }[] {
  const [, ...lines] = list.trimEnd().split('\r\n');
  return lines.map((line) => {
    const [file = '', imgId = '', code, text = ''] = line.slice(1, -1).split('","');
    return { file, imgId, code: Number(code), text };
  });
}

/** A list tells of every picture of a batch, and as the table has it. Gives the codes. */
function assertAgrees({ store }: TestPlugin, uuid: string, list: string): number[] {
  const kept = new Set(
    store.read
      .select()
      .from(portraitImages)
      .all()
      .map(({ imgId }) => imgId),
  );
  const rows = rowsOf(list);
  assert.deepEqual(
    rows.map((row) => row.file),
    batchOf(uuid).map((picture) => maskedFileName(picture.file)),
  );
  for (const [at, { imgId, code, text }] of rows.entries()) {
    const here = `${uuid}, picture ${at}: ${code} ${text}`;
    const isIn = kept.has(`${uuid}p${at}`);
    if (code === 0) assert.ok(isIn || at === REMOVED, `${here}, and it is not in the database`);
    else assert.ok(!isIn, `${here}, and it is in the database`);
    if (code === 0) assert.equal(imgId, `${uuid}p${at}`);
    else if (code === INTERRUPTED) assert.equal(text, 'interrupted, not stored');
    else assert.equal(code, at % 10 === 0 ? -1101 : 0, here);
  }
  return rows.map(({ code }) => code);
}
