import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { type ExportEntry, exportKey } from '../../core/plugin/export-services.ts';
import { temporaryStore } from '../../core/store/fixture.ts';
import { tableDrift } from '../../core/store/table-drift.ts';
import { opensWith, unpack } from '../../tests/kit/seven-zip.ts';
import { until } from '../../tests/kit/wait.ts';
import { LIMITS, zipped } from './archive.ts';
import { from, readArchive, startPlugin, type TestPlugin, WrongPassword } from './fixture.ts';
import { MOST_AT_ONCE, MOST_KEPT } from './shelf.ts';
import * as tables from './tables.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const picture = (size: number, seed = 1) => Uint8Array.from({ length: size }, (_, i) => (i * 7919 * seed) >> 5);
const busy = (error: unknown) => error instanceof ContractError && error.code === CODE.unknownError;

/** Nothing is kept, nothing waits, and nothing lies on the disk. */
async function assertNothingLeft(box: TestPlugin): Promise<void> {
  await box.store.blobs.idle();
  assert.deepEqual(box.store.blobs.totals(), { files: 0, bytes: 0 });
  assert.deepEqual(box.store.read.select().from(tables.exportedFiles).all(), []);
  assert.deepEqual(box.store.read.select().from(tables.exportShows).all(), []);
  assert.deepEqual(await readdir(join(box.store.folder, 'staged')), []);
  assert.deepEqual(await readdir(join(box.store.folder, 'tmp')).catch(() => []), []);
}

test('the tables of the code are those of the database', async (t) => {
  const { store } = await startPlugin(t);
  assert.deepEqual(tableDrift(store, tables), []);
});

test('an archive opens with its password and no other, and holds what was put in', async (t) => {
  const box = await startPlugin(t);
  const jpeg = picture(100_003);
  const csv = `编号,姓名\r\n${'1,王小明 😀\r\n'.repeat(500)}`;
  const entries = from(
    { name: 'index.csv', data: csv },
    { name: '王小明 😀.jpg', data: jpeg },
    { name: 'empty', data: '' },
  );
  const { path, password } = await box.exports.archive('face', 'people', entries, []);
  assert.equal(path, 'tmp/face_2019-01-23-12-04-27.zip');
  assert.match(password, /^[a-z2-9]{20}$/);
  const zip = await box.read(path);
  const read = readArchive(zip, password);
  assert.deepEqual(
    read.map(({ name, stored }) => [name, stored]),
    [
      ['index.csv', false],
      ['王小明 😀.jpg', true],
      ['empty', false],
    ],
  );
  assert.equal(read[0]!.bytes.toString(), csv);
  assert.ok(read[1]!.bytes.equals(jpeg));
  assert.equal(read[2]!.bytes.length, 0);
  assert.throws(() => readArchive(zip, `${password.slice(0, -1)}1`), WrongPassword);
  assert.ok(
    !zip.includes('王小明 😀\r\n') && !zip.includes(Buffer.from(jpeg.subarray(0, 64))),
    'nothing stands there in clear',
  );
  const again = await box.exports.archive('face', 'people', from(), []);
  assert.notEqual(again.password, password);
});

test('7-Zip opens it', async (t) => {
  const box = await startPlugin(t);
  const jpeg = picture(50_000);
  const { path, password } = await box.exports.archive('face', 'people', from({ name: '王.jpg', data: jpeg }), []);
  const file = join(box.store.folder, 'archive.zip');
  await writeFile(file, await box.read(path));
  unpack(file, password, `${box.store.folder}/out`);
  assert.deepEqual(new Uint8Array(await readFile(join(box.store.folder, 'out/王.jpg'))), jpeg);
  assert.deepEqual([opensWith(file, password), opensWith(file, 'wrong')], [true, false]);
});

