import type { Life } from '../plugin/life.ts';
import type { OutboxClock } from './clock.ts';
import type { Receiver } from './receiver.ts';

/** A plugin that is not back after so long is not waited for, ms. */
export const AWAY_MS = 10 * 60_000;

/**
 * Closed destinations of plugins that are started anew, or that the box takes down as it stops. Until they are opened
 * again they are asked what they want, and it waits for them: nothing that is recorded meanwhile is missing.
 */
export class Absentees {
  readonly #clock: OutboxClock;
  readonly #all = new Map<string, { receiver: Receiver; life: Life; since: number }>();

  constructor(clock: OutboxClock) {
    this.#clock = clock;
  }

  /** @param life of the plugin that had opened it */
  add(receiver: Receiver, life: Life): void {
    this.#all.set(receiver.destination.id, { receiver, life, since: this.#clock.steady() });
  }

  /** It is opened again, or removed. */
  delete(id: string): void {
    this.#all.delete(id);
  }

  /** Those that are still waited for. */
  get receivers(): Receiver[] {
    for (const [id, { life, since }] of this.#all) {
      if (!life.away || this.#clock.steady() - since > AWAY_MS) this.#all.delete(id);
    }
    return [...this.#all.values()].map(({ receiver }) => receiver);
  }
}
