import { performance } from 'node:perf_hooks';
import type { Connection } from './connection.ts';
import { drizzleOver, type SqlClient, type StoreDb } from './drizzle-libsql.ts';
import { asStoreError, codeOf, StoreBusyError, StoreClosedError } from './errors.ts';
import { type JobFate, JobScope, refusePromise } from './job-scope.ts';
import type { StoreLog } from './types.ts';

/** Drizzle as a write job sees it: its transaction is the job itself, and every call is synchronous. */
export type JobDb = Omit<StoreDb, 'transaction' | '$count' | '$cache'>;

/** Gives what a job's `tx` has beside the queries. */
export type Extend<Extra> = (fate: JobFate, client: SqlClient) => Extra;

export type QueueTx<Extra> = JobDb & {
  /** Runs `act` after the job was committed; errors in it are logged and change nothing. */
  afterCommit(act: () => void): void;
} & Extra;

export interface WriteQueueOptions<Extra> {
  connection: Connection;
  log: StoreLog;
  extend: Extend<Extra>;
  /** Jobs that may wait; default 10,000. */
  capacity?: number;
}

export interface WriteQueueStats {
  waiting: number;
  jobs: number;
  commits: number;
  refused: number;
  /** Longest time the event loop was held by one batch, ms. */
  longestBatchMs: number;
}

interface Job<Extra> {
  run(tx: QueueTx<Extra>): unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  /** Called when the job is refused or fails before it could touch anything. */
  abandoned: () => void;
}

interface Done<Extra> {
  job: Job<Extra>;
  scope: JobScope;
  value: unknown;
}

/** A batch ends after so many jobs or so long: it holds the event loop until its commit is on the disk. */
const BATCH_JOBS = 500;
const BATCH_MS = 25;
/**
 * A batch is followed by a rest as long as itself, up to this: on a disk that syncs slowly the event loop is free half
 * of the time, and more jobs gather for the next commit (3 instead of 2, and a fifth more throughput, at 5 ms a sync).
 */
const LONGEST_REST_MS = 20;
/**
 * Where several write at once it is worth waiting for more of them: a commit has a price of its own. Eight captures at a
 * time then share one instead of two, and a sixth more are stored.
 */
const GATHER_MS = 2;
/** Another program holding the write lock (a shell on the file) is waited for without holding the event loop. */
const LOCK_RETRY_MS = 50;
const LOCK_PATIENCE_MS = 10_000;

/**
 * The one way to write. Jobs are synchronous functions, each in a savepoint of its own; all that wait when the loop
 * comes round share one transaction and so one fsync. A job that throws is undone alone.
 *
 * Why one queue: parallel write transactions fail with SQLITE_BUSY, and freeze the event loop while they wait.
 */
export class WriteQueue<Extra> {
  readonly #connection: Connection;
  readonly #log: StoreLog;
  readonly #extend: Extend<Extra>;
  readonly #capacity: number;
  #waiting: Job<Extra>[] = [];
  #scheduled = false;
  #closed = false;
  #restUntil = 0;
  #lockedSince: number | undefined;
  #whenEmpty: (() => void)[] = [];
  readonly #stats = { jobs: 0, commits: 0, refused: 0, longestBatchMs: 0 };

  constructor(options: WriteQueueOptions<Extra>) {
    this.#connection = options.connection;
    this.#log = options.log;
    this.#extend = options.extend;
    this.#capacity = options.capacity ?? 10_000;
  }

