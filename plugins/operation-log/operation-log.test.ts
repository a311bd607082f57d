import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreFullError } from '../../core/store/errors.ts';
import { tableDrift } from '../../core/store/table-drift.ts';
import { routeOf } from '../../tests/kit/plugin.ts';
import { until } from '../../tests/kit/wait.ts';
import { logCsv } from './csv.ts';
import { toEntry } from './entry.ts';
import { type LogBox, NOW, operation, startLog } from './fixture.ts';
import { Flood } from './flood.ts';
import type { Entry } from './tables.ts';
import * as tables from './tables.ts';

interface Page {
  entries: Entry[];
  next: number | null;
}

const count = (box: LogBox) => box.store.read.get<{ n: number }>('SELECT count(*) AS n FROM operation_log').n;
const stored = (box: LogBox, number: number) => until(`${number} entries`, () => count(box) === number);
const list = (box: LogBox, query: Record<string, string> = {}) => box.get('/entries', query) as Promise<Page>;

/** Puts entries into the database past the recorder. */
async function fill(box: LogBox, number: number, make: (i: number) => ReturnType<typeof operation>): Promise<void> {
  const rows = Array.from({ length: number }, (_, i) => make(i));
  while (rows.length > 0) {
    const some = rows.splice(0, 500);
    await box.store.write((tx) => tx.insert(tables.operationLog).values(some).run());
  }
}

test('the tables are those of the migrations', async (t) => {
  assert.deepEqual(tableDrift((await startLog(t)).store, tables), []);
});

test('what is told is stored in its order and shown the newest first', async (t) => {
  const box = await startLog(t);
  for (let i = 0; i < 450; i++) box.tell({ detail: `act ${i}` });
  await stored(box, 450);
  const { entries, next } = await list(box);
  assert.equal(entries.length, 50);
  assert.deepEqual(entries[0], { id: 450, ...operation({ detail: 'act 449' }) });
  assert.equal(next, 401);
});

test('pages follow one another without gap or repeat, while new entries come in', async (t) => {
  const box = await startLog(t);
  await fill(box, 100, (i) => operation({ detail: `act ${i}`, result: i % 2 === 0 ? 0 : -140 }));
  const seen: number[] = [];
  let before: number | null = null;
  do {
    const query = { limit: '15', result: 'failed', ...(before === null ? {} : { before: String(before) }) };
    const found: Page = await list(box, query);
    seen.push(...found.entries.map(({ id }) => id));
    before = found.next;
    await fill(box, 3, () => operation({ result: -140 }));
  } while (before !== null);
  assert.deepEqual(
    seen,
    Array.from({ length: 50 }, (_, i) => 100 - 2 * i),
  );
});

test('filters', async (t) => {
  const box = await startLog(t);
  box.tell({ userName: 'guard', module: 'users', item: '257 log in', detail: '', time: NOW - 5000, result: -113 });
  box.tell({ detail: '100% of "x_y"', source: '10.0.0.77' });
  await stored(box, 2);
  const ids = async (query: Record<string, string>) => (await list(box, query)).entries.map(({ id }) => id);
  assert.deepEqual(await ids({ user: 'UAR' }), [1]);
  assert.deepEqual(await ids({ module: 'cameras' }), [2]);
  assert.deepEqual(await ids({ module: 'camera' }), []);
  assert.deepEqual(await ids({ result: 'failed' }), [1]);
  assert.deepEqual(await ids({ result: 'ok' }), [2]);
  assert.deepEqual(await ids({ to: String(NOW - 1) }), [1]);
  assert.deepEqual(await ids({ from: String(NOW - 5000), to: String(NOW) }), [2, 1]);
  assert.deepEqual(await ids({ text: '100%' }), [2]);
  assert.deepEqual(await ids({ text: 'x_y' }), [2]);
  assert.deepEqual(await ids({ text: 'x%y' }), []);
  assert.deepEqual(await ids({ text: 'x__' }), []);
  assert.deepEqual(await ids({ text: '0.0.77' }), [2]);
  assert.deepEqual(await ids({ text: "' OR 1=1 --" }), []);
  assert.deepEqual(await ids({ user: '', from: '', result: '' }), [2, 1]);
  await assert.rejects(list(box, { limit: '100000' }), /limit/);
  await assert.rejects(list(box, { result: 'maybe' }), /result/);
});

