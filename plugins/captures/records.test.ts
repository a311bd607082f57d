import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { eq } from 'drizzle-orm';
import { instantToLocal, localToInstant } from '../../core/clock.ts';
import { CODE } from '../../core/gateway/errors.ts';
import { tableDrift } from '../../core/store/table-drift.ts';
import { asset } from '../../tests/kit/assets.ts';
import { type Answer, bytes, fill, row, startPlugin, type TestPlugin } from './fixture.ts';
import * as tables from './tables.ts';
import { captures, type NewCaptureRow } from './tables.ts';
import type { CaptureView } from './view.ts';

interface Page<T = Record<string, unknown>> {
  record: T[];
  result_num: number;
  total_num: number;
}

const ZONE = 'America/New_York';
const FROM = localToInstant('2026-10-20 00:00:00', ZONE);
const MINUTE = 60_000;

/** Some thousands of captures over three weeks, with equal times among them and a change of the clock inside. */
const many: NewCaptureRow[] = Array.from({ length: 6000 }, (_, i) =>
  row({
    kind: i % 3 === 0 ? 'face' : 'body',
    channel: 1 + (i % 7),
    time: FROM + Math.floor(i / 2) * 10 * MINUTE + (i % 5) * 137,
    quality: (i * 37) % 101,
    aliveType: (i % 4 === 0 ? 2 : i % 3) as 0 | 1 | 2,
    trackId: i,
    ...(i % 9 === 0
      ? {
          libId: 1 + (i % 2),
          libName: i % 2 ? 'Staff' : 'Wanted',
          libType: i % 2 ? 2 : 1,
          imageId: `img-${i}`,
          similarity: 40 + (i % 60) + 0.4,
          ranking: 1,
          threshold: 80,
        }
      : {}),
  }),
);

/** Newest first, the better one first of one moment, then the later one. */
const ordered = many
  .map((one, i) => ({ ...one, seq: i + 1 }))
  .sort((a, b) => b.time - a.time || b.quality - a.quality || b.seq - a.seq);
const ids = (rows: { id: string }[]) => rows.map(({ id }) => id);
const snapIds = ({ data }: Answer<Page>) => data.record.map((one) => one['snap_id']);

async function filled(t: Parameters<typeof startPlugin>[0]): Promise<TestPlugin> {
  const box = await startPlugin(t);
  box.clock.zone = ZONE;
  await fill(box.store, many);
  return box;
}

test('the tables of the code are those of the database', async (t) => {
  const box = await startPlugin(t);
  assert.deepEqual(tableDrift(box.store, tables), []);
});

test('1037 and 1046 page through everything, newest first, each capture once', async (t) => {
  const box = await filled(t);
  for (const [id, kind] of [
    [1037, 'face'],
    [1046, 'body'],
  ] as const) {
    const expected = ids(ordered.filter((one) => one.kind === kind));
    const found: unknown[] = [];
    for (let start = 1; start <= expected.length; start += 50) {
      const answer = await box.send<Page>(id, { start_no: String(start), qry_len: 50 });
      assert.equal(answer.data.total_num, expected.length);
      assert.equal(answer.data.result_num, answer.data.record.length);
      found.push(...snapIds(answer));
    }
    assert.deepEqual(found, expected);
    const first = await box.send<Page>(id);
    assert.deepEqual(snapIds(first), expected.slice(0, 10));
    const beyond = await box.send<Page>(id, { start_no: expected.length + 1, qry_len: 5 });
    assert.deepEqual(beyond.data, { record: [], result_num: 0, total_num: expected.length });
  }
});

test('1037 finds by every criterion, alone and together', async (t) => {
  const box = await filled(t);
  const faces = ordered.filter((one) => one.kind === 'face');
  const start = '2026-10-25 08:30:00';
  const stop = '2026-11-03 17:45:10';
  const inRange = (one: NewCaptureRow) =>
    one.time >= localToInstant(start, ZONE) && one.time < localToInstant(stop, ZONE) + 1000;
  const asked: [Record<string, unknown>, (one: NewCaptureRow) => boolean][] = [
    [{ channel: 3 }, (one) => one.channel === 3],
    [{ channel: '3', start_time: '', stop_time: '', lib_name: '' }, (one) => one.channel === 3],
    [{ start_time: start, stop_time: stop }, inRange],
    [{ stop_time: stop }, (one) => one.time < localToInstant(stop, ZONE) + 1000],
    [{ lib_type: 1 }, (one) => one.libType === 1],
    [{ lib_name: 'Staff' }, (one) => one.libName === 'Staff'],
    [{ lib_name: 'Nobody' }, () => false],
    [{ alive_type: '1,2' }, (one) => one.aliveType !== 0],
    [{ alive_type: 2 }, (one) => one.aliveType === 2],
    [{ alive_type: '0,1,2' }, () => true],
    [
      { channel: 4, lib_type: '2', alive_type: '0', start_time: start, stop_time: stop },
      (one) => one.channel === 4 && one.libType === 2 && one.aliveType === 0 && inRange(one),
    ],
  ];
  for (const [criteria, fits] of asked) {
    const answer = await box.send<Page>(1037, { ...criteria, qry_len: 50 });
    const expected = ids(faces.filter(fits));
    assert.equal(answer.code, CODE.ok, answer.msg);
    assert.deepEqual(snapIds(answer), expected.slice(0, 50), JSON.stringify(criteria));
    assert.equal(answer.data.total_num, expected.length, JSON.stringify(criteria));
  }
});

