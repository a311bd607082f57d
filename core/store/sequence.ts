import { sql } from 'drizzle-orm';
import { StoreBusyError } from './errors.ts';
import { sequences } from './tables.ts';
import type { StoreLog } from './types.ts';
import type { JobDb } from './write-queue.ts';

/** Numbers reserved at a time. A start wastes at most this many. */
const BLOCK = 10_000;

type Write = (job: (tx: JobDb) => number) => Promise<number>;

/**
 * Numbers that are never given twice, also not after a crash or with a clock set back: a block is reserved on disk
 * before any number of it is used.
 */
export class Sequence {
  readonly #name: string;
  readonly #write: Write;
  readonly #log: StoreLog;
  #next = 0;
  #end = 0;
  #reserving: Promise<void> | undefined;

  private constructor(name: string, write: Write, log: StoreLog) {
    this.#name = name;
    this.#write = write;
    this.#log = log;
  }

  /** On a full disk the sequence opens without numbers, and gets them when there is space again. */
  static async open(name: string, write: Write, log: StoreLog): Promise<Sequence> {
    const sequence = new Sequence(name, write, log);
    await sequence.#reserveMore();
    return sequence;
  }

  /** The next number, from 1. Throws `StoreBusyError` when all are used before the next block could be reserved. */
  next(): number {
    if (this.#end - this.#next < BLOCK / 2) void this.#reserveMore();
    if (this.#next >= this.#end) throw new StoreBusyError('no numbers are left until the next are reserved on disk');
    return this.#next++;
  }

  #reserveMore(): Promise<void> {
    this.#reserving ??= this.#write((tx) => reserve(tx, this.#name))
      .then((end) => {
        if (this.#end === 0) this.#next = end - BLOCK;
        this.#end = end;
      })
      .catch((error: unknown) => this.#log.warn({ err: error }, 'numbers for new files could not be reserved'))
      .finally(() => {
        this.#reserving = undefined;
      });
    return this.#reserving;
  }
}

/** Reserves the next block and gives the number after its last. */
function reserve(tx: JobDb, name: string): number {
  const row = tx
    .insert(sequences)
    .values({ name, next: BLOCK + 1 })
    .onConflictDoUpdate({ target: sequences.name, set: { next: sql`${sequences.next} + ${BLOCK}` } })
    .returning()
    .get();
  return row.next;
}
