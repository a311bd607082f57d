import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import type { Role } from '../../core/gateway/authorization.ts';
import { checkInput } from '../../core/gateway/dispatch.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Call, PluginContext, PluginParts } from '../../core/plugin/contract.ts';
import type { OutMessage } from '../../core/plugin/push-services.ts';
import type { CaptureMatch, CaptureRecord } from '../../core/plugin/services.ts';
import { openStore, type Store } from '../../core/store/database.ts';
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
  send<T = unknown>(id: number, parameters?: object): Promise<{ code: number; data: T; msg: string }>;
  /** A route; throws what it throws. */
  call<T>(method: string, path: string, body?: object, params?: object): Promise<T>;
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
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-push-http-'));
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const store = await openStore({ folder, log: pino({ level: 'silent' }) });
  const outbox = new MemoryOutbox();
  const outgoing = { allowLoopback: options.allowLoopback ?? true };
  const box = { store, outbox, outgoing, log: lines, remarks: [], role: 'sub-admin' } as unknown as PushBox;
  t.after(async () => {
    await box.parts.stop?.();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
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

  // As the gateway's: what it does depends on what it is called on.
  const call = {
    get caller() {
      return { role: box.role, imageRight: true, mustChangePassword: false };
    },
    remarks: box.remarks,
    remark(this: { remarks: string[] }, text: string) {
      this.remarks.push(text);
    },
  } as unknown as Call;
  box.send = async <T>(id: number, parameters: object = {}) => {
    const found = box.parts.messages!.find((one) => one.id === id)!;
    try {
      const data = await found.handle(checkInput(found.request, parameters), call);
      return { code: 0, data: (data ?? '') as T, msg: '' };
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      return { code: error.code, data: '' as T, msg: error.message };
    }
  };
  box.call = async <T>(method: string, path: string, body: object = {}, params: object = {}) => {
    const found = box.parts.routes!.find((one) => one.method === method && one.path === path)!;
    const input = {
      params: found.params ? checkInput(found.params, params) : params,
      query: {},
      body: found.body ? checkInput(found.body, body) : body,
    };
    const answer = await found.handle(input as never, call);
    return found.response!.parse(answer) as T;
  };
  box.targets = async () => (await box.call<{ targets: TargetView[] }>('GET', '/targets')).targets;
  box.push = (change) => {
    outbox.pictures.set(record.cropPath, jpeg('crop'));
    outbox.pictures.set(record.framePath, jpeg('frame'));
    outbox.pictures.set(match.imagePath, jpeg('enrolled'));
    outbox.add(undefined, messageOf({ ...record, ...change }));
  };
  return box;
}

export const WRONG = CODE.wrongParameter;

/** Not a picture, but begins like one. */
export const jpeg = (text: string) => new Uint8Array([0xff, 0xd8, 0xff, ...new TextEncoder().encode(text)]);

/** As the plugin of captures puts it into the outbox. */
export function messageOf({ crop: _, frame: __, ...body }: CaptureRecord): OutMessage {
  const library = body.match ? [{ part: 'library' as const, path: body.match.imagePath }] : [];
  return {
    id: body.id,
    topic: 'capture',
    time: body.time,
    channel: body.channel,
    ...(body.origin ? { origin: body.origin } : {}),
    body,
    pictures: [{ part: 'snap', path: body.cropPath }, { part: 'frame', path: body.framePath }, ...library],
    shows: [`capture/${body.id}`],
  };
}

export const record: CaptureRecord = {
  id: '5672fb61-74ab-4037-8a37-a3c0abf417a3',
  kind: 'face',
  channel: 3,
  cameraName: 'Gate "é" 门',
  position: 'north',
  threshold: 82,
  time: NOW,
  trackId: 7,
  quality: 73,
  box: [100, 50, 181, 161],
  boxInCrop: [32, 44, 112, 154],
  frameWidth: 1280,
  frameHeight: 720,
  cropPath: 'record/channel3/face/1_1.jpg',
  framePath: 'record/channel3/frame/1_2.jpg',
  aliveType: 2,
  attributes: { glass_style: 'sunglasses' },
  describedBy: [],
  compared: true,
  crop: new Uint8Array(),
  frame: new Uint8Array(),
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
