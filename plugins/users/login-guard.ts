import { networkOf } from '../../core/gateway/network.ts';

/** Failures in a row after which a captcha is asked for, and after which the login is locked. */
export const CAPTCHA_AFTER = 3;
export const LOCK_AFTER = 5;
export const LOCK_MS = 5 * 60_000;

/** A series of failures is forgotten after this long without another one, ms. */
const FORGET_MS = 30 * 60_000;
/** Sources remembered at once; the one that failed longest ago makes room. */
const MAX_SOURCES = 1000;
/** Names remembered per source, beside those of accounts whose lock was opened. The rest have one counter. */
const MAX_NAMES = 32;
/** No account's name is longer; what is cut off can make no difference. */
const NAME_KEPT = 50;

/** How a name stands with a source. */
export interface Standing {
  triesLeft: number;
  captchaNeeded: boolean;
  /** ms until the lock opens, 0 when it is open. */
  lockedMs: number;
}

interface Series {
  failures: number;
  lastAt: number;
}

interface Source {
  names: Map<string, Series>;
  /** The common counter of names that found no room. */
  others: Series;
}

const NONE: Series = { failures: 0, lastAt: 0 };

/**
 * Counts failed logins per name and source address, so that nobody can lock an account for everybody else. Names count
 * whether or not they exist, all in the same way. Memory is bounded, whatever is tried from wherever.
 */
export class LoginGuard {
  readonly #now: () => number;
  readonly #wall: () => number;
  /** The source that failed longest ago comes first. */
  readonly #sources = new Map<string, Source>();

  /**
   * @param now a clock that is never set, ms: setting the other one opens no lock and keeps none closed
   * @param wall wall clock, for telling when a lock opens
   */
  constructor(now: () => number, wall: () => number = now) {
    this.#now = now;
    this.#wall = wall;
  }

  standing(name: string, source: string): Standing {
    const found = this.#sources.get(networkOf(source));
    return this.#standing(found && this.#series(found, name));
  }

  /** Counts a failure and says how things stand after it. */
  failed(name: string, source: string): Standing {
    const series = this.#seriesForFailure(name, source);
    const now = this.#now();
    if (this.#isOver(series)) series.failures = 0;
    series.failures = Math.min(series.failures + 1, LOCK_AFTER);
    series.lastAt = now;
    return this.#standing(series);
  }

  /** A right password ends the series. */
  succeeded(name: string, source: string): void {
    const key = networkOf(source);
    const found = this.#sources.get(key);
    if (!found) return;
    found.names.delete(keyOf(name));
    if (found.names.size === 0 && this.#isOver(found.others)) this.#sources.delete(key);
  }

  /** Opens every lock of a name, for an account whose password was set anew. */
  forget(name: string): void {
    for (const source of this.#sources.values()) {
      // A name that shares the common counter gets one of its own: whoever may open their own lock opens nobody else's.
      if (!source.names.delete(keyOf(name)) && this.#isFull(source)) {
        source.names.set(keyOf(name), { failures: 0, lastAt: this.#now() });
      }
    }
  }

  /** When the last lock of a name opens, ms; undefined when none is closed. */
  lockedUntil(name: string): number | undefined {
    let longest = 0;
    for (const source of this.#sources.values()) {
      const series = source.names.get(keyOf(name));
      if (series) longest = Math.max(longest, this.#standing(series).lockedMs);
    }
    return longest > 0 ? this.#wall() + longest : undefined;
  }

  /** Counters held, for metrics and tests. */
  get size(): number {
    let size = 0;
    for (const { names } of this.#sources.values()) size += names.size + 1;
    return size;
  }

  #series(source: Source, name: string): Series | undefined {
    const own = source.names.get(keyOf(name));
    return own ?? (this.#isFull(source) ? source.others : undefined);
  }

  #seriesForFailure(name: string, source: string): Series {
    const key = networkOf(source);
    const found = this.#sources.get(key) ?? { names: new Map<string, Series>(), others: { ...NONE } };
    this.#sources.delete(key);
    this.#sources.set(key, found);
    if (this.#sources.size > MAX_SOURCES) {
      const oldest = this.#sources.keys().next().value;
      if (oldest !== undefined) this.#sources.delete(oldest);
    }
    const known = this.#series(found, name);
    if (known) return known;
    const series = { ...NONE };
    found.names.set(keyOf(name), series);
    return series;
  }

  #isFull({ names }: Source): boolean {
    if (names.size < MAX_NAMES) return false;
    for (const [name, series] of names) if (this.#isOver(series)) names.delete(name);
    return names.size >= MAX_NAMES;
  }

  /** Whether a series counts no more: its lock has opened, or it is long ago. */
  #isOver(series: Series): boolean {
    const age = this.#now() - series.lastAt;
    // A clock set back must not keep a lock closed for longer than it was meant to be.
    if (age < 0) series.lastAt = this.#now();
    return age >= (series.failures >= LOCK_AFTER ? LOCK_MS : FORGET_MS);
  }

  #standing(series: Series | undefined): Standing {
    if (!series || this.#isOver(series)) return { triesLeft: LOCK_AFTER, captchaNeeded: false, lockedMs: 0 };
    const { failures, lastAt } = series;
    return {
      triesLeft: LOCK_AFTER - failures,
      captchaNeeded: failures >= CAPTCHA_AFTER,
      lockedMs: failures >= LOCK_AFTER ? LOCK_MS - (this.#now() - lastAt) : 0,
    };
  }
}

function keyOf(name: string): string {
  return name.slice(0, NAME_KEPT);
}
