import type { Failure } from './lane.ts';
import type { Waiting } from './rows.ts';

/** A message that has failed so often may be the only one that does. */
const PATIENCE = 3;
/** Others that are asked in turn, until they are asked again. */
const MOST_DOUBTED = 50;

/** What follows from a failure: the receiver seems to be away; another message will tell; only this one fails. */
export type Verdict = 'away' | 'ask another' | 'alone';

/**
 * Tells a receiver that is away from a message that it alone does not take. The first of the backlog that has failed
 * three times fails alone if the receiver took another one since it failed the last time. Where none was sent, the next
 * of the backlog is tried at once, and where that fails too, another one after the next pause.
 */
export class Suspicion {
  /** Failed since the receiver last took something of the backlog. */
  readonly #doubted = new Set<number>();
  #first: Failure | undefined;
  #probe: Waiting | undefined;
  /** The receiver took something since the first failed. */
  #others = false;

  /** The message that is to show whether the receiver is there. */
  get probe(): Waiting | undefined {
    return this.#probe;
  }

  /**
   * A message of the backlog has failed.
   * @param attempts how often, with this time
   * @param next the first of the backlog that is not passed over
   */
  failed(failure: Failure, attempts: number, next: (pass: (seq: number) => boolean) => Waiting | undefined): Verdict {
    const { seq } = failure.waiting;
    this.#doubted.add(seq);
    if (this.#probe) {
      this.#probe = undefined;
      return 'away';
    }
    const others = this.#others;
    this.#others = false;
    this.#first = failure;
    if (attempts < PATIENCE) return 'away';
    if (others) return 'alone';
    if (this.#doubted.size > MOST_DOUBTED) this.#askAgain(seq);
    this.#probe = next((other) => this.#doubted.has(other));
    if (!this.#probe && this.#doubted.size > 1) {
      this.#askAgain(seq);
      this.#probe = next((other) => other === seq);
    }
    return this.#probe ? 'ask another' : 'away';
  }

  /** The receiver has answered to a message. Gives the one that is now known to fail alone. */
  answered(seq: number): Failure | undefined {
    this.#others = true;
    const first = this.#first;
    if (this.#probe?.seq === seq) {
      this.#probe = undefined;
      return first;
    }
    if (first?.waiting.seq === seq) this.clear();
    return undefined;
  }

  /** The first is no longer the first. */
  clear(): void {
    this.#doubted.clear();
    this.#first = undefined;
    this.#probe = undefined;
    this.#others = false;
  }

  forget(gone: ReadonlySet<number>): void {
    if (this.#probe && gone.has(this.#probe.seq)) this.#probe = undefined;
    if (this.#first && gone.has(this.#first.waiting.seq)) this.clear();
  }

  #askAgain(seq: number): void {
    this.#doubted.clear();
    this.#doubted.add(seq);
  }
}
