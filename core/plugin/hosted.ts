import { join } from 'node:path';
import { byItself } from '../store/by-hand.ts';
import { contextFor } from './context.ts';
import {
  DEADLINE_MS,
  type Health,
  type PluginDefinition,
  type PluginParts,
  type PluginState,
  type Provided,
} from './contract.ts';
import { within } from './deadline.ts';
import { guardedParts } from './guarded.ts';
import type { HostOptions } from './host.ts';
import { Life, Tally } from './life.ts';
import { loadPlugin } from './load.ts';
import type { FoundPlugin, Manifest } from './manifest.ts';
import type { Needing } from './needs.ts';
import type { Registry } from './registry.ts';
import type { CheckedConfig, StoredConfig } from './stored-config.ts';
import { watchStrays } from './strays.ts';

const HEALTH_MS = 2_000;
const NOTHING: ReadonlySet<string> = new Set();

/** Services as they stand, by key, with the plugin that offers each. */
export type Services = Map<string, { owner: string; implementation: unknown }>;

export interface HostedTools {
  options: HostOptions;
  stored: StoredConfig;
  registry: Registry;
  services: Services;
  stopping(): boolean;
  /** An error of a life that no caller was there to take. */
  strayed(plugin: Hosted, life: Life, error: unknown): void;
}

/** Why a start does without a plugin, whatever its switch says: its manifest is at fault, or the box is in safe mode. */
export interface Barred {
  state: 'FAILED' | 'DISABLED';
  reason: string;
}

/** One plugin in the host: what is known of it, and the steps of its life. When which step is due, the host decides. */
export class Hosted {
  readonly id: string;
  readonly manifest: Manifest | undefined;
  readonly barred: Barred | undefined;
  readonly tally = new Tally();
  definition: PluginDefinition | undefined;
  state: PluginState = 'PENDING';
  reason: string | undefined;
  attempts = 0;
  restarts = 0;
  /** Until the next try, or until a running plugin counts as steady. */
  timer: NodeJS.Timeout | undefined;
  readonly #folder: string;
  readonly #tools: HostedTools;
  #life: Life | undefined;
  #returns = true;
  /** As the plugin gave them. */
  #parts: PluginParts<unknown> | undefined;
  #state: CheckedConfig | undefined;

  constructor(found: FoundPlugin, barred: Barred | undefined, tools: HostedTools) {
    this.id = found.id;
    this.manifest = found.manifest;
    this.barred = barred;
    this.#folder = found.folder;
    this.#tools = tools;
  }

  get needing(): Needing {
    return {
      ...(this.manifest ? { manifest: this.manifest } : {}),
      held: this.#life?.held ?? NOTHING,
      running: this.state === 'RUNNING',
    };
  }

  /** Settings as the running plugin has them. */
  get config(): unknown {
    return this.#state?.config;
  }

