import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { bruteForce } from '../../core/gallery/gallery.fixture.ts';
import type { Principal } from '../../core/gateway/authorization.ts';
import { checkInput } from '../../core/gateway/dispatch.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Call, PluginContext, PluginParts, Subscriber } from '../../core/plugin/contract.ts';
import {
  type CapturedFaces,
  capturedFaces,
  type Exports,
  type FaceHit,
  type FaceIndex,
  FaceIndexError,
  type FaceIndexState,
  type FaceSource,
  type IndexedFace,
} from '../../core/plugin/face-services.ts';
import type { Outbox } from '../../core/plugin/push-services.ts';
import type {
  CameraInfo,
  CaptureArchive,
  CaptureEnrichers,
  CaptureMatch,
  CaptureRecord,
} from '../../core/plugin/services.ts';
import { captureArchive, captureEnrichers, captureRecorded, capturesErased } from '../../core/plugin/services.ts';
import type { Store } from '../../core/store/database.ts';
import { atEnd, temporaryStore } from '../../core/store/fixture.ts';
import type { RetentionPolicy } from '../../core/store/retention.ts';
import { type CaptureObservation, captureObserved } from '../../core/vision/keys.ts';
import { until } from '../../tests/kit/wait.ts';
import plugin from './index.ts';
import type { NewCaptureRow } from './tables.ts';
import { insert } from './writing.ts';

/** The plugin over a real store in a temporary folder. */

export interface Answer<T = unknown> {
  code: number;
  data: T;
  msg: string;
}

export interface TestPlugin {
  store: Store;
  folder: string;
  parts: PluginParts<unknown>;
  /** Wall clock and zone; may be set. */
  clock: { time: number; zone: string };
  cameras: Map<number, CameraInfo>;
  enrichers: CaptureEnrichers;
  archive: CaptureArchive;
  /** Who makes archives; undefined while nobody does. */
  exports: Exports | undefined;
  /** The index of captured faces; asked for at the start of the plugin. */
  index: MemoryIndex | undefined;
  faces: CapturedFaces;
  /** Who takes messages for others; undefined while nobody does. */
  outbox: Pick<Outbox, 'add' | 'eraseIn'> | undefined;
  recorded: CaptureRecord[];
  erased: (string[] | 'all')[];
  policies: RetentionPolicy[];
  gauges: Map<string, () => number>;
  remarks: string[];
  observe(change?: Partial<CaptureObservation>): void;
  /** Waits until so many records were told of. */
  untilRecorded(count: number): Promise<void>;
  send<T = unknown>(id: number, parameters?: Record<string, unknown>): Promise<Answer<T>>;
  call<T = unknown>(method: string, path: string, input?: { query?: object; body?: object }): Promise<T>;
  open(topic: string, params: object): { sent: object[]; close(): void };
}

export const viewer: Principal = { role: 'viewer', imageRight: false, mustChangePassword: false };

/** A JPEG for the store, which does not look into it. */
export const bytes = (text: string) => new TextEncoder().encode(text);

/** An index of faces that is a list. */
export class MemoryIndex implements FaceIndex {
  faces = new Map<number, IndexedFace>();
  source: FaceSource | undefined;
  /** Why it cannot answer. */
  fault: 'loading' | 'down' | undefined;

  setSource(source: FaceSource): () => void {
    this.source = source;
    return () => {
      this.source = undefined;
      this.faces.clear();
    };
  }

  /** Reads everything anew, as its process does when it starts. */
  async fill(): Promise<void> {
    this.faces.clear();
    for (let after = 0; ; ) {
      const page = (await this.source?.read(after, 100)) ?? [];
      if (page.length === 0) return;
      await this.put(page);
      after = page.at(-1)!.id;
    }
  }

  async put(faces: IndexedFace[]): Promise<void> {
    for (const face of faces) this.faces.set(face.id, face);
  }

  async remove(ids: number[]): Promise<void> {
    for (const id of ids) this.faces.delete(id);
  }

  async removeLibrary(): Promise<void> {
    throw new Error('nobody leaves a channel as a whole');
  }

  async search(query: Parameters<FaceIndex['search']>[0]): Promise<FaceHit[]> {
    if (this.fault) throw new FaceIndexError(this.fault, 'not now');
    return bruteForce(this.faces.values(), query);
  }

  state(): FaceIndexState {
    return { state: this.fault ?? 'ready', faces: this.faces.size, total: this.faces.size };
  }
}

export interface StartOptions {
  index?: MemoryIndex;
  /** Of an earlier start, instead of a fresh one. */
  folder?: string;
}

