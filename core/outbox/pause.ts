import { type OutboxClock, pauseAfter } from './clock.ts';

/** The pause after failures, which grows with them, and what wakes at its end. */
export class Pause {
  readonly #options: { clock: OutboxClock; random(): number; wake(): void };
  #failures = 0;
  /** Steady clock. */
  #until = Number.NEGATIVE_INFINITY;
  #disarm: (() => void) | undefined;

  constructor(options: { clock: OutboxClock; random(): number; wake(): void }) {
    this.#options = options;
  }

  /** In a row. */
  get failures(): number {
    return this.#failures;
  }

  /** ms until its end; 0 where there is none. */
  get left(): number {
    return Math.max(0, this.#until - this.#options.clock.steady());
  }

  /** One more failure; with `least`, as after so many of them. */
  grow(least = 1): void {
    const { clock, random } = this.#options;
    this.#failures = Math.max(this.#failures + 1, least);
    this.#until = clock.steady() + pauseAfter(this.#failures, random);
  }

  /** Lasts at least as long as another one, which begins now. */
  follow(other: Pause): void {
    this.#failures = Math.max(this.#failures, other.#failures);
    this.#until = Math.max(this.#until, other.#until);
  }

  /** Ends it now; the next one is longer all the same. */
  end(): void {
    this.#until = Number.NEGATIVE_INFINITY;
    this.disarm();
  }

  /** It went well: the next pause is a short one. */
  reset(): void {
    this.#failures = 0;
    this.end();
  }

  /** Wakes once, at its end. */
  arm(): void {
    this.#disarm ??= this.#options.clock.after(this.left, () => {
      this.#disarm = undefined;
      this.#options.wake();
    });
  }

  disarm(): void {
    this.#disarm?.();
    this.#disarm = undefined;
  }
}
