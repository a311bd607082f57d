import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, rmdir, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sql } from 'drizzle-orm';
import { facebasePath, isBlobPath, recordPath } from './blob-path.ts';
import { Connection } from './connection.ts';
import type { Store } from './database.ts';
import { WriteJobError } from './errors.ts';
import { filesBelow, temporaryStore, until } from './fixture.ts';
import { DATABASE } from './opening.ts';

const HOSTILE = [
  '',
  '/',
  '/etc/passwd',
  'record',
  'record/',
  'record//a.jpg',
  'record/../secret.key',
  'record/..',
  'record/./a.jpg',
  'record/channel1/..%2f..%2fsecret.key',
  'record/a\\..\\..\\secret.key',
  'record/a.jpg\0.png',
  'record/ä.jpg',
  'record/A.jpg',
  'record/a b.jpg',
  'record/.hidden',
  'record/a~b',
  './record/a.jpg',
  'secret.key',
  'gatehouse.db',
  'staged/record~a.jpg',
  'recordx/a.jpg',
  `record/${'a'.repeat(300)}`,
];

const stage = (store: Store, path: string, bytes = Buffer.from(path)) =>
  store.blobs.stage({ path, bytes, owner: 'captures', area: 'channel:1' });

async function put(store: Store, path: string): Promise<void> {
  const staged = await stage(store, path);
  await store.write((tx) => tx.addBlob(staged), { staged: [staged] });
}

const onDisk = (folder: string) => filesBelow(folder, 'record', 'facebase', 'tmp', 'staged');

test('a file is stored with its row, found by its exact path, and read back', async (t) => {
  const { store, folder } = await temporaryStore(t, { clock: { now: () => 1_700_000_000_000 } });
  const path = 'record/channel3/face/1623040030_278.jpg';
  const staged = await stage(store, path, Buffer.from('picture'));
  assert.equal(store.blobs.find(path), undefined, 'a staged file is nobody’s yet');
  assert.equal(await store.blobs.open(path), undefined);
  assert.deepEqual(await onDisk(folder), ['staged/record~channel3~face~1623040030_278.jpg']);
  await store.write((tx) => tx.addBlob(staged));
  assert.deepEqual(await onDisk(folder), [path]);
  assert.deepEqual(store.blobs.find(path), {
    path,
    size: 7,
    owner: 'captures',
    area: 'channel:1',
    picture: true,
    createdAt: 1_700_000_000_000,
  });
  assert.equal((await (await store.blobs.open(path))?.bytes())?.toString(), 'picture');
  const chunks: Buffer[] = [];
  for await (const chunk of (await store.blobs.open(path))!.stream()) chunks.push(chunk as Buffer);
  assert.equal(Buffer.concat(chunks).toString(), 'picture');
  await (await store.blobs.open(path))!.close();
});

test('hostile paths are neither stored nor found', async (t) => {
  const { store, folder } = await temporaryStore(t);
  await put(store, 'record/a.jpg');
  const before = await filesBelow(folder, '.');
  for (const path of HOSTILE) {
    assert.equal(isBlobPath(path), false, JSON.stringify(path));
    await assert.rejects(stage(store, path), TypeError, JSON.stringify(path));
    assert.equal(store.blobs.find(path), undefined);
    assert.equal(await store.blobs.open(path), undefined);
  }
  for (const near of ['record/a.jpg/', 'record/A.jpg', 'record/a.jp', 'record/a.jpg ', 'record/%61.jpg']) {
    assert.equal(store.blobs.find(near), undefined, near);
  }
  assert.deepEqual(await filesBelow(folder, '.'), before);
});

test('a link planted in the place of a file is not followed', async (t) => {
  const { store, folder } = await temporaryStore(t);
  await put(store, 'record/a.jpg');
  await unlink(join(folder, 'record/a.jpg'));
  await symlink(join(folder, 'secret.key'), join(folder, 'record/a.jpg'));
  await assert.rejects(store.blobs.open('record/a.jpg'), /ELOOP/);
});

