import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'drizzle-orm';
import { pino } from 'pino';
import { localToInstant } from '../../core/clock.ts';
import { CODE } from '../../core/gateway/errors.ts';
import { openStore } from '../../core/store/database.ts';
import { fill, matched, people, row, startPlugin } from './fixture.ts';
import { filled, ids, ordered, type Page, snapIds, ZONE } from './rows.fixture.ts';
import { captures, type NewCaptureRow } from './tables.ts';
import { captureView, viewOfRow } from './view.ts';

const recognised = ordered.filter((one) => (one.similarity ?? -1) >= one.threshold);
const usual = recognised.filter((one) => one.aliveType !== 1);

test('1036 pages through recognised faces, newest first, without those found not alive', async (t) => {
  const box = await filled(t);
  assert.ok(usual.length > 100 && usual.length < recognised.length);
  const found: unknown[] = [];
  for (let start = 1; start <= usual.length; start += 50) {
    const answer = await box.send<Page>(1036, { start_no: start, qry_len: '50' });
    assert.equal(answer.data.total_num, usual.length);
    found.push(...snapIds(answer));
  }
  assert.deepEqual(found, ids(usual));
});

test('1036 finds by every criterion, alone and together', async (t) => {
  const box = await filled(t);
  const start = '2026-10-25 08:30:00';
  const stop = '2026-11-03 17:45:10';
  const inRange = (one: NewCaptureRow) =>
    one.time >= localToInstant(start, ZONE) && one.time < localToInstant(stop, ZONE) + 1000;
  const asked: [Record<string, unknown>, (one: NewCaptureRow) => boolean][] = [
    [{ channel: 3 }, (one) => one.channel === 3],
    [{ lib_ids: '1' }, (one) => one.libId === 1],
    [{ lib_ids: '1, 2' }, () => true],
    [{ lib_ids: [2] }, (one) => one.libId === 2],
    [{ lib_ids: '7' }, () => false],
    [{ lib_ids: '' }, () => true],
    [{ lib_name: 'Wanted' }, (one) => one.libName === 'Wanted'],
    [{ lib_type: '2' }, (one) => one.libType === 2],
    [{ start_time: start, stop_time: stop }, inRange],
    [{ alive_type: '2' }, (one) => one.aliveType === 2],
    [
      { channel: '4', lib_ids: '1,9', lib_name: 'Wanted', lib_type: 1, start_time: start, stop_time: stop },
      (one) => one.channel === 4 && one.libId === 1 && inRange(one),
    ],
  ];
  for (const [criteria, fits] of asked) {
    const answer = await box.send<Page>(1036, { ...criteria, qry_len: 50 });
    const expected = ids(usual.filter(fits));
    assert.equal(answer.code, CODE.ok, answer.msg);
    assert.deepEqual(snapIds(answer), expected.slice(0, 50), JSON.stringify(criteria));
    assert.equal(answer.data.total_num, expected.length, JSON.stringify(criteria));
  }
  const all = await box.send<Page>(1036, { alive_type: '0,1,2' });
  assert.equal(all.data.total_num, recognised.length);
  for (const criteria of [{ lib_ids: 'x' }, { lib_ids: '1;2' }, { lib_ids: '1.5' }, { lib_type: 3 }, { qry_len: 51 }]) {
    assert.equal((await box.send(1036, criteria)).code, CODE.wrongParameter, JSON.stringify(criteria));
  }
});

test('1036 tells of the person what the database told then, sensitive values masked', async (t) => {
  const box = await startPlugin(t);
  const time = Date.UTC(2026, 10, 21, 11);
  const known = row({ time, ...matched(), aliveType: 2, attributes: { st_age: 'st_adult' } });
  const bare = row({ time: time - 1, ...matched({ personName: '', hasIdcard: false, hasAddress: true }) });
  await fill(box.store, [known, bare, row({ time, ...matched({ similarity: 79 }) }), row({ time, compared: true })]);
  const { record } = (await box.send<Page>(1036)).data;
  assert.equal(record.length, 2);
  assert.deepEqual(record[0], {
    camera_name: 'Gate',
    channel: 1,
    create_time: '2026-10-01 08:00:00',
    img_id: 'img-1',
    img_path: 'facebase/libid4/4_1_1.jpg',
    lib_id: 4,
    lib_name: 'Staff',
    lib_type: 2,
    person_addr: '',
    person_age: '36',
    person_gender: '0',
    person_idcard: '******',
    person_name: 'Ada',
    position: 'north',
    ranking: 1,
    similarity: 91,
    snap_id: known.id,
    snap_path: known.cropPath,
    threshold: 80,
    trigger: '2026-11-21 11:00:00',
    alive_type: 2,
    face_attr: { st_age: 'st_adult' },
  });
  assert.deepEqual([record[1]!['person_idcard'], record[1]!['person_addr']], ['', '******']);
});

