import type { Logger } from 'pino';
import { z } from 'zod';
import type { Store } from '../store/database.ts';
import type { PluginDefinition } from './contract.ts';

const SWITCHED_OFF = 'plugins.disabled';

export interface CheckedConfig {
  config: unknown;
  /** Not all of them are those that somebody chose, and why. */
  fault?: string;
}

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
    return this.#read(id).values;
  }

  #read(id: string): { values: Record<string, unknown>; fault?: string } {
    try {
      return { values: this.#store.settings.get(`plugin.${id}`, z.record(z.string(), z.unknown())) ?? {} };
    } catch (error) {
      this.#log.error({ module: id, err: error }, 'stored settings cannot be read');
      const fault = `its settings cannot be read (${(error as Error).message}): the usual ones hold, and nothing is deleted by them until they are saved anew`;
      return { values: {}, fault };
    }
  }

  /**
   * Settings as the plugin gets them. What does not fit (any more) is as usual, the rest as stored; `fault` says so.
   * @throws Error naming a setting that is required and missing
   */
  checked(id: string, definition: PluginDefinition): CheckedConfig {
    const { config: schema } = definition;
    if (!schema) return { config: {} };
    const { values, fault } = this.#read(id);
    const parsed = schema.safeParse(values);
    if (parsed.success) return { config: parsed.data, ...(fault ? { fault } : {}) };
    this.#log.error({ module: id, reason: parsed.error.message }, 'stored settings are not valid');
    const fitting = withoutUnfit(values, parsed.error);
    const unfit = Object.keys(values).filter((key) => !(key in fitting));
    const usual = schema.safeParse(fitting);
    if (usual.success) {
      return { config: usual.data, fault: fault ?? `settings that do not fit are as usual: ${unfit.join(', ')}` };
    }
    const [issue] = usual.error.issues;
    throw new Error(`needs settings: ${issue?.path.join('.')}: ${issue?.message}`);
  }

  /** Settings as they were stored, without what does not fit. */
  fitting(id: string, schema: z.ZodType): Record<string, unknown> {
    const values = this.values(id);
    const { error } = schema.safeParse(values);
    return error ? withoutUnfit(values, error) : values;
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

/** Without the settings at fault; nothing where they do not fit together. */
function withoutUnfit(values: Record<string, unknown>, { issues }: z.ZodError): Record<string, unknown> {
  const unfit = new Set(issues.map(({ path: [key] }) => key));
  return unfit.has(undefined) ? {} : Object.fromEntries(Object.entries(values).filter(([key]) => !unfit.has(key)));
}
