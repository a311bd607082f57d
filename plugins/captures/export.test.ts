import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CODE } from '../../core/gateway/errors.ts';
import { exportKey } from '../../core/plugin/export-services.ts';
import { until } from '../../tests/kit/wait.ts';
import { readArchive } from '../exports/fixture.ts';
import { Shelf } from '../exports/shelf.ts';
import { bytes, fill, matched, row, startPlugin, type TestPlugin } from './fixture.ts';
import type { NewCaptureRow } from './tables.ts';
import { insert } from './writing.ts';

interface Made {
  export_url: string;
  failed_img_ids?: string;
  result_num: number;
  total_num: number;
  zippasswd: string;
}

/** The plugin beside the one that makes archives, over one store. */
async function startBoth(t: TestContext): Promise<TestPlugin> {
  const box = await startPlugin(t);
  await box.store.migrate('exports', join(import.meta.dirname, '../exports/migrations'));
  box.exports = new Shelf({
    owner: 'exports',
    store: box.store,
    now: () => box.clock.time,
    zone: () => box.clock.zone,
  });
  return box;
}

/** Stores captures with their crops. */
async function fillWithPictures(box: TestPlugin, rows: NewCaptureRow[]): Promise<void> {
  for (const one of rows) {
    const blob = { owner: 'captures', area: 'records', path: one.cropPath, bytes: bytes(`crop ${one.id}`) };
    const staged = await box.store.blobs.stage(blob);
    await box.store.write((tx) => {
      insert(tx, one);
      tx.addBlob(staged);
    });
  }
}

async function addLibraryPicture(box: TestPlugin, path: string): Promise<void> {
  const staged = await box.store.blobs.stage({ owner: 'portraits', area: 'people', path, bytes: bytes('enrolled') });
  await box.store.write((tx) => tx.addBlob(staged));
}

async function opened(box: TestPlugin, { export_url, zippasswd }: Made) {
  const file = await box.store.blobs.open(export_url);
  assert.deepEqual([file?.row.area, file?.row.picture], ['records', true]);
  const entries = readArchive(await file!.bytes(), zippasswd);
  const index = entries.find(({ name }) => name === 'index.csv')!.bytes.toString();
  return { names: entries.map(({ name }) => name), entries, table: parsed(index) };
}

/** Reads CSV by RFC 4180. */
function parsed(csv: string): Record<string, string>[] {
  assert.equal(csv[0], '\ufeff');
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.slice(1).matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n|$)/g)) {
    if (quoted === undefined && plain === '' && end === '') break;
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end !== ',') rows.push([]);
  }
  const [head = [], ...lines] = rows.filter(({ length }) => length > 0);
  return lines.map((line) => Object.fromEntries(head.map((name, i) => [name, line[i] ?? ''])));
}

test('1040 exports captures page by page, with their pictures and an index', async (t) => {
  const box = await startBoth(t);
  const names = ['Gate', 'Hall, "north"\nside', '=HYPERLINK("x")', '大门 😀'];
  const rows = names.map((cameraName, i) =>
    row({ time: Date.UTC(2026, 10, 21, 11, 0, i), cameraName, compared: i === 1 }),
  );
  rows[0] = { ...rows[0]!, ...matched(), attributes: { st_age: 'st_adult', glass_style: 'sunglasses' } };
  await fillWithPictures(box, rows);
  const answer = await box.send<Made>(1040, { qry_len: 500 });
  assert.equal(answer.code, CODE.ok, answer.msg);
  assert.deepEqual(Object.keys(answer.data).sort(), ['export_url', 'result_num', 'total_num', 'zippasswd']);
  assert.equal(answer.data.export_url, 'tmp/catch_2026-11-21-12-00-00.zip');
  assert.deepEqual([answer.data.result_num, answer.data.total_num], [4, 4]);
  const { names: files, entries, table } = await opened(box, answer.data);
  const newest = [...rows].reverse();
  assert.deepEqual(files, [
    '0001_2026-11-21-11-00-03.jpg',
    '0002_2026-11-21-11-00-02.jpg',
    '0003_2026-11-21-11-00-01.jpg',
    '0004_2026-11-21-11-00-00.jpg',
    'index.csv',
  ]);
  for (const [i, one] of newest.entries()) assert.equal(entries[i]!.bytes.toString(), `crop ${one.id}`);
  assert.deepEqual(
    table.map(({ number, snap_id, camera_name, picture }) => [number, snap_id, camera_name, picture]),
    newest.map(({ id, cameraName }, i) => [
      String(i + 1),
      id,
      cameraName.startsWith('=') ? `'${cameraName}` : cameraName,
      files[i],
    ]),
  );
  assert.deepEqual(
    table.map(({ compared, lib_name, similarity }) => [compared, lib_name, similarity]),
    [
      ['0', '', ''],
      ['0', '', ''],
      ['1', '', ''],
      ['1', 'Staff', '91'],
    ],
  );
  assert.equal(table[3]!['face_attr'], 'st_age=st_adult; glass_style=sunglasses');
  assert.ok(!('person_name' in table[3]!));
  const second = await box.send<Made>(1040, { start_no: 2, qry_len: 2 });
  assert.deepEqual([second.data.result_num, second.data.total_num], [2, 4]);
  assert.deepEqual(
    (await opened(box, second.data)).table.map(({ snap_id }) => snap_id),
    [newest[1]!.id, newest[2]!.id],
  );
  assert.deepEqual(box.remarks, ['4 exported', '2 exported']);
});

