import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { count, desc, eq, sql } from 'drizzle-orm';
import { blob, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { Connection } from './connection.ts';
import { drizzleOver } from './drizzle-libsql.ts';
import { StoreClosedError } from './errors.ts';
import { atEnd, temporaryFolder } from './fixture.ts';
import { readClient } from './opening.ts';

const people = sqliteTable('people', {
  id: integer('id').primaryKey(),
  name: text('name').notNull().unique(),
  active: integer('active', { mode: 'boolean' }).notNull().default(true),
  tags: text('tags', { mode: 'json' }).$type<string[]>(),
  seen: integer('seen', { mode: 'timestamp_ms' }),
  weight: real('weight'),
  face: blob('face', { mode: 'buffer' }),
});
const visits = sqliteTable('visits', {
  id: integer('id').primaryKey(),
  person: integer('person')
    .notNull()
    .references(() => people.id),
  door: text('door').notNull(),
});

async function open(t: TestContext) {
  const connection = new Connection(join(await temporaryFolder(t), 'a.db'), [
    'journal_mode = WAL',
    'foreign_keys = ON',
  ]);
  atEnd(t, () => connection.close());
  connection.exec(`
    CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, active INTEGER NOT NULL, tags TEXT,
      seen INTEGER, weight REAL, face BLOB);
    CREATE TABLE visits (id INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES people, door TEXT NOT NULL);
  `);
  return { connection, db: drizzleOver(readClient(connection)) };
}

test('drizzle inserts, reads, updates and deletes synchronously, with every column type', async (t) => {
  const { db } = await open(t);
  const face = Buffer.from(new Float32Array([0.5, -1]).buffer);
  const ann = db
    .insert(people)
    .values({ name: 'Ann', tags: ['a', 'b'], seen: new Date(1_700_000_000_123), weight: 61.5, face })
    .returning()
    .get();
  assert.deepEqual(ann, {
    id: 1,
    name: 'Ann',
    active: true,
    tags: ['a', 'b'],
    seen: new Date(1_700_000_000_123),
    weight: 61.5,
    face,
  });
  assert.ok(Buffer.isBuffer(ann.face));
  assert.deepEqual(db.select().from(people).where(eq(people.id, 1)).get(), ann);

  const changed = db.update(people).set({ active: false, face: null }).where(eq(people.name, 'Ann')).run();
  assert.equal(changed.changes, 1);
  assert.deepEqual(db.select({ active: people.active, face: people.face }).from(people).all(), [
    { active: false, face: null },
  ]);
  assert.deepEqual(db.delete(people).returning({ id: people.id }).all(), [{ id: 1 }]);
  assert.equal(db.select().from(people).get(), undefined);
});

test('joins, aggregates, values, raw SQL and prepared queries work', async (t) => {
  const { db } = await open(t);
  db.insert(people)
    .values([{ name: 'Ann' }, { name: 'Bob' }])
    .run();
  db.insert(visits)
    .values([
      { person: 1, door: 'north' },
      { person: 1, door: 'south' },
    ])
    .run();
  const joined = db
    .select({ name: people.name, visits: count(visits.id) })
    .from(people)
    .leftJoin(visits, eq(visits.person, people.id))
    .groupBy(people.id)
    .orderBy(desc(people.id))
    .all();
  assert.deepEqual(joined, [
    { name: 'Bob', visits: 0 },
    { name: 'Ann', visits: 2 },
  ]);
  const bob = db
    .select()
    .from(people)
    .leftJoin(visits, eq(visits.person, people.id))
    .where(eq(people.name, 'Bob'))
    .get();
  assert.equal(bob?.visits, null);
  assert.deepEqual(db.select({ door: visits.door }).from(visits).values(), [['north'], ['south']]);
  assert.deepEqual(db.get(sql`SELECT ${7} / ${2} AS half`), { half: 3 }, 'whole numbers are bound as integers');
  assert.deepEqual(db.all(sql`SELECT name FROM people ORDER BY id`), [{ name: 'Ann' }, { name: 'Bob' }]);
  assert.deepEqual(db.all(sql`DELETE FROM visits WHERE id = 99`), []);

  const byName = db
    .select({ id: people.id })
    .from(people)
    .where(eq(people.name, sql.placeholder('name')))
    .prepare();
  assert.deepEqual(byName.get({ name: 'Bob' }), { id: 2 });
  assert.deepEqual(byName.all({ name: 'Ann' }), [{ id: 1 }]);
  assert.deepEqual(byName.values({ name: 'Ann' }), [[1]]);
});

test('values that would abort the process or be changed in silence are handled', async (t) => {
  const { connection, db } = await open(t);
  const echo = connection.prepare('SELECT ? AS v, typeof(?) AS t');
  assert.deepEqual(echo.get(true, true), { v: 1, t: 'integer' });
  assert.deepEqual(echo.get(2 ** 40, 2 ** 40), { v: 2 ** 40, t: 'integer' });
  assert.deepEqual(echo.get(0.5, 0.5), { v: 0.5, t: 'real' });
  assert.deepEqual(echo.get(null, null), { v: null, t: 'null' });
  assert.deepEqual(connection.prepare('SELECT ? AS v').get(null), { v: null });
  assert.deepEqual(connection.prepare('SELECT ? AS v').get(Buffer.from('x')), { v: Buffer.from('x') });
  assert.deepEqual(
    connection
      .prepare('SELECT ? AS v')
      .raw()
      .all(new Uint8Array([1, 2]).subarray(1)),
    [[Buffer.from([2])]],
  );
  assert.deepEqual(db.all(sql`SELECT ${'a'} AS v WHERE ${true}`), [{ v: 'a' }]);
  for (const [bad, message] of [
    [undefined, /parameter 1 cannot be stored: undefined/],
    [new Date(), /parameter 1 cannot be stored: Date/],
    [Number.NaN, /parameter 1 is not a number/],
    ['a\0b', /parameter 1 contains a NUL character/],
    [{ a: 1 }, /parameter 1 cannot be stored: Object/],
  ] as const) {
    assert.throws(() => connection.prepare('SELECT ? AS v').get(bad), message);
  }
});

test('a statement prepared earlier sees new rows and a changed table', async (t) => {
  const { connection } = await open(t);
  const all = connection.prepare('SELECT * FROM visits');
  assert.deepEqual(all.all(), []);
  connection.exec("ALTER TABLE visits ADD COLUMN note TEXT DEFAULT 'n'; INSERT INTO people VALUES (1,'A',1,0,0,0,0)");
  connection.exec("INSERT INTO visits (person, door) VALUES (1, 'north')");
  assert.deepEqual(all.all(), [{ id: 1, person: 1, door: 'north', note: 'n' }]);
  assert.deepEqual(all.raw().get(), [1, 1, 'north', 'n']);
});

test('a prepared query works again after it failed, and counts its changes', async (t) => {
  const { db } = await open(t);
  const add = db
    .insert(people)
    .values({ name: sql.placeholder('name') })
    .returning({ id: people.id })
    .prepare();
  assert.deepEqual(add.get({ name: 'Ann' }), { id: 1 });
  assert.throws(() => add.get({ name: 'Ann' }), /UNIQUE/);
  assert.deepEqual(add.get({ name: 'Bob' }), { id: 2 });
  assert.throws(() => add.all({ name: 'Bob' }), /UNIQUE/);
  assert.deepEqual(add.all({ name: 'Cid' }), [{ id: 3 }]);
  assert.deepEqual(add.run({ name: 'Dan' }), { changes: 1, lastInsertRowid: 4 });
  const all = db.update(people).set({ weight: 1 }).returning().run();
  assert.equal(all.changes, 4);
});

test('thousands of different queries keep a bounded number of statements and all answer', async (t) => {
  const { connection } = await open(t);
  for (let i = 0; i < 2000; i++) assert.deepEqual(connection.prepare(`SELECT ${i} AS v`).get(), { v: i });
});

test('queries cannot control the transaction, whatever stands before the word', async (t) => {
  const { db } = await open(t);
  for (const text of [
    'COMMIT',
    ' ;begin',
    '-- x\nROLLBACK',
    '/* y */ pragma query_only = 0',
    'Vacuum',
    'attach "x" as y',
  ]) {
    assert.throws(() => db.all(sql.raw(text)), /the store alone controls its transactions/, text);
  }
});

test('a read transaction sees one state and refuses to be asynchronous', async (t) => {
  const { connection, db } = await open(t);
  assert.equal(
    db.transaction((inner) => inner.select().from(people).all().length),
    0,
  );
  assert.throws(() => db.transaction(async () => 1), /synchronous/);
  assert.equal(connection.inTransaction, false);
});

test('errors keep their code, and a closed connection answers with an error', async (t) => {
  const { connection, db } = await open(t);
  db.insert(people).values({ name: 'Ann' }).run();
  const code = (expected: string) => (error: unknown) => (error as { code?: string }).code === expected;
  assert.throws(() => db.insert(people).values({ name: 'Ann' }).run(), code('SQLITE_CONSTRAINT_UNIQUE'));
  assert.throws(() => db.insert(visits).values({ person: 9, door: 'x' }).run(), code('SQLITE_CONSTRAINT_FOREIGNKEY'));
  const kept = connection.prepare('SELECT 1');
  connection.close();
  connection.close();
  assert.throws(() => kept.get(), StoreClosedError);
  assert.throws(() => connection.prepare('SELECT 1'), StoreClosedError);
  assert.equal(connection.inTransaction, false);
});