  /** @throws whatever goes wrong; what was registered until then is taken back by `takeDown` */
  async setUp(manifest: Manifest): Promise<void> {
    const { options, stored, services, stopping } = this.#tools;
    const { id } = this;
    const life = this.#begin();
    this.definition ??= await within(DEADLINE_MS.setup, `loading of "${id}"`, () =>
      life.run('loading', () => loadPlugin(this.#folder)),
    );
    const { definition } = this;
    if (definition.tables) await options.store.migrate(id, join(this.#folder, 'migrations'));
    const state = stored.checked(id, definition);
    this.#state = state;
    const uses = definition.use ?? {};
    const context = contextFor({ life, manifest, uses, state, service: (key) => services.get(key), options });
    const parts = await within(DEADLINE_MS.setup, `setup of "${id}"`, () =>
      byItself(() => life.run('setup', () => definition.setup(context))),
    );
    if (stopping()) throw new Error('the box is stopping');
    this.#parts = parts;
    this.#register(life, manifest, definition, parts);
    await within(DEADLINE_MS.start, `start of "${id}"`, () => byItself(() => life.run('start', () => parts.start?.())));
    life.starting = false;
  }

  #begin(): Life {
    const { options, strayed } = this.#tools;
    const { id, tally } = this;
    const life: Life = new Life({
      plugin: id,
      folder: this.#folder,
      tally,
      returns: () => this.#returns,
      strayed: (error) => strayed(this, life, error),
      held: (what, ms) => {
        if (!tally.mayTell('held')) return;
        const message = `plugin ${id} held the event loop for ${(ms / 1000).toFixed(1)} s`;
        options.log.warn({ module: id, reason: what, ms: Math.round(ms) }, message);
      },
    });
    this.#life = life;
    watchStrays(life);
    return life;
  }

  #register(life: Life, manifest: Manifest, definition: PluginDefinition, given: PluginParts<unknown>): void {
    const { options, registry } = this.#tools;
    const parts = guardedParts(life, given);
    registry.add(this.id, parts, manifest.messages, definition.ui);
    registry.folders.set(this.id, this.#folder);
    life.onEnd(() => registry.remove(this.id));
    for (const { event, handle } of parts.on ?? []) life.onEnd(options.bus.on(event, this.id, handle));
    this.#offer(life, manifest, given.services ?? []);
  }

  /** @throws Error where what is offered is not what the manifest promises */
  #offer(life: Life, manifest: Manifest, offered: Provided[]): void {
    const { services } = this.#tools;
    for (const { capability, implementation } of offered) {
      if (!manifest.provides.includes(capability.id)) {
        throw new Error(`offers ${capability.id}, which plugin.json does not list under "provides"`);
      }
      services.set(capability.id, { owner: this.id, implementation });
      life.onEnd(() => services.delete(capability.id));
    }
    const missing = manifest.provides.find((service) => services.get(service)?.owner !== this.id);
    if (missing) throw new Error(`plugin.json lists ${missing} under "provides", but setup does not offer it`);
  }

  /** Gives a running plugin changed settings. False: it takes them only by being set up anew. */
  async reconfigure(config: unknown): Promise<boolean> {
    const life = this.#life;
    const parts = this.#parts;
    if (!this.#state || !life || !parts?.reconfigure) return false;
    this.#state.config = config;
    delete this.#state.fault;
    try {
      await within(DEADLINE_MS.reconfigure, `reconfigure of "${this.id}"`, () =>
        life.run('reconfigure', () => parts.reconfigure?.(config)),
      );
      return true;
    } catch (error) {
      // Half of it may have taken the new settings.
      const { log } = this.#tools.options;
      log.error({ module: this.id, err: error }, 'plugin did not take its settings: it is set up anew');
      return false;
    }
  }

  /** Stops the plugin and takes back everything it has registered. */
  /** @param returns whether it will be started again; told also of one that is down already */
  async takeDown(returns: boolean): Promise<void> {
    clearTimeout(this.timer);
    this.#returns = returns;
    const life = this.#life;
    const parts = this.#parts;
    if (life) life.leaving = true;
    if (life && parts?.stop) {
      try {
        await within(DEADLINE_MS.stop, `stop of "${this.id}"`, () => life.run('stop', () => parts.stop?.()));
      } catch (error) {
        this.#tools.options.log.warn({ module: this.id, err: error }, 'plugin did not stop cleanly');
      }
    }
    life?.end();
    this.#life = undefined;
    this.#parts = undefined;
    this.#state = undefined;
  }

  /** How the plugin says it is; a check that hangs or throws counts as degraded. Undefined while there is none to ask. */
  async health(): Promise<Health | undefined> {
    const life = this.#life;
    const parts = this.#parts;
    if (!life || !parts) return undefined;
    try {
      const ask = () => life.run('health check', () => parts.health?.()) ?? { state: 'ok' as const };
      const told = await within(HEALTH_MS, `health check of "${this.id}"`, ask);
      return this.#state?.fault ? { state: 'degraded', detail: this.#state.fault } : told;
    } catch (error) {
      this.tally.errors.health += 1;
      return { state: 'degraded', detail: (error as Error).message };
    }
  }
}
