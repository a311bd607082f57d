import { performance } from 'node:perf_hooks';
import { StoreBusyError, StoreClosedError } from './errors.ts';
import { QueryProcess, type QueryStatement } from './query-process.ts';
import type { StoreLog } from './types.ts';

export interface QueriesOptions {
  /** The database file; it must exist. */
  file: string;
  log: StoreLog;
  /** Queries that may wait; default 100. */
  capacity?: number;
  /** How long a process without work is kept, ms; default 2 minutes. */
  idleMs?: number;
}

export interface QueryStats {
  waiting: number;
  running: number;
  /** Ids of the processes there are now. */
  processes: number[];
  answered: number;
  /** Refused because too many waited, or because they waited too long. */
  refused: number;
  /** Ended because they ran too long. */
  overdue: number;
  /** Processes that ended by themselves. */
  crashes: number;
}

/** A second process helps when a query has waited for so long: one long export must not hold up the pages. */
const MOST_PROCESSES = 2;
const HELP_AFTER_MS = 250;
const RESTART_PAUSES = [0, 200, 1_000, 5_000];
/** A process that cannot be asked after so long hangs. */
const START_MS = 20_000;

const ENDING = new Set(['QueryProcessEnded', 'TooMuchError']);

interface Job {
  statements: readonly QueryStatement[];
  limitMs: number;
  since: number;
  timer: NodeJS.Timeout;
  resolve(results: unknown[][][]): void;
  reject(error: unknown): void;
}

interface Place {
  process: QueryProcess;
  state: 'starting' | 'free' | 'busy' | 'leaving';
  idle?: NodeJS.Timeout;
}

/**
 * Runs queries in processes of their own, so that the core's event loop is free meanwhile. A process is started by the
 * first query, a second one when the first is busy for long, and both go when there is nothing to do for a while.
 */
export class Queries {
  readonly #file: string;
  readonly #log: StoreLog;
  readonly #capacity: number;
  readonly #idleMs: number;
  readonly #waiting: Job[] = [];
  readonly #places = new Set<Place>();
  #closed = false;
  #failures = 0;
  #startNotBefore = 0;
  #wake: NodeJS.Timeout | undefined;
  readonly #stats = { answered: 0, refused: 0, overdue: 0, crashes: 0 };

  constructor(options: QueriesOptions) {
    this.#file = options.file;
    this.#log = options.log;
    this.#capacity = options.capacity ?? 100;
    this.#idleMs = options.idleMs ?? 2 * 60_000;
  }

  get stats(): QueryStats {
    const places = [...this.#places];
    return {
      waiting: this.#waiting.length,
      running: places.filter(({ state }) => state === 'busy').length,
      processes: places.map(({ process }) => process.pid ?? 0),
      ...this.#stats,
    };
  }

  /**
   * Resolves with the rows of each statement, as arrays of values; all statements see the same state, in which every
   * write is that was awaited before. A query may wait for `limitMs`, and then run for `limitMs`.
   * Rejects with the database's error, `StoreBusyError` (too many queries wait, or it took too long),
   * `StoreClosedError`, or `QueryProcessEnded` when its process crashed.
   */
  ask(statements: readonly QueryStatement[], limitMs: number): Promise<unknown[][][]> {
    if (this.#closed) return Promise.reject(new StoreClosedError());
    if (this.#waiting.length >= this.#capacity) {
      this.#stats.refused++;
      return Promise.reject(new StoreBusyError(`${this.#waiting.length} queries are waiting already`));
    }
    return new Promise((resolve, reject) => {
      const job: Job = {
        statements,
        limitMs,
        since: performance.now(),
        timer: setTimeout(() => this.#giveUp(job), limitMs),
        resolve,
        reject,
      };
      this.#waiting.push(job);
      this.#goOn();
    });
  }

  /** Ends all processes; queries that wait or run reject with `StoreClosedError`. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#wake);
    for (const job of this.#waiting.splice(0)) {
      clearTimeout(job.timer);
      job.reject(new StoreClosedError());
    }
    const ending = [...this.#places].map((place) => {
      this.#dismiss(place);
      return place.process.gone;
    });
    await Promise.all(ending);
  }

  #giveUp(job: Job): void {
    this.#waiting.splice(this.#waiting.indexOf(job), 1);
    this.#stats.refused++;
    job.reject(new StoreBusyError(`a query waited ${seconds(job.limitMs)} for others to end`));
  }

  /** Hands waiting queries to free processes, and starts a process where it is time for one. */
  #goOn(): void {
    if (this.#closed) return;
    for (const place of this.#places) {
      if (place.state !== 'free') continue;
      const job = this.#waiting.shift();
      if (!job) break;
      void this.#run(place, job);
    }
    const oldest = this.#waiting[0];
    if (!oldest || this.#places.size >= MOST_PROCESSES) return;
    if ([...this.#places].some(({ state }) => state === 'starting')) return;
    const wanted = this.#places.size === 0 ? 0 : oldest.since + HELP_AFTER_MS;
    const pause = Math.max(wanted, this.#startNotBefore) - performance.now();
    clearTimeout(this.#wake);
    if (pause <= 0) this.#start();
    else this.#wake = setTimeout(() => this.#goOn(), pause);
  }

  #start(): void {
    const place: Place = { process: new QueryProcess(this.#file), state: 'starting' };
    const deadline = setTimeout(() => place.process.kill(), START_MS);
    this.#places.add(place);
    place.process.ready.then(
      () => {
        clearTimeout(deadline);
        this.#free(place);
      },
      () => {},
    );
    void place.process.gone.then((how) => {
      clearTimeout(deadline);
      clearTimeout(place.idle);
      this.#places.delete(place);
      if (place.state !== 'leaving') this.#crashed(how);
      this.#goOn();
    });
  }

  #crashed(how: string): void {
    const pause = RESTART_PAUSES[Math.min(this.#failures, RESTART_PAUSES.length - 1)] ?? 0;
    this.#failures++;
    this.#stats.crashes++;
    this.#startNotBefore = performance.now() + pause;
    this.#log.error({ reason: how }, 'a query process ended by itself; the next query starts another');
  }

  async #run(place: Place, job: Job): Promise<void> {
    place.state = 'busy';
    clearTimeout(place.idle);
    clearTimeout(job.timer);
    let overdue = false;
    const timer = setTimeout(() => {
      overdue = true;
      this.#dismiss(place);
    }, job.limitMs);
    try {
      job.resolve(await place.process.ask({ statements: job.statements }));
      this.#stats.answered++;
      this.#failures = 0;
    } catch (error) {
      if (overdue) {
        this.#stats.overdue++;
        this.#log.warn({ sql: job.statements.map(({ sql }) => sql) }, 'a query took too long and was ended');
        job.reject(new StoreBusyError(`a query took longer than ${seconds(job.limitMs)} and was ended`));
      } else {
        job.reject(this.#closed ? new StoreClosedError() : error);
        // It is not to be asked again: it has ended, or is in the middle of what cannot be ended otherwise.
        if (error instanceof Error && ENDING.has(error.name)) this.#dismiss(place);
      }
    }
    clearTimeout(timer);
    this.#free(place);
  }

  #free(place: Place): void {
    if (place.state === 'leaving') return;
    place.state = 'free';
    place.idle = setTimeout(() => this.#dismiss(place), this.#idleMs);
    place.idle.unref();
    this.#goOn();
  }

  #dismiss(place: Place): void {
    place.state = 'leaving';
    place.process.kill();
  }
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
