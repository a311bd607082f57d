import type { Logger } from 'pino';
import type { EventKey } from '../plugin/keys.ts';

/** A listener with the plugin it belongs to, so that what goes wrong in it is said under the plugin's name. */
interface Registered {
  owner: string;
  handle(payload: unknown): void | Promise<void>;
}

/**
 * Tells events to their listeners, in the order they registered. A listener that throws or rejects is logged and
 * harms nobody else; the one who emits never waits.
 */
export class Bus {
  readonly #listeners = new Map<string, Registered[]>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  on<T>(event: EventKey<T>, owner: string, handle: (payload: T) => void | Promise<void>): () => void {
    const entry: Registered = { owner, handle: handle as Registered['handle'] };
    const list = this.#listeners.get(event.id) ?? [];
    this.#listeners.set(event.id, [...list, entry]);
    return () => {
      const left = (this.#listeners.get(event.id) ?? []).filter((one) => one !== entry);
      if (left.length > 0) this.#listeners.set(event.id, left);
      else this.#listeners.delete(event.id);
    };
  }

  /** How many listeners there are, of one plugin or of all. */
  count(owner?: string): number {
    const all = [...this.#listeners.values()].flat();
    return owner === undefined ? all.length : all.filter((one) => one.owner === owner).length;
  }

  emit<T>(event: EventKey<T>, payload: T): void {
    for (const { owner, handle } of this.#listeners.get(event.id) ?? []) {
      try {
        const result = handle(payload);
        if (result instanceof Promise) result.catch((error: unknown) => this.#report(event.id, owner, error));
      } catch (error) {
        this.#report(event.id, owner, error);
      }
    }
  }

  #report(event: string, owner: string, error: unknown): void {
    this.#log.error({ module: owner, event, err: error }, 'a listener failed');
  }
}
