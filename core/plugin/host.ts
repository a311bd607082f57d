import type { Logger } from 'pino';
import type { Registry as MetricsRegistry } from 'prom-client';
import type { Bus } from '../events/bus.ts';
import type { Area } from '../gateway/authorization.ts';
import { checkInput } from '../gateway/dispatch.ts';
import { CODE, ContractError } from '../gateway/errors.ts';
import type { Store } from '../store/database.ts';
import type { Retention } from '../store/retention.ts';
import { configSchema, keepSecrets, maskSecrets } from './config.ts';
import type { Clock, Provided } from './contract.ts';
import { orderPlugins } from './graph.ts';
import { type Barred, Hosted, type HostedTools, type Services } from './hosted.ts';
import type { Capability } from './keys.ts';
import { dropLeftDownloads } from './left-downloads.ts';
import { Life } from './life.ts';
import { findPlugins, type Manifest } from './manifest.ts';
import { type Needing, needersOf, usersOf } from './needs.ts';
import { showPlugins } from './plugin-metrics.ts';
import { Registry } from './registry.ts';
import type { PluginReport } from './services.ts';
import { StoredConfig } from './stored-config.ts';

/** How a plugin that fails, at its start or later, is tried again. */
export interface Patience {
  /** Before each try, ms; after the last it is FAILED until somebody acts. */
  pauses: readonly number[];
  /** A plugin that has run so long gets all its tries back, ms. */
  steady: number;
}

const PATIENCE: Patience = { pauses: [100, 1_000, 2_000, 5_000, 15_000, 60_000], steady: 10 * 60_000 };

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
  /** Plugins this start does without, with the reason. */
  leaveOut?: (plugins: Manifest[]) => Map<string, string>;
  /** A plugin says that its pages should read again. */
  changed(plugin: string, what: string): void;
  /** Stages or pages have come or gone. */
  partsChanged(): void;
  patience?: Patience;
}

/**
 * Loads plugins in the order of their needs, leads them through their life and says how they are. A plugin that fails
 * is taken down and tried again, with growing pauses; those that need it wait for it, everybody else goes on.
 */
