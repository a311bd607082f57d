import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Logger } from 'pino';
import type { Registry as MetricsRegistry } from 'prom-client';
import { z } from 'zod';
import type { Bus } from '../events/bus.ts';
import type { Area } from '../gateway/authorization.ts';
import { checkInput } from '../gateway/dispatch.ts';
import { CODE, ContractError } from '../gateway/errors.ts';
import { metricsFor } from '../metrics.ts';
import type { Store } from '../store/database.ts';
import type { Retention } from '../store/retention.ts';
import { configSchema, keepSecrets, maskSecrets, nestedSecret } from './config.ts';
import {
  type Clock,
  DEADLINE_MS,
  type Health,
  type OptionalUse,
  type PluginContext,
  type PluginDefinition,
  type PluginParts,
  type PluginState,
  type Provided,
  type Uses,
} from './contract.ts';
import { within } from './deadline.ts';
import { orderPlugins } from './graph.ts';
import type { Capability } from './keys.ts';
import { type FoundPlugin, findPlugins, type Manifest } from './manifest.ts';
import { Registry } from './registry.ts';
import type { PluginReport } from './services.ts';

/** Pauses before a failed plugin is tried again, ms; after the last it is FAILED until somebody acts. */
const RETRY_PAUSES = [1_000, 2_000, 5_000, 15_000, 60_000];

export interface HostOptions {
  coreVersion: string;
  /** Folder that holds one folder per plugin. */
  pluginRoot: string;
  store: Store;
  retention: Retention;
  bus: Bus;
  log: Logger;
  clock: Clock;
  metrics: MetricsRegistry;
  /** Services of the core itself. */
  services: Provided[];
  firstStart: { adminPassword?: string };
  /** A plugin says that its pages should read again. */
  changed(plugin: string, what: string): void;
  /** Stages or pages have come or gone. */
  partsChanged(): void;
}

interface Loaded {
  found: FoundPlugin;
  manifest?: Manifest;
  definition?: PluginDefinition;
  parts?: PluginParts<unknown>;
  context?: { config: unknown };
  state: PluginState;
  reason?: string;
  attempts: number;
  restarts: number;
  undo: (() => void)[];
  timer?: NodeJS.Timeout;
}

