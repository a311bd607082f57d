import type { ReadDb } from '../store/database.ts';
import type { Pause } from './pause.ts';
import { readWaiting, type Waiting } from './rows.ts';

/** So many are set aside for one destination; only their numbers are in memory. */
const MOST = 1_000;

/**
 * Messages that a receiver did not take while it took others. They are tried one after another, with a pause of their
 * own that grows while they fail, so that they cost the others next to nothing.
 */
export class Aside {
  readonly #options: { destination: string; read: ReadDb; pause: Pause; most?: number | undefined };
  /** Their numbers, in the order they will be tried. */
  readonly #seqs = new Set<number>();

  constructor(options: { destination: string; read: ReadDb; pause: Pause; most?: number | undefined }) {
    this.#options = options;
  }

  get size(): number {
    return this.#seqs.size;
  }

  get full(): boolean {
    return this.#seqs.size >= (this.#options.most ?? MOST);
  }

  has(seq: number): boolean {
    return this.#seqs.has(seq);
  }

  /** @param failures how often it has failed: the pause before it is tried again is as long as if it had stayed */
  add(seq: number, failures: number): void {
    this.#seqs.add(seq);
    const { pause } = this.#options;
    if (pause.left === 0) pause.grow(failures);
    pause.arm();
  }

  /** The one whose turn it is, if it may be tried now. */
  due(underWay: (seq: number) => boolean): Waiting | undefined {
    const { destination, read, pause } = this.#options;
    if (this.#seqs.size === 0) return undefined;
    if (pause.left > 0) {
      pause.arm();
      return undefined;
    }
    for (const seq of this.#seqs) {
      // One at a time, whatever the window.
      if (underWay(seq)) return undefined;
      const [found] = readWaiting(read, destination, { after: seq - 1, before: seq + 1, limit: 1 });
      if (found) return found;
      this.#seqs.delete(seq);
    }
    return undefined;
  }

  failed(seq: number): void {
    if (!this.#seqs.delete(seq)) return;
    this.#seqs.add(seq);
    this.#options.pause.grow();
    this.#options.pause.arm();
  }

  ended(seq: number): void {
    if (this.#seqs.delete(seq)) this.#options.pause.reset();
  }

  forget(gone: ReadonlySet<number>): void {
    for (const seq of gone) this.#seqs.delete(seq);
  }
}
