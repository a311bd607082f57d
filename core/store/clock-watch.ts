import { z } from 'zod';
import type { Settings } from './settings.ts';
import type { StoreClock, StoreLog } from './types.ts';

/** The clock may differ so much from what has passed before it counts as set, ms. */
const JUMP_MS = 10 * 60 * 1000;
/** A box may be switched off for so long without its clock being doubted, ms. */
const OFF_MS = 24 * 60 * 60 * 1000;
/** A clock that was set must go on for so long before anything is deleted for its age, ms. */
export const HOLD_MS = 24 * 60 * 60 * 1000;

const KEY = 'retention.clock';
/** `seen`: the last time read. `since`: when the clock was last set, by itself; 0 for one that never was. */
const state = z.object({ seen: z.number(), since: z.number() });

export interface ClockWatchOptions {
  clock: StoreClock;
  /** ms since some moment, never set: what has really passed. */
  steady: () => number;
  settings: Settings;
  log: StoreLog;
}

/**
 * Watches whether the wall clock was set. A clock that jumps ten years ahead would make every record too old at once,
 * and what is deleted does not come back when the clock does: so for a day after it was set nothing goes for its age.
 * Restarts in between do not begin the day anew.
 */
export class ClockWatch {
  readonly #options: ClockWatchOptions;
  #state: z.output<typeof state>;
  #steadySeen: number;
  /** What the clock said before this start, until it is set for the first time. */
  #before: number | undefined;

  constructor(options: ClockWatchOptions) {
    this.#options = options;
    const { clock, steady, settings } = options;
    const now = clock.now();
    const stored = settings.get(KEY, state);
    this.#state = stored ?? { seen: now, since: 0 };
    this.#before = stored?.seen;
    this.#steadySeen = steady();
    const off = now - this.#state.seen;
    this.#state = { ...this.#state, seen: now };
    if (off < -JUMP_MS || off > OFF_MS) this.#wasSet(now, off);
  }

  /** Reads the clock; to be called every minute or so. */
  look(): void {
    const { clock, steady } = this.#options;
    const now = clock.now();
    const passed = steady() - this.#steadySeen;
    const jump = now - this.#state.seen - passed;
    const set = Math.abs(jump) > JUMP_MS;
    if (set && !this.#caughtUp(now, jump)) this.#wasSet(now, jump);
    if (set) this.#before = undefined;
    this.#state = { ...this.#state, seen: now };
    this.#steadySeen += passed;
    if (set) void this.keep();
  }

  /** From when on the clock is believed, ms since 1970 UTC; undefined: it is. */
  doubtedUntil(): number | undefined {
    const until = this.#state.since + HOLD_MS;
    return this.#state.since > 0 && this.#state.seen < until ? until : undefined;
  }

  /** Writes down what it has seen, for the next start. On a full disk the next call does. */
  async keep(): Promise<void> {
    await this.#options.settings.set(KEY, this.#state).catch(() => {});
  }

  /**
   * A box without a battery for its clock starts where it was switched off; what the time service then adds is the night in
   * between, and would have raised no doubt had it been there at the start.
   */
  #caughtUp(now: number, jump: number): boolean {
    return jump > 0 && this.#before !== undefined && now - this.#before <= OFF_MS;
  }

  #wasSet(now: number, by: number): void {
    this.#options.log.warn(
      { seconds: Math.round(by / 1000) },
      'the clock was set: for a day nothing is deleted for its age',
    );
    this.#state = { seen: now, since: now };
  }
}