/** Loads plugins in the order of their needs, leads them through their life and says how they are. */
export class PluginHost {
  readonly registry = new Registry();
  readonly #options: HostOptions;
  readonly #plugins = new Map<string, Loaded>();
  readonly #services = new Map<string, { owner: string; implementation: unknown }>();
  #order: string[] = [];
  #stopping = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: HostOptions) {
    this.#options = options;
    for (const { capability, implementation } of options.services) {
      this.#services.set(capability.id, { owner: 'core', implementation });
    }
  }

  /** Finds, checks and starts every plugin. Faults of single plugins end up in their state, never here. */
  start(): Promise<void> {
    return this.#inTurn(() => this.#startAll());
  }

  async #startAll(): Promise<void> {
    const found = findPlugins(this.#options.pluginRoot, this.#options.coreVersion);
    const { order, refused } = orderPlugins(found, [...this.#services.keys()]);
    for (const plugin of found) {
      const reason = refused.get(plugin.id);
      this.#plugins.set(plugin.id, {
        found: plugin,
        ...(plugin.manifest ? { manifest: plugin.manifest } : {}),
        state: reason ? 'FAILED' : 'PENDING',
        ...(reason ? { reason } : {}),
        attempts: 0,
        restarts: 0,
        undo: [],
      });
      if (reason) this.#options.log.error({ module: plugin.id, reason }, 'plugin is left out');
    }
    this.#order = order.map((plugin) => plugin.id);
    for (const id of this.#order) await this.#bringUp(id);
  }

  /** Stops plugins, the last one started first. */
  stop(): Promise<void> {
    this.#stopping = true;
    return this.#inTurn(async () => {
      for (const id of [...this.#order].reverse()) await this.#takeDown(id, 'STOPPED');
    });
  }

  /** Steps of plugins' lives follow one another: two at once would set a plugin up twice. */
  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(step);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** States and health of all plugins; a health check that hangs counts as degraded. */
  async reports(): Promise<PluginReport[]> {
    return Promise.all(
      [...this.#plugins].map(async ([id, plugin]) => {
        const health = plugin.parts ? await this.#health(id, plugin) : undefined;
        const degraded = plugin.state === 'RUNNING' && health?.state === 'degraded';
        return {
          id,
          version: plugin.manifest?.version ?? '',
          state: degraded ? 'DEGRADED' : plugin.state,
          ...(plugin.reason ? { reason: plugin.reason } : {}),
          ...(health ? { health } : {}),
          restarts: plugin.restarts,
          configurable: plugin.definition?.config !== undefined,
        } satisfies PluginReport;
      }),
    );
  }

  /** A service as it stands now. */
  service<T>(capability: Capability<T>): T | undefined {
    return this.#services.get(capability.id)?.implementation as T | undefined;
  }

  pluginConfig(id: string): { schema: unknown; values: Record<string, unknown>; area: Area } | undefined {
    const plugin = this.#plugins.get(id);
    if (!plugin?.definition?.config) return undefined;
    const values = plugin.context?.config ?? this.#storedValues(id);
    return {
      schema: configSchema(plugin.definition.config),
      values: maskSecrets(plugin.definition.config, values as Record<string, unknown>),
      area: plugin.definition.configArea ?? 'people',
    };
  }

  /**
   * Stores and applies settings of a plugin.
   * @throws ContractError `noSuchData` for a plugin without settings, `wrongParameter` naming the field
   */
  setPluginConfig(id: string, values: unknown): Promise<void> {
    return this.#inTurn(() => this.#configure(id, values));
  }

  async #configure(id: string, values: unknown): Promise<void> {
    const plugin = this.#plugins.get(id);
    const schema = plugin?.definition?.config;
    if (!plugin?.definition || !schema) throw new ContractError(CODE.noSuchData, `plugin "${id}" has no settings`);
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw new ContractError(CODE.wrongParameter, 'settings must be one JSON object');
    }
    const config = checkInput(schema, keepSecrets(schema, values as Record<string, unknown>, this.#storedValues(id)));
    await this.#options.store.settings.set(`plugin.${id}`, config, { sealed: true });
    if (plugin.context && plugin.parts?.reconfigure) {
      plugin.context.config = config;
      const { parts } = plugin;
      await within(DEADLINE_MS.reconfigure, `reconfigure of "${id}"`, () => parts.reconfigure?.(config));
      return;
    }
    // Who uses its services has registered things with it that go with it: they start anew as well.
    const users = this.#usersOf(plugin.manifest?.provides ?? []);
    for (const user of [...users].reverse()) await this.#takeDown(user, 'PENDING');
    await this.#takeDown(id, 'PENDING');
    plugin.attempts = 0;
    plugin.state = 'PENDING';
    for (const one of [id, ...users]) await this.#bringUp(one);
  }

  /** Running plugins that use one of these services, and those that use theirs, in the order of starting. */
  #usersOf(services: string[]): string[] {
    const wanted = new Set(services);
    const found = new Set<string>();
    for (const id of this.#order) {
      const plugin = this.#plugins.get(id);
      const uses = [...(plugin?.manifest?.requires ?? []), ...(plugin?.manifest?.optional ?? [])];
      if (plugin?.state !== 'RUNNING' || !uses.some((service) => wanted.has(service))) continue;
      found.add(id);
      for (const service of plugin.manifest?.provides ?? []) wanted.add(service);
    }
    return [...found];
  }

  // --- one plugin's life ---------------------------------------------------------------------------------------

  async #bringUp(id: string): Promise<void> {
    const plugin = this.#plugins.get(id);
    if (!plugin?.manifest || this.#stopping || plugin.state === 'RUNNING') return;
    const waitsFor = plugin.manifest.requires.find((service) => !this.#services.has(service));
    if (waitsFor) {
      plugin.state = 'PENDING';
      plugin.reason = `waits for ${waitsFor}`;
      return;
    }
    const began = performance.now();
    try {
      await this.#setUp(id, plugin, plugin.manifest);
    } catch (error) {
      await this.#failed(id, plugin, error as Error);
      return;
    }
    plugin.state = 'RUNNING';
    delete plugin.reason;
    plugin.attempts = 0;
    this.#options.log.info({ module: id, ms: Math.round(performance.now() - began) }, 'plugin is running');
    this.#options.partsChanged();
    await this.#wakeDependents(plugin.manifest);
  }

  async #setUp(id: string, plugin: Loaded, manifest: Manifest): Promise<void> {
    const { store, metrics } = this.#options;
    plugin.definition ??= await this.#load(id, plugin.found.folder);
    const { definition } = plugin;
    if (definition.tables) await store.migrate(id, join(plugin.found.folder, 'migrations'));
    const config = this.#storedConfig(id, definition);
    const state = { config };
    plugin.context = state;
    const folder = join(this.#options.store.folder, 'plugins', id);
    const context: PluginContext = {
      id,
      get config() {
        return state.config;
      },
      use: this.#uses(id, definition.use ?? {}, manifest) as PluginContext['use'],
      log: this.#options.log.child({ module: id }),
      clock: this.#options.clock,
      metrics: metricsFor(metrics, id),
      store,
      secrets: store.keys.for(id),
      firstStart: this.#options.firstStart,
      dataFolder: async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        return folder;
      },
      emit: (event, payload) => this.#options.bus.emit(event, payload),
      retain: (policy) => plugin.undo.push(this.#options.retention.register(policy)),
      changed: (what) => this.#options.changed(id, what),
    };
    const parts = await within(DEADLINE_MS.setup, `setup of "${id}"`, () => definition.setup(context));
    if (this.#stopping) throw new Error('the box is stopping');
    plugin.parts = parts;
    this.registry.add(id, parts, manifest.messages, definition.ui);
    this.registry.folders.set(id, plugin.found.folder);
    plugin.undo.push(() => this.registry.remove(id));
    for (const listener of parts.on ?? []) {
      plugin.undo.push(this.#options.bus.on(listener.event, id, listener.handle));
    }
    for (const { capability, implementation } of parts.services ?? []) {
      if (!manifest.provides.includes(capability.id)) {
        throw new Error(`offers ${capability.id}, which plugin.json does not list under "provides"`);
      }
      this.#services.set(capability.id, { owner: id, implementation });
      plugin.undo.push(() => this.#services.delete(capability.id));
    }
    const missing = manifest.provides.find((service) => this.#services.get(service)?.owner !== id);
    if (missing) throw new Error(`plugin.json lists ${missing} under "provides", but setup does not offer it`);
    await within(DEADLINE_MS.start, `start of "${id}"`, () => parts.start?.());
  }

  async #load(id: string, folder: string): Promise<PluginDefinition> {
    const module = (await within(
      DEADLINE_MS.setup,
      `loading of "${id}"`,
      () => import(pathToFileURL(join(folder, 'index.ts')).href),
    )) as { default?: PluginDefinition };
    if (typeof module.default?.setup !== 'function') {
      throw new Error('index.ts has no default export made with definePlugin');
    }
    const nested = module.default.config && nestedSecret(module.default.config);
    if (nested) throw new Error(`the secret in setting "${nested}" must stand at the top level, where it is masked`);
    return module.default;
  }

  async #failed(id: string, plugin: Loaded, error: Error): Promise<void> {
    this.#options.log.error({ module: id, err: error }, 'plugin did not start');
    await this.#takeDown(id, 'RETRYING');
    plugin.state = 'RETRYING';
    const pause = RETRY_PAUSES[plugin.attempts];
    plugin.attempts += 1;
    plugin.reason = error.message;
    if (pause === undefined) {
      plugin.state = 'FAILED';
      plugin.reason = `${error.message} (given up after ${RETRY_PAUSES.length + 1} tries)`;
      return;
    }
    plugin.timer = setTimeout(() => {
      plugin.restarts += 1;
      void this.#inTurn(() => this.#bringUp(id));
    }, pause);
    plugin.timer.unref();
  }

  async #takeDown(id: string, state: PluginState): Promise<void> {
    const plugin = this.#plugins.get(id);
    if (!plugin) return;
    clearTimeout(plugin.timer);
    const { parts } = plugin;
    if (parts?.stop) {
      try {
        await within(DEADLINE_MS.stop, `stop of "${id}"`, () => parts.stop?.());
      } catch (error) {
        this.#options.log.warn({ module: id, err: error }, 'plugin did not stop cleanly');
      }
    }
    for (const undo of plugin.undo.splice(0).reverse()) undo();
    delete plugin.parts;
    delete plugin.context;
    if (plugin.state !== 'FAILED') plugin.state = state;
    if (!this.#stopping) this.#options.partsChanged();
  }

  async #wakeDependents(manifest: Manifest): Promise<void> {
    for (const id of this.#order) {
      const other = this.#plugins.get(id);
      if (other?.state !== 'PENDING') continue;
      if (other.manifest?.requires.some((service) => manifest.provides.includes(service))) await this.#bringUp(id);
    }
  }

  #uses(id: string, uses: Uses, manifest: Manifest): object {
    const used = {};
    for (const [name, use] of Object.entries(uses)) {
      const isOptional = 'optional' in use;
      const capability = isOptional ? (use as OptionalUse<unknown>).optional : (use as Capability<unknown>);
      const listed = isOptional ? manifest.optional : manifest.requires;
      if (!listed.includes(capability.id)) {
        throw new Error(
          `uses ${capability.id}, which plugin.json does not list under "${isOptional ? 'optional' : 'requires'}"`,
        );
      }
      Object.defineProperty(used, name, {
        enumerable: true,
        get: () => {
          const service = this.#services.get(capability.id);
          if (!service && !isOptional) throw new Error(`"${id}" needs ${capability.id}, which is not there now`);
          return service?.implementation;
        },
      });
    }
    return used;
  }

  /** What was stored, whether it fits or not, so that it can be mended; nothing where it cannot be read. */
  #storedValues(id: string): Record<string, unknown> {
    try {
      return this.#options.store.settings.get(`plugin.${id}`, z.record(z.string(), z.unknown())) ?? {};
    } catch (error) {
      this.#options.log.error({ module: id, err: error }, 'stored settings cannot be read');
      return {};
    }
  }

  /** @throws Error naming a setting that is required and missing */
  #storedConfig(id: string, definition: PluginDefinition): unknown {
    if (!definition.config) return {};
    const parsed = definition.config.safeParse(this.#storedValues(id));
    if (parsed.success) return parsed.data;
    this.#options.log.error({ module: id, reason: parsed.error.message }, 'stored settings are not valid');
    const defaults = definition.config.safeParse({});
    if (defaults.success) return defaults.data;
    const [issue] = defaults.error.issues;
    throw new Error(`needs settings: ${issue?.path.join('.')}: ${issue?.message}`);
  }

  async #health(id: string, plugin: Loaded): Promise<Health> {
    try {
      return await within(2_000, `health check of "${id}"`, () => plugin.parts?.health?.() ?? { state: 'ok' as const });
    } catch (error) {
      return { state: 'degraded', detail: (error as Error).message };
    }
  }
}