test('wrong criteria are refused', async (t) => {
  const box = await startPlugin(t);
  for (const criteria of [
    { channel: 0 },
    { channel: 33 },
    { channel: 'front' },
    { lib_type: 3 },
    { alive_type: '3' },
    { alive_type: '1,x' },
    { start_no: 0 },
    { qry_len: 51 },
    { start_time: '2026-11-01 00:00:00' },
    { start_time: '2026-11-02 00:00:00', stop_time: '2026-11-01 00:00:00' },
    { start_time: '2026-02-30 00:00:00', stop_time: '2026-03-01 00:00:00' },
    { stop_time: 'yesterday' },
    { stop_time: "2026-11-01 00:00:00' OR 1=1" },
  ]) {
    assert.equal((await box.send(1037, criteria)).code, CODE.wrongParameter, JSON.stringify(criteria));
  }
});

test('a range is in the zone of the box, and its last second is part of it', async (t) => {
  const box = await startPlugin(t);
  const times = ['2026-11-20 23:59:59', '2026-11-21 00:00:00', '2026-11-21 23:59:59', '2026-11-22 00:00:00'];
  for (const zone of ['Asia/Shanghai', 'America/New_York', 'UTC', 'Asia/Kathmandu']) {
    box.clock.zone = zone;
    await box.send(1045);
    await fill(
      box.store,
      times.map((local) => row({ time: localToInstant(local, zone) + 999 })),
    );
    const { data } = await box.send<Page>(1037, {
      start_time: '2026-11-21 00:00:00',
      stop_time: '2026-11-21 23:59:59',
    });
    assert.deepEqual(
      data.record.map((one) => one['trigger']),
      ['2026-11-21 23:59:59', '2026-11-21 00:00:00'],
      zone,
    );
  }
});

test('rows tell what the interface asks for, in both spellings of attributes', async (t) => {
  const box = await startPlugin(t);
  const time = Date.UTC(2026, 10, 21, 11);
  const plain = row({ time, attributes: { glass_style: 'sunglasses', st_age: 'st_adult' }, aliveType: 2, quality: 61 });
  const matched = row({
    time: time + 1,
    libId: 4,
    libName: 'Staff',
    libType: 2,
    imageId: 'i',
    similarity: 88.6,
    ranking: 1,
  });
  const body = row({
    kind: 'body',
    time,
    quality: 67,
    attributes: { bag_style: 'backpack', pants_length_type: 'shorts' },
  });
  await fill(box.store, [plain, matched, body]);
  const faces = (await box.send<Page>(1037)).data.record;
  assert.deepEqual(faces[1], {
    camera_name: 'Gate',
    channel: 1,
    lib_id: 0,
    lib_name: '',
    lib_type: 0,
    position: 'north',
    ranking: 0,
    similarity: -1,
    snap_id: plain.id,
    snap_path: plain.cropPath,
    threshold: 80,
    trigger: '2026-11-21 11:00:00',
    alive_type: 2,
    face_attr: { glass_style: 'sunglasses', glasses_style: 'sunglasses', st_age: 'st_adult' },
  });
  const { lib_id, lib_name, lib_type, similarity, ranking, face_attr } = faces[0]!;
  assert.deepEqual([lib_id, lib_name, lib_type, similarity, ranking, face_attr], [4, 'Staff', 2, 89, 1, {}]);
  assert.deepEqual((await box.send<Page>(1046)).data.record, [
    {
      camera_name: 'Gate',
      channel: 1,
      position: 'north',
      quality: 67,
      snap_id: body.id,
      snap_path: body.cropPath,
      trigger: '2026-11-21 11:00:00',
      body_attr: {
        bag_style: 'backpack',
        bag_type: 'backpack',
        pants_length_type: 'shorts',
        trousers_len: 'shorts',
      },
    },
  ]);
});