test('a missing or damaged file is logged and not served', async (t) => {
  const { store, folder, log } = await temporaryStore(t);
  await put(store, 'record/a.jpg');
  await writeFile(join(folder, 'record/a.jpg'), 'cut');
  assert.equal(await store.blobs.open('record/a.jpg'), undefined);
  await unlink(join(folder, 'record/a.jpg'));
  assert.equal(await store.blobs.open('record/a.jpg'), undefined);
  assert.deepEqual(
    log.lines.filter((line) => line.startsWith('error')),
    ['error: a stored file is damaged', 'error: a stored file is missing'],
  );
});

test('when the job fails, or never runs, its staged files go; the same path can be staged again', async (t) => {
  const { store, folder } = await temporaryStore(t);
  const failing = await stage(store, 'record/a.jpg');
  const unused = await stage(store, 'record/b.jpg');
  await assert.rejects(
    store.write(
      (tx) => {
        tx.addBlob(failing);
        throw new Error('no');
      },
      { staged: [failing, unused] },
    ),
  );
  await store.blobs.idle();
  assert.deepEqual(await onDisk(folder), []);
  const again = await stage(store, 'record/a.jpg');
  await assert.rejects(stage(store, 'record/a.jpg'), /record\/a.jpg is being stored already/);
  const forgotten = await stage(store, 'record/c.jpg');
  await store.write((tx) => tx.addBlob(again), { staged: [again, forgotten] });
  await store.blobs.idle();
  assert.deepEqual(await onDisk(folder), ['record/a.jpg']);

  again.discard();
  await assert.rejects(
    store.write((tx) => tx.addBlob(again)),
    /not waiting for a row/,
  );
  await assert.rejects(
    store.write((tx) => tx.addBlob(failing)),
    WriteJobError,
  );
  const twice = await stage(store, 'record/a.jpg');
  await assert.rejects(
    store.write((tx) => tx.addBlob(twice), { staged: [twice] }),
    { code: 'SQLITE_CONSTRAINT_PRIMARYKEY' },
  );
  await store.blobs.idle();
  assert.equal(
    (await readFile(join(folder, 'record/a.jpg'))).toString(),
    'record/a.jpg',
    'the first file is untouched',
  );
  assert.deepEqual(await onDisk(folder), ['record/a.jpg']);

  await store.close();
  await assert.rejects(store.write(() => {}, { staged: [] }));
});

test('a clock that is set does not make a file look forgotten that is being stored', async (t) => {
  let now = 1_000_000_000;
  const { store, folder } = await temporaryStore(t, { clock: { now: () => now } });
  const staged = await stage(store, 'record/a.jpg');
  now += 7_200_000;
  store.blobs.maintain();
  await store.write((tx) => tx.addBlob(staged), { staged: [staged] });
  assert.deepEqual(await onDisk(folder), ['record/a.jpg']);
});

test('a staged file nobody claims is given up after an hour', async (t) => {
  let passed = 0;
  const { store, folder } = await temporaryStore(t, { steady: () => passed });
  const staged = await stage(store, 'record/a.jpg');
  store.blobs.maintain();
  await store.blobs.idle();
  assert.equal((await onDisk(folder)).length, 1);
  passed += 3_600_001;
  store.blobs.maintain();
  await store.blobs.idle();
  assert.deepEqual(await onDisk(folder), []);
  await assert.rejects(
    store.write((tx) => tx.addBlob(staged)),
    WriteJobError,
  );
});

test('dropping removes row and file together; a dropped file stays when the job fails', async (t) => {
  const { store, folder } = await temporaryStore(t);
  await put(store, 'record/a.jpg');
  await put(store, 'facebase/libid2/2_1620975347_1.png');
  await assert.rejects(
    store.write((tx) => {
      assert.equal(tx.dropBlob('record/a.jpg'), true);
      throw new Error('no');
    }),
  );
  await store.blobs.idle();
  assert.equal((await (await store.blobs.open('record/a.jpg'))?.bytes())?.toString(), 'record/a.jpg');

  const dropped = await store.write((tx) => [
    tx.dropBlob('record/a.jpg'),
    tx.dropBlob('record/a.jpg'),
    tx.dropBlob('../x'),
  ]);
  assert.deepEqual(dropped, [true, false, false]);
  assert.equal(store.blobs.find('record/a.jpg'), undefined);
  await until('the file is gone', async () => (await onDisk(folder)).length === 1);
  await store.blobs.idle();
  assert.deepEqual(store.read.all(sql`SELECT * FROM doomed_blobs`), []);
  assert.deepEqual(await onDisk(folder), ['facebase/libid2/2_1620975347_1.png']);
  assert.deepEqual(store.blobs.totals(), { files: 1, bytes: 34 });
});

