import type { Store } from '../store/database.ts';
import type { StoreLog } from '../store/types.ts';
import { arrived, giveUp } from './rows.ts';

/** Endings are written together: a commit for each delivery would take longer than the delivery, ms. */
const GATHER_MS = 200;
const GATHER_MOST = 1_000;
/** A disk that takes nothing is tried again so much later, ms. */
const AGAIN_MS = 1_000;
/** With so many unwritten nothing more is sent: after a crash all of them would be sent again. */
const MOST_UNWRITTEN = 2_000;

export interface EndingsOptions {
  destination: string;
  store: Pick<Store, 'write'>;
  log: StoreLog;
  /** Wall clock, ms. */
  now(): number;
  /** There is room for more. */
  room(): void;
}

/**
 * How deliveries of one destination ended, until the database knows. What a crash takes from here is delivered once
 * more, and never lost.
 */
export class Endings {
  readonly #options: EndingsOptions;
  /** Numbers of those that ended; with a reason they were given up. */
  readonly #unwritten = new Map<number, string | undefined>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<boolean> | undefined;

  constructor(options: EndingsOptions) {
    this.#options = options;
  }

  get full(): boolean {
    return this.#unwritten.size >= MOST_UNWRITTEN;
  }

  /** The delivery has ended, though its row may still be there. */
  has(seq: number): boolean {
    return this.#unwritten.has(seq);
  }

  /** Ended and not written yet: arrived, and given up. */
  get counts(): { arrived: number; dead: number } {
    let dead = 0;
    for (const reason of this.#unwritten.values()) if (reason !== undefined) dead += 1;
    return { arrived: this.#unwritten.size - dead, dead };
  }

  arrived(seq: number): void {
    this.#end(seq, undefined);
  }

  gaveUp(seq: number, reason: string): void {
    this.#end(seq, reason);
  }

  /** Resolves when all so far are written, or cannot be. */
  async settle(): Promise<void> {
    while (this.#unwritten.size > 0 && (await this.#write()));
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #end(seq: number, reason: string | undefined): void {
    this.#unwritten.set(seq, reason);
    if (this.#unwritten.size >= GATHER_MOST && !this.#writing) void this.#write();
    else this.#later(GATHER_MS);
  }

  #later(ms: number): void {
    if (this.#writing) return;
    this.#timer ??= setTimeout(() => void this.#write(), ms);
  }

  #write(): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writeSome().then((done) => {
      this.#writing = undefined;
      if (this.#unwritten.size > 0) this.#later(done ? GATHER_MS : AGAIN_MS);
      return done;
    });
    return this.#writing;
  }

  /** False: the database does not take them now. */
  async #writeSome(): Promise<boolean> {
    const { destination, store, log, now, room } = this.#options;
    const batch = [...this.#unwritten];
    const came = batch.flatMap(([seq, reason]) => (reason === undefined ? [seq] : []));
    const dead = batch.flatMap(([seq, reason]) => (reason === undefined ? [] : [{ seq, reason }]));
    try {
      await store.write((tx) => {
        arrived(tx, destination, came, now());
        giveUp(tx, destination, dead, now());
      });
    } catch (error) {
      log.warn({ err: error, destination, waiting: batch.length }, 'deliveries that ended could not be noted yet');
      return false;
    }
    const wasFull = this.full;
    for (const [seq] of batch) this.#unwritten.delete(seq);
    if (wasFull) room();
    return true;
  }
}
