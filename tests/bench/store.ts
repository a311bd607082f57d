import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { Turns } from '../../core/concurrency.ts';
import { recordPath } from '../../core/store/blob-path.ts';
import { Connection } from '../../core/store/connection.ts';
import { openStore } from '../../core/store/database.ts';
import { WRITE_PRAGMAS } from '../../core/store/opening.ts';

/**
 * Durable captures a second (two files and one row each, all on the disk before a capture counts) through the store,
 * beside a bare loop that writes and syncs the same files and commits the same rows in groups.
 *
 *     npm run bench:store -- [folder on the disk to measure]
 *
 * The bare loop takes sixteen captures at a time, as many as there are callers of the store: it writes and syncs their
 * files, then the folders they are in, then commits their rows together. It does so once with one file after another
 * and once with eight at a time; the faster of the two is the limit. Both keep what they acknowledge through a power
 * cut. A disk that others use is slow and quick in turns, so all three take turns in short rounds, and what counts is
 * the median of the rounds' ratios.
 *
 * Promised: the store reaches 0.7 of the limit.
 */
const ROUNDS = 24;
/** Captures of one turn; long enough for several commits, short enough for the disk to be the same for all three. */
const CAPTURES = 320;
const AT_ONCE = 16;
const LEAST_RATIO = 0.7;
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

/** Something that stores captures. */
interface Way {
  name: string;
  /** Stores so many captures durably. */
  store(count: number): Promise<void>;
  close(): Promise<void> | void;
}

async function throughStore(folder: string): Promise<Way & { told(): string }> {
  const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error };
  const store = await openStore({ folder, log: quiet });
  await store.write((tx) => tx.run(sql.raw(CREATE)));
  const delays: { p99: number; max: number }[] = [];
  const before = store.stats();
  const one = async (channel: number) => {
    const time = Date.now();
    const number = store.blobs.nextNumber();
    const stage = (kind: string, bytes: Buffer) =>
      store.blobs.stage({ path: recordPath(channel, kind, time, number), bytes, owner: 'bench', area: `${channel}` });
    const [face, frame] = await Promise.all([stage('face', FACE), stage('frame', FRAME)]);
    await store.write(
      (tx) => {
        tx.addBlob(face);
        tx.addBlob(frame);
        tx.insert(captures).values({ time, face: face.path, frame: frame.path, note: NOTE }).run();
      },
      { staged: [face, frame] },
    );
  };
  return {
    name: 'store',
    async store(count) {
      let left = count;
      // One for each turn: it would count the turns of the others as a delay.
      const loop = monitorEventLoopDelay({ resolution: 1 });
      loop.enable();
      await Promise.all(
        Array.from({ length: AT_ONCE }, async (_, channel) => {
          while (left-- > 0) await one(channel);
        }),
      );
      loop.disable();
      delays.push({ p99: loop.percentile(99) / 1e6, max: loop.max / 1e6 });
    },
    told() {
      const after = store.stats();
      const group = (after.jobs - before.jobs) / (after.commits - before.commits);
      return (
        `store: ${group.toFixed(1)} captures a commit, longest batch ${after.longestBatchMs.toFixed(1)} ms, ` +
        `event loop delay p99 ${median(delays.map(({ p99 }) => p99)).toFixed(1)} ms (median of the rounds), ` +
        `max ${Math.max(...delays.map(({ max }) => max)).toFixed(1)} ms`
      );
    },
    close: () => store.close(),
  };
}

/** Writes and syncs each file in its place, then the folders, then commits a group of rows. */
async function bare(folder: string, filesAtOnce: number): Promise<Way> {
  await mkdir(folder);
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
  let number = 0;
  return {
    name: `bare loop, files ${filesAtOnce} at a time`,
    async store(count) {
      for (let at = 0; at < count; at += AT_ONCE) {
        const time = Date.now();
        const group = Array.from({ length: AT_ONCE }, (_, channel) => ({
          face: recordPath(channel, 'face', time, number),
          frame: recordPath(channel, 'frame', time, number),
        }));
        number++;
        const all = <T>(of: (entry: { face: string; frame: string }) => (() => Promise<T>)[]) =>
          Promise.all(group.flatMap(of).map((task) => turns.take(task)));
        await all(({ face, frame }) => [() => put(face, FACE), () => put(frame, FRAME)]);
        await all(({ face, frame }) => [() => syncFolder(face), () => syncFolder(frame)]);
        connection.exec('BEGIN IMMEDIATE');
        for (const { face, frame } of group) insert.run(time, face, frame, NOTE);
        connection.exec('COMMIT');
      }
    },
    close: () => connection.close(),
  };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}

const parent = await mkdtemp(join(process.argv[2] ?? tmpdir(), 'gatehouse-bench-'));
const ways: Way[] = [];
try {
  const store = await throughStore(join(parent, 'store'));
  ways.push(store, await bare(join(parent, 'bare1'), 1), await bare(join(parent, 'bare8'), 8));
  const rates = ways.map(() => [] as number[]);
  // A first turn for the compiler, which does not count.
  for (const way of ways) await way.store(CAPTURES);
  for (let round = 0; round < ROUNDS; round++) {
    // In turns, so that none always comes behind the same other one.
    for (let turn = 0; turn < ways.length; turn++) {
      const which = (round + turn) % ways.length;
      const started = performance.now();
      await ways[which]!.store(CAPTURES);
      rates[which]!.push((CAPTURES / (performance.now() - started)) * 1000);
    }
  }
  const [ours, ...limits] = rates as [number[], ...number[][]];
  console.log(`${ROUNDS} rounds of ${CAPTURES} captures; medians`);
  console.log(`  store: ${median(ours).toFixed(0)}/s`);
  const ratios = limits.map((limit) => median(ours.map((rate, round) => rate / limit[round]!)));
  for (const [index, limit] of limits.entries()) {
    console.log(`  ${ways[index + 1]!.name}: ${median(limit).toFixed(0)}/s, ratio ${ratios[index]!.toFixed(2)}`);
  }
  console.log(`  ${store.told()}`);
  const kept = Math.min(...ratios) >= LEAST_RATIO;
  console.log(kept ? 'promise kept' : `BROKEN: less than ${LEAST_RATIO} of the faster bare loop`);
  process.exitCode = kept ? 0 : 1;
} finally {
  for (const way of ways) await way.close();
  await rm(parent, { recursive: true, force: true });
}