test('files that come and go in one commit are removed, also while others go before them', async (t) => {
  const { store, folder, log } = await temporaryStore(t);
  await put(store, 'record/before.jpg');
  const brief = await Promise.all(Array.from({ length: 40 }, (_, at) => stage(store, `record/brief${at}.jpg`)));
  // The first job of the batch starts the removal, which sees all that the batch has committed.
  await Promise.all([
    store.write((tx) => tx.dropBlob('record/before.jpg')),
    ...brief.flatMap((staged) => [
      store.write((tx) => tx.addBlob(staged), { staged: [staged] }),
      store.write((tx) => tx.dropBlob(staged.path)),
    ]),
  ]);
  await store.blobs.idle();
  assert.deepEqual(await onDisk(folder), []);
  assert.deepEqual(
    log.lines.filter((line) => !line.startsWith('info')),
    [],
  );
});

test('an open file can be read to its end after it was dropped', async (t) => {
  const { store } = await temporaryStore(t);
  await put(store, 'record/a.jpg');
  const open = await store.blobs.open('record/a.jpg');
  await store.write((tx) => tx.dropBlob('record/a.jpg'));
  await store.blobs.idle();
  assert.equal((await open?.bytes())?.toString(), 'record/a.jpg');
});

test('a path cannot be used again while its old file is being removed', async (t) => {
  const { store, folder } = await temporaryStore(t);
  await put(store, 'record/a.jpg');
  const next = await stage(store, 'record/a.jpg', Buffer.from('new'));
  await assert.rejects(
    store.write(
      (tx) => {
        tx.dropBlob('record/a.jpg');
        tx.addBlob(next);
      },
      { staged: [next] },
    ),
    /being deleted: store the new file under a new path/,
  );
  assert.equal((await (await store.blobs.open('record/a.jpg'))?.bytes())?.toString(), 'record/a.jpg');
  await store.write((tx) => tx.dropBlob('record/a.jpg'));
  await store.blobs.idle();
  await put(store, 'record/a.jpg');
  assert.deepEqual(await onDisk(folder), ['record/a.jpg']);
});

test('thousands of files are dropped in pages, and one that cannot be removed is tried again', async (t) => {
  const { store, folder, log } = await temporaryStore(t);
  const paths = Array.from({ length: 1200 }, (_, i) => `record/channel1/face/${i}.jpg`);
  await Promise.all(paths.map((path) => put(store, path)));
  const stubborn = join(folder, 'record/channel1/face/700.jpg');
  await unlink(stubborn);
  await mkdir(join(stubborn, 'inside'), { recursive: true });
  await store.write((tx) => paths.forEach((path) => void tx.dropBlob(path)));
  await store.blobs.idle();
  assert.deepEqual(store.read.all(sql`SELECT * FROM doomed_blobs`), [{ path: 'record/channel1/face/700.jpg' }]);
  assert.ok(log.lines.includes('warn: a deleted picture could not be removed'));
  await rm(stubborn, { recursive: true });
  store.blobs.maintain();
  await store.blobs.idle();
  assert.deepEqual(store.read.all(sql`SELECT * FROM doomed_blobs`), []);
  assert.deepEqual(await onDisk(folder), []);
});

