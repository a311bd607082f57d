import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { localToInstant } from '../../core/clock.ts';
import { CODE } from '../../core/gateway/errors.ts';
import { Connection } from '../../core/store/connection.ts';
import { drizzleQueries } from '../../core/store/drizzle-queries.ts';
import { Queries } from '../../core/store/queries.ts';
import { tableDrift } from '../../core/store/table-drift.ts';
import { asset } from '../../tests/kit/assets.ts';
import { fill, matched, row, startPlugin } from './fixture.ts';
import { Records } from './records.ts';
import { filled, ids, ordered, type Page, snapIds, ZONE } from './rows.fixture.ts';
import type { NewCaptureRow } from './tables.ts';
import * as tables from './tables.ts';

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

test('in the hour that autumn repeats nothing is missed, hour by hour or asked for the last minutes', async (t) => {
  const box = await startPlugin(t);
  box.clock.zone = 'Europe/Berlin';
  // 02:45 of summer time, then 02:05 and 02:45 of winter time.
  const times = ['00:45', '01:05', '01:45'].map((utc) => Date.parse(`2026-10-25T${utc}:00Z`));
  await fill(
    box.store,
    times.map((time) => row({ time })),
  );
  const between = async (start: string, stop: string) =>
    (
      await box.send<Page>(1037, { start_time: `2026-10-25 ${start}`, stop_time: `2026-10-25 ${stop}` })
    ).data.record.map((one) => one['trigger']);
  assert.equal((await between('02:00:00', '02:59:59')).length, 3);
  assert.deepEqual(await between('03:00:00', '03:59:59'), []);
  assert.deepEqual(await between('02:40:00', '02:10:00'), ['2026-10-25 02:05:00', '2026-10-25 02:45:00']);
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
    [1036, (await box.send<Page>(1036)).data.record[0]],
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
    row({ time, ...matched({ libraryType: libType, similarity }), threshold: 80 });
  const none = { key_person_cnt: 0, white_list_cnt: 0, stranger_cnt: 0 };
  assert.deepEqual((await box.send(1050)).data, none);
  await fill(box.store, [
    row({ time: midnight }),
    row({ kind: 'body', time: midnight }),
    row({ time: midnight - 1, compared: true }),
  ]);
  assert.deepEqual((await box.send(1050)).data, none);
  await fill(box.store, [
    compared(1, 80),
    compared(1, 99.5),
    compared(1, 79.9),
    compared(2, 85),
    compared(2, 30),
    compared(1, 95, midnight - 1),
    // With nobody in the databases it is like nobody.
    row({ time: midnight, compared: true }),
  ]);
  const { data } = await box.send<Record<string, unknown>>(1050);
  assert.deepEqual(data, { key_person_cnt: 2, white_list_cnt: 1, stranger_cnt: 3 });
});

test('a deep page, found from the nearer end, is the same', async (t) => {
  const box = await filled(t);
  // So near that every page but the first is a deep one.
  const records = new Records(box.store, 0);
  for (const filter of [{ kind: 'face' }, { kind: 'body', channel: 2, minQuality: 30 }] as const) {
    const expected = ids(
      ordered.filter(
        (one) =>
          one.kind === filter.kind &&
          (!('channel' in filter) || (one.channel === filter.channel && one.quality >= filter.minQuality)),
      ),
    );
    const places = [0, 1, 7, expected.length / 2, expected.length - 10, expected.length - 3, expected.length - 1];
    for (const offset of [...places.map(Math.floor), expected.length, expected.length + 5]) {
      const { rows, total } = await records.page(filter, 10, offset);
      assert.equal(total, expected.length);
      assert.deepEqual(ids(rows), expected.slice(offset, offset + 10), `offset ${offset}`);
    }
  }
});