test('answers have exactly the fields of the interface, with their types', async (t) => {
  const file = asset(t, 'reference', 'interface', 'contract.json');
  if (!file) return;
  type Field = { name: string; type: string };
  const { interfaces } = JSON.parse(await readFile(file, 'utf8')) as {
    interfaces: { msg_id: string; response: { fields: Field[]; record_fields?: Field[] } }[];
  };
  const box = await filled(t);
  for (const [id, given] of [
    [1037, (await box.send<Page>(1037)).data.record[0]],
    [1046, (await box.send<Page>(1046)).data.record[0]],
    [1050, (await box.send<Record<string, unknown>>(1050)).data],
  ] as const) {
    const { response } = interfaces.find(({ msg_id }) => msg_id === String(id))!;
    const expected = response.record_fields ?? response.fields;
    assert.deepEqual(Object.keys(given!).sort(), expected.map(({ name }) => name).sort());
    for (const { name, type } of expected) {
      const value = given![name];
      const fits = type === 'int' ? Number.isInteger(value) : typeof value === type;
      assert.ok(fits, `${id} ${name} is no ${type}: ${String(value)}`);
    }
  }
});

test("1050 counts today's comparisons by the local day", async (t) => {
  const box = await startPlugin(t);
  box.clock.zone = 'Asia/Shanghai';
  box.clock.time = localToInstant('2026-11-21 10:00:00', 'Asia/Shanghai');
  const midnight = localToInstant('2026-11-21 00:00:00', 'Asia/Shanghai');
  const compared = (libType: number, similarity: number, time = midnight) =>
    row({ time, libId: 1, libName: 'L', libType, imageId: 'i', similarity, ranking: 1, threshold: 80 });
  const none = { key_person_cnt: 0, white_list_cnt: 0, stranger_cnt: 0 };
  assert.deepEqual((await box.send(1050)).data, none);
  await fill(box.store, [row({ time: midnight }), row({ kind: 'body', time: midnight })]);
  assert.deepEqual((await box.send(1050)).data, none);
  await fill(box.store, [
    compared(1, 80),
    compared(1, 99.5),
    compared(1, 79.9),
    compared(2, 85),
    compared(2, 30),
    compared(1, 95, midnight - 1),
  ]);
  const { data } = await box.send<Record<string, unknown>>(1050);
  assert.deepEqual(data, { key_person_cnt: 2, white_list_cnt: 1, stranger_cnt: 2 });
});

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
  await fill(box.store, [row({ id: 'late' })]);
  const answer = await erasing;
  assert.deepEqual(answer, { code: CODE.ok, data: '', msg: '' });
  assert.deepEqual(snapIds(await box.send<Page>(1037)), ['late']);
  assert.deepEqual(box.erased, ['all']);
  await box.store.blobs.idle();
  assert.equal(box.store.blobs.totals('captures').files, 0);
});

