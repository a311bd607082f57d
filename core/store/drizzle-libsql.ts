import { BetterSQLiteSession } from 'drizzle-orm/better-sqlite3/session';
import { BaseSQLiteDatabase, SQLiteSyncDialect } from 'drizzle-orm/sqlite-core';
import type { RunResult, Statement } from './connection.ts';

/**
 * Drizzle over the synchronous libsql driver.
 *
 * Drizzle's own libsql driver goes through @libsql/client: an async API over synchronous calls, which opens a second
 * connection while a transaction is open (without the PRAGMAs of the first) and so invites SQLITE_BUSY. Here there is
 * one connection, and a query is over when the call returns. The driver has the API of better-sqlite3, and drizzle's
 * session for it imports only types, so the session is used as it is.
 */
export type StoreDb = BaseSQLiteDatabase<'sync', RunResult>;

/** What a drizzle session asks of a connection. */
export interface SqlClient {
  prepare(sql: string): Statement;
  /** Gives the function that runs `body` inside a transaction. */
  transaction<T>(body: (inner: unknown) => T): Record<'deferred' | 'immediate' | 'exclusive', (inner: unknown) => T>;
}

const dialect = new SQLiteSyncDialect();

/** A drizzle database whose every query goes to `client`. Cheap: one is made for each write job. */
export function drizzleOver(client: SqlClient): StoreDb {
  type SessionClient = ConstructorParameters<typeof BetterSQLiteSession>[0];
  const session = new BetterSQLiteSession<Record<string, never>, Record<string, never>>(
    client as unknown as SessionClient,
    dialect,
    undefined,
  );
  return new BaseSQLiteDatabase('sync', dialect, session, undefined);
}

/**
 * Ending the transaction, changing the connection or reaching for other files is the store's business alone. EXPLAIN
 * was seen to keep the connection at an old snapshot: every later read would be stale.
 */
const CONTROL =
  /^(?:[\s;]|--.*|\/\*[\s\S]*?\*\/)*(begin|commit|end|rollback|savepoint|release|attach|detach|vacuum|pragma|explain)\b/i;

/** Throws when `sql` is a statement that a plugin's query must not contain. */
export function refuseControl(sql: string): void {
  const word = CONTROL.exec(sql)?.[1];
  if (word) throw new TypeError(`${word.toUpperCase()} is not for queries: the store alone controls its transactions`);
}