test('pages and counts of every filter read an index alone', async (t) => {
  const box = await startPlugin(t);
  // A connection of its own: the store refuses EXPLAIN.
  const connection = new Connection(join(box.store.folder, 'gatehouse.db'));
  t.after(() => connection.close());
  const plan = (condition: string, tail = 'ORDER BY moment DESC LIMIT 10 OFFSET 1000') =>
    (
      connection.prepare(`EXPLAIN QUERY PLAN SELECT moment FROM captures WHERE ${condition} ${tail}`).all() as {
        detail: string;
      }[]
    )
      .map(({ detail }) => detail)
      .join('; ');
  const range = ['moment >= 5', 'moment < 9'];
  const conditions = [
    ...every(["kind = 'face'", 'channel = 3', ...range, "lib_name = 'a'", 'lib_type = 1', 'alive_type IN (1, 2)'], 1),
    ...every(["kind = 'body'", 'channel = 3', ...range, 'quality >= 50'], 1),
    ...every(['channel = 3', ...range, 'quality >= 50'], 0),
    'compared = 1 AND moment >= 5',
  ];
  assert.ok(conditions.length > 90);
  for (const condition of conditions) {
    for (const tail of [undefined, '']) {
      const steps = plan(condition || 'true', tail);
      assert.match(steps, /USING COVERING INDEX/, condition);
      assert.doesNotMatch(steps, /TEMP B-TREE/, condition);
    }
  }
});

test('pages and counts of recognised faces read their own index, as the program asks for them', async (t) => {
  const box = await startPlugin(t);
  const connection = new Connection(join(box.store.folder, 'gatehouse.db'));
  t.after(() => connection.close());
  const asked: { sql: string; params: unknown[] }[] = [];
  const listening = new Queries({ file: join(box.store.folder, 'gatehouse.db'), log: pino({ level: 'silent' }) });
  t.after(() => listening.close());
  const ask = listening.ask.bind(listening);
  listening.ask = (statements, limit) => {
    asked.push(...statements);
    return ask(statements, limit);
  };
  const records = new Records({ read: box.store.read, query: drizzleQueries(listening) });
  const whole = { channel: 3, from: 5, to: 9, libName: 'a', libType: 1, libIds: [1, 2], aliveTypes: [0, 2] as const };
  const names = Object.keys(whole) as (keyof typeof whole)[];
  for (let choice = 0; choice < 2 ** names.length; choice += 1) {
    const chosen = names.filter((_, place) => choice & (1 << place)).map((name) => [name, whole[name]]);
    await records.page({ recognised: true, ...Object.fromEntries(chosen) }, 10, 100);
  }
  await records.today(0);
  assert.equal(asked.length, 2 ** names.length * 2 + 2);
  for (const { sql, params } of asked) {
    const plan = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...(params as never[])) as { detail: string }[];
    // Behind it the rows of the page are fetched and put in order.
    const [steps = ''] = plan
      .map(({ detail }) => detail)
      .join('; ')
      .split('; SCAN page');
    assert.match(steps, /USING COVERING INDEX captures_(alarms|compared)/, sql);
    assert.doesNotMatch(steps, /TEMP B-TREE/, sql);
  }
});

/** The first so many conditions with every choice of the others. */
function every(conditions: string[], always: number): string[] {
  const [fixed, open] = [conditions.slice(0, always), conditions.slice(always)];
  return Array.from({ length: 2 ** open.length }, (_, choice) =>
    [...fixed, ...open.filter((_one, place) => choice & (1 << place))].join(' AND '),
  );
}

test('who may see records may ask, who may change them may delete', async (t) => {
  const { parts } = await startPlugin(t);
  const access = Object.fromEntries([
    ...parts.messages!.map((one) => [one.id, one.access]),
    ...parts.routes!.map((one) => [`${one.method} ${one.path}`, one.access]),
  ]);
  const see = { area: 'records', action: 'see' };
  const pictures = { ...see, images: true };
  const change = { area: 'records', action: 'change' };
  assert.deepEqual(access, {
    1036: see,
    1037: see,
    1039: pictures,
    1040: pictures,
    1042: pictures,
    1043: pictures,
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