export async function startPlugin(
  t: TestContext,
  config: object = {},
  { index, ...options }: StartOptions = {},
): Promise<TestPlugin> {
  const log = pino({ level: 'silent' });
  const { store, folder } = await temporaryStore(t, options);
  await store.migrate('captures', join(import.meta.dirname, 'migrations'));

  const box = {
    store,
    folder,
    index,
    clock: { time: Date.UTC(2026, 10, 21, 12), zone: 'UTC' },
    cameras: new Map(),
    recorded: [],
    erased: [],
    policies: [],
    gauges: new Map(),
    remarks: [],
  } as unknown as TestPlugin;
  const context = {
    id: 'captures',
    config: plugin.config!.parse(config),
    use: {
      cameras: { get: (channel: number) => box.cameras.get(channel), list: () => [...box.cameras.values()] },
      get exports() {
        return box.exports;
      },
      get outbox() {
        return box.outbox;
      },
      faceIndex: index,
    },
    log,
    clock: {
      now: () => box.clock.time,
      steady: () => box.clock.time,
      get zone() {
        return box.clock.zone;
      },
    },
    metrics: {
      counter: () => ({ inc: () => {} }),
      gauge: (name: string, _help: string, collect: () => number) => box.gauges.set(name, collect),
    },
    store,
    secrets: store.keys.for('captures'),
    emit: (event: { id: string }, payload: unknown) => {
      if (event.id === captureRecorded.id) box.recorded.push(payload as CaptureRecord);
      if (event.id === capturesErased.id) box.erased.push((payload as { ids: string[] | 'all' }).ids);
    },
    retain: (policy: RetentionPolicy) => box.policies.push(policy),
    changed: () => {},
  } as unknown as PluginContext;
  box.parts = await plugin.setup(context);
  const service = (capability: { id: string }) =>
    box.parts.services!.find((one) => one.capability.id === capability.id)!.implementation;
  box.enrichers = service(captureEnrichers) as CaptureEnrichers;
  box.archive = service(captureArchive) as CaptureArchive;
  box.faces = service(capturedFaces) as CapturedFaces;
  await box.parts.start?.();
  atEnd(t, () => box.parts.stop?.());

  const call: Call = {
    caller: { ...viewer, userId: 1, userName: 'admin', sessionId: 's' },
    source: '127.0.0.1',
    transport: 'json',
    files: new Map(),
    remark: (text) => box.remarks.push(text),
    setHeader: () => {},
    setSessionCookie: () => {},
  };
  box.observe = (change = {}) => {
    const listener = box.parts.on!.find(({ event }) => event.id === captureObserved.id)!;
    void listener.handle({ ...observation, ...change });
  };
  box.untilRecorded = async (count) => {
    await until(`${count} records`, () => box.recorded.length >= count);
  };
  box.send = async <T>(id: number, parameters: Record<string, unknown> = {}) => {
    const found = box.parts.messages!.find((one) => one.id === id)!;
    try {
      const data = await found.handle(checkInput(found.request, parameters), call);
      return { code: CODE.ok, data: (data ?? '') as T, msg: '' };
    } catch (error) {
      if (error instanceof ContractError) return { code: error.code, data: error.data as T, msg: error.message };
      throw error;
    }
  };
  box.call = async <T>(method: string, path: string, { query, body }: { query?: object; body?: object } = {}) => {
    const id = /^\/captures\/([^/]+)$/.exec(path)?.[1];
    const exact = box.parts.routes!.find((one) => one.method === method && one.path === path);
    const found = exact ?? box.parts.routes!.find((one) => one.method === method && one.path === '/captures/:id')!;
    const input = {
      params: found.params && checkInput(found.params, { id }),
      query: found.query && checkInput(found.query, query ?? {}),
      body: found.body && checkInput(found.body, body),
    };
    const answer = await found.handle(input as never, call);
    // What the documentation promises is what is given.
    if (found.response) found.response.parse(answer);
    return answer as T;
  };
  box.open = (id, params) => {
    const found = box.parts.topics!.find((one) => one.id === id)!;
    const sent: object[] = [];
    const subscriber = { caller: call.caller!, send: (message: object) => sent.push(message) > 0 } satisfies Subscriber;
    return { sent, close: found.open(checkInput(found.params, params), subscriber) };
  };
  return box;
}

export const observation: CaptureObservation = {
  kind: 'face',
  channel: 3,
  trackId: 7,
  time: Date.UTC(2026, 10, 21, 11, 59, 30),
  quality: 73,
  score: 0.9,
  box: [100.4, 50.2, 180.6, 160.5],
  frameWidth: 1280,
  frameHeight: 720,
  boxInCrop: [32, 44, 112, 154],
  crop: bytes('crop'),
  frame: bytes('frame'),
};

export const match: CaptureMatch = {
  libraryId: 4,
  libraryName: 'Staff',
  libraryType: 2,
  imageId: 'img-1',
  similarity: 91,
  ranking: 1,
  imagePath: 'facebase/libid4/4_1_1.jpg',
  enrolledAt: Date.UTC(2026, 9, 1, 8),
  personName: 'Ada',
  personGender: '0',
  personAge: '36',
  hasIdcard: true,
  hasAddress: false,
};

/** What a row has of a match. */
export function matched(change: Partial<CaptureMatch> = {}) {
  const { libraryId: libId, libraryName: libName, libraryType: libType, ...rest } = { ...match, ...change };
  return { libId, libName, libType, ...rest, compared: true };
}

/** A stored capture; only what matters to the test is given. */
export function row(change: Partial<NewCaptureRow>): NewCaptureRow {
  const id = randomUUID();
  return {
    id,
    kind: 'face',
    channel: 1,
    cameraName: 'Gate',
    position: 'north',
    threshold: 80,
    time: 0,
    trackId: 1,
    quality: 50,
    box: [1, 2, 3, 4],
    boxInCrop: [1, 2, 3, 4],
    frameWidth: 640,
    frameHeight: 480,
    cropPath: `record/channel1/face/${id}.jpg`,
    framePath: `record/channel1/frame/${id}.jpg`,
    aliveType: 0,
    attributes: {},
    describedBy: [],
    compared: false,
    ...change,
  };
}

/** Stores rows without pictures. */
export async function fill(store: Store, rows: NewCaptureRow[]): Promise<void> {
  await store.write((tx) => {
    for (const one of rows) insert(tx, one);
  });
}
