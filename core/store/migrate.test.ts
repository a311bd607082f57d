import assert from 'node:assert/strict';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sql } from 'drizzle-orm';
import { temporaryStore } from './fixture.ts';
import { MigrationError } from './migrate.ts';
import { migrations } from './tables.ts';

async function open(t: TestContext) {
  const { store, folder } = await temporaryStore(t);
  const sources = join(folder, 'migrations-of-tests');
  await mkdir(sources);
  const put = (name: string, text: string) => writeFile(join(sources, name), text);
  const refused = (message: RegExp) =>
    assert.rejects(store.migrate('notes', sources), (error: unknown) => {
      assert.ok(error instanceof MigrationError);
      assert.match(error.message, message);
      return true;
    });
  const tables = () =>
    store.read.values<[string]>(sql`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`).flat();
  return { store, sources, put, refused, tables };
}

test('new files are applied in order, once, and each plugin has its own list', async (t) => {
  const { store, sources, put, tables } = await open(t);
  await put('0002_more.sql', "INSERT INTO notes VALUES ('from 2');");
  await put('0001_first.sql', 'CREATE TABLE notes (text TEXT);');
  await put('README.md', 'not a migration');
  assert.deepEqual(await store.migrate('notes', sources), ['0001_first.sql', '0002_more.sql']);
  assert.deepEqual(await store.migrate('notes', sources), []);
  await put('0003_third.sql', 'CREATE TABLE third (a)');
  assert.deepEqual(await store.migrate('notes', sources), ['0003_third.sql']);
  assert.ok(tables().includes('third'));

  const other = join(sources, 'other');
  await mkdir(other);
  await writeFile(join(other, '0001_first.sql'), 'CREATE TABLE other (a)');
  assert.deepEqual(await store.migrate('other', other), ['0001_first.sql']);
  assert.deepEqual(await store.migrate('without-tables', join(sources, 'missing')), []);
  const lists = store.read
    .select()
    .from(migrations)
    .all()
    .filter(({ plugin }) => plugin !== 'core');
  assert.deepEqual(
    lists.map(({ plugin, name }) => `${plugin} ${name}`),
    ['notes 0001_first.sql', 'notes 0002_more.sql', 'notes 0003_third.sql', 'other 0001_first.sql'],
  );
});

test('changed, vanished and late files are refused, and nothing is applied then', async (t) => {
  const { store, sources, put, refused, tables } = await open(t);
  await put('0001_first.sql', 'CREATE TABLE a (x)');
  await put('0005_fifth.sql', 'CREATE TABLE e (x)');
  await store.migrate('notes', sources);

  await put('0003_late.sql', 'CREATE TABLE late (x)');
  await refused(/notes: migration 0003_late.sql comes before 0005_fifth.sql/);
  await rm(join(sources, '0003_late.sql'));

  await put('0006_sixth.sql', 'CREATE TABLE f (x)');
  await put('0001_first.sql', 'CREATE TABLE a (x, y)');
  await refused(/notes: migration 0001_first.sql was changed after it was applied/);
  await put('0001_first.sql', 'CREATE TABLE a (x)');

  await rename(join(sources, '0005_fifth.sql'), join(sources, '0005_other.sql'));
  await refused(/notes: migration 0005_fifth.sql was applied to this database but its file is gone/);
  assert.ok(!tables().includes('f') && !tables().includes('late'));

  await rename(join(sources, '0005_other.sql'), join(sources, '0005_fifth.sql'));
  assert.deepEqual(await store.migrate('notes', sources), ['0006_sixth.sql']);
});

test('a failing file is undone as a whole; those before it stay', async (t) => {
  const { store, sources, put, refused, tables } = await open(t);
  await put('0001_first.sql', 'CREATE TABLE a (x)');
  await put('0002_broken.sql', 'CREATE TABLE b (x); INSERT INTO nowhere VALUES (1);');
  await refused(/notes: migration 0002_broken.sql failed and was undone: no such table: nowhere/);
  assert.ok(tables().includes('a') && !tables().includes('b'));
  await put('0002_broken.sql', 'CREATE TABLE b (x)');
  assert.deepEqual(await store.migrate('notes', sources), ['0002_broken.sql']);
});

test('names and numbers are checked', async (t) => {
  const { sources, put, refused } = await open(t);
  await put('first.sql', 'CREATE TABLE a (x)');
  await refused(/first.sql is not named like 0001_first.sql/);
  await rm(join(sources, 'first.sql'));
  await put('0001_a.sql', 'CREATE TABLE a (x)');
  await put('0001_b.sql', 'CREATE TABLE b (x)');
  await refused(/0001_a.sql and 0001_b.sql have the same number/);
});

test('a file cannot end its transaction, but triggers and texts may say so', async (t) => {
  const { store, sources, put, refused, tables } = await open(t);
  await put('0001_a.sql', 'CREATE TABLE a (x); /* ; */ COMMIT; CREATE TABLE b (x)');
  await refused(/contains COMMIT/);
  await put('0001_a.sql', '-- a comment\nPRAGMA foreign_keys = ON;');
  await refused(/contains PRAGMA/);
  assert.ok(!tables().includes('a'));
  await put(
    '0001_a.sql',
    "CREATE TABLE a (x); CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END; INSERT INTO a VALUES ('it''s; commit');",
  );
  assert.deepEqual(await store.migrate('notes', sources), ['0001_a.sql']);
});

test('a table can be rebuilt without losing the rows that refer to it, and broken references are refused', async (t) => {
  const { store, sources, put, refused } = await open(t);
  await put(
    '0001_a.sql',
    `CREATE TABLE parents (id INTEGER PRIMARY KEY);
     CREATE TABLE children (parent INTEGER NOT NULL REFERENCES parents ON DELETE CASCADE);
     INSERT INTO parents VALUES (1); INSERT INTO children VALUES (1);`,
  );
  await put(
    '0002_rebuild.sql',
    `CREATE TABLE parents_new (id INTEGER PRIMARY KEY, name TEXT);
     INSERT INTO parents_new (id) SELECT id FROM parents;
     DROP TABLE parents; ALTER TABLE parents_new RENAME TO parents;`,
  );
  await store.migrate('notes', sources);
  assert.deepEqual(store.read.all(sql`SELECT * FROM children`), [{ parent: 1 }]);
  await put('0003_orphans.sql', 'DELETE FROM parents');
  await refused(/0003_orphans.sql leaves 1 rows without their parent, the first in children/);
  await put('0003_orphans.sql', 'CREATE TABLE d (p REFERENCES parents DEFERRABLE INITIALLY  DEFERRED)');
  await refused(/foreign key of d INITIALLY DEFERRED/);
  await assert.rejects(
    store.write((tx) => tx.run(sql`INSERT INTO children VALUES (7)`)),
    (error: unknown) => /FOREIGN KEY/.test(String((error as Error).cause)),
    'foreign keys are on again',
  );
});
