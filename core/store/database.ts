import { stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { BlobTotals, BlobTx, StagedBlob } from './blob-types.ts';
import { Blobs } from './blobs.ts';
import { isByHand } from './by-hand.ts';
import type { Connection } from './connection.ts';
import { drizzleOver, type StoreDb } from './drizzle-libsql.ts';
import { drizzleQueries, type QueryDb } from './drizzle-queries.ts';
import { StoreFullError, WriteJobError } from './errors.ts';
import { makePrivateFile, makePrivateFolder } from './files.ts';
import { migrate } from './migrate.ts';
import { DATABASE, explain, lockFolder, openFile, READ_PRAGMAS, readClient, WRITE_PRAGMAS } from './opening.ts';
import { Queries, type QueryStats } from './queries.ts';
import { Reserve } from './reserve.ts';
import { type CipherBits, KeyRing, openKeyRing } from './secrets.ts';
import { Settings } from './settings.ts';
import type { StoreClock, StoreLog } from './types.ts';
import { type QueueTx, WriteQueue, type WriteQueueStats } from './write-queue.ts';

export type { BlobInput, BlobRow, OpenBlob, StagedBlob } from './blob-types.ts';
export type { QueryDb } from './drizzle-queries.ts';
export type { QueryStats } from './queries.ts';
export type { JobDb } from './write-queue.ts';

/** Drizzle for reading. Synchronous: end a query with `get()`, `all()` or `values()`. Never sees an open transaction. */
export type ReadDb = Pick<
  StoreDb,
  'select' | 'selectDistinct' | 'with' | '$with' | 'all' | 'get' | 'values' | 'transaction'
>;

/** Drizzle inside a write job, with `afterCommit` and the calls of `BlobTx`. Dead once the job has returned. */
export type Tx = QueueTx<BlobTx>;

export interface WriteOptions {
  /** Files staged for this job: whichever the job does not add, for whatever reason, is removed. */
  staged?: readonly StagedBlob[];
}

export interface Usage extends BlobTotals {
  /** The database with its log. */
  databaseBytes: number;
  /** The disk the data folder is on: what the box could use in all, and what is left of it. Bytes. */
  disk: { total: number; free: number };
}

/** Database, files, settings and secrets of the box: one process at a time, one way to write. */
export interface Store {
  readonly folder: string;
  /** For what takes less than a millisecond: it holds the event loop. */
  readonly read: ReadDb;
  /** For everything that takes longer: it runs in a process of its own. */
  readonly query: QueryDb;
  readonly blobs: Blobs;
  readonly settings: Settings;
  /** Space kept back for tidying up a full disk. */
  readonly reserve: Reserve;
  /** `keys.for(pluginId)` gives a plugin its own `Secrets`. */
  readonly keys: KeyRing;
  /**
   * Runs a synchronous job in a transaction and resolves with its result after the commit is on the disk. Rejects
   * with what the job threw (and undoes that job alone), `StoreBusyError`, `StoreFullError`, `StoreClosedError` or
   * `WriteJobError`.
   */
  write<T>(job: (tx: Tx) => T, options?: WriteOptions): Promise<T>;
  /** Applies a plugin's new migrations, with the reserve where the disk is full, and gives their names; see `migrate`. */
  migrate(plugin: string, folder: string): Promise<string[]>;
  /** AES key size for what is sealed from now on; kept over restarts. */
  setCipherBits(bits: CipherBits): Promise<void>;
  usage(): Promise<Usage>;
  stats(): WriteQueueStats;
  queryStats(): QueryStats;
  /** Takes no more writes, finishes those that wait, and closes. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Data folder; made (0700) when missing. */
  folder: string;
  log: StoreLog;
  clock?: StoreClock;
  /** ms since some moment, never set; default `performance.now`. */
  steady?: () => number;
  /** Master key of 32 bytes, where it comes from elsewhere than `<folder>/secret.key`. */
  key?: Uint8Array;
  /** Write jobs that may wait; default 10,000. */
  capacity?: number;
  /** Size of the reserve for tidying up a full disk; default 16 MiB. */
  reserveBytes?: number;
}

const CIPHER_BITS = 'store.cipher-bits';

/**
 * Opens the store in `folder`, applies the core's migrations and finishes what a crash left.
 * Throws `StoreInUseError` (another process has it), `StoreDamagedError` (a file is not what it should be),
 * `StoreFullError`, `MigrationError`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const reserve = new Reserve(options.folder, options.log, options.reserveBytes);
  // Even opening needs a little space, and a box with a full disk must start to be tidied up.
  const store = await reserve.lend(() => openOnce(options, reserve));
  await reserve.fill();
  return store;
}

async function openOnce(options: StoreOptions, reserve: Reserve): Promise<Store> {
  const { folder, log } = options;
  const file = join(folder, DATABASE);
  const connections: Connection[] = [];
  try {
    await makePrivateFolder(folder, log);
    connections.push(await lockFolder(folder));
    const keys = options.key ? new KeyRing(options.key) : await openKeyRing(folder, log);
    await makePrivateFile(file);
    const writer = openFile(file, WRITE_PRAGMAS);
    connections.push(writer);
    await migrate(writer, 'core', fileURLToPath(new URL('./migrations', import.meta.url)), log);
    const reader = openFile(file, READ_PRAGMAS);
    connections.push(reader);
    return await assemble({ ...options, reserve, keys, writer, reader, connections });
  } catch (error) {
    for (const connection of connections.reverse()) connection.close();
    throw explain(error, file);
  }
}

/**
 * A connection for reading only, for a thread or process of its own (counts, exports, reports). The store must be open
 * somewhere, or have been.
 */
export function openReader(folder: string): { read: ReadDb; close(): void } {
  const file = join(folder, DATABASE);
  try {
    const connection = openFile(file, READ_PRAGMAS);
    return { read: drizzleOver(readClient(connection)), close: () => connection.close() };
  } catch (error) {
    throw explain(error, file);
  }
}

interface Parts extends StoreOptions {
  reserve: Reserve;
  keys: KeyRing;
  writer: Connection;
  reader: Connection;
  connections: Connection[];
}

async function assemble(parts: Parts): Promise<Store> {
  const { folder, log, clock = Date, steady = () => performance.now(), reserve, keys, writer, reader } = parts;
  const read: ReadDb = drizzleOver(readClient(reader));
  let opened: Blobs | undefined;
  const queue = new WriteQueue<BlobTx>({
    connection: writer,
    log,
    // Opening the blob store itself writes (it reserves numbers), but touches no files while it does.
    extend: (fate, client) => opened?.inJob(fate, client) ?? NO_FILES,
    ...(parts.capacity === undefined ? {} : { capacity: parts.capacity }),
  });
  const settings = new Settings(read, (job) => queue.write(job), keys.for('settings'));
  keys.bits = settings.get(CIPHER_BITS, z.union([z.literal(128), z.literal(256)])) ?? 256;
  const blobs = await Blobs.open({
    folder,
    read: reader,
    write: (job) => queue.write(job),
    clock,
    steady,
    log,
    reserve,
  });
  opened = blobs;

  const write = <T>(job: (tx: Tx) => T, { staged = [] }: WriteOptions = {}): Promise<T> => {
    const discard = () => {
      for (const blob of staged) blob.discard();
    };
    const written = queue.write(job, discard).catch(async (error: unknown) => {
      const allowed = isByHand() && staged.length === 0;
      const full = error instanceof StoreFullError && error.reason === 'full';
      if (allowed && full && (await reserve.release())) return queue.write(job);
      throw error;
    });
    if (staged.length > 0) written.then(discard, () => {});
    return written;
  };

  const queries = new Queries({ file: join(folder, DATABASE), log });

  const shut = async () => {
    await queries.close();
    await blobs.finish();
    await queue.close();
    await blobs.close();
    reader.close();
    try {
      // Leaves one file instead of a database and a log. Nothing is lost where it fails: the log is read at the next start.
      writer.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
    } catch (error) {
      log.warn({ err: error }, 'the database log could not be folded in while closing');
    }
    for (const connection of parts.connections.reverse()) connection.close();
  };
  let closing: Promise<void> | undefined;

  return {
    folder,
    read,
    query: drizzleQueries(queries),
    blobs,
    settings,
    reserve,
    keys,
    write,
    // Without its tables a plugin does not run: the one people sign in with, for instance.
    migrate: (plugin, migrations) => migrate(writer, plugin, migrations, log, (act) => reserve.lend(act)),
    setCipherBits: async (bits) => {
      await settings.set(CIPHER_BITS, bits);
      keys.bits = bits;
    },
    usage: () => usage(folder, blobs),
    stats: () => queue.stats,
    queryStats: () => queries.stats,
    close: () => (closing ??= shut()),
  };
}

const NO_FILES: BlobTx = {
  addBlob: () => {
    throw new WriteJobError('the blob store is not open yet');
  },
  dropBlob: () => {
    throw new WriteJobError('the blob store is not open yet');
  },
  pinBlob: () => {
    throw new WriteJobError('the blob store is not open yet');
  },
  unpinBlobs: () => {
    throw new WriteJobError('the blob store is not open yet');
  },
};

async function usage(folder: string, blobs: Blobs): Promise<Usage> {
  const sizes = await Promise.all(
    [DATABASE, `${DATABASE}-wal`].map((name) =>
      stat(join(folder, name)).then(
        (found) => found.size,
        () => 0,
      ),
    ),
  );
  const disk = await statfs(folder);
  return {
    ...blobs.totals(),
    databaseBytes: sizes.reduce((sum, size) => sum + size, 0),
    // Without the blocks reserved for root, as df counts.
    disk: { total: (disk.blocks - disk.bfree + disk.bavail) * disk.bsize, free: disk.bavail * disk.bsize },
  };
}
