import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdir, open as openFile, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sql } from 'drizzle-orm';
import { skip } from '../../tests/kit/runtime.ts';
import { byHand } from './by-hand.ts';
import { openStore, type Store } from './database.ts';
import { StoreFullError } from './errors.ts';
import { atEnd, collectLog, filesBelow, temporaryFolder } from './fixture.ts';
import { createRetention } from './retention.ts';

/** A small disk of its own, or undefined (and the test skipped) where mounting is not allowed. */
async function smallDisk(t: TestContext, mebibytes: number): Promise<string | undefined> {
  const folder = await temporaryFolder(t);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'gatehouse-test', folder]);
  if (mounted.status !== 0) {
    skip(t, 'a test disk cannot be mounted here (needs root)');
    return undefined;
  }
  atEnd(t, () => spawnSync('umount', ['-l', folder]));
  return folder;
}

/** Fills the disk to the last byte with a file of its own. */
async function fill(folder: string): Promise<void> {
  const file = await openFile(join(folder, 'filler'), 'a');
  for (let size = 1024 * 1024; size >= 512; size /= 2) {
    const block = Buffer.alloc(size, 1);
    while (
      await file.write(block).then(
        ({ bytesWritten }) => bytesWritten === size,
        () => false,
      )
    );
  }
  await file.close();
}

const isFull = (error: unknown) => error instanceof StoreFullError && error.reason === 'full';

async function capture(store: Store, bytes = 20_000): Promise<void> {
  const path = `record/channel1/face/1_${store.blobs.nextNumber()}.jpg`;
  const staged = await store.blobs.stage({ path, bytes: Buffer.alloc(bytes, 2), owner: 'captures' });
  await store.write(
    (tx) => {
      tx.addBlob(staged);
      tx.run(sql`INSERT INTO captures (path, note) VALUES (${path}, ${'x'.repeat(500)})`);
    },
    { staged: [staged] },
  );
}

const RESERVE = 1024 * 1024;

async function openSmall(folder: string) {
  const log = collectLog();
  const store = await openStore({ folder: join(folder, 'data'), log, reserveBytes: RESERVE });
  await store.write((tx) =>
    tx.run(sql`CREATE TABLE IF NOT EXISTS captures (id INTEGER PRIMARY KEY, path TEXT NOT NULL, note TEXT)`),
  );
  return { store, log };
}

test('on a full disk pictures and rows are refused with StoreFullError, and all works again with space', async (t) => {
  const folder = await smallDisk(t, 24);
  if (!folder) return;
  const { store } = await openSmall(folder);
  atEnd(t, () => store.close());
  const data = join(folder, 'data');
  await capture(store);
  const waiting = await store.blobs.stage({ path: 'record/waiting.jpg', bytes: Buffer.alloc(10), owner: 'captures' });
  await fill(folder);

  await assert.rejects(store.blobs.stage({ path: 'record/b.jpg', bytes: Buffer.alloc(50_000), owner: 'a' }), isFull);
  const large = (i: number) => (tx: { run(query: ReturnType<typeof sql>): unknown }) =>
    tx.run(sql`INSERT INTO captures (path, note) VALUES (${`${i}`}, ${'x'.repeat(200_000)})`);
  const batch = await Promise.allSettled([
    ...Array.from({ length: 10 }, (_, i) => store.write(large(i))),
    store.write((tx) => tx.addBlob(waiting), { staged: [waiting] }),
  ]);
  for (const result of batch) assert.ok(result.status === 'rejected' && isFull(result.reason), JSON.stringify(result));
  await store.blobs.idle();
  assert.deepEqual(await filesBelow(data, 'staged'), []);
  assert.equal(store.read.all(sql`SELECT id FROM captures`).length, 1, 'reading goes on');

  await unlink(join(folder, 'filler'));
  await capture(store);
  await store.write(large(1));
  assert.equal(store.read.all(sql`SELECT id FROM captures`).length, 3);
  assert.equal((await filesBelow(data, 'record')).length, 2);
  assert.deepEqual(store.read.all(sql`SELECT * FROM pragma_integrity_check`), [{ integrity_check: 'ok' }]);
});

test('a disk filled to the last byte can be tidied up: retention uses the reserve, and refills it', async (t) => {
  const folder = await smallDisk(t, 24);
  if (!folder) return;
  const { store, log } = await openSmall(folder);
  atEnd(t, () => store.close());
  const reserve = join(folder, 'data', 'reserve');
  assert.equal((await stat(reserve)).size, RESERVE);
  await Promise.all(Array.from({ length: 150 }, () => capture(store, 100_000)));
  await fill(folder);
  // Leaves no room in the write-ahead log either.
  await assert.rejects(async () => {
    for (let row = 0; row < 1000; row++)
      await store.write((tx) => tx.run(sql`INSERT INTO captures (path, note) VALUES ('n', ${'x'.repeat(100_000)})`));
  }, isFull);

  const retention = createRetention({ store, log, clock: Date });
  retention.register({
    name: 'captures',
    removeOlderThan: () => 0,
    removeOldest: (tx, limit) => {
      const rows = tx.all<{ id: number; path: string }>(sql`SELECT id, path FROM captures ORDER BY id LIMIT ${limit}`);
      for (const { id, path } of rows) {
        tx.dropBlob(path);
        tx.run(sql`DELETE FROM captures WHERE id = ${id}`);
      }
      return rows.length;
    },
    bytes: () => store.blobs.totals('captures').bytes,
  });
  const report = await retention.run();
  assert.deepEqual(report.errors, []);
  assert.ok(report.useBefore! > 0.99 && report.useAfter! <= 0.8, `${report.useBefore} to ${report.useAfter}`);
  assert.ok(log.lines.includes('warn: the disk is full; the reserved space was given up'));
  assert.equal((await stat(reserve)).size, RESERVE, 'it is there for the next time');
  await capture(store);
});

