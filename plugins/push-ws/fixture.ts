import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { checkInput } from '../../core/gateway/dispatch.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { type CaptureRecord, captureRecorded, capturesErased } from '../../core/plugin/capture-services.ts';
import type { PluginContext, PluginParts, WireSocket } from '../../core/plugin/contract.ts';
import type { PicturePart } from '../../core/plugin/push-services.ts';
import { type Account, accountChanged, type DeviceIdentity } from '../../core/plugin/services.ts';
import type { Store } from '../../core/store/database.ts';
import { temporaryStore } from '../../core/store/fixture.ts';
import { admin, callBy, callRoute, tell } from '../../tests/kit/plugin.ts';
import { captureMatch, captureRecord, vehicleRecord } from '../../tests/kit/records.ts';
import plugin from './index.ts';
import type { SubscriberView } from './subscribers.ts';

/** The plugin over a real store, with accounts and sockets of the test. */

/** A client's socket that keeps what it is sent. */
export class TestSocket implements WireSocket {
  static #last = 0;
  readonly id = ++TestSocket.#last;
  readonly source = '10.0.0.7';
  readonly frames: Record<string, unknown>[] = [];
  closed: number | undefined;
  /** Reads nothing any more: frames are dropped. */
  stuck = false;
  readonly #onClose: (() => void)[] = [];

  send(frame: object): boolean {
    if (this.stuck) return false;
    this.frames.push(JSON.parse(JSON.stringify(frame)) as Record<string, unknown>);
    return true;
  }

  close(code: number): void {
    this.closed ??= code;
    for (const callback of this.#onClose.splice(0)) callback();
  }

  onClose(callback: () => void): void {
    this.#onClose.push(callback);
  }

  get told(): unknown[] {
    return this.frames.filter((frame) => frame['msg_id'] === '778').map((frame) => frame['data']);
  }

  get pushes(): Record<string, unknown>[] {
    return this.frames.filter((frame) => frame['msg_id'] === '777');
  }
}

export const account = (userId: number, change: Partial<Account> = {}): Account => ({
  userId,
  userName: `user ${userId}`,
  role: 'viewer',
  imageRight: true,
  mustChangePassword: false,
  passwordVersion: 1,
  ...change,
});

export interface TestPlugin {
  store: Store;
  parts: PluginParts<unknown>;
  accounts: Map<number, Account>;
  identity: DeviceIdentity | undefined;
  zone: string;
  /** Sets the plugin up anew over the same database, as after a restart. */
  restart(): Promise<void>;
  /** Asks for a user's key with message 1286. */
  keyOf(userId: number): Promise<string>;
  /** Sends message 776, or another one. */
  subscribe(socket: TestSocket, key: unknown, id?: number): Promise<void>;
  /** Which pictures are pushed; all of them at first. */
  images: Record<PicturePart, boolean>;
  /** Today's counts, and how often they were read. */
  counts: { keyPersons: number; whiteList: number; strangers: number };
  reads: number;
  /** ms; the clock of how long something lasts stands still otherwise. */
  steady: number;
  /** What was logged. */
  warnings: Record<string, unknown>[];
  erase(): void;
  push(record: CaptureRecord): void;
  accountChanges(userId: number, change: 'removed' | 'password' | 'rights'): Promise<void>;
  /** What the page shows. */
  answer(): Promise<{ subscribers: SubscriberView[]; dropped: number }>;
  subscribers(): Promise<SubscriberView[]>;
}

export async function startPlugin(t: TestContext): Promise<TestPlugin> {
  const { store } = await temporaryStore(t);
  await store.migrate('push-ws', join(import.meta.dirname, 'migrations'));

  const box = {
    store,
    accounts: new Map([1, 2, 3].map((id) => [id, account(id)])),
    identity: { deviceId: 'north-gate', serial: 'GH0' },
    zone: 'Asia/Shanghai',
    images: { snap: true, frame: true, library: true },
    counts: { keyPersons: 1, whiteList: 2, strangers: 3 },
    reads: 0,
    steady: 0,
    warnings: [],
  } as unknown as TestPlugin;
  box.restart = async () => {
    box.parts = await plugin.setup({
      id: 'push-ws',
      use: {
        accounts: { find: (userId: number) => box.accounts.get(userId) },
        get identity() {
          return box.identity;
        },
        images: { wanted: (part: PicturePart) => box.images[part] },
        counts: {
          today: async () => {
            box.reads += 1;
            return { ...box.counts };
          },
        },
      },
      log: { warn: (fields: object, text: string) => box.warnings.push({ ...fields, text }) },
      clock: {
        now: () => 1000,
        steady: () => box.steady,
        get zone() {
          return box.zone;
        },
      },
      metrics: { counter: () => ({ inc: () => {} }), gauge: () => {} },
      store,
      secrets: store.keys.for('push-ws'),
      changed: () => {},
    } as unknown as PluginContext);
  };
  await box.restart();

  box.keyOf = async (userId) => {
    const answer = await box.parts.messages![0]!.handle({}, callBy({ ...box.accounts.get(userId)!, sessionId: 's' }));
    return (answer as { key: string }).key;
  };
  box.subscribe = async (socket, key, id = 776) => {
    const { request, handle } = box.parts.socketMessages!.find((one) => one.id === id)!;
    try {
      await handle(checkInput(request, { key }), socket);
    } catch (error) {
      // As the gateway answers.
      if (!(error instanceof ContractError)) throw error;
      socket.send({ code: error.code, msg: error.message });
    }
  };
  box.push = (record) => void tell(box.parts, captureRecorded, record);
  box.erase = () => void tell(box.parts, capturesErased, { ids: 'all' });
  box.accountChanges = (userId, change) => tell(box.parts, accountChanged, { userId, change });
  box.answer = () => callRoute(box.parts, 'GET', '/subscribers', {}, callBy(admin));
  box.subscribers = async () => (await box.answer()).subscribers;
  return box;
}

export const ACKNOWLEDGED = { code: CODE.ok, msg: '' };

const text = (value: string) => new TextEncoder().encode(value);

export const record = captureRecord({
  box: [100.4, 50.2, 180.6, 160.5],
  crop: text('crop'),
  frame: text('frame'),
});

export const match = captureMatch();

/** A vehicle, whose pictures are words. */
export const vehicle = vehicleRecord({
  crop: Buffer.from('crop'),
  frame: Buffer.from('frame'),
  plateCrop: Buffer.from('plate'),
});
