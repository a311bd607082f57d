import type { Connection } from './connection.ts';
import { refuseControl, type SqlClient } from './drizzle-libsql.ts';
import { endsTransaction, WriteJobError } from './errors.ts';

/** Where a job's own things (staged files) learn its fate, before its promise is settled. */
export interface JobFate {
  onCommit(act: () => void): void;
  onRollback(act: () => void): void;
}

/** One job's view of the connection: dead once the job is over, and after an error that may have ended everything. */
export class JobScope implements JobFate {
  readonly commit: (() => void)[] = [];
  readonly rollback: (() => void)[] = [];
  readonly afterCommit: (() => void)[] = [];
  readonly client: SqlClient;
  over = false;
  broken: unknown;

  constructor(connection: Connection) {
    const guard = <A extends unknown[], R>(call: (...params: A) => R) => {
      return (...params: A): R => {
        this.check();
        try {
          return call(...params);
        } catch (error) {
          if (endsTransaction(error) || !connection.inTransaction) this.broken = error;
          throw error;
        }
      };
    };
    this.client = {
      prepare: (sql) => {
        this.check();
        refuseControl(sql);
        const statement = connection.prepare(sql);
        const arrays = statement.raw();
        // Read to the end at once: a statement under way would stand in the way of the commit.
        const raw = { get: guard(arrays.get), all: guard(arrays.all), iterate: guard(arrays.all) };
        return { run: guard(statement.run), get: guard(statement.get), all: guard(statement.all), raw: () => raw };
      },
      transaction: () => {
        throw new WriteJobError('a write job is one transaction already');
      },
    };
  }

  check(): void {
    if (this.over) throw new WriteJobError('this transaction is over: a write job must not use tx after it returned');
    if (this.broken) throw this.broken;
  }

  onCommit(act: () => void): void {
    this.commit.push(act);
  }

  onRollback(act: () => void): void {
    this.rollback.push(act);
  }
}

/** Throws when a job returned something that is not finished yet. */
export function refusePromise(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (typeof (value as { then?: unknown }).then !== 'function') return;
  // Its later failure (tx is over by then) is already told here. A drizzle query is left alone: `then` would run it.
  if (value instanceof Promise) value.catch(() => {});
  throw new WriteJobError(
    'a write job is synchronous, but this one returned a promise or a query that was not executed; ' +
      'do the waiting before the write, and end every query with run(), get(), all() or values()',
  );
}
