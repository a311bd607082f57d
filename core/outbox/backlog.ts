import type { ReadDb } from '../store/database.ts';
import { readWaiting, type Waiting } from './rows.ts';

/** Messages of the backlog that are read at once. */
const PAGE = 50;
/** Behind everything there is. */
export const THE_END = Number.MAX_SAFE_INTEGER;

export interface BacklogOptions {
  destination: string;
  read: ReadDb;
  /** The delivery has ended, though its row may still be there. */
  ended(seq: number): boolean;
}

/** What waits in the database for one destination, in its order, a page of it in memory. */
export class Backlog {
  readonly #options: BacklogOptions;
  readonly #page = new Map<number, Waiting>();
  /** Everything up to here was read. */
  #readTo = 0;
  /** There may be rows behind it. */
  #more = true;

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  /** Something came to its end. */
  grew(): void {
    this.#more = true;
  }

  /** The first that is not passed over, reading on where memory holds none; only what lies before a place in the order. */
  next(before: number, pass: (seq: number) => boolean): Waiting | undefined {
    for (;;) {
      for (const [seq, waiting] of this.#page) if (!pass(seq)) return waiting;
      if (!this.#more || !this.#readOn(before)) return undefined;
    }
  }

  remove(seq: number): void {
    this.#page.delete(seq);
  }

  forget(gone: ReadonlySet<number>): void {
    for (const seq of gone) this.#page.delete(seq);
  }

  /** False: there was nothing. */
  #readOn(before: number): boolean {
    const { read, destination, ended } = this.#options;
    const rows = readWaiting(read, destination, { after: this.#readTo, before, limit: PAGE });
    this.#readTo = rows.at(-1)?.seq ?? this.#readTo;
    for (const row of rows) if (!ended(row.seq)) this.#page.set(row.seq, row);
    // Behind a live one there may be more.
    this.#more = rows.length === PAGE || before !== THE_END;
    return rows.length > 0;
  }
}
