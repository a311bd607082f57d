import type { Logger } from 'pino';
import { z } from 'zod';
import type { Store } from '../store/database.ts';
import type { PluginDefinition } from './contract.ts';

const SWITCHED_OFF = 'plugins.disabled';

/** What the box keeps about plugins: their settings, and which of them are switched off. */
export class StoredConfig {
  readonly #store: Store;
  readonly #log: Logger;

  constructor(store: Store, log: Logger) {
    this.#store = store;
    this.#log = log;
  }

  /** Settings as they were stored, whether they fit or not, so that they can be mended; nothing where unreadable. */
  values(id: string): Record<string, unknown> {
    try {
      return this.#store.settings.get(`plugin.${id}`, z.record(z.string(), z.unknown())) ?? {};
    } catch (error) {
      this.#log.error({ module: id, err: error }, 'stored settings cannot be read');
      return {};
    }
  }

  /**
   * Settings as the plugin gets them.
   * @throws Error naming a setting that is required and missing
   */
  checked(id: string, definition: PluginDefinition): unknown {
    if (!definition.config) return {};
    const parsed = definition.config.safeParse(this.values(id));
    if (parsed.success) return parsed.data;
    this.#log.error({ module: id, reason: parsed.error.message }, 'stored settings are not valid');
    const defaults = definition.config.safeParse({});
    if (defaults.success) return defaults.data;
    const [issue] = defaults.error.issues;
    throw new Error(`needs settings: ${issue?.path.join('.')}: ${issue?.message}`);
  }

  keep(id: string, config: unknown): Promise<void> {
    return this.#store.settings.set(`plugin.${id}`, config, { sealed: true });
  }

  switchedOff(): Set<string> {
    try {
      return new Set(this.#store.settings.get(SWITCHED_OFF, z.array(z.string())));
    } catch (error) {
      this.#log.error({ err: error }, 'which plugins are switched off cannot be read: all are on');
      return new Set();
    }
  }

  keepSwitchedOff(ids: Set<string>): Promise<void> {
    return this.#store.settings.set(SWITCHED_OFF, [...ids].sort());
  }
}
