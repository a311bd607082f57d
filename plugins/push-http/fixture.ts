import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import type { Role } from '../../core/gateway/authorization.ts';
import { CODE } from '../../core/gateway/errors.ts';
import type { CaptureRecord } from '../../core/plugin/capture-services.ts';
import type { PluginContext, PluginParts } from '../../core/plugin/contract.ts';
import type { Store } from '../../core/store/database.ts';
import { atEnd, temporaryStore } from '../../core/store/fixture.ts';
import type { Answer } from '../../tests/kit/box.ts';
import { admin, callBy, callRoute, sendMessage } from '../../tests/kit/plugin.ts';
import { captureMatch, captureRecord } from '../../tests/kit/records.ts';
import { captureMessage } from '../captures/telling.ts';
import { setUp } from './index.ts';
import { MemoryOutbox } from './outbox.fixture.ts';
import type { TargetView } from './shapes.ts';

/** The plugin over a real store and the stand-in of the outbox. */

export const NOW = Date.UTC(2026, 10, 21, 20, 9, 21, 700);

export interface PushBox {
  store: Store;
  outbox: MemoryOutbox;
  parts: PluginParts<unknown>;
  /** What the owner allows, read when a line is opened. */
  outgoing: { allowLoopback: boolean };
  /** Lines of the log. */
  log: string[];
  remarks: string[];
  restart(): Promise<void>;
  /** A numbered message, answered as the gateway does. */
  send<T = unknown>(id: number, parameters?: object): Promise<Answer<T>>;
  /** A route; throws what it throws. */
  call<T>(method: string, path: string, body?: object): Promise<T>;
  /** Who calls. */
  role: Role;
  targets(): Promise<TargetView[]>;
  push(change?: Partial<CaptureRecord>): void;
}

export interface PushBoxOptions {
  allowLoopback?: boolean;
  heartbeatMs?: number;
}

export async function startPushBox(t: TestContext, options: PushBoxOptions = {}): Promise<PushBox> {
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const { store } = await temporaryStore(t);
  const outbox = new MemoryOutbox();
  const outgoing = { allowLoopback: options.allowLoopback ?? true };
  const box = { store, outbox, outgoing, log: lines, remarks: [], role: 'sub-admin' } as unknown as PushBox;
  atEnd(t, () => box.parts.stop?.());
  await store.migrate('push-http', join(import.meta.dirname, 'migrations'));
  box.restart = async () => {
    await box.parts?.stop?.();
    const context = {
      id: 'push-http',
      use: {
        outbox,
        outgoing,
        identity: { deviceId: 'north-gate', serial: 'GH0' },
      },
      log,
      clock: { now: () => NOW, steady: () => performance.now(), zone: 'Asia/Shanghai' },
      metrics: { counter: () => ({ inc: () => {} }), gauge: () => {} },
      store,
      secrets: store.keys.for('push-http'),
      changed: () => {},
    } as unknown as PluginContext;
    box.parts = setUp(context as Parameters<typeof setUp>[0], options.heartbeatMs ?? 60_000);
    await box.parts.start?.();
  };
  await box.restart();

  const call = () => callBy({ ...admin, role: box.role }, box.remarks);
  box.send = (id, parameters = {}) => sendMessage(box.parts, id, parameters, call());
  box.call = (method, path, body = {}) => callRoute(box.parts, method, path, { body }, call());
  box.targets = async () => (await box.call<{ targets: TargetView[] }>('GET', '/targets')).targets;
  box.push = (change) => {
    const pushed = { ...record, ...change };
    outbox.pictures.set(pushed.cropPath, jpeg('crop'));
    outbox.pictures.set(pushed.framePath, jpeg('frame'));
    outbox.pictures.set(match.imagePath, jpeg('enrolled'));
    if (pushed.plate) outbox.pictures.set(pushed.plate.path, jpeg('plate'));
    outbox.add(undefined, captureMessage(pushed));
  };
  return box;
}

export const WRONG = CODE.wrongParameter;

/** Not a picture, but begins like one. */
export const jpeg = (text: string) => new Uint8Array([0xff, 0xd8, 0xff, ...new TextEncoder().encode(text)]);

export const record = captureRecord({ cameraName: 'Gate "é" 门', time: NOW });

export const match = captureMatch();
