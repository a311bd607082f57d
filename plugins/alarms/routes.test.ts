import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE } from '../../core/gateway/errors.ts';
import type { NewAlarm } from '../../core/plugin/alarm-services.ts';
import { routeOf } from '../../tests/kit/plugin.ts';
import { type AlarmBox, alarm, NOW, type Page, startAlarms } from './fixture.ts';
import type { AlarmView } from './view.ts';

const HOUR = 3_600_000;

const raise = (box: AlarmBox, changes: Partial<NewAlarm>[]) =>
  Promise.all(changes.map((change) => box.alarms.raise(alarm(change))));
const titles = async (box: AlarmBox, query: object) =>
  (await box.call<Page>('GET', '/alarms', { query })).alarms.map(({ title }) => title);

test('pages follow one another without gap or repeat, while new alarms come in', async (t) => {
  const box = await startAlarms(t);
  await raise(
    box,
    Array.from({ length: 60 }, (_, i) => ({ title: `a${i}`, channel: (i % 2) + 1 })),
  );
  const seen: string[] = [];
  let before: number | null = null;
  do {
    const query = { channel: '2', limit: '7', ...(before === null ? {} : { before: String(before) }) };
    const found: Page = await box.call<Page>('GET', '/alarms', { query });
    if (before === null) assert.equal(found.total, 30);
    seen.push(...found.alarms.map(({ title }) => title));
    before = found.next;
    await raise(box, [{ title: 'late', channel: 2 }]);
  } while (before !== null);
  assert.deepEqual(
    seen,
    Array.from({ length: 30 }, (_, i) => `a${59 - 2 * i}`),
  );
});

test('filters', async (t) => {
  const box = await startAlarms(t);
  const [first] = await raise(box, [
    { title: 'Zhang San', channel: 1, time: NOW - 2 * HOUR },
    { title: '100% "x_y"', kind: 'intrusion', time: NOW - HOUR },
    { title: 'zhang wei', channel: 2 },
  ]);
  await box.call('POST', '/acknowledge', { body: { ids: [first!.id] } });
  assert.deepEqual(await titles(box, { state: 'open' }), ['zhang wei', '100% "x_y"']);
  assert.deepEqual(await titles(box, { state: 'acknowledged' }), ['Zhang San']);
  assert.deepEqual(await titles(box, { kind: 'intrusion' }), ['100% "x_y"']);
  assert.deepEqual(await titles(box, { channel: '2' }), ['zhang wei']);
  assert.deepEqual(await titles(box, { from: String(NOW - HOUR), to: String(NOW) }), ['100% "x_y"']);
  assert.deepEqual(await titles(box, { text: 'ZHANG' }), ['zhang wei', 'Zhang San']);
  assert.deepEqual(await titles(box, { text: '100%' }), ['100% "x_y"']);
  assert.deepEqual(await titles(box, { text: 'x%y' }), []);
  assert.deepEqual(await titles(box, { text: "' OR 1=1 --" }), []);
  assert.equal((await titles(box, { text: '', state: '', from: '' })).length, 3);
  for (const query of [{ limit: '201' }, { state: 'closed' }, { before: 'x' }, { channel: '-1' }, { from: 'now' }]) {
    await assert.rejects(titles(box, query), { code: CODE.wrongParameter });
  }
});

test('the first word on an alarm stands, with who said it and when', async (t) => {
  const box = await startAlarms(t);
  const [a, b, c] = (await raise(box, [{}, {}, { title: 'c' }])).map(({ id }) => id);
  const acknowledge = (ids: unknown[], note?: string) => box.call('POST', '/acknowledge', { body: { ids, note } });
  assert.deepEqual(await acknowledge([a, String(b), a], ' Talked to\nthem '), { acknowledged: 2 });
  assert.deepEqual(await acknowledge([b, c]), { acknowledged: 1 });
  assert.deepEqual(await acknowledge([b]), { acknowledged: 0 });
  const one = await box.call<AlarmView>('GET', `/alarms/${b}`);
  assert.deepEqual(
    [one.state, one.acknowledgedBy, one.acknowledgedAt, one.note],
    ['acknowledged', 'guard', NOW, 'Talked to them'],
  );
  assert.equal((await box.call<AlarmView>('GET', `/alarms/${c}`)).note, null);
  assert.equal(box.changes, 2);
  assert.equal(box.remarks[0], `2 acknowledged, of ${a}, ${b}`);
  await assert.rejects(acknowledge([9999]), { code: CODE.noSuchData });
  await assert.rejects(acknowledge([]), { code: CODE.wrongParameter });
  await assert.rejects(acknowledge(Array.from({ length: 201 }, (_, i) => i + 1)), { code: CODE.wrongParameter });
  await assert.rejects(acknowledge([c], 'x'.repeat(501)), { code: CODE.wrongParameter });
});