export class PluginHost {
  readonly registry = new Registry();
  readonly #options: HostOptions;
  readonly #patience: Patience;
  readonly #stored: StoredConfig;
  readonly #plugins = new Map<string, Hosted>();
  readonly #services: Services = new Map();
  #switchedOff = new Set<string>();
  #order: string[] = [];
  #stopping = false;
  #dropAgain: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: HostOptions) {
    this.#options = options;
    this.#patience = options.patience ?? PATIENCE;
    this.#stored = new StoredConfig(options.store, options.log);
    for (const { capability, implementation } of options.services) {
      this.#services.set(capability.id, { owner: 'core', implementation });
    }
    showPlugins(options.metrics, () =>
      [...this.#plugins.values()].map(({ id, state, restarts, tally }) => ({
        id,
        running: state === 'RUNNING',
        restarts,
        listeners: options.bus.count(id),
        tally,
      })),
    );
  }

  /** Finds, checks and starts every plugin. Faults of single plugins end up in their state, never here. */
  start(): Promise<void> {
    return this.#inTurn(() => this.#startAll());
  }

  async #startAll(): Promise<void> {
    const { pluginRoot, coreVersion, leaveOut, log } = this.#options;
    const found = findPlugins(pluginRoot, coreVersion);
    const { order, refused } = orderPlugins(found, [...this.#services.keys()]);
    const leftOut = leaveOut?.(order.flatMap(({ manifest }) => manifest ?? [])) ?? new Map<string, string>();
    this.#switchedOff = this.#stored.switchedOff();
    const tools: HostedTools = {
      options: this.#options,
      stored: this.#stored,
      registry: this.registry,
      services: this.#services,
      stopping: () => this.#stopping,
      strayed: (plugin, life, error) => this.#strayed(plugin, life, error),
    };
    for (const one of found) {
      const fault = refused.get(one.id);
      if (fault) log.error({ module: one.id, reason: fault }, 'plugin is left out');
      const plugin = new Hosted(one, barred(fault, leftOut.get(one.id)), tools);
      this.#plugins.set(one.id, plugin);
      this.#keptDown(plugin);
    }
    this.#order = order.map(({ id }) => id);
    for (const id of this.#order) await this.#bringUp(id);
  }

  /** Stops plugins, the last one started first. */
  stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#dropAgain);
    return this.#inTurn(async () => {
      for (const id of [...this.#order].reverse()) await this.#takeDown(id, 'STOPPED');
    });
  }

  /** Steps of plugins' lives follow one another: two at once would set a plugin up twice. */
  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    // Between two steps every plugin runs that can.
    const turn = Life.outside(() => this.#last.then(step).finally(() => this.#dropLeftDownloads()));
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** States and health of all plugins; a health check that hangs counts as degraded. */
  async reports(): Promise<PluginReport[]> {
    return Promise.all(
      [...this.#plugins.values()].map(async (plugin) => {
        const health = await plugin.health();
        const degraded = plugin.state === 'RUNNING' && health?.state === 'degraded';
        const { errors, holds } = plugin.tally;
        return {
          id: plugin.id,
          version: plugin.manifest?.version ?? '',
          state: degraded ? 'DEGRADED' : plugin.state,
          ...(plugin.reason ? { reason: plugin.reason } : {}),
          ...(health ? { health } : {}),
          restarts: plugin.restarts,
          errors: errors.request + errors.event + errors.health + errors.stray,
          holds,
          configurable: plugin.definition?.config !== undefined,
          enabled: !this.#switchedOff.has(plugin.id),
          essential: plugin.manifest?.essential ?? false,
          neededBy: this.#needersOf(plugin.id),
        } satisfies PluginReport;
      }),
    );
  }

  /** Every plugin that is there, running or not. */
  ids(): string[] {
    return [...this.#plugins.keys()];
  }

  /** A service as it stands now. */
  service<T>(capability: Capability<T>): T | undefined {
    return this.#services.get(capability.id)?.implementation as T | undefined;
  }

  // --- settings and switches -------------------------------------------------------------------------------------

  pluginConfig(id: string): { schema: unknown; values: Record<string, unknown>; area: Area } | undefined {
    const plugin = this.#plugins.get(id);
    if (!plugin?.definition?.config) return undefined;
    const values = plugin.config ?? this.#stored.values(id);
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

  /** The same for those that are given; null is the usual value again. Others stay, also what was changed meanwhile. */
  changePluginConfig(id: string, change: Record<string, unknown>): Promise<void> {
    return this.#inTurn(() => {
      const schema = this.#plugins.get(id)?.definition?.config;
      const stored = schema ? maskSecrets(schema, this.#stored.fitting(id, schema)) : {};
      const given = Object.entries({ ...stored, ...change }).filter(([, value]) => value !== null);
      return this.#configure(id, Object.fromEntries(given));
    });
  }

  async #configure(id: string, values: unknown): Promise<void> {
    const plugin = this.#plugins.get(id);
    const schema = plugin?.definition?.config;
    if (!plugin || !schema) throw new ContractError(CODE.noSuchData, `plugin "${id}" has no settings`);
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      throw new ContractError(CODE.wrongParameter, 'settings must be one JSON object');
    }
    const config = checkInput(schema, keepSecrets(schema, values as Record<string, unknown>, this.#stored.values(id)));
    await this.#stored.keep(id, config);
    if (await plugin.reconfigure(config)) return;
    plugin.attempts = 0;
    await this.#around([id], async () => {
      await this.#takeDown(id, 'PENDING');
      plugin.state = 'PENDING';
      await this.#bringUp(id);
    });
  }

  /**
   * Switches a plugin on or off, now and for every later start.
   * @param withNeeders switch off what needs it as well, instead of refusing
   * @throws ContractError `noSuchData` for an unknown plugin; `wrongParameter` when the box cannot do without it, or
   *   when others need it: their ids stand in `data.neededBy`
   */
  setEnabled(id: string, enabled: boolean, withNeeders = false): Promise<void> {
    return this.#inTurn(async () => {
      const plugin = this.#plugins.get(id);
      if (!plugin) throw new ContractError(CODE.noSuchData, `there is no plugin "${id}"`);
      if (enabled === !this.#switchedOff.has(id)) return;
      await (enabled ? this.#switchOn(plugin) : this.#switchOff(id, withNeeders));
    });
  }

  async #switchOn(plugin: Hosted): Promise<void> {
    const { id } = plugin;
    await this.#keepSwitches((off) => off.delete(id));
    this.#options.log.info({ module: id }, 'plugin is switched on');
    plugin.attempts = 0;
    plugin.state = 'PENDING';
    this.#keptDown(plugin);
    await this.#bringUp(id);
  }

  async #switchOff(id: string, withNeeders: boolean): Promise<void> {
    const needers = this.#needersOf(id);
    const going = [id, ...needers];
    const essential = going.find((one) => this.#plugins.get(one)?.manifest?.essential);
    if (essential) {
      const who = essential === id ? 'the box' : `"${essential}", which the box cannot do without,`;
      throw new ContractError(CODE.wrongParameter, `"${id}" cannot be switched off: ${who} needs it`);
    }
    if (needers.length > 0 && !withNeeders) {
      throw new ContractError(CODE.wrongParameter, `"${id}" is needed by ${needers.join(', ')}`, { neededBy: needers });
    }
    await this.#keepSwitches((off) => {
      for (const one of going) off.add(one);
    });
    this.#options.log.info({ module: id, with: needers }, 'plugin is switched off');
    await this.#around(going, async () => {
      for (const one of [...going].reverse()) await this.#takeDown(one, 'DISABLED');
    });
  }

  async #keepSwitches(change: (off: Set<string>) => void): Promise<void> {
    const off = new Set(this.#switchedOff);
    change(off);
    await this.#stored.keepSwitchedOff(off);
    this.#switchedOff = off;
  }

  /** Whether a plugin is not to run at all; its state then says so. */
  #keptDown(plugin: Hosted): boolean {
    const kept = this.#switchedOff.has(plugin.id) ? { state: 'DISABLED' as const, reason: undefined } : plugin.barred;
    if (!kept) return false;
    plugin.state = kept.state;
    plugin.reason = kept.reason;
    return true;
  }

  // --- who needs whom --------------------------------------------------------------------------------------------

  readonly #needing = (id: string): Needing => this.#plugins.get(id)?.needing ?? { held: new Set(), running: false };

  /** Plugins that could not run without this one and are not switched off themselves. */
  #needersOf(id: string): string[] {
    return needersOf(id, this.#order, this.#needing).filter((one) => !this.#switchedOff.has(one));
  }

  /**
   * Takes down who uses services of these plugins, the last one started first; lets `change` happen, and starts again
   * whoever still can: what they have registered with the services goes with those.
   */
  async #around(ids: readonly string[], change: () => Promise<void>): Promise<void> {
    const users = usersOf(ids, this.#order, this.#needing);
    for (const user of [...users].reverse()) await this.#takeDown(user, 'PENDING');
    await change();
    for (const user of users) await this.#bringUp(user);
  }

  /** Services have come: who waits for them starts, and who was set up without them but had looked starts anew. */
  async #wakeUsers(id: string, manifest: Manifest): Promise<void> {
    const users = usersOf([id], this.#order, this.#needing);
    for (const user of [...users].reverse()) await this.#takeDown(user, 'PENDING');
    for (const other of this.#order) {
      const plugin = this.#plugins.get(other);
      if (plugin?.state !== 'PENDING') continue;
      const waited = plugin.manifest?.requires.some((service) => manifest.provides.includes(service));
      if (waited || users.includes(other)) await this.#bringUp(other);
    }
  }

  #waitsFor(service: string): string {
    const offers = this.#order.find((id) => this.#plugins.get(id)?.manifest?.provides.includes(service));
    const off = offers !== undefined && this.#switchedOff.has(offers);
    return `waits for ${service}${off ? ` of "${offers}", which is switched off` : ''}`;
  }

  // --- one plugin's life -----------------------------------------------------------------------------------------

  async #bringUp(id: string): Promise<void> {
    const plugin = this.#plugins.get(id);
    if (!plugin?.manifest || this.#stopping || plugin.state === 'RUNNING' || this.#keptDown(plugin)) return;
    const missing = plugin.manifest.requires.find((service) => !this.#services.has(service));
    if (missing) {
      plugin.state = 'PENDING';
      plugin.reason = this.#waitsFor(missing);
      return;
    }
    const began = performance.now();
    try {
      await plugin.setUp(plugin.manifest);
    } catch (error) {
      this.#options.log.error({ module: id, err: error }, 'plugin did not start');
      await this.#failed(plugin, error);
      return;
    }
    plugin.state = 'RUNNING';
    plugin.reason = undefined;
    plugin.timer = setTimeout(() => {
      plugin.attempts = 0;
    }, this.#patience.steady);
    plugin.timer.unref();
    this.#options.log.info({ module: id, ms: Math.round(performance.now() - began) }, 'plugin is running');
    this.#options.partsChanged();
    await this.#wakeUsers(id, plugin.manifest);
  }

  /** An error of a timer, a forgotten promise or the like: what the plugin still does right is not known. */
  #strayed(plugin: Hosted, life: Life, error: unknown): void {
    const { id, tally } = plugin;
    const { log } = this.#options;
    if (life.ended || life.faulted || this.#stopping) {
      if (tally.mayTell('stray')) log.error({ module: id, err: error }, 'a plugin that was taken down still throws');
      return;
    }
    life.faulted = true;
    log.error({ module: id, err: error }, 'plugin failed while it ran: it is taken down and started again');
    void this.#inTurn(async () => {
      // It may have been taken down, for whatever reason, before its turn came.
      if (life.ended || plugin.state !== 'RUNNING') return;
      await this.#around([id], () => this.#failed(plugin, error));
    });
  }

  /** Takes down a plugin that failed, and sees to its next try. */
  async #failed(plugin: Hosted, error: unknown): Promise<void> {
    const { id } = plugin;
    await this.#takeDown(id, 'RETRYING');
    if (this.#stopping) return;
    const { pauses } = this.#patience;
    // Without an essential plugin nobody could even sign in to start it again.
    const pause = pauses[plugin.attempts] ?? (plugin.manifest?.essential ? pauses.at(-1) : undefined);
    plugin.attempts += 1;
    plugin.reason = error instanceof Error ? error.message : String(error);
    if (pause === undefined) {
      plugin.state = 'FAILED';
      plugin.reason += ` (given up after ${pauses.length + 1} tries)`;
      return;
    }
    plugin.timer = setTimeout(() => {
      void this.#inTurn(async () => {
        if (plugin.state !== 'RETRYING') return;
        plugin.restarts += 1;
        await this.#bringUp(id);
      });
    }, pause);
    plugin.timer.unref();
  }

  async #takeDown(id: string, state: 'PENDING' | 'RETRYING' | 'DISABLED' | 'STOPPED'): Promise<void> {
    const plugin = this.#plugins.get(id);
    if (!plugin) return;
    await plugin.takeDown(state !== 'DISABLED');
    if (plugin.state !== 'FAILED') plugin.state = state;
    this.#keptDown(plugin);
    if (!this.#stopping) this.#options.partsChanged();
  }

  /** Does not reject: tries again later. A box that stops keeps them: they are let go when it starts without their plugin. */
  async #dropLeftDownloads(): Promise<void> {
    if (this.#stopping) return;
    const { store, log } = this.#options;
    clearTimeout(this.#dropAgain);
    try {
      const files = await dropLeftDownloads(store, (id) => this.#plugins.get(id)?.state === 'RUNNING');
      if (files > 0) log.info({ files }, 'downloads of plugins that do not run were removed');
    } catch (error) {
      log.error({ err: error }, 'downloads of plugins that do not run could not be removed');
      if (this.#stopping) return;
      // In turn: of a plugin that is being started anew nothing goes.
      const { pauses, steady } = this.#patience;
      this.#dropAgain = setTimeout(() => void this.#inTurn(async () => {}), pauses.at(-1) ?? steady);
      this.#dropAgain.unref();
    }
  }
}

function barred(fault: string | undefined, leftOut: string | undefined): Barred | undefined {
  if (fault) return { state: 'FAILED', reason: fault };
  return leftOut ? { state: 'DISABLED', reason: leftOut } : undefined;
}
