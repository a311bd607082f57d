import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import type { PluginParts } from '../../core/plugin/contract.ts';
import { type Operation, operationPerformed } from '../../core/plugin/services.ts';
import type { Store } from '../../core/store/database.ts';
import { atEnd, temporaryStore } from '../../core/store/fixture.ts';
import type { RetentionPolicy } from '../../core/store/retention.ts';
import { admin, callBy, callRoute, tell } from '../../tests/kit/plugin.ts';
import plugin from './index.ts';

/** The plugin over a real store. */

export const NOW = Date.UTC(2026, 10, 21, 8, 0, 0);

export interface LogBox {
  store: Store;
  config: { days: number; maxEntries: number };
  parts: PluginParts<unknown>;
  policies: RetentionPolicy[];
  remarks: string[];
  /** Tells the plugin of an operation. */
  tell(operation?: Partial<Operation>): void;
  get(path: string, query?: Record<string, string>): Promise<unknown>;
}

export const operation = (change: Partial<Operation> = {}): Operation => ({
  time: NOW,
  userName: 'admin',
  role: 'super-admin',
  module: 'cameras',
  item: '514 delete a camera',
  detail: 'channel 3',
  source: '10.0.0.1',
  result: 0,
  ...change,
});

export async function startLog(t: TestContext): Promise<LogBox> {
  const { store } = await temporaryStore(t);
  await store.migrate('operation-log', join(import.meta.dirname, 'migrations'));
  const box = { store, config: { days: 365, maxEntries: 200_000 }, policies: [], remarks: [] } as unknown as LogBox;
  box.tell = (change) => void tell(box.parts, operationPerformed, operation(change));
  const context = {
    id: 'operation-log',
    config: box.config,
    use: {},
    log: pino({ level: 'silent' }),
    clock: { now: () => NOW, zone: 'Asia/Shanghai' },
    metrics: { counter: () => ({ inc: () => {} }), gauge: () => {} },
    store,
    emit: () => {},
    retain: (policy: RetentionPolicy) => void box.policies.push(policy),
    changed: () => {},
  };
  box.parts = await plugin.setup(context as unknown as Parameters<typeof plugin.setup>[0]);
  atEnd(t, () => box.parts.stop?.());
  box.get = (path, query = {}) => callRoute(box.parts, 'GET', path, { query }, callBy(admin, box.remarks));
  return box;
}
