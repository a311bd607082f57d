import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { decide, type Role } from '../../core/gateway/authorization.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import {
  type AlarmArchive,
  type Alarms,
  alarmArchive,
  alarms,
  type NewAlarm,
} from '../../core/plugin/alarm-services.ts';
import type { PluginContext, PluginParts } from '../../core/plugin/contract.ts';
import type { EventKey } from '../../core/plugin/keys.ts';
import type { Outbox } from '../../core/plugin/push-services.ts';
import type { Store } from '../../core/store/database.ts';
import { atEnd, temporaryStore } from '../../core/store/fixture.ts';
import type { RetentionPolicy } from '../../core/store/retention.ts';
import { admin, callBy, callRoute, routeOf, serviceOf, tell } from '../../tests/kit/plugin.ts';
import plugin from './index.ts';
import type { AlarmView } from './view.ts';

/** The plugin over a real store in a temporary folder. */

export const NOW = Date.UTC(2026, 10, 21, 12);

export interface Page {
  alarms: AlarmView[];
  total: number;
  next: number | null;
}

export interface AlarmBox {
  store: Store;
  parts: PluginParts<unknown>;
  config: { keepDays: number; maxAlarms: number };
  alarms: Alarms;
  archive: AlarmArchive;
  /** Who takes messages for others; undefined while nobody does. */
  outbox: Pick<Outbox, 'add'> | undefined;
  policies: RetentionPolicy[];
  remarks: string[];
  /** Times the pages were told to read again. */
  changes: number;
  tell<T>(event: EventKey<T>, payload: T): Promise<void>;
  call<T>(method: string, path: string, input?: { query?: object; body?: object }, role?: Role): Promise<T>;
  /** Titles that are kept, newest first. */
  titles(): string[];
}

export const alarm = (change: Partial<NewAlarm> = {}): NewAlarm => ({
  kind: 'key-person',
  source: 'portraits',
  channel: 3,
  cameraName: 'Gate',
  time: NOW,
  title: 'Somebody',
  pictures: [],
  shows: [],
  facts: { similarity: 91.5, library: 'Watch list' },
  ...change,
});

/** Stores files as pictures; an alarm needs those it names. */
export async function storePictures(store: Store, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    const staged = await store.blobs.stage({ path, bytes: new TextEncoder().encode(path), owner: 'test' });
    await store.write((tx) => tx.addBlob(staged), { staged: [staged] });
  }
}

export async function startAlarms(t: TestContext, config: object = {}): Promise<AlarmBox> {
  const { store } = await temporaryStore(t);
  await store.migrate('alarms', join(import.meta.dirname, 'migrations'));
  const box = {
    store,
    config: plugin.config!.parse(config),
    policies: [],
    remarks: [],
    changes: 0,
  } as unknown as AlarmBox;
  box.parts = await plugin.setup({
    id: 'alarms',
    config: box.config,
    use: {
      get outbox() {
        return box.outbox;
      },
    },
    log: pino({ level: 'silent' }),
    clock: { now: () => NOW, steady: () => NOW, zone: 'Asia/Shanghai' },
    metrics: { counter: () => ({ inc: () => {} }), gauge: () => {} },
    store,
    emit: () => {},
    retain: (policy: RetentionPolicy) => void box.policies.push(policy),
    changed: () => {
      box.changes += 1;
    },
  } as unknown as PluginContext);
  atEnd(t, () => box.parts.stop?.());
  box.alarms = serviceOf(box.parts, alarms);
  box.archive = serviceOf(box.parts, alarmArchive);
  box.tell = (event, payload) => tell(box.parts, event, payload);
  box.call = async (method, path, input = {}, role = 'general-admin') => {
    const caller = { ...admin, userName: 'guard', role, imageRight: false };
    if (decide(routeOf(box.parts, method, path).route.access, caller) !== 'allowed')
      throw new ContractError(CODE.notAllowed);
    return callRoute(box.parts, method, path, input, callBy(caller, box.remarks));
  };
  box.titles = () =>
    store.read.all<{ title: string }>('SELECT title FROM alarms ORDER BY id DESC').map(({ title }) => title);
  return box;
}
