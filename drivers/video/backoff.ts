import type { FaultCode } from './fault.ts';

/** Waits between attempts, in milliseconds. */
interface Pace {
  first: number;
  longest: number;
}

/** Cameras lock accounts that are tried too often. */
const signInPace: Pace = { first: 5000, longest: 30_000 };
/** What somebody has to mend is tried at leisure, but soon enough that they see it mended. */
const mendPace: Pace = { first: 1000, longest: 8000 };
const networkPace: Pace = { first: 500, longest: 4000 };

const paces: Partial<Record<FaultCode, Pace>> = {
  unauthorized: signInPace,
  'bad-url': mendPace,
  file: mendPace,
  'not-found': mendPace,
  'sign-in': mendPace,
  'unsupported-codec': mendPace,
  decode: mendPace,
};

/** How long to wait before the next attempt: twice as long after each that failed, up to a bound, never in step. */
export class Backoff {
  #failures = 0;
  #pace: Pace | undefined;
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** After an attempt that ended for this reason. */
  next(code: FaultCode): number {
    const pace = paces[code] ?? networkPace;
    if (pace !== this.#pace) this.#failures = 0;
    this.#pace = pace;
    const whole = Math.min(pace.longest, pace.first * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 16);
    // Between three quarters and all of it, so that cameras behind one switch do not all come at once.
    return Math.max(networkPace.first, whole * (0.75 + 0.25 * this.#random()));
  }

  /** The connection has held: the next failure starts anew. */
  reset(): void {
    this.#failures = 0;
  }
}
