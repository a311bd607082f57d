import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { CODE } from '../../core/gateway/errors.ts';
import type { PluginContext, PluginParts } from '../../core/plugin/contract.ts';
import type { Destination, OutMessage } from '../../core/plugin/push-services.ts';
import type { Store } from '../../core/store/database.ts';
import { atEnd, temporaryStore } from '../../core/store/fixture.ts';
import { admin, callBy, callRoute } from '../../tests/kit/plugin.ts';
import { alarmMessage } from '../../tests/kit/records.ts';
import plugin from './index.ts';
import { type Settings, settings } from './settings.ts';

/** The plugin over a real store, with an outbox of the test: it keeps what is put in, and delivers when asked. */

export interface MailBox {
  store: Store;
  parts: PluginParts<unknown>;
  config: Settings;
  clock: { now: number; steady: number };
  destination: Destination;
  remarks: string[];
  allowLoopback: boolean;
  pictures: Map<string, Uint8Array>;
  /** Delivers one message as the outbox would; false where the destination does not want it. */
  deliver(message: OutMessage, signal?: AbortSignal): Promise<boolean>;
  call<T>(method: string, path: string, body?: object, role?: 'super-admin' | 'sub-admin'): Promise<T>;
}

export async function startMail(t: TestContext, given: Partial<Settings> = {}): Promise<MailBox> {
  const { store } = await temporaryStore(t);
  await store.migrate('mail', join(import.meta.dirname, 'migrations'));
  const box = {
    store,
    config: settings.parse({ from: 'box@site.example', host: '127.0.0.1', security: 'none', ...given }),
    clock: { now: Date.UTC(2026, 10, 21, 2, 9, 21), steady: 1e7 },
    remarks: [],
    allowLoopback: true,
    pictures: new Map(),
  } as unknown as MailBox;
  box.parts = await plugin.setup({
    id: 'mail',
    get config() {
      return box.config;
    },
    use: {
      outbox: {
        open: (destination: Destination) => {
          box.destination = destination;
          return { retry: () => {}, close: () => Promise.resolve() };
        },
        reports: () => [],
      },
      get outgoing() {
        return { allowLoopback: box.allowLoopback };
      },
      identity: { deviceId: 'north-gate', serial: 'GH0' },
      cameras: undefined,
    },
    log: pino({ level: 'silent' }),
    clock: { now: () => box.clock.now, steady: () => box.clock.steady, zone: 'Asia/Shanghai' },
    metrics: { counter: () => ({ inc: () => {} }), gauge: () => {} },
    store,
    changed: () => {},
  } as unknown as PluginContext);
  await box.parts.start?.();
  atEnd(t, () => box.parts.stop?.());

  box.deliver = async (message, signal = AbortSignal.timeout(20_000)) => {
    if (!box.destination.wants(message)) return false;
    const picture = async (path: string) => box.pictures.get(path);
    await box.destination.deliver(message, picture, { signal, lane: 'live', attempt: 1 });
    return true;
  };
  box.call = (method, path, body = {}, role = 'super-admin') =>
    callRoute(box.parts, method, path, { body }, callBy({ ...admin, role }, box.remarks));
  return box;
}

/** An alarm as it stands in the outbox. */
export function alarm(change: Partial<OutMessage> = {}, body: Record<string, unknown> = {}): OutMessage {
  const facts = { similarity: 91.26, library: 'Wanted' };
  return alarmMessage(
    { time: Date.UTC(2026, 10, 21, 2, 9, 21), shows: ['4/img-1'], ...change },
    { title: 'Ada Lovelace', facts, ...body },
  );
}

export const refusal = (code: keyof typeof CODE) => ({ code: CODE[code] });
