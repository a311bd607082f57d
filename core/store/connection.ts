import Database from 'libsql';
import { StoreClosedError } from './errors.ts';

export type RunResult = Database.RunResult;

/** One prepared statement; the shape drizzle's synchronous session expects. */
export interface Statement {
  run(...params: unknown[]): RunResult;
  get(...params: unknown[]): unknown;
  all(...params: unknown[]): unknown[];
  /** The same statement with rows as arrays. */
  raw(): {
    get(...params: unknown[]): unknown[] | undefined;
    all(...params: unknown[]): unknown[][];
    /** Rows as they are found. Whoever does not read to the end must close the connection: it stays at its snapshot. */
    iterate(...params: unknown[]): Iterable<unknown[]>;
  };
}

/** Preparing costs more than running a small query, and every statement holds native memory until it is collected. */
const STATEMENTS_KEPT = 300;

/**
 * One connection of the synchronous libsql driver, made safe to hand arbitrary values to.
 *
 * The driver aborts the whole process on a boolean parameter, on a lone Buffer and on a closed database; it binds
 * every number as REAL (so that `time / ?` is no longer an integer division), gives blobs as ArrayBuffer, adds
 * `_metadata` to single rows, cuts text at a NUL character when reading it back, keeps a statement broken after a failed
 * `get`, and miscounts the changes of statements with RETURNING. All of that ends here.
 */
export class Connection {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Statement>();
  #open = true;

  /** Opens or creates `file`. Errors carry SQLite's code (`SQLITE_NOTADB`, `SQLITE_CANTOPEN`). */
  constructor(file: string, pragmas: readonly string[] = []) {
    this.#db = new Database(file);
    try {
      for (const pragma of pragmas) this.#db.prepare(`PRAGMA ${pragma}`).all([]);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  get inTransaction(): boolean {
    return this.#open && this.#db.inTransaction;
  }

  prepare(sql: string): Statement {
    this.#check();
    const known = this.#statements.get(sql);
    if (known) {
      // Moves it to the young end: the map is in order of use.
      this.#statements.delete(sql);
      this.#statements.set(sql, known);
      return known;
    }
    const statement = this.#wrap(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > STATEMENTS_KEPT) {
      const oldest = this.#statements.keys().next().value;
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    return statement;
  }

  /** Runs any number of statements without parameters. */
  exec(sql: string): void {
    this.#check();
    this.#db.exec(sql);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#statements.clear();
    // Statements not yet collected keep the closed connection alive inside SQLite, and with it a transaction's locks.
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
    this.#db.close();
  }

  #check(): void {
    if (!this.#open) throw new StoreClosedError();
  }

  #wrap(sql: string): Statement {
    let native: Database.Statement | undefined = this.#db.prepare(sql);
    // The driver refuses the choice of row form for statements that give no rows.
    const givesRows = native.reader;
    const call = <T>(
      params: unknown[],
      asArrays: boolean,
      act: (ready: Database.Statement, bound: unknown[]) => T,
    ): T => {
      this.#check();
      const bound = bindable(params);
      native ??= this.#db.prepare(sql);
      try {
        if (givesRows) native.raw(asArrays);
        return act(native, bound);
      } catch (error) {
        // After a failed `get` the driver gives the same error for every later call.
        native = undefined;
        throw error;
      }
    };
    const all = (params: unknown[], asArrays: boolean): unknown[] => {
      const found = call(params, asArrays, (ready, bound) => ready.all(bound));
      for (const row of found) tidy(row);
      return found;
    };
    const get = (params: unknown[], asArrays: boolean): unknown => {
      const found = call(params, asArrays, (ready, bound) => ready.get(bound));
      if (found !== undefined) tidy(found);
      return found;
    };
    const iterate = function* (params: unknown[]): Iterable<unknown[]> {
      try {
        for (const row of call(params, true, (ready, bound) => ready.iterate(bound))) {
          tidy(row);
          yield row as unknown[];
        }
      } catch (error) {
        native = undefined;
        throw error;
      }
    };
    const arrays = {
      iterate: (...params: unknown[]) => iterate(params),
      get: (...params: unknown[]) => get(params, true) as unknown[] | undefined,
      all: (...params: unknown[]) => all(params, true) as unknown[][],
    };
    return {
      run: (...params) => {
        if (!givesRows) return call(params, false, (ready, bound) => ready.run(bound));
        all(params, false);
        return this.prepare('SELECT changes() AS changes, last_insert_rowid() AS lastInsertRowid').get() as RunResult;
      },
      get: (...params) => get(params, false),
      all: (...params) => all(params, false),
      raw: () => arrays,
    };
  }
}

/** Parameters as the driver takes them, in an array of its own: the driver reads a lone object as named parameters. */
function bindable(params: unknown[]): unknown[] {
  return params.map((value, index) => {
    switch (typeof value) {
      case 'number':
        if (Number.isNaN(value)) throw new TypeError(`query parameter ${index + 1} is not a number (NaN)`);
        // The driver binds numbers as REAL and bigints as INTEGER.
        return Number.isSafeInteger(value) ? BigInt(value) : value;
      case 'string':
        if (value.includes('\0')) throw new TypeError(`query parameter ${index + 1} contains a NUL character`);
        return value;
      case 'boolean':
        return value ? 1n : 0n;
      case 'bigint':
        return value;
      default:
        if (value === null) return null;
        if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
        throw new TypeError(`query parameter ${index + 1} cannot be stored: ${describe(value)}`);
    }
  });
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null ? (value.constructor?.name ?? 'object') : typeof value;
}

/** Blobs become Buffers, and the driver's own field goes. */
function tidy(row: unknown): void {
  const fields = row as Record<string, unknown>;
  if (!Array.isArray(row)) delete fields['_metadata'];
  for (const key in fields) {
    const value = fields[key];
    if (value instanceof ArrayBuffer) fields[key] = Buffer.from(value);
  }
}