test('names stay what they are where they can, and are told apart', async (t) => {
  const box = await startPlugin(t);
  const names = [
    ['a.jpg', 'a.jpg'],
    ['A.JPG', 'A (2).JPG'],
    ['a.jpg', 'a (3).jpg'],
    ['a (2).jpg', 'a (2) (2).jpg'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['C:\\boot?.ini', 'C__boot_.ini'],
    ['con.txt', '_con.txt'],
    ['lpt1', '_lpt1'],
    ['name. . ', 'name'],
    ['', '_'],
    ['...', '_ (2)'],
    ['a\u0000b\nc\u202egpj.exe', 'a_b_c_gpj.exe'],
    ['\ud800x.jpg', '_x.jpg'],
    ['e\u0301.jpg', '\u00e9.jpg'],
    ['👩‍👧.jpg', '👩‍👧.jpg'],
    [`${'图'.repeat(100)}.jpeg`, `${'图'.repeat(58)}.jpeg`],
    [`${'图'.repeat(99)}.jpeg`, `${'图'.repeat(58)} (2).jpeg`],
  ] as const;
  const { path, password } = await box.exports.archive(
    'x',
    'people',
    from(...names.map(([name]) => ({ name, data: '' }))),
    [],
  );
  assert.deepEqual(
    readArchive(await box.read(path), password).map(({ name }) => name),
    names.map(([, expected]) => expected),
  );
});

test('files have addresses of their own, and the area they were made for', async (t) => {
  const box = await startPlugin(t);
  const one = await box.exports.archive('face', 'people', from(), []);
  const two = await box.exports.archive('face', 'records', from(), []);
  const list = await box.exports.file('Image 列表_.CSV', 'people', 'a,b', []);
  const face = await box.exports.file('face.jpg', 'records', picture(10), [], { picture: true });
  const odd = await box.exports.file('../..', 'records', '', []);
  assert.deepEqual(
    [one, two, list, face, odd].map(({ path }) => path),
    ['face_#.zip', 'face_#_2.zip', 'image_#.csv', 'face_#.jpg', 'file_#'].map(
      (name) => `tmp/${name.replace('_#', '_2019-01-23-12-04-27')}`,
    ),
  );
  assert.deepEqual(
    [one, two, list, face]
      .map(({ path }) => box.store.blobs.find(path))
      .map((row) => [row?.area, row?.picture, row?.owner]),
    [
      ['people', true, 'exports'],
      ['records', true, 'exports'],
      ['people', false, 'exports'],
      ['records', true, 'exports'],
    ],
  );
  assert.equal((await box.read(list.path)).toString(), 'a,b');
});

test('an archive goes to the disk entry by entry', async (t) => {
  const box = await startPlugin(t);
  const size = 1 << 20;
  const behind: number[] = [];
  async function* entries(): AsyncGenerator<ExportEntry> {
    for (let i = 0; i < 8; i += 1) {
      yield { name: `${i}.jpg`, data: picture(size, i + 1) };
      const [waiting] = await readdir(join(box.store.folder, 'staged'));
      behind.push((i + 1) * size - (await stat(join(box.store.folder, 'staged', waiting!))).size);
    }
  }
  await box.exports.archive('face', 'people', entries(), []);
  assert.equal(behind.length, 8);
  for (const bytes of behind) assert.ok(bytes <= 0, `${bytes} bytes are held`);
});

test('what breaks off leaves nothing', async (t) => {
  const box = await startPlugin(t);
  let ended = false;
  async function* failing(): AsyncGenerator<ExportEntry> {
    yield { name: '1.jpg', data: picture(100_000) };
    throw new Error('the picture is gone');
  }
  async function* endless(): AsyncGenerator<ExportEntry> {
    try {
      for (let i = 0; ; i += 1) yield { name: `${i}`, data: '' };
    } finally {
      ended = true;
    }
  }
  await assert.rejects(box.exports.archive('face', 'people', failing(), []), /the picture is gone/);
  await assertNothingLeft(box);
  const least = { ...LIMITS, entries: 5 };
  await assert.rejects(async () => {
    for await (const piece of zipped(endless(), 'secret', least)) assert.ok(piece);
  }, busy);
  assert.ok(ended, 'the source is let go');
  const large = from({ name: 'x', data: new Uint8Array(LIMITS.entryBytes + 1) });
  await assert.rejects(box.exports.archive('face', 'people', large, []), busy);
  await assertNothingLeft(box);
  assert.ok(LIMITS.entries > 1000, 'an export of the interface fits: an index and 500 rows with two pictures each');
});

test('a stop ends what is being made, also what waits for its source', async (t) => {
  const box = await startPlugin(t);
  let waiting = 0;
  async function* hanging(): AsyncGenerator<ExportEntry> {
    yield { name: '1.jpg', data: picture(1000) };
    waiting += 1;
    await new Promise(() => {});
  }
  const making = [hanging(), hanging()].map((entries) => box.exports.archive('face', 'people', entries, []));
  const ends = making.map((one) => assert.rejects(one, /ended/));
  await until('both wait', () => waiting === 2);
  await box.parts.stop!();
  await Promise.all(ends);
  await assertNothingLeft(box);
});

test('only so many archives are made at once', async (t) => {
  const box = await startPlugin(t);
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  async function* held(): AsyncGenerator<ExportEntry> {
    await released;
    yield { name: '1', data: '1' };
  }
  const making = Array.from({ length: MOST_AT_ONCE }, () => box.exports.archive('face', 'people', held(), []));
  await assert.rejects(box.exports.archive('face', 'people', from(), []), busy);
  release();
  assert.equal(new Set((await Promise.all(making)).map(({ path }) => path)).size, MOST_AT_ONCE);
  await box.exports.archive('face', 'people', from(), []);
});

test('files go after a day, and the oldest when there are too many', async (t) => {
  const box = await startPlugin(t);
  const first = await box.exports.archive('face', 'people', from(), ['1/a']);
  box.clock.time += DAY_MS / 2;
  const second = await box.exports.file('list.csv', 'people', 'x', ['1/a']);
  assert.equal(box.policy.keepDays!(), 1);
  assert.ok(box.policy.bytes!() === box.store.blobs.totals().bytes && box.policy.bytes!() > 0);
  assert.equal(box.policy.oldest!(), box.clock.time - DAY_MS / 2);
  const removed = await box.store.write((tx) => box.policy.removeOlderThan(tx, box.clock.time, 200));
  assert.equal(removed, 1);
  assert.equal(box.store.blobs.find(first.path), undefined);
  assert.ok(box.store.blobs.find(second.path));
  const paths: string[] = [];
  for (let i = 0; i <= MOST_KEPT.archive.files; i += 1) {
    box.clock.time += 1;
    paths.push((await box.exports.archive('face', 'people', from(), [])).path);
  }
  assert.equal(box.store.blobs.find(paths[0]!), undefined);
  assert.ok(paths.slice(1).every((path) => box.store.blobs.find(path)));
  assert.ok(box.store.blobs.find(second.path), 'files are counted for themselves');
  assert.equal(await box.store.write((tx) => box.policy.removeOldest(tx, 500)), MOST_KEPT.archive.files + 1);
  await assertNothingLeft(box);
});

test('pictures are counted for themselves: they push out no list, only one another', async (t) => {
  const box = await startPlugin(t);
  const list = await box.exports.file('list.csv', 'people', 'x', []);
  const face = () => box.exports.file('face.jpg', 'people', picture(10), [], { picture: true });
  const { path: first } = await face();
  // As after thousands more; one by one they would take their time.
  await box.store.write((tx) => {
    const rows = Array.from({ length: MOST_KEPT.picture.files - 1 }, (_, at) => {
      return { path: `tmp/${at}.jpg`, kind: 'picture' as const, size: 10, created: box.clock.time + 1 + at };
    });
    for (const one of rows) tx.insert(tables.exportedFiles).values(one).run();
  });
  box.clock.time += DAY_MS / 2;
  const { path: newest } = await face();
  assert.deepEqual(
    [first, newest, list.path].map((path) => box.store.blobs.find(path) !== undefined),
    [false, true, true],
  );
});

test('pictures of before are told from lists when their table is made anew', async (t) => {
  const { store } = await temporaryStore(t);
  const before = await mkdtemp(join(store.folder, 'migrations-'));
  const name = '0001_exports.sql';
  await copyFile(join(import.meta.dirname, 'migrations', name), join(before, name));
  await store.migrate('exports', before);
  const files = [
    ['tmp/face.jpg', 'file', true],
    ['tmp/list.csv', 'file', false],
    ['tmp/face.zip', 'archive', true],
  ] as const;
  for (const [path, kind, isPicture] of files) {
    const blob = { owner: 'exports', area: 'people', path, bytes: picture(3), picture: isPicture };
    const staged = await store.blobs.stage(blob);
    await store.write((tx) => {
      tx.insert(tables.exportedFiles).values({ path, kind, size: 3, created: 7 }).run();
      tx.addBlob(staged);
    });
  }
  await store.migrate('exports', join(import.meta.dirname, 'migrations'));
  assert.deepEqual(store.read.select().from(tables.exportedFiles).orderBy(tables.exportedFiles.path).all(), [
    { path: 'tmp/face.jpg', kind: 'picture', size: 3, created: 7 },
    { path: 'tmp/face.zip', kind: 'archive', size: 3, created: 7 },
    { path: 'tmp/list.csv', kind: 'file', size: 3, created: 7 },
  ]);
});

test('who is erased is erased from what was exported, finished or not', async (t) => {
  const box = await startPlugin(t);
  const [ann, bob, eve] = ['ann', 'bob', 'eve'].map((id) => exportKey(4, id)) as [string, string, string];
  const both = await box.exports.archive('face', 'people', from({ name: '1', data: '1' }), [ann, bob, ann]);
  const list = await box.exports.file('list.csv', 'people', 'ann', [ann]);
  const ofEve = await box.exports.archive('face', 'people', from({ name: '1', data: '1' }), [eve]);
  let resume = () => {};
  const resumed = new Promise<void>((resolve) => {
    resume = resolve;
  });
  let begun = 0;
  async function* slow(): AsyncGenerator<ExportEntry> {
    begun += 1;
    await resumed;
    yield { name: '1', data: '1' };
  }
  const ofBob = assert.rejects(box.exports.archive('face', 'people', slow(), [bob]), /erased/);
  const alsoEve = box.exports.archive('face', 'people', slow(), [eve]);
  await until('both are begun', () => begun === 2);
  assert.equal(await box.exports.erase([bob, exportKey(5, 'ann')]), 1);
  await ofBob;
  resume();
  assert.equal(box.store.blobs.find(both.path), undefined);
  assert.ok(box.store.blobs.find(list.path));
  const many = Array.from({ length: 3000 }, (_, i) => exportKey(4, `i${i}`));
  assert.equal(await box.exports.erase([...many, ann]), 1);
  assert.equal(box.store.blobs.find(list.path), undefined);
  assert.ok(box.store.blobs.find(ofEve.path));
  assert.ok(box.store.blobs.find((await alsoEve).path));
  assert.equal(await box.exports.erase([eve]), 2);
  assert.equal(await box.exports.erase([eve]), 0);
  await assertNothingLeft(box);
});

test('inside a job of others it goes with that job, and what is being made ends', async (t) => {
  const box = await startPlugin(t);
  const entry = { name: '1', data: '1' };
  const many = Array.from({ length: 1200 }, (_, i) => `capture/${i}`);
  const first = await box.exports.archive('catch', 'records', from(entry), [many[0]!, many[1]!]);
  const last = await box.exports.archive('catch', 'records', from(entry), [many.at(-1)!]);
  const other = await box.exports.archive('catch', 'records', from(entry), ['capture/x']);
  const failing = box.store.write((tx) => {
    box.exports.eraseIn(tx, many);
    throw new Error('the job fails');
  });
  await assert.rejects(failing, /the job fails/);
  assert.ok(box.store.blobs.find(first.path), 'nothing went');
  async function* hanging(): AsyncGenerator<ExportEntry> {
    await new Promise(() => {});
    yield entry;
  }
  const ended = assert.rejects(box.exports.archive('catch', 'records', hanging(), [many[700]!]), /erased/);
  assert.equal(await box.store.write((tx) => box.exports.eraseIn(tx, many)), 2);
  await ended;
  assert.deepEqual(
    [first, last, other].map(({ path }) => box.store.blobs.find(path) !== undefined),
    [false, false, true],
  );
});

test('what went while the plugin was off is forgotten, who it showed as well', async (t) => {
  const box = await startPlugin(t);
  const gone = await box.exports.archive('face', 'people', from({ name: '1', data: '1' }), [exportKey(4, 'ann')]);
  const kept = await box.exports.file('list.csv', 'people', 'x', [exportKey(4, 'bob')]);
  await box.store.write((tx) => tx.dropBlob(gone.path));
  await box.parts.start!();
  assert.deepEqual(box.store.read.select().from(tables.exportShows).all(), [
    { shows: exportKey(4, 'bob'), path: kept.path },
  ]);
  assert.equal(box.store.read.select().from(tables.exportedFiles).all().length, 1);
  assert.equal(await box.exports.erase([exportKey(4, 'bob')]), 1);
  await assertNothingLeft(box);
});
