import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { recordPath } from '../../core/store/blob-path.ts';
import { Turns } from '../../core/store/concurrency.ts';
import { Connection } from '../../core/store/connection.ts';
import { openStore } from '../../core/store/database.ts';
import { WRITE_PRAGMAS } from '../../core/store/opening.ts';

/**
 * Durable captures a second (two files and one row each, all on the disk before a capture counts) through the store,
 * beside a bare loop that writes and syncs the same files and commits the same rows in groups.
 *
 *     npm run bench:store -- [folder on the disk to measure]
 */
const CAPTURES = 3200;
const AT_ONCE = 16;
const FACE = Buffer.alloc(8_000, 1);
const FRAME = Buffer.alloc(60_000, 2);

const captures = sqliteTable('captures', {
  id: integer('id').primaryKey(),
  time: integer('time').notNull(),
  face: text('face').notNull(),
  frame: text('frame').notNull(),
  note: text('note').notNull(),
});
const CREATE =
  'CREATE TABLE captures (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, face TEXT NOT NULL, frame TEXT NOT NULL, note TEXT NOT NULL)';
const NOTE = 'n'.repeat(300);

async function throughStore(folder: string): Promise<number> {
  const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error };
  const store = await openStore({ folder, log: quiet });
  await store.write((tx) => tx.run(sql.raw(CREATE)));
  const loop = monitorEventLoopDelay({ resolution: 1 });
  let left = CAPTURES;
  const before = store.stats();
  loop.enable();
  const started = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, channel) => {
      while (left-- > 0) {
        const time = Date.now();
        const number = store.blobs.nextNumber();
        const stage = (kind: string, bytes: Buffer) =>
          store.blobs.stage({
            path: recordPath(channel, kind, time, number),
            bytes,
            owner: 'bench',
            area: `${channel}`,
          });
        const [face, frame] = await Promise.all([stage('face', FACE), stage('frame', FRAME)]);
        await store.write(
          (tx) => {
            tx.addBlob(face);
            tx.addBlob(frame);
            tx.insert(captures).values({ time, face: face.path, frame: frame.path, note: NOTE }).run();
          },
          { staged: [face, frame] },
        );
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  loop.disable();
  const after = store.stats();
  console.log(
    `  store: ${((after.jobs - before.jobs) / (after.commits - before.commits)).toFixed(1)} captures a commit, ` +
      `longest batch ${after.longestBatchMs.toFixed(1)} ms, event loop delay p99 ${(loop.percentile(99) / 1e6).toFixed(1)} ms, ` +
      `max ${(loop.max / 1e6).toFixed(1)} ms`,
  );
  await store.close();
  return CAPTURES / seconds;
}

/** Writes and syncs each file in its place, then the folders, then commits a group of rows. */
async function bare(folder: string, filesAtOnce: number): Promise<number> {
  const connection = new Connection(join(folder, 'bare.db'), WRITE_PRAGMAS);
  connection.exec(CREATE);
  const insert = connection.prepare('INSERT INTO captures (time, face, frame, note) VALUES (?, ?, ?, ?)');
  const turns = new Turns(filesAtOnce);
  for (let channel = 0; channel < AT_ONCE; channel++) {
    for (const kind of ['face', 'frame'])
      await mkdir(join(folder, `record/channel${channel}/${kind}`), { recursive: true });
  }
  const put = async (path: string, bytes: Buffer) => {
    const file = await open(join(folder, path), 'wx', 0o600);
    await file.write(bytes);
    await file.datasync();
    await file.close();
  };
  const syncFolder = async (path: string) => {
    const handle = await open(join(folder, dirname(path)), 'r');
    await handle.sync();
    await handle.close();
  };
  const started = performance.now();
  for (let at = 0; at < CAPTURES; at += AT_ONCE) {
    const time = Date.now();
    const group = Array.from({ length: AT_ONCE }, (_, channel) => ({
      face: recordPath(channel, 'face', time, at),
      frame: recordPath(channel, 'frame', time, at),
    }));
    const all = <T>(of: (entry: { face: string; frame: string }) => (() => Promise<T>)[]) =>
      Promise.all(group.flatMap(of).map((task) => turns.take(task)));
    await all(({ face, frame }) => [() => put(face, FACE), () => put(frame, FRAME)]);
    await all(({ face, frame }) => [() => syncFolder(face), () => syncFolder(frame)]);
    connection.exec('BEGIN IMMEDIATE');
    for (const { face, frame } of group) insert.run(time, face, frame, NOTE);
    connection.exec('COMMIT');
  }
  const seconds = (performance.now() - started) / 1000;
  connection.close();
  return CAPTURES / seconds;
}

const parent = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'gatehouse-bench-'));
try {
  for (let round = 0; round < 3; round++) {
    const store = await throughStore(join(parent, `store${round}`));
    const rates: number[] = [];
    for (const filesAtOnce of [1, 8]) {
      const folder = join(parent, `bare${round}-${filesAtOnce}`);
      await mkdir(folder);
      rates.push(await bare(folder, filesAtOnce));
    }
    const [one, eight] = rates as [number, number];
    console.log(
      `store ${store.toFixed(0)}/s; bare loop, one file at a time ${one.toFixed(0)}/s (ratio ${(store / one).toFixed(2)}), ` +
        `eight at a time ${eight.toFixed(0)}/s (ratio ${(store / eight).toFixed(2)})`,
    );
  }
} finally {
  await rm(parent, { recursive: true, force: true });
}
