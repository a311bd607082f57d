import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { decide, type Role } from '../../core/gateway/authorization.ts';
import { checkInput } from '../../core/gateway/dispatch.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Call, PluginContext, PluginParts } from '../../core/plugin/contract.ts';
import type { AlarmArchive, Alarms, NewAlarm } from '../../core/plugin/face-services.ts';
import type { EventKey } from '../../core/plugin/keys.ts';
import type { Outbox } from '../../core/plugin/push-services.ts';
import type { Operation } from '../../core/plugin/services.ts';
import { openStore, type Store } from '../../core/store/database.ts';
import type { RetentionPolicy } from '../../core/store/retention.ts';
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
  operations: Operation[];
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
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-alarms-'));
  const log = pino({ level: 'silent' });
  const store = await openStore({ folder, log });
  t.after(async () => {
    await box.parts.stop?.();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  await store.migrate('alarms', join(import.meta.dirname, 'migrations'));
  const box = {
    store,
    config: plugin.config!.parse(config),
    policies: [],
    remarks: [],
    operations: [],
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
    log,
    clock: { now: () => NOW, steady: () => NOW, zone: 'Asia/Shanghai' },
    metrics: { counter: () => ({ inc: () => {} }), gauge: () => {} },
    store,
    emit: (_: EventKey<unknown>, payload: Operation) => void box.operations.push(payload),
    retain: (policy: RetentionPolicy) => void box.policies.push(policy),
    changed: () => {
      box.changes += 1;
    },
  } as unknown as PluginContext);
  const service = (id: string) => box.parts.services!.find(({ capability }) => capability.id === id)!.implementation;
  box.alarms = service('alarms@1') as Alarms;
  box.archive = service('alarm.archive@1') as AlarmArchive;
  box.tell = async (event, payload) => {
    for (const listener of box.parts.on!) if (listener.event.id === event.id) await listener.handle(payload);
  };
  box.call = async <T>(method: string, path: string, input: { query?: object; body?: object } = {}, role?: Role) => {
    const id = /^\/alarms\/(.+)$/.exec(path)?.[1];
    const pattern = id === undefined ? path : '/alarms/:id';
    const found = box.parts.routes!.find((one) => one.method === method && one.path === pattern)!;
    const principal = { role: role ?? 'general-admin', imageRight: false, mustChangePassword: false } as const;
    if (decide(found.access, principal) !== 'allowed') throw new ContractError(CODE.notAllowed);
    const call = {
      caller: { ...principal, userId: 1, userName: 'guard', sessionId: 's' },
      source: '10.0.0.7',
      transport: 'rest',
      files: new Map(),
      remark: (text) => void box.remarks.push(text),
      setHeader: () => {},
      setSessionCookie: () => {},
    } satisfies Call;
    const checked = {
      params: found.params && checkInput(found.params, { id }),
      query: found.query && checkInput(found.query, input.query ?? {}),
      body: found.body && checkInput(found.body, input.body ?? {}),
    };
    const answer = await found.handle(checked as never, call);
    // What the documentation promises is what is given.
    if (found.response) found.response.parse(answer);
    return answer as T;
  };
  box.titles = () =>
    store.read.all<{ title: string }>('SELECT title FROM alarms ORDER BY id DESC').map(({ title }) => title);
  return box;
}
