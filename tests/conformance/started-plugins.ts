import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pino } from 'pino';
import { systemClock } from '../../core/clock.ts';
import { Bus } from '../../core/events/bus.ts';
import type { Access } from '../../core/gateway/authorization.ts';
import { createMetrics } from '../../core/metrics.ts';
import { PluginHost } from '../../core/plugin/host.ts';
import type { Owned } from '../../core/plugin/registry.ts';
import { openStore } from '../../core/store/database.ts';
import { createRetention } from '../../core/store/retention.ts';
import type { DescriberDeclaration } from '../../core/vision/describer.ts';
import type { StageDeclaration } from '../../core/vision/stage.ts';
import { quietServices } from './quiet-services.ts';

const root = resolve(import.meta.dirname, '../..');
const silent = pino({ level: 'silent' });

/** What plugins declare. */
export interface Declared {
  /** For the vision worker. */
  stages: Owned<StageDeclaration>[];
  describers: Owned<DescriberDeclaration>[];
  /** Calls that the operation log has, as it names them: plugin and what was called. */
  acts: string[];
  /** What went wrong at their start. */
  faults: string[];
}

const changes = (access: Access) => typeof access === 'object' && access.action === 'change';

/** Starts every plugin as the box does, without video and gateway, and ends them again. */
export async function startPlugins(): Promise<Declared> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-stages-'));
  const store = await openStore({ folder, log: silent });
  const plugins = new PluginHost({
    coreVersion: version,
    pluginRoot: join(root, 'plugins'),
    store,
    retention: createRetention({ store, log: silent, clock: systemClock }),
    bus: new Bus(silent),
    log: silent,
    clock: systemClock,
    metrics: createMetrics(),
    services: quietServices,
    firstStart: { adminPassword: 'Gate-house-1' },
    changed: () => {},
    partsChanged: () => {},
  });
  try {
    await plugins.start();
    const faults = (await plugins.reports()).flatMap(({ id, reason }) => (reason ? [`${id}: ${reason}`] : []));
    const { stages, describers, messages, routes } = plugins.registry;
    const acts = [
      ...[...messages.values()].flatMap(({ owner, definition: { id, name, access, logged } }) =>
        logged || changes(access) ? [`${owner} ${id} ${name}`] : [],
      ),
      ...[...routes].flatMap(([owner, own]) =>
        own.flatMap(({ method, path, access, logged }) =>
          logged || (method !== 'GET' && changes(access)) ? [`${owner} ${method} ${path}`] : [],
        ),
      ),
    ];
    return { stages: [...stages.values()], describers: [...describers.values()], acts, faults };
  } finally {
    await plugins.stop();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
