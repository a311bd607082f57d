import { type ChildProcess, fork } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One statement of a request. */
export interface QueryStatement {
  sql: string;
  params: unknown[];
  /** Only the first row is wanted. */
  first: boolean;
}

export interface QueryRequest {
  statements: readonly QueryStatement[];
}

export type QueryReply =
  | { ready: true }
  /** For each statement its rows, each an array of values. */
  | { results: unknown[][][] }
  | { error: { name: string; message: string; code?: string } };

/** The process was ended, or ended by itself, before it had answered. */
export class QueryProcessEnded extends Error {
  override readonly name = 'QueryProcessEnded';
}

/**
 * A small JavaScript heap: a query process takes some 40 MB of its own when it has started, and 60 to 70 at work. Deno
 * gives its children the flags they need by itself.
 */
const HEAP = 'deno' in process.versions ? [] : ['--max-old-space-size=64', '--max-semi-space-size=2'];

/**
 * A process that reads the database on a connection of its own; `query-program.ts` is what runs in it.
 *
 * A process and not a thread: nothing ends a thread that is inside SQLite (a runaway query would hold a processor until
 * the box is restarted, and the box's end with it), a crash of native code ends all threads, and under Node 20 a thread
 * does not load TypeScript. A question and its answer take 0.03 ms more than the query itself, as between threads.
 */
export class QueryProcess {
  /** Resolves when it can be asked. Rejects with `QueryProcessEnded` when it ends before. */
  readonly ready: Promise<void>;
  /** Resolves with how it ended, once it has. */
  readonly gone: Promise<string>;
  readonly #child: ChildProcess;
  #answer: { resolve(results: unknown[][][]): void; reject(error: Error): void } | undefined;

  constructor(file: string) {
    // What runs plugins' queries needs no password.
    const { GATEHOUSE_ADMIN_PASSWORD: _, ...environment } = process.env;
    const child = fork(fileURLToPath(new URL('./query-program.ts', import.meta.url)), [file], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Large sorts are private too.
      env: { ...environment, SQLITE_TMPDIR: dirname(file) },
      ...(HEAP.length > 0 ? { execArgv: [...process.execArgv, ...HEAP] } : {}),
    });
    this.#child = child;
    let started = () => {};
    this.gone = new Promise((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ? `killed by ${signal}` : `exit code ${code}`));
    });
    this.ready = new Promise((resolve, reject) => {
      started = resolve;
      void this.gone.then((how) => reject(ended(how)));
    });
    child.on('message', (message: QueryReply) => {
      if ('ready' in message) started();
      else this.#answered(message);
    });
    void this.gone.then((how) => this.#take()?.reject(ended(how)));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Asks for the rows of some statements, which all see the same state. One question at a time.
   * Rejects with the error of the database (its name, message and code), or `QueryProcessEnded`.
   */
  ask(request: QueryRequest): Promise<unknown[][][]> {
    return new Promise((resolve, reject) => {
      this.#answer = { resolve, reject };
      this.#child.send(request, (error) => {
        if (error) this.#take()?.reject(ended(error.message));
      });
    });
  }

  /** Ends it at once, also in the middle of a query: it only reads, so nothing can be left half done. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #answered(message: Exclude<QueryReply, { ready: true }>): void {
    const answer = this.#take();
    if ('results' in message) {
      answer?.resolve(message.results);
      return;
    }
    const { name, message: text, code } = message.error;
    const error = Object.assign(new Error(text), code ? { code } : {});
    error.name = name;
    answer?.reject(error);
  }

  #take() {
    const answer = this.#answer;
    this.#answer = undefined;
    return answer;
  }
}

function ended(how: string): QueryProcessEnded {
  return new QueryProcessEnded(`the query process ended before it had answered (${how})`);
}
