import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { metricsFor } from '../metrics.ts';
import type { RetentionPolicy } from '../store/retention.ts';
import type { OptionalUse, PluginContext, PluginMetrics, Uses } from './contract.ts';
import { guardedPolicy } from './guarded.ts';
import type { HostOptions } from './host.ts';
import type { Capability } from './keys.ts';
import type { Life } from './life.ts';
import type { Manifest } from './manifest.ts';
import type { CheckedConfig } from './stored-config.ts';

export interface ContextParts {
  life: Life;
  manifest: Manifest;
  uses: Uses;
  /** Holds the settings as they are now. */
  state: CheckedConfig;
  /** A service as it stands now. */
  service(id: string): { implementation: unknown } | undefined;
  options: HostOptions;
}

/** What a plugin gets in `setup`: its part of the box, as long as its life lasts. */
export function contextFor({ life, manifest, uses, state, service, options }: ContextParts): PluginContext {
  const id = life.plugin;
  const { store, bus, retention } = options;
  const folder = join(store.folder, 'plugins', id);
  return {
    id,
    get config() {
      return state.config;
    },
    get configFault() {
      return state.fault;
    },
    use: usesOf(life, uses, manifest, service) as PluginContext['use'],
    log: options.log.child({ module: id }),
    clock: options.clock,
    metrics: metricsOf(life, options),
    store: { ...store, write: (job, more) => store.write((tx) => life.run('write job', () => job(tx)), more) },
    secrets: store.keys.for(id),
    firstStart: options.firstStart,
    dataFolder: async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return folder;
    },
    emit: (event, payload) => bus.emit(event, payload),
    retain: (policy) => {
      life.mustLast();
      life.onEnd(retention.register(unlessAtFault(state, guardedPolicy(life, policy))));
    },
    changed: (what) => options.changed(id, what),
  };
}

/** While nobody knows for how long records were to be kept, none goes for its age: what is deleted does not come back. */
function unlessAtFault(state: CheckedConfig, policy: RetentionPolicy): RetentionPolicy {
  return { ...policy, keepDays: () => (state.fault ? 0 : policy.keepDays?.()) };
}

/** Metrics that go with the life, and that no forgotten timer of an earlier life replaces. */
function metricsOf(life: Life, options: HostOptions): PluginMetrics {
  const own = metricsFor(options.metrics, life.plugin, (unregister) => life.onEnd(unregister));
  return {
    counter: (...of) => {
      life.mustLast();
      return own.counter(...of);
    },
    gauge: (name, help, collect, labels) => {
      life.mustLast();
      own.gauge(name, help, () => life.run(`gauge ${name}`, collect), labels);
    },
  };
}

/** @throws Error naming a service that the manifest does not list */
function usesOf(life: Life, uses: Uses, manifest: Manifest, service: ContextParts['service']): object {
  const used = {};
  for (const [name, use] of Object.entries(uses)) {
    const isOptional = 'optional' in use;
    const { id } = isOptional ? (use as OptionalUse<unknown>).optional : (use as Capability<unknown>);
    const listed = isOptional ? manifest.optional : manifest.requires;
    if (!listed.includes(id)) {
      throw new Error(`uses ${id}, which plugin.json does not list under "${isOptional ? 'optional' : 'requires'}"`);
    }
    Object.defineProperty(used, name, {
      enumerable: true,
      get: () => {
        if (isOptional && life.starting) life.held.add(id);
        const found = service(id);
        if (!found && !isOptional) throw new Error(`"${life.plugin}" needs ${id}, which is not there now`);
        return found?.implementation;
      },
    });
  }
  return used;
}
