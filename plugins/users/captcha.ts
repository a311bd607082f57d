import { randomInt } from 'node:crypto';
import { networkOf } from '../../core/gateway/network.ts';

const DIGITS = 4;
const VALID_MS = 5 * 60_000;
/** Captchas of one source that count at once: people behind one address must not take each other's away. */
const PER_SOURCE = 4;
const MAX_SOURCES = 1000;

interface Issued {
  text: string;
  at: number;
}

/**
 * Captchas of message 1322: each belongs to the source address that asked for it, counts once, and for five minutes.
 * Guessing is bounded elsewhere: a login with a wrong captcha is a failed login.
 */
export class Captchas {
  readonly #now: () => number;
  /** The source that asked longest ago comes first. */
  readonly #issued = new Map<string, Issued[]>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A new captcha for a source: four digits. */
  issue(source: string): string {
    const key = networkOf(source);
    const text = String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
    const others = this.#valid(key).slice(-(PER_SOURCE - 1));
    this.#issued.delete(key);
    this.#issued.set(key, [...others, { text, at: this.#now() }]);
    if (this.#issued.size > MAX_SOURCES) {
      const oldest = this.#issued.keys().next().value;
      if (oldest !== undefined) this.#issued.delete(oldest);
    }
    return text;
  }

  /** Whether `text` is a captcha given to this source and not used yet; it is used now. */
  take(text: string | undefined, source: string): boolean {
    const key = networkOf(source);
    const valid = this.#valid(key);
    const index = valid.findIndex((one) => one.text === text?.trim());
    if (index >= 0) valid.splice(index, 1);
    if (valid.length > 0) this.#issued.set(key, valid);
    else this.#issued.delete(key);
    return index >= 0;
  }

  /** Sources with captchas. */
  get size(): number {
    return this.#issued.size;
  }

  #valid(key: string): Issued[] {
    const now = this.#now();
    return (this.#issued.get(key) ?? []).filter(({ at }) => now >= at && now - at < VALID_MS);
  }
}
