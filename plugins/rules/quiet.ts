import type { Seen } from './when.ts';

const MINUTE_MS = 60_000;

/**
 * Keeps a rule from firing again too soon at the same camera. It goes by the times of what was seen, so that it comes to
 * the same live and afterwards; one far off on either side is another matter, since clocks are set.
 */
export class Quiet {
  readonly #last = new Map<string, { at: number; id?: string }>();

  /** Whether a rule may fire now, which is noted. What it has fired for may fire it again: its record was tried twice. */
  take(rule: number, { id, channel, time }: Seen, quietMinutes: number): boolean {
    const key = keyOf(rule, channel);
    const last = this.#last.get(key);
    if (last?.id === id) return true;
    if (last && Math.abs(time - last.at) < quietMinutes * MINUTE_MS) return false;
    this.#last.set(key, { at: time, id });
    return true;
  }

  /** It fired at that time, before the box started. */
  remember(rule: number, channel: number, at: number): void {
    this.#last.set(keyOf(rule, channel), { at });
  }

  /** When a rule fired last, at any camera, ms. */
  lastOf(rule: number): number | undefined {
    const times = [...this.#last].filter(([key]) => key.startsWith(`${rule} `)).map(([, { at }]) => at);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  forget(rule: number): void {
    for (const key of this.#last.keys()) if (key.startsWith(`${rule} `)) this.#last.delete(key);
  }
}

function keyOf(rule: number, channel: number): string {
  return `${rule} ${channel}`;
}
