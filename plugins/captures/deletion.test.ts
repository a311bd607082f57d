import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE } from '../../core/gateway/errors.ts';
import { bytes, fill, row, startPlugin, type TestPlugin } from './fixture.ts';
import { FROM, many, type Page, snapIds } from './rows.fixture.ts';
import type { NewCaptureRow } from './tables.ts';

/** Rows with real files. */
async function withPictures(box: TestPlugin, rows: NewCaptureRow[]): Promise<void> {
  await fill(box.store, rows);
  for (const { cropPath, framePath } of rows) {
    for (const path of [cropPath, framePath]) {
      const staged = await box.store.blobs.stage({ path, bytes: bytes(path), owner: 'captures', area: 'records' });
      await box.store.write((tx) => tx.addBlob(staged));
    }
  }
}

test('2129 deletes the chosen ones of the kind, with their pictures', async (t) => {
  const box = await startPlugin(t);
  const faces = [1, 2, 3].map((time) => row({ time }));
  const body = row({ kind: 'body' });
  await withPictures(box, [...faces, body]);
  const [first, second] = faces as [NewCaptureRow, NewCaptureRow];

  const answer = await box.send(2129, { catch_ids: `${first.id}, ${second.id},unknown,${body.id}`, type: '0' });
  assert.deepEqual(answer, { code: CODE.ok, data: '', msg: '' });
  assert.deepEqual(
    box.erased.map((one) => [...one].sort()),
    [[first.id, second.id].sort()],
  );
  assert.deepEqual(box.remarks, ['2 deleted']);
  assert.equal((await box.send<Page>(1037)).data.total_num, 1);
  assert.equal((await box.send<Page>(1046)).data.total_num, 1);
  await box.store.blobs.idle();
  assert.equal(await box.store.blobs.open(first.cropPath), undefined);
  assert.equal(await box.store.blobs.open(first.framePath), undefined);
  assert.equal(box.store.blobs.totals('captures').files, 4);

  for (const type of [0, 1, 2, 3, 4]) {
    assert.equal((await box.send(2129, { catch_ids: 'unknown', type })).code, CODE.noSuchData, String(type));
  }
  assert.equal((await box.send(2129, { catch_ids: faces[2]!.id, type: 2 })).code, CODE.noSuchData);
  for (const wrong of [
    { catch_ids: '', type: 0 },
    { catch_ids: first.id, type: 5 },
    { catch_ids: first.id },
    { type: 0 },
  ]) {
    assert.equal((await box.send(2129, wrong)).code, CODE.wrongParameter, JSON.stringify(wrong));
  }
  const tooMany = Array.from({ length: 51 }, (_, i) => `id${i}`).join(',');
  assert.equal((await box.send(2129, { catch_ids: tooMany, type: 0 })).code, CODE.wrongParameter);
});

test('1045 deletes everything, but not what is recorded meanwhile', async (t) => {
  const box = await startPlugin(t);
  await withPictures(
    box,
    Array.from({ length: 5 }, () => row({})),
  );
  await fill(box.store, many.slice(0, 1000));
  const erasing = box.send(1045);
  await fill(box.store, [row({ id: 'late', time: FROM + 1e11 })]);
  const answer = await erasing;
  assert.deepEqual(answer, { code: CODE.ok, data: '', msg: '' });
  assert.deepEqual(snapIds(await box.send<Page>(1037)), ['late']);
  assert.deepEqual([box.erased.slice(0, -1).flat().length, box.erased.at(-1)], [1005, 'all']);
  await box.store.blobs.idle();
  assert.equal(box.store.blobs.totals('captures').files, 0);
});

test('1045 that fails half-way tells of what it deleted', async (t) => {
  const box = await startPlugin(t);
  await fill(box.store, many.slice(0, 500));
  const { write } = box.store;
  let jobs = 0;
  box.store.write = (job) =>
    ++jobs > 2 ? Promise.reject(new Error('no disk')) : (write.call(box.store, job) as never);
  await assert.rejects(box.send(1045));
  box.store.write = write;
  const left = new Set(box.store.read.all<{ id: string }>('SELECT id FROM captures').map(({ id }) => id));
  assert.ok(left.size > 0 && left.size < 500);
  const told = box.erased.flat();
  assert.equal(told.length + left.size, 500);
  assert.ok(told.every((id) => !left.has(id)));
});

test('old captures go by age, the oldest for room; whoever holds on to them is told', async (t) => {
  const box = await startPlugin(t, { keepDays: 12 });
  const rows = [5, 1, 3, 2, 4].map((time) => row({ time }));
  await withPictures(box, rows);
  const [policy] = box.policies;
  assert.equal(policy?.keepDays?.(), 12);
  assert.ok(policy.bytes?.() === box.store.blobs.totals().bytes && policy.bytes() > 0);
  assert.equal(policy.oldest?.(), 1);
  assert.equal(await box.store.write((tx) => policy.removeOlderThan(tx, 3, 10)), 2);
  assert.equal(await box.store.write((tx) => policy.removeOldest(tx, 1)), 1);
  assert.equal(policy.oldest?.(), 4);
  assert.deepEqual(
    box.erased.flat(),
    [1, 2, 3].map((time) => rows.find((one) => one.time === time)!.id),
  );
  await box.store.blobs.idle();
  assert.equal(box.store.blobs.totals('captures').files, 4);
  assert.equal(await box.store.write((tx) => policy.removeOlderThan(tx, 1e15, 10)), 2);
  assert.equal(policy.oldest?.(), undefined);
});