test('opening finishes what a crash left: committed files are moved, others removed, doomed ones unlinked', async (t) => {
  const { store, folder } = await temporaryStore(t);
  for (const path of ['record/committed.jpg', 'record/doomed.jpg', 'record/kept.jpg']) await put(store, path);
  await store.close();
  const staged = (path: string) => join(folder, 'staged', path.replaceAll('/', '~'));
  await rename(join(folder, 'record/committed.jpg'), staged('record/committed.jpg'));
  await writeFile(staged('record/orphan.jpg'), 'half');
  await writeFile(staged('record/doomed-and-staged.jpg'), 'x');
  await writeFile(join(folder, 'staged', 'Strange File'), 'x');
  const raw = new Connection(join(folder, DATABASE));
  raw.exec(`DELETE FROM blobs WHERE path = 'record/doomed.jpg';
    INSERT INTO doomed_blobs VALUES ('record/doomed.jpg'), ('record/doomed-and-staged.jpg'), ('record/already-gone.jpg')`);
  raw.close();

  const again = await temporaryStore(t, { folder });
  await again.store.blobs.idle();
  assert.deepEqual(await onDisk(folder), ['record/committed.jpg', 'record/kept.jpg', 'staged/Strange File']);
  assert.equal(
    (await (await again.store.blobs.open('record/committed.jpg'))?.bytes())?.toString(),
    'record/committed.jpg',
  );
  assert.deepEqual(again.store.read.all(sql`SELECT * FROM doomed_blobs`), []);
  assert.ok(again.log.lines.some((line) => line.startsWith('warn: files in staged/')));
});

test('a file that cannot be moved to its place is served from where it waits, and moved at the next start', async (t) => {
  const { store, folder, log } = await temporaryStore(t);
  await mkdir(join(folder, 'record/a.jpg'), { recursive: true });
  await put(store, 'record/a.jpg');
  assert.ok(log.lines.includes('warn: a stored file could not be moved to its place'));
  await rmdir(join(folder, 'record/a.jpg'));
  assert.equal((await (await store.blobs.open('record/a.jpg'))?.bytes())?.toString(), 'record/a.jpg');
  await store.close();
  const again = await temporaryStore(t, { folder });
  assert.deepEqual(await onDisk(folder), ['record/a.jpg']);
  await again.store.write((tx) => tx.dropBlob('record/a.jpg'));
  await again.store.blobs.idle();
  assert.deepEqual(await onDisk(folder), []);
});

test('streams are stored as well, and a failing source leaves nothing', async (t) => {
  const { store, folder } = await temporaryStore(t);
  const input = (bytes: AsyncIterable<Uint8Array>) => ({
    path: 'tmp/catch.zip',
    bytes,
    owner: 'captures',
    picture: false,
  });
  async function* parts(fail: boolean) {
    yield Buffer.from('one ');
    yield Buffer.from('two');
    if (fail) throw new Error('the source failed');
  }
  await assert.rejects(store.blobs.stage(input(parts(true))), /the source failed/);
  assert.deepEqual(await onDisk(folder), []);
  const staged = await store.blobs.stage(input(parts(false)));
  assert.equal(staged.size, 7);
  await store.write((tx) => tx.addBlob(staged));
  assert.equal(store.blobs.find('tmp/catch.zip')?.picture, false);
  assert.equal((await readFile(join(folder, 'tmp/catch.zip'))).toString(), 'one two');
});

async function numbersOf(t: TestContext, folder: string, many: number): Promise<number[]> {
  const { store } = await temporaryStore(t, { folder });
  const numbers: number[] = [];
  while (numbers.length < many) {
    numbers.push(store.blobs.nextNumber());
    if (numbers.length % 1000 === 0) await store.write(() => {});
  }
  await store.close();
  return numbers;
}

test('numbers for paths are never given twice, over restarts too', async (t) => {
  const { store, folder } = await temporaryStore(t);
  const first = store.blobs.nextNumber();
  assert.equal(first, 1);
  await store.close();
  const all = [first, ...(await numbersOf(t, folder, 12_000)), ...(await numbersOf(t, folder, 100))];
  assert.equal(new Set(all).size, 12_101);
});

test('paths have the form the clients know', () => {
  assert.equal(recordPath(3, 'face', 1_623_040_030_999, 278), 'record/channel3/face/1623040030_278.jpg');
  assert.equal(recordPath(12, 'frame', 0, 1), 'record/channel12/frame/0_1.jpg');
  assert.equal(facebasePath(2, 1_620_975_347_000, 1, 'png'), 'facebase/libid2/2_1620975347_1.png');
  assert.throws(() => recordPath(-1, 'face', 0, 1), TypeError);
  assert.throws(() => recordPath(1, '../..', 0, 1), TypeError);
  assert.throws(() => recordPath(1, 'face', Number.NaN, 1), TypeError);
});