test('who is erased leaves with the captures that show them, and is forgotten by those that only resemble them', async (t) => {
  const box = await startPlugin(t);
  const rows = [
    ...Array.from({ length: 450 }, (_, time) => row({ time, ...matched() })),
    ...Array.from({ length: 250 }, (_, time) => row({ time, trackId: 2, ...matched({ similarity: 60 }) })),
    row({ time: 500, trackId: 3, ...matched({ imageId: 'img-2' }) }),
    row({ time: 501, ...matched({ libraryId: 5 }) }),
    row({ time: 502, trackId: 3, ...matched({ imageId: 'img-3', similarity: 10 }) }),
    row({ time: 503, trackId: 3 }),
  ];
  await fill(box.store, rows);
  assert.deepEqual(await box.archive.eraseOf(4, people('nobody', 'img-1', 'img-3')), {
    captures: 450,
    messages: 0,
    exports: 0,
  });
  assert.deepEqual(new Set(box.erased.flat()), new Set(ids(rows.slice(0, 450))));
  const left = box.store.read.select().from(captures).all();
  assert.equal(left.length, rows.length - 450);
  assert.deepEqual(
    left.filter(({ imageId }) => imageId !== null).map(({ libId, imageId }) => [libId, imageId]),
    [
      [4, 'img-2'],
      [5, 'img-1'],
    ],
  );
  const strangers = left.filter(({ compared, libId }) => compared && libId === null);
  assert.equal(strangers.length, 251);
  for (const stranger of strangers) {
    const { personName, personAge, imagePath, similarity, hasIdcard } = stranger;
    assert.deepEqual([personName, personAge, imagePath, similarity, hasIdcard], [null, null, null, null, null]);
  }
  assert.deepEqual(await box.archive.eraseOf(4, people('img-1')), { captures: 0, messages: 0, exports: 0 });
});

test('what was recorded before is kept: with a match it was compared, and of the person nothing is known', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-captures-old-'));
  const before = join(folder, 'migrations');
  await cp(join(import.meta.dirname, 'migrations'), before, { recursive: true });
  for (const name of await readdir(before)) if (name >= '0005') await rm(join(before, name));
  const store = await openStore({ folder: join(folder, 'data'), log: pino({ level: 'silent' }) });
  t.after(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  await store.migrate('captures', before);
  const insertOld = (id: string, kind: string, library: string) =>
    sql.raw(
      `INSERT INTO captures VALUES (${id}, '${id}', '${kind}', 1, 'Gate', 'north', 80, 1, 1, 50, '[1,2,3,4]', '[1,2,3,4]', 640, 480, 'c', 'f', 0, '{}', ${library}, '[]', NULL)`,
    );
  await store.write((tx) => {
    tx.run(insertOld('1', 'face', "4, 'Staff', 2, 'img-1', 90, 1"));
    tx.run(insertOld('2', 'face', 'NULL, NULL, NULL, NULL, NULL, NULL'));
    tx.run(insertOld('3', 'body', 'NULL, NULL, NULL, NULL, NULL, NULL'));
  });
  await store.migrate('captures', join(import.meta.dirname, 'migrations'));
  const rows = store.read.select().from(captures).all();
  assert.deepEqual(
    rows.map(({ compared, libId, personName, hasIdcard }) => [compared, libId, personName, hasIdcard]),
    [
      [true, 4, null, null],
      [false, null, null, null],
      [false, null, null, null],
    ],
  );
  const { similarity, threshold, time, box, attributes, describedBy } = rows[0]!;
  assert.deepEqual([similarity, threshold, time, box, attributes, describedBy], [90, 80, 1, [1, 2, 3, 4], {}, []]);
  const view = viewOfRow(rows[0]!);
  captureView.parse(view);
  assert.deepEqual([view.match?.personName, view.match?.imagePath], ['', '']);
});
