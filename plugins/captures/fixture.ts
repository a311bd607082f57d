import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { bruteForce } from '../../core/gallery/gallery.fixture.ts';
import { checkInput } from '../../core/gateway/dispatch.ts';
import type {
  CaptureArchive,
  CaptureEnrichers,
  CaptureMatch,
  CaptureRecord,
  EnrolledPicture,
} from '../../core/plugin/capture-services.ts';
import {
  captureArchive,
  captureEnrichers,
  captureRecorded,
  capturesErased,
} from '../../core/plugin/capture-services.ts';
import type { Caller, PluginContext, PluginParts, Subscriber } from '../../core/plugin/contract.ts';
import type { Exports } from '../../core/plugin/export-services.ts';
import {
  type CapturedFaces,
  capturedFaces,
  type FaceHit,
  type FaceIndex,
  FaceIndexError,
  type FaceIndexState,
  type FaceSource,
  type IndexedFace,
} from '../../core/plugin/face-services.ts';
import type { Outbox } from '../../core/plugin/push-services.ts';
import type { CameraInfo } from '../../core/plugin/services.ts';
import type { Store } from '../../core/store/database.ts';
import { atEnd, temporaryStore } from '../../core/store/fixture.ts';
import type { RetentionPolicy } from '../../core/store/retention.ts';
import { type CaptureObservation, captureObserved } from '../../core/vision/keys.ts';
import type { Answer } from '../../tests/kit/box.ts';
import { admin, callBy, callRoute, sendMessage, serviceOf, tell } from '../../tests/kit/plugin.ts';
import { captureMatch, captureObservation } from '../../tests/kit/records.ts';
import { until } from '../../tests/kit/wait.ts';
import plugin from './index.ts';
import type { NewCaptureRow } from './tables.ts';
import { insert } from './writing.ts';

/** The plugin over a real store in a temporary folder. */

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

export const viewer: Caller = { ...admin, role: 'viewer', imageRight: false };

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
    if (query.ids?.some((id) => !Number.isSafeInteger(id))) throw new RangeError('ids are whole numbers');
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
  box.enrichers = serviceOf(box.parts, captureEnrichers);
  box.archive = serviceOf(box.parts, captureArchive);
  box.faces = serviceOf(box.parts, capturedFaces);
  await box.parts.start?.();
  atEnd(t, () => box.parts.stop?.());

  const call = callBy(viewer, box.remarks);
  box.observe = (change = {}) => void tell(box.parts, captureObserved, { ...observation, ...change });
  box.untilRecorded = async (count) => {
    await until(`${count} records`, () => box.recorded.length >= count);
  };
  box.send = (id, parameters = {}) => sendMessage(box.parts, id, parameters, call);
  box.call = (method, path, input = {}) => callRoute(box.parts, method, path, input, call);
  box.open = (id, params) => {
    const found = box.parts.topics!.find((one) => one.id === id)!;
    const sent: object[] = [];
    const subscriber = { caller: viewer, send: (message: object) => sent.push(message) > 0 } satisfies Subscriber;
    return { sent, close: found.open(checkInput(found.params, params), subscriber) };
  };
  return box;
}

export const observation = captureObservation({
  time: Date.UTC(2026, 10, 21, 11, 59, 30),
  box: [100.4, 50.2, 180.6, 160.5],
  crop: bytes('crop'),
  frame: bytes('frame'),
});

export const match = captureMatch({
  imagePath: 'facebase/libid4/4_1_1.jpg',
  enrolledAt: Date.UTC(2026, 9, 1, 8),
  hasAddress: false,
});

/** What a row has of a match. */
export function matched(change: Partial<CaptureMatch> = {}) {
  const { libraryId: libId, libraryName: libName, libraryType: libType, ...rest } = { ...match, ...change };
  return { libId, libName, libType, ...rest, compared: true };
}

/** Whoever is or was enrolled under these ids. */
export function people(...imageIds: string[]): EnrolledPicture[] {
  return imageIds.map((imageId) => ({ imageId, imagePath: '' }));
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
