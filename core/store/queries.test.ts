import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { and, count, desc, eq, gt, sql } from 'drizzle-orm';
import { blob, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { StoreBusyError, StoreClosedError } from './errors.ts';
import { atEnd, collectLog, temporaryStore, until } from './fixture.ts';
import { DATABASE } from './opening.ts';
import { Queries, type QueriesOptions } from './queries.ts';
import { settings } from './tables.ts';

const notes = sqliteTable('notes', {
  id: integer('id').primaryKey().notNull(),
  text: text('text'),
  size: real('size'),
  seen: integer('seen', { mode: 'boolean' }),
  tags: text('tags', { mode: 'json' }).$type<string[]>(),
  picture: blob('picture', { mode: 'buffer' }),
});
const MAKE =
  'CREATE TABLE notes (id INTEGER PRIMARY KEY NOT NULL, text TEXT, size REAL, seen INTEGER, tags TEXT, picture BLOB)';
/** Counts to a number; of 10 ** 12 it would take days. */
const counting = (to: number) =>
  sql<number>`(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${to}) SELECT count(*) FROM n)`;
const FOR_EVER = 1e12;

async function notesStore(t: Parameters<typeof temporaryStore>[0]) {
  const parts = await temporaryStore(t);
  await parts.store.write((tx) => tx.run(sql.raw(MAKE)));
  return parts;
}

/** Queries of a pool of its own over a store's database, ended after the test. */
async function pool(t: Parameters<typeof temporaryStore>[0], options: Partial<QueriesOptions> = {}) {
  const { folder } = await temporaryStore(t);
  const log = collectLog();
  const queries = new Queries({ file: join(folder, DATABASE), log, ...options });
  atEnd(t, () => queries.close());
  const ask = async (query: string, limitMs = 20_000, params: unknown[] = []) => {
    const [rows] = await queries.ask([{ sql: query, params, first: false }], limitMs);
    return rows;
  };
  const countTo = (to: number) =>
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${to}) SELECT count(*) FROM n`;
  return { queries, log, ask, countTo };
}

test('rows come back as drizzle maps them, with every kind of value', async (t) => {
  const { store } = await notesStore(t);
  const rows = [
    { id: 1, text: 'Zoë ✓', size: 0.5, seen: true, tags: ['a', 'b'], picture: Buffer.from([0, 255, 7]) },
    { id: 2 ** 50, text: null, size: null, seen: false, tags: null, picture: null },
  ];
  // Sees what was written a moment ago.
  await store.write((tx) => tx.insert(notes).values(rows).run());
  assert.deepEqual(await store.query.select().from(notes).orderBy(notes.id), rows);
  assert.deepEqual(
    await store.query
      .select()
      .from(notes)
      .where(eq(notes.id, 2 ** 50))
      .get(),
    rows[1],
  );
  assert.equal(await store.query.select().from(notes).where(eq(notes.id, 3)).get(), undefined);
  assert.deepEqual(await store.query.select({ n: count(), most: sql<number>`max(${notes.size})` }).from(notes), [
    { n: 2, most: 0.5 },
  ]);
  assert.deepEqual(
    await store.query
      .select({ id: notes.id })
      .from(notes)
      .where(eq(notes.picture, Buffer.from([0, 255, 7]))),
    [{ id: 1 }],
  );
  assert.deepEqual(
    await store.query
      .select({ id: notes.id })
      .from(notes)
      .where(and(eq(notes.seen, true), gt(notes.size, 0.25))),
    [{ id: 1 }],
  );
  assert.deepEqual(await store.query.select({ id: notes.id }).from(notes).values(), [[1], [2 ** 50]]);
});

test('a write that was awaited is seen, and the queries of a batch see the same state', async (t) => {
  const { store } = await notesStore(t);
  const total = () => store.query.select({ n: count() }).from(notes);
  for (let id = 1; id <= 50; id++) {
    await store.write((tx) => tx.insert(notes).values({ id }).run());
    assert.deepEqual(await total(), [{ n: id }]);
  }
  let writing = true;
  const writer = (async () => {
    for (let id = 100; writing; id++) await store.write((tx) => tx.insert(notes).values({ id }).run());
  })();
  for (let round = 0; round < 30; round++) {
    const newest = store.query.select().from(notes).orderBy(desc(notes.id)).limit(1);
    const slow = store.query.select({ n: counting(20_000) }).from(settings);
    const [before, , [after], [row]] = await store.query.batch([total(), slow, total(), newest]);
    assert.deepEqual(before, [after]);
    assert.ok((after?.n ?? 0) >= 50 && row && row.id >= 50);
  }
  writing = false;
  await writer;
});

test('errors keep their message and say nothing of the values; the next query is answered', async (t) => {
  const { store } = await notesStore(t);
  const missing = sqliteTable('nothing', { id: integer('id') });
  await assert.rejects(
    async () => store.query.select().from(missing).where(eq(missing.id, 4711)),
    (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.match(error.message, /^no such table: nothing/);
      assert.doesNotMatch(error.message, /4711/);
      return true;
    },
  );
  await assert.rejects(
    async () => store.query.batch([store.query.select().from(missing)]),
    /^SqliteError: no such table/,
  );
  await assert.rejects(async () => store.query.select().from(notes).where(eq(notes.text, 'a\0b')), {
    name: 'TypeError',
    message: /NUL/,
  });
  assert.deepEqual(await store.query.select().from(notes), []);
  const { crashes, processes } = store.queryStats();
  assert.deepEqual([crashes, processes.length], [0, 1]);
});

test('it cannot write, nor leave its place', async (t) => {
  const { ask } = await pool(t);
  await assert.rejects(ask("INSERT INTO doomed_blobs VALUES ('record/x')"), /readonly/);
  for (const statement of ['PRAGMA query_only = OFF', "ATTACH '/tmp/x.db' AS x", 'COMMIT', 'VACUUM']) {
    await assert.rejects(ask(statement), { name: 'TypeError' });
  }
});

test('the queue is bounded: one too many is refused, and so is one that waited too long', async (t) => {
  const { queries, ask, countTo } = await pool(t, { capacity: 2 });
  const running = [ask(countTo(FOR_EVER), 60_000), ask(countTo(FOR_EVER), 60_000)];
  for (const one of running) one.catch(() => {});
  await until('both processes to work', () => queries.stats.running === 2);
  const waiting = [ask('SELECT 1', 300), ask('SELECT 1', 60_000)];
  for (const one of waiting) one.catch(() => {});
  await assert.rejects(
    ask('SELECT 1'),
    (error: unknown) => error instanceof StoreBusyError && /2 queries are waiting/.test(error.message),
  );
  await assert.rejects(
    waiting[0]!,
    (error: unknown) => error instanceof StoreBusyError && /waited 0.3 s/.test(error.message),
  );
  assert.equal(queries.stats.waiting, 1);
  await queries.close();
  // Those that run and those that wait are told alike.
  for (const one of [...running, waiting[1]!]) await assert.rejects(one, StoreClosedError);
  await assert.rejects(ask('SELECT 1'), StoreClosedError);
  assert.deepEqual(queries.stats.processes, []);
});

test('a query that runs too long is really ended, and others go on', async (t) => {
  const { queries, log, ask, countTo } = await pool(t);
  assert.deepEqual(await ask('SELECT 1'), [[1]]);
  const [first] = queries.stats.processes;
  await assert.rejects(
    ask(countTo(FOR_EVER), 200),
    (error: unknown) => error instanceof StoreBusyError && /longer than 0.2 s/.test(error.message),
  );
  await until('the process to be gone', () => !isAlive(first!));
  assert.deepEqual(await ask('SELECT 2'), [[2]]);
  const { overdue, crashes } = queries.stats;
  assert.deepEqual([overdue, crashes], [1, 0]);
  assert.ok(log.lines.some((line) => /took too long/.test(line)));
});

test('a long query does not hold up a short one, and a process without work goes', async (t) => {
  const { queries, ask, countTo } = await pool(t, { idleMs: 50 });
  const long = ask(countTo(FOR_EVER), 60_000);
  long.catch(() => {});
  await until('it runs', () => queries.stats.running === 1);
  assert.deepEqual(await ask('SELECT 1'), [[1]]);
  await until('the second process to go', () => queries.stats.processes.length === 1);
  assert.equal(queries.stats.crashes, 0);
});

test('a crash fails the query in hand alone; the next ones get a new process, at growing distances', async (t) => {
  const { queries, log, ask, countTo } = await pool(t);
  for (let crash = 1; crash <= 2; crash++) {
    const dying = ask(countTo(FOR_EVER), 60_000);
    dying.catch(() => {});
    await until('it runs', () => queries.stats.running === 1);
    const next = crash === 2 ? ask('SELECT 1') : undefined;
    process.kill(queries.stats.processes[0]!, 'SIGKILL');
    await assert.rejects(dying, { name: 'QueryProcessEnded', message: /killed by SIGKILL/ });
    if (next) assert.deepEqual(await next, [[1]]);
  }
  assert.equal(queries.stats.crashes, 2);
  assert.equal(log.lines.filter((line) => /ended by itself/.test(line)).length, 2);
});

test('an answer that is too large is refused', async (t) => {
  const { queries, ask } = await pool(t);
  const rows = (to: number) =>
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${to}) SELECT i FROM n`;
  assert.equal((await ask(rows(5_000)))?.length, 5_000);
  await assert.rejects(ask(rows(FOR_EVER)), { name: 'TooMuchError', message: /more than 5000 rows/ });
  await assert.rejects(ask('SELECT zeroblob(9000000)'), { name: 'TooMuchError', message: /bytes/ });
  assert.deepEqual(await ask('SELECT 1'), [[1]]);
  assert.equal(queries.stats.crashes, 0);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