test('a search through many entries lets other work pass', async (t) => {
  const box = await startLog(t);
  await fill(box, 40_000, (i) => operation({ detail: i === 7 ? 'needle' : 'hay' }));
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const { entries, next } = await list(box, { text: 'needle' });
  clearInterval(timer);
  assert.deepEqual(
    entries.map(({ id }) => id),
    [8],
  );
  assert.equal(next, null);
  assert.ok(turns >= 5, `${turns} turns`);
});

test('texts of strangers are cut and made printable', () => {
  const entry = toEntry(operation({ userName: `a\0b\nc\ud800\u202e${'x'.repeat(500)}`, detail: '😀'.repeat(2000) }));
  assert.equal(entry.userName, `a b c  ${'x'.repeat(42)}`);
  assert.equal([...entry.detail].length, 1000);
  assert.ok(entry.detail.endsWith('😀'));
});

test('while the database stands still entries wait, the oldest go, and the health page says so', async (t) => {
  const box = await startLog(t);
  const { write } = box.store;
  box.store.write = () => Promise.reject(new StoreFullError('full', new Error('no space')));
  for (let i = 0; i < 2500; i++) box.tell({ userName: `user ${i % 5}`, detail: `act ${i}` });
  const detail = async () => (await box.parts.health?.())?.detail ?? '';
  await until('the fault to show', async () => /cannot be stored: the disk is full/.test(await detail()));
  assert.match(await detail(), /; 500 entries were lost/);
  assert.equal((await box.parts.health?.())?.state, 'degraded');
  assert.equal(count(box), 0);
  box.store.write = write;
  await stored(box, 2000);
  const { entries } = await list(box, { limit: '1' });
  assert.equal(entries[0]?.detail, 'act 2499');
  assert.equal(await detail(), '500 entries were lost since the start');
});

test('one account that floods the log has a few entries, and a count of the rest', async (t) => {
  const box = await startLog(t);
  const viewer = { userName: 'guest', role: 'viewer' };
  const exported = { ...viewer, module: 'alarms', item: 'GET /export.csv' };
  for (let i = 0; i < 10_000; i++) {
    box.tell({ ...viewer, module: 'users', item: i % 3 ? '269 allow' : '514 delete a camera', result: -140 });
    box.tell({ ...exported, detail: `from ${i}` });
    // A stranger may take any name.
    box.tell({ userName: `name ${i}`, role: '', module: 'users', item: '257 log in', result: -113 });
  }
  for (let i = 0; i < 500; i++) box.tell({ detail: `enrolled ${i}` });
  await box.parts.stop?.();
  assert.equal(count(box), 3 * (30 + 1) + 500);
  const { entries } = await list(box, { text: 'and more' });
  assert.deepEqual(
    entries.map(({ userName, module, detail, result }) => [userName, module, detail, result]).reverse(),
    [
      [
        'guest',
        'operation-log',
        '9970 more in this minute: 3324 × users 514 delete a camera; 6646 × users 269 allow',
        -140,
      ],
      ['guest', 'operation-log', '9970 more in this minute: 9970 × alarms GET /export.csv', 0],
      ['name 9999', 'operation-log', '9970 more in this minute: 9970 × users 257 log in', -113],
    ],
  );
});

test('when the minute is over the count is told, and everybody has entries of their own again', () => {
  const flood = new Flood();
  const takes = (change = {}) => flood.takes(operation({ result: -140, ...change }));
  assert.equal(Array.from({ length: 50 }, () => takes()).filter(Boolean).length, 30);
  assert.ok(takes({ userName: 'ann' }), 'of somebody else');
  assert.ok(takes({ result: 0 }), 'what was done is counted apart from what was refused');
  assert.deepEqual(flood.end(NOW + 5), [
    operation({
      ...{ time: NOW + 5, result: -140, module: 'operation-log', item: 'and more' },
      detail: '20 more in this minute: 20 × cameras 514 delete a camera',
    }),
  ]);
  assert.deepEqual(flood.end(NOW), []);
  assert.ok(takes());
  // Names of acts are many where somebody tries them all: they are bounded as well.
  for (let i = 0; i < 1000; i++) takes({ item: `act ${i}` });
  assert.ok((flood.end(NOW)[0]?.detail.length ?? 0) < 1000);
});

