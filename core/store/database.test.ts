import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'drizzle-orm';
import { runtime } from '../../tests/kit/runtime.ts';
import { openReader, openStore } from './database.ts';
import { StoreDamagedError, StoreInUseError } from './errors.ts';
import { atEnd, collectLog, temporaryFolder, temporaryStore } from './fixture.ts';
import { tableDrift } from './table-drift.ts';
import * as tables from './tables.ts';

const pragma = (read: { get<T>(query: ReturnType<typeof sql>): T }, name: string) =>
  Object.values(read.get<Record<string, unknown>>(sql.raw(`SELECT * FROM pragma_${name}`)))[0];

test('both connections have their PRAGMAs, and the writer is durable', async (t) => {
  const { store } = await temporaryStore(t);
  assert.equal(pragma(store.read, 'journal_mode'), 'wal');
  assert.equal(pragma(store.read, 'query_only'), 1);
  assert.equal(pragma(store.read, 'foreign_keys'), 1);
  const written = await store.write((tx) => [
    pragma(tx, 'synchronous'),
    pragma(tx, 'foreign_keys'),
    pragma(tx, 'query_only'),
  ]);
  assert.deepEqual(written, [2, 1, 0]);
});

test('the read connection cannot write', async (t) => {
  const { store } = await temporaryStore(t);
  assert.throws(() => store.read.all(sql`INSERT INTO doomed_blobs VALUES ('record/x')`), /readonly/);
});

test('a deleted name does not stay in the file', async (t) => {
  const { store, folder } = await temporaryStore(t);
  await store.write((tx) => {
    for (const key of ['anna', 'berta', 'cleo']) tx.run(sql`INSERT INTO doomed_blobs VALUES (${`tmp/${key}`})`);
  });
  await store.write((tx) => void tx.run(sql`DELETE FROM doomed_blobs WHERE path = 'tmp/berta'`));
  await store.close();
  const file = await readFile(join(folder, 'gatehouse.db'), 'latin1');
  assert.ok(file.includes('anna'));
  assert.ok(!file.includes('berta'));
});

test('the data folder is the box’s alone: folder 0700, files 0600, also where they were open before', async (t) => {
  const folder = await temporaryFolder(t);
  await chmod(folder, 0o755);
  const log = collectLog();
  const store = await openStore({ folder, log });
  atEnd(t, () => store.close());
  const staged = await store.blobs.stage({ path: 'record/channel1/face/1_1.jpg', bytes: Buffer.from('x'), owner: 'a' });
  await store.write((tx) => tx.addBlob(staged));
  assert.ok(log.lines.some((line) => /permissions were tightened/.test(line)));
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  assert.ok(entries.length >= 8, 'the folder holds the database, its log, key, lock, reserve and a picture');
  for (const entry of entries) {
    const mode = (await stat(join(entry.parentPath, entry.name))).mode & 0o777;
    assert.equal(mode, entry.isDirectory() ? 0o700 : 0o600, entry.name);
  }
});

test('the core’s tables match what the code declares, and a drift is named', async (t) => {
  const { store } = await temporaryStore(t);
  assert.deepEqual(tableDrift(store, tables), []);
  await store.write((tx) => {
    tx.run(sql`ALTER TABLE settings ADD COLUMN extra TEXT`);
    tx.run(sql`ALTER TABLE sequences DROP COLUMN next`);
    tx.run(sql`DROP TABLE blob_totals`);
    tx.run(sql`CREATE TABLE blob_totals (owner TEXT, files TEXT NOT NULL, bytes INTEGER NOT NULL)`);
    tx.run(sql`DROP TABLE doomed_blobs`);
  });
  assert.deepEqual(tableDrift(store, tables).sort(), [
    'column blob_totals.files is declared INTEGER but stored as TEXT',
    'column blob_totals.owner is declared NOT NULL, the database differs',
    'column blob_totals.owner is declared as part of the primary key, the database differs',
    'column sequences.next is not in the database',
    'column settings.extra is in the database but not declared',
    'table doomed_blobs is not in the database',
  ]);
});

test('a second process, and a second opening, are refused while the store is open', async (t) => {
  const { store, folder, log } = await temporaryStore(t);
  await assert.rejects(openStore({ folder, log }), StoreInUseError);
  const { command, run } = runtime();
  const program = join(import.meta.dirname, 'opening.fixture.ts');
  const second = () => spawnSync(command, [...run, program, folder], { encoding: 'utf8' });
  assert.equal(second().stdout.trim(), 'StoreInUseError', 'the refused opening above left the lock in place');
  await store.close();
  assert.equal(second().stdout.trim(), 'opened');
});

test('a damaged database is named, with what to do', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'gatehouse.db');
  await writeFile(file, Buffer.alloc(8192, 'this is no database '));
  await assert.rejects(openStore({ folder, log: collectLog() }), (error: unknown) => {
    assert.ok(error instanceof StoreDamagedError);
    assert.ok(error.message.includes(file));
    assert.match(error.message, /put back a good copy/);
    return true;
  });
  await writeFile(file, '');
  await (await openStore({ folder, log: collectLog() })).close();
});

test('a reader of its own sees commits but cannot write', async (t) => {
  const { store, folder } = await temporaryStore(t);
  const reader = openReader(folder);
  atEnd(t, () => reader.close());
  await store.settings.set('a', 1);
  assert.deepEqual(reader.read.select().from(tables.settings).all(), [{ key: 'a', value: '1', sealed: false }]);
  assert.throws(() => reader.read.all(sql`DELETE FROM settings`), /readonly/);
});

test('usage tells the bytes of all blobs, of the database, and of the disk', async (t) => {
  const { store } = await temporaryStore(t);
  const before = await store.usage();
  assert.equal(before.bytes, 0);
  assert.ok(before.databaseBytes > 0 && before.disk.total > before.disk.free && before.disk.free > 0);
  for (const [owner, bytes] of [
    ['captures', 1000],
    ['captures', 500],
    ['portraits', 70],
  ] as const) {
    const path = `record/channel1/face/1_${store.blobs.nextNumber()}.jpg`;
    const staged = await store.blobs.stage({ path, bytes: Buffer.alloc(bytes), owner });
    await store.write((tx) => tx.addBlob(staged));
  }
  assert.deepEqual(store.blobs.totals('captures'), { files: 2, bytes: 1500 });
  assert.deepEqual(store.blobs.totals('nobody'), { files: 0, bytes: 0 });
  const { files, bytes } = await store.usage();
  assert.deepEqual({ files, bytes }, { files: 3, bytes: 1570 });
});
