import assert from 'node:assert/strict';
import { createHook } from 'node:async_hooks';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { pino } from 'pino';
import { systemClock } from '../../core/clock.ts';
import { Bus } from '../../core/events/bus.ts';
import { createMetrics } from '../../core/metrics.ts';
import { PluginHost } from '../../core/plugin/host.ts';
import { openStore } from '../../core/store/database.ts';
import { createRetention } from '../../core/store/retention.ts';
import { underDeno } from '../kit/runtime.ts';
import { until } from '../kit/wait.ts';
import { quietServices } from './quiet-services.ts';

/** Every plugin goes through setup, start and stop, twice: nothing it registered stays, and all of it comes back. */

const root = resolve(import.meta.dirname, '../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const silent = pino({ level: 'silent' });

/** Timers that plugins have made and that still wait, by plugin. Only Node tells. */
const timers = new Map<number, string>();
const hook = createHook({
  init(id, type) {
    if (type !== 'Timeout') return;
    const plugin = /[/\\]plugins[/\\]([a-z-]+)[/\\]/.exec(new Error('made here').stack ?? '')?.[1];
    if (plugin) timers.set(id, plugin);
  },
  destroy(id) {
    timers.delete(id);
  },
});

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-lives-'));
const store = await openStore({ folder, log: silent });
const bus = new Bus(silent);
const metrics = createMetrics();
const retention = createRetention({ store, log: silent, clock: systemClock });
const newHost = () =>
  new PluginHost({
    coreVersion: version,
    pluginRoot: join(root, 'plugins'),
    store,
    retention,
    bus,
    log: silent,
    clock: systemClock,
    metrics,
    services: quietServices,
    firstStart: { adminPassword: 'Gate-house-1' },
    changed: () => {},
    partsChanged: () => {},
  });

after(async () => {
  hook.disable();
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const registrations = ({ messages, socketMessages, topics, stages, describers }: PluginHost['registry']) => [
  messages,
  socketMessages,
  topics,
  stages,
  describers,
];

/** What the box knows of a plugin. */
async function tracesOf({ registry }: PluginHost, id: string): Promise<string[]> {
  const owned = registrations(registry).flatMap((map) =>
    [...map].filter(([, { owner }]) => owner === id).map(([key]) => String(key)),
  );
  const shown = (await metrics.metrics()).split('\n').filter((line) => line.startsWith('# TYPE '));
  return [
    ...owned,
    ...(registry.routes.get(id) ?? []).map(({ method, path }) => `${method} ${path}`),
    ...(registry.ui.get(id)?.pages ?? []).map((page) => `page ${page.id}`),
    ...(registry.folders.has(id) ? ['folder'] : []),
    ...Array.from({ length: bus.count(id) }, () => 'listener'),
    ...shown.filter((line) => line.includes(` gatehouse_${id.replaceAll('-', '_')}_`)),
    ...retention
      .rules()
      .filter(({ name }) => name.startsWith(id))
      .map(({ name }) => `rule ${name}`),
  ].sort();
}

hook.enable();
const first = newHost();
await first.start();
const ids = first.ids();
const before = new Map(await Promise.all(ids.map(async (id) => [id, await tracesOf(first, id)] as const)));
const timersBefore = timers.size;
await first.stop();
const between = new Map(await Promise.all(ids.map(async (id) => [id, await tracesOf(first, id)] as const)));
const rulesBetween = retention.rules();
// A timer that was cleared is destroyed a turn later.
const timersBetween = await until('timers to end', () => timers.size === 0, 2_000).then(
  () => [] as string[],
  () => [...timers.values()],
);
const second = newHost();
await second.start();
const again = new Map(await Promise.all(ids.map(async (id) => [id, await tracesOf(second, id)] as const)));
const states = await second.reports();
await second.stop();

test('there is something to leave behind', () => {
  assert.ok(ids.length >= 9);
  assert.ok([...before.values()].flat().length > 50);
  if (!underDeno) assert.ok(timersBefore > 0, 'no plugin has a timer');
  assert.deepEqual(rulesBetween, []);
  assert.equal(bus.count(), 0);
});

for (const id of ids) {
  test(`plugin ${id}: stopped, nothing it registered stays; set up again, all of it is back`, () => {
    assert.ok(before.get(id)?.length, 'it registers nothing at all');
    assert.deepEqual(between.get(id), []);
    assert.deepEqual(again.get(id), before.get(id));
    assert.equal(states.find((one) => one.id === id)?.state, 'RUNNING');
    assert.deepEqual(
      timersBetween.filter((plugin) => plugin === id),
      [],
    );
  });
}
