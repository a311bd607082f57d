import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { TestContext } from 'node:test';
import { z } from 'zod';
import { systemClock } from '../clock.ts';
import { Bus } from '../events/bus.ts';
import { createLog, RecentLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { openStore } from '../store/database.ts';
import { createRetention } from '../store/retention.ts';
import { provide } from './contract.ts';
import { type Patience, PluginHost } from './host.ts';
import { cap } from './keys.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A plugin as source: its module is loaded as any other. */
export interface Source {
  manifest?: object;
  code: string;
}

/**
 * A host with plugins of its own, not started yet; everything goes with the test.
 * @param data folder of the store, for a host that comes after another one
 */
export async function hostWith(
  t: TestContext,
  plugins: Record<string, Source>,
  options: { patience?: Patience; data?: string } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-host-'));
  for (const [id, { manifest = {}, code }] of Object.entries(plugins)) {
    mkdirSync(join(folder, 'plugins', id), { recursive: true });
    const whole = { id, version: '1.0.0', core: '^0.1.0', ...manifest };
    writeFileSync(join(folder, 'plugins', id, 'plugin.json'), JSON.stringify(whole));
    writeFileSync(join(folder, 'plugins', id, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'plugins', id, 'index.ts'), code);
  }
  const data = options.data ?? join(folder, 'data');
  const store = await openStore({ folder: data, log: quiet });
  const recentLog = new RecentLog();
  const log = createLog('info', recentLog, new PassThrough().resume());
  const bus = new Bus(log);
  const metrics = createMetrics();
  const retention = createRetention({ store, log: quiet, clock: systemClock });
  const made = new PluginHost({
    coreVersion: '0.1.0',
    pluginRoot: join(folder, 'plugins'),
    store,
    retention,
    bus,
    log,
    clock: systemClock,
    metrics,
    services: [provide(cap<{ zod: typeof z }>('zod@1'), { zod: z })],
    firstStart: {},
    changed() {},
    partsChanged() {},
    ...(options.patience ? { patience: options.patience } : {}),
  });
  const end = async () => {
    await made.stop();
    await store.close();
  };
  t.after(async () => {
    await end();
    rmSync(folder, { recursive: true, force: true });
  });
  const state = async (id: string) => (await made.reports()).find((report) => report.id === id);
  return { host: made, store, state, bus, metrics, retention, recentLog, data, end };
}