test('old captures go by age, the oldest for room; whoever holds on to them is told', async (t) => {
  const box = await startPlugin(t, { keepDays: 12 });
  const rows = [5, 1, 3, 2, 4].map((time) => row({ time }));
  await withPictures(box, rows);
  const [policy] = box.policies;
  assert.equal(policy?.keepDays?.(), 12);
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

interface Listed {
  records: CaptureView[];
  total: number;
  next: string | null;
}

test('the list goes on behind its cursor, whatever is recorded meanwhile', async (t) => {
  const box = await filled(t);
  for (const [query, fits] of [
    [{}, () => true],
    [{ kind: 'body', minQuality: '70' }, (one) => one.kind === 'body' && one.quality >= 70],
    [
      { channel: '2', from: String(FROM + 1e8), to: String(FROM + 9e8) },
      (one) => one.channel === 2 && one.time >= FROM + 1e8 && one.time < FROM + 9e8,
    ],
  ] as [Record<string, string>, (one: NewCaptureRow) => boolean][]) {
    const expected = ids(ordered.filter(fits));
    const found: string[] = [];
    let before = '';
    let asked = 0;
    for (;;) {
      const { records, total, next } = await box.call<Listed>('GET', '/captures', {
        query: { ...query, before, limit: '200' },
      });
      if (asked++ === 0) {
        assert.equal(total, expected.length);
        await fill(box.store, [row({ kind: 'body', channel: 2, time: FROM + 1e11, quality: 100, trackId: -1 })]);
      }
      found.push(...ids(records));
      if (next === null) break;
      before = next;
    }
    assert.deepEqual(found, expected);
    await box.store.write((tx) => void tx.delete(captures).where(eq(captures.trackId, -1)).run());
  }
  for (const query of [
    { before: 'x' },
    { before: '1.2' },
    { limit: 0 },
    { limit: 201 },
    { kind: 'car' },
    { minQuality: 101 },
  ]) {
    await assert.rejects(box.call('GET', '/captures', { query }), { code: CODE.wrongParameter });
  }
});

test('one capture, and what is none', async (t) => {
  const box = await startPlugin(t);
  const matched = row({
    libId: 4,
    libName: 'Staff',
    libType: 2,
    imageId: 'i',
    similarity: 88.6,
    ranking: 1,
    threshold: 75,
  });
  await fill(box.store, [matched]);
  const found = await box.call<CaptureView>('GET', `/captures/${matched.id}`);
  assert.deepEqual(found.match, {
    libraryId: 4,
    libraryName: 'Staff',
    libraryType: 2,
    imageId: 'i',
    similarity: 88.6,
    ranking: 1,
    threshold: 75,
  });
  assert.deepEqual([found.box, found.cropPath, found.cameraName], [matched.box, matched.cropPath, 'Gate']);
  await assert.rejects(box.call('GET', '/captures/none'), { code: CODE.noSuchData });
  await assert.rejects(box.call('POST', '/captures/delete', { body: { ids: ['none'] } }), { code: CODE.noSuchData });
  assert.deepEqual(await box.call('POST', '/captures/delete', { body: { ids: [matched.id, 'none'] } }), { deleted: 1 });
  await assert.rejects(box.call('POST', '/captures/delete-all', { body: {} }), { code: CODE.wrongParameter });
  await box.call('POST', '/captures/delete-all', { body: { confirm: true } });
});

test('the summary counts the local day hour by hour, also on the days the clock is changed', async (t) => {
  const box = await startPlugin(t);
  interface Summary {
    today: { face: number; body: number };
    hours: number[];
    newest: CaptureView[];
  }
  for (const [zone, date] of [
    ['Asia/Shanghai', '2026-11-21'],
    ['Asia/Kathmandu', '2026-11-21'],
    // 25 hours, 01:00 twice.
    ['America/New_York', '2026-11-01'],
    // 23 hours, no 02:00.
    ['America/New_York', '2026-03-08'],
  ] as const) {
    box.clock.zone = zone;
    const start = localToInstant(`${date} 00:00:00`, zone);
    box.clock.time = start + 12 * 3_600_000;
    await box.send(1045);
    const rows: NewCaptureRow[] = [];
    for (let time = start - 30 * MINUTE; time < start + 27 * 3_600_000; time += 20 * MINUTE) {
      rows.push(row({ time, kind: rows.length % 4 === 0 ? 'face' : 'body' }));
    }
    await fill(box.store, rows);
    const today = rows.filter(({ time }) => instantToLocal(time, zone).startsWith(date));
    const hours = new Array<number>(24).fill(0);
    for (const { time } of today) hours[Number(instantToLocal(time, zone).slice(11, 13))]! += 1;
    const summary = await box.call<Summary>('GET', '/summary');
    assert.deepEqual(summary.hours, hours, `${zone} ${date}`);
    assert.equal(summary.today.face, today.filter(({ kind }) => kind === 'face').length);
    assert.equal(summary.today.body, today.filter(({ kind }) => kind === 'body').length);
    assert.deepEqual(ids(summary.newest), ids(rows.slice(-12).reverse()));
  }
});

test('pages and counts read an index alone', async (t) => {
  const box = await startPlugin(t);
  const plan = (condition: string, tail = 'ORDER BY time DESC, quality DESC, seq DESC LIMIT 10 OFFSET 1000') =>
    box.store.read
      .all<{ detail: string }>(`EXPLAIN QUERY PLAN SELECT seq FROM captures WHERE ${condition} ${tail}`)
      .map(({ detail }) => detail)
      .join('; ');
  for (const condition of [
    'true',
    "kind = 'face'",
    'channel = 3',
    "kind = 'face' AND channel = 3 AND time >= 5 AND time < 9",
    "kind = 'body' AND quality >= 50",
    '(time, quality, seq) < (5, 6, 7)',
  ]) {
    for (const tail of [undefined, '']) {
      const steps = plan(condition, tail);
      assert.match(steps, /USING COVERING INDEX/, condition);
      assert.doesNotMatch(steps, /TEMP B-TREE/, condition);
    }
  }
});

test('who may see records may ask, who may change them may delete', async (t) => {
  const { parts } = await startPlugin(t);
  const access = Object.fromEntries([
    ...parts.messages!.map((one) => [one.id, one.access]),
    ...parts.routes!.map((one) => [`${one.method} ${one.path}`, one.access]),
  ]);
  const see = { area: 'records', action: 'see' };
  const change = { area: 'records', action: 'change' };
  assert.deepEqual(access, {
    1037: see,
    1046: see,
    1050: see,
    2129: change,
    1045: change,
    'GET /captures': see,
    'GET /captures/:id': see,
    'POST /captures/delete': change,
    'POST /captures/delete-all': change,
    'GET /summary': see,
  });
});