test('what waits at the stop is stored', async (t) => {
  const box = await startLog(t);
  for (let i = 0; i < 500; i++) box.tell();
  await box.parts.stop?.();
  assert.equal(count(box), 500);
});

test('old entries go by age, in batches, and never for room on the disk', async (t) => {
  const box = await startLog(t);
  await fill(box, 50, (i) => operation({ time: NOW - i * 86_400_000 }));
  const [policy] = box.policies;
  assert.ok(policy);
  assert.equal(policy.keepDays?.(), 365);
  box.config.days = 0;
  assert.equal(policy.keepDays?.(), 0);
  const remove = () => box.store.write((tx) => policy.removeOlderThan(tx, NOW - 20 * 86_400_000, 20));
  assert.equal(await remove(), 20);
  assert.equal(await remove(), 9);
  const { entries } = await list(box, { limit: '100' });
  assert.equal(Math.min(...entries.map(({ time }) => time)), NOW - 20 * 86_400_000);
  assert.equal(await box.store.write((tx) => policy.removeOldest(tx, 20)), 0);
});

test('there are never many more entries than the setting allows', async (t) => {
  const box = await startLog(t);
  box.config.maxEntries = 1000;
  await fill(box, 1500, () => operation());
  for (let i = 0; i < 600; i++) box.tell({ detail: `act ${i}` });
  const newest = async () => (await list(box, { limit: '1' })).entries[0]?.detail;
  await until('the surplus to be gone', async () => (await newest()) === 'act 599' && count(box) === 1000);
});

/** Reads CSV by RFC 4180. */
function parse(csv: string): string[][] {
  const rows: string[][] = [];
  for (const line of csv.split(/\r\n(?=(?:[^"]*"[^"]*")*[^"]*$)/)) {
    if (line === '') continue;
    rows.push([...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, text]) => (text ?? '').replaceAll('""', '"')));
  }
  return rows;
}

test('the export holds every entry that matches, in local time, and is logged itself', async (t) => {
  const box = await startLog(t);
  await fill(box, 1200, (i) => operation({ detail: `act "${i}", and more`, module: i % 2 ? 'cameras' : 'users' }));
  const response = (await box.get('/export.csv', { module: 'cameras' })) as Response;
  assert.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8');
  assert.equal(response.headers.get('content-disposition'), 'attachment; filename="operation-log-2026-11-21.csv"');
  const bytes = new Uint8Array(await response.arrayBuffer());
  assert.deepEqual([...bytes.slice(0, 3)], [0xef, 0xbb, 0xbf]);
  const [head, ...rows] = parse(new TextDecoder().decode(bytes));
  assert.deepEqual(head, ['Number', 'Time', 'User', 'Role', 'Module', 'Item', 'Detail', 'Source', 'Result']);
  assert.equal(rows.length, 600);
  assert.deepEqual(rows[0], [
    '1200',
    '2026-11-21 16:00:00',
    'admin',
    'super-admin',
    'cameras',
    '514 delete a camera',
    'act "1199", and more',
    '10.0.0.1',
    'ok',
  ]);
  assert.deepEqual(box.remarks, ['module cameras']);
  assert.equal(routeOf(box.parts, 'GET', '/export.csv').route.logged, true);
});

test('an export reads on only as fast as it is taken, and ends where the client goes', async () => {
  let read = 0;
  let ended = false;
  async function* pieces() {
    try {
      for (;;) {
        read += 1;
        yield [{ id: read, ...operation() }];
      }
    } finally {
      ended = true;
    }
  }
  const reader = logCsv(pieces(), 'UTC').getReader();
  for (let i = 0; i < 3; i++) await reader.read();
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(read <= 4, `${read} pieces were read for 2 taken`);
  await reader.cancel();
  assert.equal(ended, true);
});
