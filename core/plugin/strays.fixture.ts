import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { until } from '../../tests/kit/wait.ts';
import { systemClock } from '../clock.ts';
import { Bus } from '../events/bus.ts';
import { createLog, RecentLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { openStore } from '../store/database.ts';
import { createRetention } from '../store/retention.ts';
import { PluginHost } from './host.ts';
import { takeStray } from './strays.ts';

/**
 * A process with plugins that fail while they run, for strays.test.ts: `strays.fixture.ts <folder>`, with the plugins in
 * `<folder>/plugins`. It writes how they are, once all are back, to `<folder>/reports.json`, and then fails by itself.
 */

const folder = process.argv[2] ?? '';
const NOBODYS = 23;

process.on('unhandledRejection', (error) => {
  if (!takeStray(error)) process.exit(1);
});
process.on('uncaughtException', (error) => {
  if (!takeStray(error)) process.exit(error.message === 'of nobody' ? NOBODYS : 1);
});

const log = createLog('error', new RecentLog(), new PassThrough().resume());
const store = await openStore({ folder: join(folder, 'data'), log });
const host = new PluginHost({
  coreVersion: '0.1.0',
  pluginRoot: join(folder, 'plugins'),
  store,
  retention: createRetention({ store, log, clock: systemClock }),
  bus: new Bus(log),
  log,
  clock: systemClock,
  metrics: createMetrics(),
  services: [],
  firstStart: {},
  changed() {},
  partsChanged() {},
});
await host.start();
await until('every plugin to be back', async () =>
  (await host.reports()).every(
    ({ id, state, restarts }) => state === 'RUNNING' && restarts === (id === 'steady' ? 0 : 1),
  ),
);
writeFileSync(join(folder, 'reports.json'), JSON.stringify(await host.reports()));
setTimeout(() => {
  throw new Error('of nobody');
}, 10);
