import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { checkInput } from '../../core/gateway/dispatch.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Call, PluginContext, PluginParts, WireSocket } from '../../core/plugin/contract.ts';
import type { OutPicture } from '../../core/plugin/push-services.ts';
import {
  type Account,
  accountChanged,
  type CaptureMatch,
  type CaptureRecord,
  captureRecorded,
  capturesErased,
  type DeviceIdentity,
} from '../../core/plugin/services.ts';
import { openStore, type Store } from '../../core/store/database.ts';
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
  images: Record<OutPicture['part'], boolean>;
  /** Today's counts, and how often they were read. */
  counts: { keyPersons: number; whiteList: number; strangers: number };
  reads: number;
  erase(): void;
  push(record: CaptureRecord): void;
  accountChanges(userId: number, change: 'removed' | 'password' | 'rights'): Promise<void>;
  subscribers(): Promise<SubscriberView[]>;
}

export async function startPlugin(t: TestContext): Promise<TestPlugin> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-push-'));
  const log = pino({ level: 'silent' });
  const store = await openStore({ folder, log });
  t.after(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  await store.migrate('push-ws', join(import.meta.dirname, 'migrations'));

  const box = {
    store,
    accounts: new Map([1, 2, 3].map((id) => [id, account(id)])),
    identity: { deviceId: 'north-gate', serial: 'GH0' },
    zone: 'Asia/Shanghai',
    images: { snap: true, frame: true, library: true },
    counts: { keyPersons: 1, whiteList: 2, strangers: 3 },
    reads: 0,
  } as unknown as TestPlugin;
  box.restart = async () => {
    box.parts = await plugin.setup({
      id: 'push-ws',
      use: {
        accounts: { find: (userId: number) => box.accounts.get(userId) },
        get identity() {
          return box.identity;
        },
        images: { wanted: (part: OutPicture['part']) => box.images[part] },
        counts: {
          today: async () => {
            box.reads += 1;
            return { ...box.counts };
          },
        },
      },
      log,
      clock: {
        now: () => 1000,
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
    const caller = { ...box.accounts.get(userId)!, sessionId: 's' };
    const answer = await box.parts.messages![0]!.handle({}, { caller } as unknown as Call);
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
  const tell = (event: { id: string }, payload: unknown) =>
    box.parts.on!.find((one) => one.event.id === event.id)!.handle(payload);
  box.push = (record) => void tell(captureRecorded, record);
  box.erase = () => void tell(capturesErased, { ids: 'all' });
  box.accountChanges = async (userId, change) => void (await tell(accountChanged, { userId, change }));
  box.subscribers = async () => {
    const { handle, response } = box.parts.routes![0]!;
    const answer = (await handle({} as never, {} as Call)) as { subscribers: SubscriberView[] };
    response!.parse(answer);
    return answer.subscribers;
  };
  return box;
}

export const ACKNOWLEDGED = { code: CODE.ok, msg: '' };

const text = (value: string) => new TextEncoder().encode(value);

export const record: CaptureRecord = {
  id: '5672fb61-74ab-4037-8a37-a3c0abf417a3',
  kind: 'face',
  channel: 3,
  cameraName: 'Gate',
  position: 'north',
  threshold: 82,
  time: Date.UTC(2026, 10, 21, 20, 9, 21, 700),
  trackId: 7,
  quality: 73,
  box: [100.4, 50.2, 180.6, 160.5],
  boxInCrop: [32, 44, 112, 154],
  frameWidth: 1280,
  frameHeight: 720,
  cropPath: 'record/channel3/face/1_1.jpg',
  framePath: 'record/channel3/frame/1_2.jpg',
  aliveType: 2,
  attributes: { glass_style: 'sunglasses' },
  describedBy: [],
  compared: true,
  crop: text('crop'),
  frame: text('frame'),
};

export const match: CaptureMatch = {
  libraryId: 4,
  libraryName: 'Staff',
  libraryType: 2,
  imageId: 'img-1',
  similarity: 91,
  ranking: 1,
  imagePath: 'facebase/libid4/4_1_1.png',
  personName: 'Ada',
  personGender: '0',
  personAge: '36',
  hasIdcard: true,
  hasAddress: true,
};
