import { join } from 'node:path';
import { Connection } from './connection.ts';
import { refuseControl, type SqlClient } from './drizzle-libsql.ts';
import { asStoreError, codeOf, isDamage, StoreDamagedError, StoreInUseError } from './errors.ts';
import { makePrivateFile } from './files.ts';

/** Name of the database in the data folder. */
export const DATABASE = 'gatehouse.db';

const COMMON_PRAGMAS = ['foreign_keys = ON', 'temp_store = MEMORY', 'cell_size_check = ON'];
/** PRAGMAs hold for one connection: every connection gets its set. */
export const WRITE_PRAGMAS = [
  'journal_mode = WAL',
  'synchronous = FULL',
  // The queue waits for another program's lock without holding the event loop.
  'busy_timeout = 20',
  'journal_size_limit = 67108864',
  // What is deleted, such as a name, is overwritten where its page is written anyway.
  'secure_delete = FAST',
  ...COMMON_PRAGMAS,
];
export const READ_PRAGMAS = ['query_only = ON', 'busy_timeout = 1000', ...COMMON_PRAGMAS];
/**
 * For a query process: large sorts go to files, so that its memory stays small. It does without the check of each page
 * (a tenth of a count), as a damaged file ends this process alone.
 */
export const QUERY_PRAGMAS = ['query_only = ON', 'busy_timeout = 1000', 'cache_size = -16384', 'temp_store = FILE'];

/** Holds a lock on the folder for the life of the process; the kernel lets it go even after a kill. */
export async function lockFolder(folder: string): Promise<Connection> {
  const file = join(folder, 'lock');
  await makePrivateFile(file);
  let lock: Connection | undefined;
  try {
    lock = new Connection(file, ['busy_timeout = 0', 'journal_mode = OFF']);
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (codeOf(error)?.startsWith('SQLITE_BUSY')) throw new StoreInUseError(`another process uses ${folder}`);
    throw error;
  }
}

/** Opens the database; the file must exist. */
export function openFile(file: string, pragmas: string[]): Connection {
  const connection = new Connection(file, pragmas);
  try {
    // Damage of the first page shows here, not at the first request.
    connection.prepare('SELECT count(*) FROM sqlite_master').all();
    const { journal_mode: mode } = connection.prepare('PRAGMA journal_mode').get() as { journal_mode: string };
    if (mode !== 'wal') throw new Error(`${file} cannot be used with a write-ahead log on this file system (${mode})`);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** What drizzle may do on the read connection. */
export function readClient(connection: Connection): SqlClient {
  return {
    prepare: (sql) => {
      refuseControl(sql);
      return connection.prepare(sql);
    },
    transaction: (body) => {
      const run = (inner: unknown) => snapshot(connection, () => body(inner));
      return { deferred: run, immediate: run, exclusive: run };
    },
  };
}

/** Runs synchronous queries that all see the same state. */
function snapshot<T>(connection: Connection, body: () => T): T {
  connection.exec('BEGIN');
  try {
    const value = body();
    if (value instanceof Promise) {
      value.catch(() => {});
      throw new TypeError('a read transaction is synchronous, but this one returned a promise');
    }
    return value;
  } finally {
    connection.exec('ROLLBACK');
  }
}

/** Makes errors of opening speak: which file, and what to do. */
export function explain(error: unknown, file: string): unknown {
  if (!isDamage(error)) return asStoreError(error);
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreDamagedError(
    `${file} is damaged (${reason}): copy the data folder aside, then put back a good copy of this file, ` +
      'or move it and its -wal and -shm away to start with an empty database',
    { cause: error },
  );
}
