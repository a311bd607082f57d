import type { Store } from '../../core/store/database.ts';
import { Quiet } from './quiet.ts';
import { firings, type Rule, rules } from './tables.ts';
import { fits, type Seen, seenOf } from './when.ts';

/** Firings are noted together, so long after the first, ms. A crash before costs one firing too many. */
const NOTE_MS = 500;

export interface FiringsOptions {
  store: Store;
  zone(): string;
  /** ms, of a clock that is never set. */
  steady(): number;
  fired(rule: Rule): void;
  noted(): void;
  failed(error: Error): void;
}

/** Decides which rules fire, once for each of them and each message, and remembers when they did. */
export class Firings {
  readonly #options: FiringsOptions;
  readonly #quiet = new Quiet();
  readonly #unnoted = new Map<string, { rule: number; channel: number; at: number }>();
  /** The message that is asked about now: every step of every rule asks. */
  #asked:
    | { id: string; seen: Seen | undefined; fitting: Map<number, boolean>; firing: Map<number, boolean> }
    | undefined;
  #timer: NodeJS.Timeout | undefined;
  #settled: Promise<void> = Promise.resolve();

  constructor(options: FiringsOptions) {
    this.#options = options;
    for (const { rule, channel, at } of options.store.read.select().from(firings).all()) {
      this.#quiet.remember(rule, channel, at);
    }
  }

  /** What a message tells of, where the rule asks for that; undefined otherwise. */
  fitting(rule: Rule, message: Parameters<typeof seenOf>[0]): Seen | undefined {
    const asked = this.#about(message);
    const { seen, fitting } = asked;
    if (!seen) return undefined;
    let fit = fitting.get(rule.id);
    if (fit === undefined) {
      fit = fits(rule.when, seen, this.#options.zone());
      fitting.set(rule.id, fit);
    }
    return fit ? seen : undefined;
  }

  /** Whether a rule fires for what fits it: not so soon after another. Asked once, it is so for all of its steps. */
  fires(rule: Rule, message: Parameters<typeof seenOf>[0]): boolean {
    const seen = this.fitting(rule, message);
    if (!seen) return false;
    const { firing } = this.#about(message);
    let fires = firing.get(rule.id);
    if (fires === undefined) {
      fires = this.#quiet.take(rule.id, seen, rule.when.quietMinutes, this.#options.steady());
      firing.set(rule.id, fires);
    }
    return fires;
  }

  /** What it fired for is stored: now it has fired. Told by each of its steps. */
  fired(rule: Rule, message: Parameters<typeof seenOf>[0]): void {
    const seen = seenOf(message);
    if (seen && this.#quiet.stored(rule.id, seen)) this.#note(rule, seen);
  }

  #about(message: Parameters<typeof seenOf>[0]) {
    if (this.#asked?.id === message.id) return this.#asked;
    this.#asked = { id: message.id, seen: seenOf(message), fitting: new Map(), firing: new Map() };
    return this.#asked;
  }

  /** When a rule fired last: the time of what was seen, ms. */
  lastOf(rule: number): number | undefined {
    return this.#quiet.lastOf(rule);
  }

  /** The rule was removed. */
  forget(rule: number): void {
    this.#quiet.forget(rule);
    for (const [key, one] of this.#unnoted) if (one.rule === rule) this.#unnoted.delete(key);
  }

  /** Notes what is not noted yet, behind what is being noted. Does not reject. */
  settle(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#settled = this.#settled.then(() => this.#write());
    return this.#settled;
  }

  async #write(): Promise<void> {
    const some = [...this.#unnoted];
    this.#unnoted.clear();
    if (some.length === 0) return;
    try {
      await this.#options.store.write((tx) => {
        // One whose rule was removed meanwhile is left out.
        const known = new Set(
          tx
            .select({ id: rules.id })
            .from(rules)
            .all()
            .map(({ id }) => id),
        );
        for (const [, one] of some.filter(([, { rule }]) => known.has(rule))) {
          const target = [firings.rule, firings.channel];
          tx.insert(firings)
            .values(one)
            .onConflictDoUpdate({ target, set: { at: one.at } })
            .run();
        }
      });
      this.#options.noted();
    } catch (error) {
      // With the next that fires, or at the end.
      for (const [key, one] of some) if (!this.#unnoted.has(key)) this.#unnoted.set(key, one);
      this.#options.failed(error as Error);
    }
  }

  #note(rule: Rule, { channel, time }: Seen): void {
    this.#unnoted.set(`${rule.id} ${channel}`, { rule: rule.id, channel, at: time });
    this.#timer ??= setTimeout(() => void this.settle(), NOTE_MS);
    this.#options.fired(rule);
  }
}