test("1039 exports alarms with the person's picture where it is still there", async (t) => {
  const box = await startBoth(t);
  const time = Date.UTC(2026, 10, 21, 11);
  const ofLibrary = { libraryId: 1, libraryName: 'Wanted', personName: '+Ada, "the" first' };
  const ada = row({ time: time + 1, ...matched(ofLibrary) });
  const erased = row({ time, ...matched({ libraryId: 2, imagePath: 'facebase/libid2/2_9_9.png' }) });
  await fillWithPictures(box, [
    ada,
    erased,
    row({ time, ...matched({ libraryId: 1, similarity: 20 }) }),
    row({ time }),
  ]);
  await addLibraryPicture(box, ada.imagePath!);
  const answer = await box.send<Made>(1039, { lib_ids: '1,2' });
  assert.equal(answer.code, CODE.ok, answer.msg);
  assert.match(answer.data.export_url, /^tmp\/alarm_2026-11-21-12-00-00\.zip$/);
  assert.deepEqual([answer.data.result_num, answer.data.total_num], [2, 2]);
  const { names, entries, table } = await opened(box, answer.data);
  assert.deepEqual(names, [
    '0001_2026-11-21-11-00-00.jpg',
    '0001_library.jpg',
    '0002_2026-11-21-11-00-00.jpg',
    'index.csv',
  ]);
  assert.equal(entries[1]!.bytes.toString(), 'enrolled');
  assert.deepEqual(
    table.map((one) => [one['snap_id'], one['person_name'], one['person_age'], one['library_picture']]),
    [
      [ada.id, `'+Ada, "the" first`, '36', '0001_library.jpg'],
      [erased.id, 'Ada', '36', ''],
    ],
  );
  assert.ok(!Object.keys(table[0]!).some((name) => /idcard|addr/.test(name)));
  assert.equal((await box.send<Made>(1039, { lib_ids: 2 })).data.result_num, 1);
  assert.equal((await box.send<Made>(1039)).data.result_num, 2, 'without lib_ids all databases are meant');
  const unknown = () => box.send(1039, { lib_ids: '9' });
  assert.equal((await unknown()).code, CODE.nothingToExport, 'while nobody compares faces, nobody knows');
  const comparing = { kinds: ['face' as const], deadline: 1000, enrich: async () => ({}) };
  box.enrichers.register({ ...comparing, id: 'faces', hasLibrary: (id) => id <= 2 });
  box.enrichers.register({ ...comparing, id: 'age' });
  assert.equal((await unknown()).code, CODE.noSuchDatabase);
  assert.equal((await box.send(1039, { lib_ids: '1,9' })).code, CODE.noSuchDatabase);
  assert.equal((await box.send(1039, { lib_ids: '1', channel: 7 })).code, CODE.nothingToExport);
  // Whoever is erased is in no archive any more.
  assert.equal(await box.exports!.erase([exportKey(2, 'img-1')]), 3);
});

test('1042 and 1043 export chosen ones and say which they could not', async (t) => {
  const box = await startBoth(t);
  const alarm = row({ time: 3, ...matched() });
  const stranger = row({ time: 2, compared: true });
  const gone = row({ time: 1, ...matched() });
  const body = row({ kind: 'body', time: 0 });
  await fillWithPictures(box, [alarm, stranger, body]);
  await fill(box.store, [gone]);
  const all = [stranger, alarm, gone, body].map(({ id }) => id);
  const captures = await box.send<Made>(1043, { snap_ids: [...all, all[0], 'none'].join() });
  assert.equal(captures.code, CODE.ok, captures.msg);
  assert.deepEqual(Object.keys(captures.data).sort(), [
    'export_url',
    'failed_img_ids',
    'result_num',
    'total_num',
    'zippasswd',
  ]);
  assert.equal(captures.data.failed_img_ids, [gone.id, body.id, 'none'].join());
  assert.deepEqual([captures.data.result_num, captures.data.total_num], [2, 5]);
  assert.deepEqual(
    (await opened(box, captures.data)).table.map(({ snap_id }) => snap_id),
    all.slice(0, 2),
  );
  const alarms = await box.send<Made>(1042, { snap_ids: all.join() });
  assert.equal(alarms.data.failed_img_ids, [stranger.id, gone.id, body.id].join());
  assert.deepEqual([alarms.data.result_num, alarms.data.total_num], [1, 4]);
  const whole = await box.send<Made>(1043, { snap_ids: alarm.id });
  assert.equal(whole.data.failed_img_ids, '');
});