test('the store opens on a disk filled to the last byte, reads, and takes writes when there is space', async (t) => {
  const folder = await smallDisk(t, 24);
  if (!folder) return;
  const data = join(folder, 'copy');
  const first = await openSmall(folder);
  await capture(first.store);
  await first.store.close();
  // A copy, as after a move to another disk: SQLite finds no memory file it could use again.
  await cp(join(folder, 'data'), data, { recursive: true, filter: (path) => !/-(wal|shm)$/.test(path) });
  await fill(folder);

  const log = collectLog();
  const store = await openStore({ folder: data, log, reserveBytes: RESERVE });
  atEnd(t, () => store.close());
  // Whether opening needs the reserve depends on what SQLite finds to write.
  const gaveUp = log.lines.includes('warn: the disk is full; the reserved space was given up');
  assert.equal(store.read.all(sql`SELECT id FROM captures`).length, 1);
  await assert.rejects(capture(store), isFull, 'no picture takes the space that is left for tidying up');
  await unlink(join(folder, 'filler'));
  await capture(store);
  if (gaveUp) assert.ok(log.lines.includes('info: there is space again; the reserve is back'));
  assert.equal(store.read.all(sql`SELECT id FROM captures`).length, 2);
});

test('on a full disk what people ask for is stored with the reserve, what the box writes by itself is not', async (t) => {
  const folder = await smallDisk(t, 24);
  if (!folder) return;
  const { store } = await openSmall(folder);
  atEnd(t, () => store.close());
  await capture(store);
  await fill(folder);
  const row = () =>
    store.write((tx) => tx.run(sql`INSERT INTO captures (path, note) VALUES ('n', ${'x'.repeat(50_000)})`));
  const last = async () => {
    for (let rows = 0; rows < 1000; rows++) await row();
  };
  await assert.rejects(last, isFull);
  assert.equal(store.reserve.out, false);
  await byHand(row);
  assert.equal(store.reserve.out, true);
  await byHand(() => store.settings.set('days', 7));
  await assert.rejects(capture(store), isFull);
  await unlink(join(folder, 'filler'));
  await capture(store);
  assert.equal(store.reserve.out, false);
});

test('a reserve that is given up is so after a restart, too: captures do not take what is left for people', async (t) => {
  const folder = await smallDisk(t, 24);
  if (!folder) return;
  const { store: before } = await openSmall(folder);
  await capture(before);
  await fill(folder);
  const row = (store: Store) => () =>
    store.write((tx) => tx.run(sql`INSERT INTO captures (path, note) VALUES ('n', ${'x'.repeat(50_000)})`));
  while (!before.reserve.out) await byHand(row(before));
  await before.close();

  const { store } = await openSmall(folder);
  atEnd(t, () => store.close());
  assert.equal(store.reserve.out, true);
  await assert.rejects(capture(store), isFull);
  await byHand(row(store));
  await unlink(join(folder, 'filler'));
  await capture(store);
  assert.equal(store.reserve.out, false);
});

test('an update that changes tables uses the reserve on a full disk: without it nobody could sign in to tidy up', async (t) => {
  const folder = await smallDisk(t, 24);
  if (!folder) return;
  const migrations = join(folder, 'migrations');
  await mkdir(migrations);
  await writeFile(join(migrations, '0001_first.sql'), 'CREATE TABLE notes (id INTEGER PRIMARY KEY, note BLOB);');
  await writeFile(join(migrations, '0002_more.sql'), 'INSERT INTO notes (note) VALUES (zeroblob(300000));');
  const { store } = await openSmall(folder);
  atEnd(t, () => store.close());
  await fill(folder);
  assert.deepEqual(await store.migrate('notes', migrations), ['0001_first.sql', '0002_more.sql']);
  assert.deepEqual(store.read.all(sql`SELECT id FROM notes`), [{ id: 1 }]);
  assert.equal(store.reserve.out, true);
  await assert.rejects(capture(store), isFull);

  // With nothing left to give up the error says what failed.
  await writeFile(join(migrations, '0003_large.sql'), 'INSERT INTO notes (note) VALUES (zeroblob(3000000));');
  await assert.rejects(store.migrate('notes', migrations), /0003_large.sql failed and was undone: .*full/);
  assert.deepEqual(store.read.all(sql`SELECT id FROM notes`), [{ id: 1 }]);
});
