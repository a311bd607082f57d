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
  #page: Waiting[] = [];
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
      const found = this.#page.find(({ seq }) => !pass(seq));
      if (found || !this.#more || !this.#readOn(before)) return found;
    }
  }

  remove(seq: number): void {
    const at = this.#page.findIndex((one) => one.seq === seq);
    if (at >= 0) this.#page.splice(at, 1);
  }

  forget(gone: ReadonlySet<number>): void {
    this.#page = this.#page.filter(({ seq }) => !gone.has(seq));
  }

  /** False: there was nothing. */
  #readOn(before: number): boolean {
    const { read, destination, ended } = this.#options;
    const rows = readWaiting(read, destination, { after: this.#readTo, before, limit: PAGE });
    this.#readTo = rows.at(-1)?.seq ?? this.#readTo;
    this.#page.push(...rows.filter(({ seq }) => !ended(seq)));
    // Behind a live one there may be more.
    this.#more = rows.length === PAGE || before !== THE_END;
    return rows.length > 0;
  }
}