  get stats(): WriteQueueStats {
    return { waiting: this.#waiting.length, ...this.#stats };
  }

  /**
   * Queues `run`; the promise resolves with what it returned after the commit is on the disk.
   * Rejects with what `run` threw, `StoreBusyError` (queue full, or the file locked by another program),
   * `StoreFullError` (disk full or failing), `StoreClosedError`, or `WriteJobError`.
   */
  write<T>(run: (tx: QueueTx<Extra>) => T, abandoned: () => void = () => {}): Promise<T> {
    if (this.#closed || this.#waiting.length >= this.#capacity) {
      abandoned();
      if (this.#closed) return Promise.reject(new StoreClosedError());
      this.#stats.refused++;
      return Promise.reject(new StoreBusyError(`${this.#waiting.length} writes are waiting already`));
    }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ run, resolve: resolve as (value: unknown) => void, reject, abandoned });
      this.#schedule();
    });
  }

  /** Takes no more jobs and resolves when those that wait are done. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#waiting.length > 0) await new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
  }

  #schedule(delayMs = 0): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const flush = () => {
      try {
        this.#flush();
      } finally {
        // Only now, so that what the batch itself queued waits for the rest too.
        this.#scheduled = false;
        this.#goOn();
      }
    };
    // After the I/O of this turn, so that everything finished during the last commit joins this one.
    const pause = Math.max(delayMs, this.#restUntil - performance.now());
    if (pause >= 1) setTimeout(flush, pause);
    else setImmediate(flush);
  }

  #flush(): void {
    const started = performance.now();
    if (this.#begin(started)) {
      const done: Done<Extra>[] = [];
      let lost: unknown;
      let taken = 0;
      while (taken < BATCH_JOBS && (taken === 0 || performance.now() - started < BATCH_MS)) {
        const job = this.#waiting[taken];
        if (!job) break;
        taken++;
        lost = this.#runOne(job, done);
        if (lost) break;
      }
      this.#waiting = this.#waiting.slice(taken);
      this.#end(done, lost);
      const ended = performance.now();
      this.#stats.longestBatchMs = Math.max(this.#stats.longestBatchMs, ended - started);
      const rest = Math.max(ended - started, taken > 1 ? GATHER_MS : 0);
      this.#restUntil = ended + Math.min(rest, LONGEST_REST_MS);
    }
  }

  #goOn(): void {
    if (this.#waiting.length > 0) this.#schedule(this.#lockedSince === undefined ? 0 : LOCK_RETRY_MS);
    else for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  /** Opens the transaction. False: it is not open, and the jobs either wait on or were rejected. */
  #begin(now: number): boolean {
    try {
      this.#connection.exec('BEGIN IMMEDIATE');
      this.#lockedSince = undefined;
      return true;
    } catch (error) {
      if (codeOf(error)?.startsWith('SQLITE_BUSY')) {
        this.#lockedSince ??= now;
        if (now - this.#lockedSince < LOCK_PATIENCE_MS) return false;
        this.#rejectWaiting(new StoreBusyError('another program has locked the database file'));
      } else {
        this.#rejectWaiting(asStoreError(error));
      }
      this.#lockedSince = undefined;
      return false;
    }
  }

  #rejectWaiting(error: unknown): void {
    for (const job of this.#waiting.splice(0)) {
      job.abandoned();
      job.reject(error);
    }
  }

  /** Runs one job in its savepoint. Gives an error when the whole transaction is gone. */
  #runOne(job: Job<Extra>, done: Done<Extra>[]): unknown {
    const scope = new JobScope(this.#connection);
    try {
      this.#connection.exec('SAVEPOINT job');
      const value = job.run(this.#tx(scope));
      refusePromise(value);
      if (scope.broken) throw scope.broken;
      this.#connection.exec('RELEASE job');
      scope.over = true;
      done.push({ job, scope, value });
      return undefined;
    } catch (thrown) {
      scope.over = true;
      const error = asStoreError(thrown);
      if (!this.#undo()) {
        done.push({ job, scope, value: undefined });
        return error;
      }
      this.#fail(job, scope, error);
      return undefined;
    }
  }

  /** Undoes one job; false when SQLite has ended the whole transaction, and the job's savepoint with it. */
  #undo(): boolean {
    try {
      this.#connection.exec('ROLLBACK TO job; RELEASE job');
      return true;
    } catch {
      return false;
    }
  }

  #tx(scope: JobScope): QueueTx<Extra> {
    const db = drizzleOver(scope.client);
    const afterCommit = (act: () => void) => {
      scope.check();
      scope.afterCommit.push(act);
    };
    return Object.assign(db, { afterCommit }, this.#extend(scope, scope.client)) as unknown as QueueTx<Extra>;
  }

  #end(done: Done<Extra>[], lost: unknown): void {
    const error = lost ?? (done.length > 0 ? this.#commit() : undefined);
    if (error !== undefined || done.length === 0) this.#rollback();
    if (error !== undefined) {
      this.#log.error({ err: error, jobs: done.length }, 'a batch of writes was not stored');
      for (const { job, scope } of done) this.#fail(job, scope, error);
      return;
    }
    this.#stats.jobs += done.length;
    for (const { job, scope, value } of done) {
      this.#act(scope.commit);
      this.#act(scope.afterCommit);
      job.resolve(value);
    }
  }

  #commit(): unknown {
    try {
      this.#connection.exec('COMMIT');
      this.#stats.commits++;
      return undefined;
    } catch (error) {
      return asStoreError(error);
    }
  }

  #rollback(): void {
    if (!this.#connection.inTransaction) return;
    try {
      this.#connection.exec('ROLLBACK');
    } catch (error) {
      this.#log.error({ err: error }, 'a transaction could not be rolled back');
    }
  }

  #fail(job: Job<Extra>, scope: JobScope, error: unknown): void {
    this.#act(scope.rollback);
    job.abandoned();
    job.reject(error);
  }

  #act(acts: (() => unknown)[]): void {
    const report = (error: unknown) => this.#log.error({ err: error }, 'an action after a write failed');
    for (const act of acts) {
      try {
        const value = act();
        if (value instanceof Promise) value.catch(report);
      } catch (error) {
        report(error);
      }
    }
  }
}