test('all that fit the filter are acknowledged, but none that came after the look', async (t) => {
  const box = await startAlarms(t);
  const raised = await Promise.all(
    Array.from({ length: 500 }, () => box.alarms.raise(alarm({ title: 'Lin Wei', channel: 1 }))),
  );
  await raise(box, [
    ...Array.from({ length: 20 }, () => ({ title: 'Lin Wei', channel: 1 })),
    { title: 'other', channel: 1 },
    { title: 'Lin Wei', channel: 2 },
  ]);
  const last = Math.max(...raised.map(({ id }) => id)) + 22;
  await raise(box, [{ title: 'Lin Wei', channel: 1 }]);
  const body = { channel: 1, text: 'lin', state: 'acknowledged', last, note: 'Exercise' };
  assert.deepEqual(await box.call('POST', '/acknowledge-all', { body }), { acknowledged: 520 });
  assert.deepEqual(await titles(box, { state: 'open' }), ['Lin Wei', 'Lin Wei', 'other']);
  assert.deepEqual(box.remarks, [`520 acknowledged: channel 1, by a text, up to ${last}`]);
});

test('the summary counts what is open, of today in the zone of the box and in all', async (t) => {
  const box = await startAlarms(t);
  // 20:00 of the box; its day began 20 hours ago.
  const [, , done] = await raise(box, [
    { time: NOW - 21 * HOUR },
    { time: NOW - 19 * HOUR },
    { time: NOW },
    { kind: 'fire' },
  ]);
  await box.call('POST', '/acknowledge', { body: { ids: [done!.id] } });
  const { newest, ...counts } = await box.call<{ newest: AlarmView[] }>('GET', '/summary');
  assert.deepEqual(counts, {
    open: 3,
    openToday: 2,
    today: 3,
    kinds: [
      { kind: 'key-person', open: 2, total: 3 },
      { kind: 'fire', open: 1, total: 1 },
    ],
  });
  assert.deepEqual(
    newest.map(({ kind }) => kind),
    ['fire', 'key-person', 'key-person'],
  );
});

test('a viewer looks and exports, but acknowledges nothing; who may see no records sees no alarms', async (t) => {
  const box = await startAlarms(t);
  const [one] = await raise(box, [{}]);
  const acts = [
    ['/acknowledge', { ids: [one!.id] }],
    ['/acknowledge-all', { last: one!.id }],
  ] as const;
  for (const role of ['viewer', 'device-admin', 'visitor-admin'] as const) {
    for (const [path, body] of acts) {
      await assert.rejects(box.call('POST', path, { body }, role), { code: CODE.notAllowed }, `${role} ${path}`);
    }
  }
  for (const path of ['/alarms', `/alarms/${one!.id}`, '/summary', '/export.csv']) {
    await box.call('GET', path, {}, 'viewer');
    await assert.rejects(box.call('GET', path, {}, 'device-admin'), { code: CODE.notAllowed });
  }
  assert.equal((await titles(box, { state: 'open' })).length, 1);
});

/** Reads CSV by RFC 4180. */
function parse(csv: string): string[][] {
  return csv
    .split(/\r\n(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .filter((line) => line !== '')
    .map((line) => [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, text = '']) => text.replaceAll('""', '"')));
}

test('the export holds every alarm that fits, in local time, runs no formula and is logged without names', async (t) => {
  const box = await startAlarms(t);
  for (let from = 0; from < 1200; from += 400) {
    await raise(
      box,
      Array.from({ length: 400 }, (_, i) => ({
        title: `=Wei, "${from + i}"`,
        channel: (i % 2) + 1,
        cameraName: '+Gate',
      })),
    );
  }
  const newest = (await box.call<Page>('GET', '/alarms', { query: { limit: 1 } })).alarms[0]!;
  await box.call('POST', '/acknowledge', { body: { ids: [newest.id], note: '@home' } });
  const response = await box.call<Response>('GET', '/export.csv', { query: { channel: '2', text: 'Wei' } });
  assert.equal(response.headers.get('content-disposition'), 'attachment; filename="alarms-2026-11-21.csv"');
  const bytes = new Uint8Array(await response.arrayBuffer());
  assert.deepEqual([...bytes.slice(0, 3)], [0xef, 0xbb, 0xbf]);
  const [head, ...rows] = parse(new TextDecoder().decode(bytes));
  assert.equal(head?.length, 11);
  assert.equal(rows.length, 600);
  assert.deepEqual(rows[0], [
    String(newest.id),
    '2026-11-21 20:00:00',
    'key-person',
    `'=Wei, "1199"`,
    '2',
    "'+Gate",
    'acknowledged',
    'guard',
    '2026-11-21 20:00:00',
    "'@home",
    'similarity: 91.5; library: Watch list',
  ]);
  assert.equal(new Set(rows.map(([id]) => id)).size, 600);
  assert.equal(box.remarks.at(-1), 'channel 2, by a text');
  assert.equal(routeOf(box.parts, 'GET', '/export.csv').route.logged, true);
});