test('with somebody who is erased goes what shows a capture that is erased with them, finished or not', async (t) => {
  const box = await startBoth(t);
  const time = Date.UTC(2026, 10, 21, 11);
  const chosen = `record/channel1/face/${time / 1000}_1.jpg`;
  const rows = {
    stranger: row({ time, trackId: 1, cropPath: chosen }),
    recognised: row({ time, trackId: 2, ...matched() }),
    companion: row({ time: time + 1_000, trackId: 2 }),
    passerBy: row({ time, trackId: 3 }),
  };
  await fillWithPictures(box, Object.values(rows));
  const exported = async ({ id }: NewCaptureRow) => {
    const { code, data } = await box.send<Made>(1043, { snap_ids: id });
    return { code, path: data.export_url };
  };
  const { path: ofPasserBy } = await exported(rows.passerBy);
  const theirs = [await exported(rows.stranger), await exported(rows.recognised), await exported(rows.companion)];
  const { path: again } = await exported(rows.recognised);

  // One is being made: its picture is not read yet.
  let reading = false;
  let resume = () => {};
  // Whatever fails: nothing waits for ever.
  t.after(() => resume());
  const resumed = new Promise<void>((resolve) => {
    resume = resolve;
  });
  const { blobs } = box.store;
  t.mock.method(blobs, 'open', async (path: string) => {
    reading = true;
    await resumed;
    return Object.getPrototypeOf(blobs).open.call(blobs, path);
  });
  const late = exported(rows.companion);
  await until('it is being made', () => reading);

  // As it is done with who leaves a database.
  assert.equal(await box.exports!.erase([exportKey(4, 'img-1')]), 2);
  const gone = await box.archive.eraseOf(4, [{ imageId: 'img-1', imagePath: '' }], [chosen]);
  assert.deepEqual(gone, { captures: 3, messages: 0, exports: 2 });
  assert.equal((await late).code, CODE.unknownError);
  resume();
  for (const path of [...theirs.map((one) => one.path), again]) assert.equal(blobs.find(path), undefined, path);
  assert.ok(blobs.find(ofPasserBy));
  // Who only deletes a capture has what was exported on purpose.
  await box.call('POST', '/captures/delete', { body: { ids: [rows.passerBy.id] } });
  assert.ok(blobs.find(ofPasserBy));
});

test('what cannot be exported is refused with its code, and leaves nothing', async (t) => {
  const box = await startBoth(t);
  const stranger = row({ time: 2, compared: true });
  const gone = row({ time: 1, ...matched() });
  await fill(box.store, [stranger, gone]);
  const refusals: [number, object, number][] = [
    [1040, { channel: 9 }, CODE.nothingToExport],
    [1039, { lib_ids: '1' }, CODE.nothingToExport],
    [1040, { start_no: 100 }, CODE.nothingToExport],
    // The pictures are gone.
    [1040, {}, CODE.nothingToExport],
    [1043, { snap_ids: gone.id }, CODE.nothingToExport],
    [1042, { snap_ids: stranger.id }, CODE.nothingToExport],
    [1042, { snap_ids: 'a,b' }, CODE.noSuchData],
    [1043, { snap_ids: 'a' }, CODE.noSuchData],
    [1043, { snap_ids: '' }, CODE.wrongParameter],
    [1043, {}, CODE.wrongParameter],
    [1042, { snap_ids: Array.from({ length: 51 }, (_, i) => i).join() }, CODE.wrongParameter],
    [1040, { qry_len: 501 }, CODE.wrongParameter],
    [1039, { start_time: '2026-11-21 00:00:00' }, CODE.wrongParameter],
  ];
  for (const [id, asked, code] of refusals) {
    assert.equal((await box.send(id, asked as Record<string, unknown>)).code, code, `${id} ${JSON.stringify(asked)}`);
  }
  assert.deepEqual(box.store.blobs.totals(), { files: 0, bytes: 0 });
  box.exports = undefined;
  const answer = await box.send(1040);
  assert.equal(answer.code, CODE.unknownError);
  assert.match(answer.msg, /plugin "exports"/);
});

test('an archive of hundreds of pictures has minutes to be packed, and the operation log has who made it', async (t) => {
  const { parts } = await startBoth(t);
  const made = parts.messages?.filter(({ id }) => [1039, 1040, 1042, 1043].includes(id));
  assert.deepEqual(
    made?.map(({ id, patience, logged }) => [id, patience, logged]),
    [1039, 1040, 1042, 1043].map((id) => [id, 180_000, true]),
  );
});
