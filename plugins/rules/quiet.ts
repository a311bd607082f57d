import type { Seen } from './when.ts';

const MINUTE_MS = 60_000;
/** What was not stored within so long is not going to be, ms. */
const STORED_MS = 10_000;

interface Firing {
  /** The time of what was seen, ms. */
  at: number;
  /** Of the message. */
  id?: string;
  /** It is not known yet whether that is stored: since when (steady clock), and the last that surely is. */
  open?: { since: number; before: Firing | undefined };
}

/**
 * Keeps a rule from firing again too soon at the same camera. It goes by the times of what was seen, so that it comes to
 * the same live and afterwards; one far off on either side is another matter, since clocks are set.
 */
export class Quiet {
  readonly #last = new Map<string, Firing>();

  /**
   * Whether a rule may fire now, which is noted. What it has fired for may fire it again: its record was tried twice.
   * What is not `stored` in the end keeps it quiet for some seconds only.
   * @param now steady clock, ms
   */
  take(rule: number, { id, channel, time }: Seen, quietMinutes: number, now: number): boolean {
    const key = keyOf(rule, channel);
    const newest = this.#last.get(key);
    if (newest?.id === id) return true;
    const { open } = newest ?? {};
    const last = open && now - open.since > STORED_MS ? open.before : newest;
    if (last && Math.abs(time - last.at) < quietMinutes * MINUTE_MS) return false;
    this.#last.set(key, { at: time, id, open: { since: now, before: open ? open.before : newest } });
    return true;
  }

  /** What it fired for is stored. False: that was known. */
  stored(rule: number, { id, channel, time }: Seen): boolean {
    const key = keyOf(rule, channel);
    const last = this.#last.get(key);
    if (!last?.open || last.open.before?.id === id) return false;
    if (last.id === id) this.#last.set(key, { at: time, id });
    else last.open.before = { at: time, id };
    return true;
  }

  /** It fired at that time, before the box started. */
  remember(rule: number, channel: number, at: number): void {
    this.#last.set(keyOf(rule, channel), { at });
  }

  /** When a rule fired last, at any camera, ms. */
  lastOf(rule: number): number | undefined {
    const times = [...this.#last]
      .filter(([key]) => key.startsWith(`${rule} `))
      .flatMap(([, last]) => (last.open ? last.open.before?.at : last.at) ?? []);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  forget(rule: number): void {
    for (const key of this.#last.keys()) if (key.startsWith(`${rule} `)) this.#last.delete(key);
  }
}

function keyOf(rule: number, channel: number): string {
  return `${rule} ${channel}`;
}
