import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { CODE } from '../../core/gateway/errors.ts';
import type {
  CaptureArchive,
  CaptureEnricher,
  CaptureEnrichers,
  EnrolledPicture,
} from '../../core/plugin/capture-services.ts';
import type { Health, PluginContext, PluginParts, UploadedFile } from '../../core/plugin/contract.ts';
import type { ExportEntry, Exports } from '../../core/plugin/export-services.ts';
import { type Images, portraitsErased } from '../../core/plugin/face-services.ts';
import type { CameraDatabases } from '../../core/plugin/services.ts';
import type { Store } from '../../core/store/database.ts';
import { atEnd, temporaryStore } from '../../core/store/fixture.ts';
import type { Answer } from '../../tests/kit/box.ts';
import { admin, callBy, sendMessage } from '../../tests/kit/plugin.ts';
import { type Assembly, type AssemblyParts, assemble } from './assembly.ts';
import plugin from './index.ts';
import { cameraInfo } from './match.fixture.ts';
import { ListCaptured, ListIndex, SketchImages } from './stand-ins.fixture.ts';
import { portraitEmbeddings } from './tables.ts';

/** The plugin over a real store in a temporary folder, with stand-ins for the services of others. */

/** Keeps what it is given in memory. */
export class MemoryExports implements Exports {
  readonly files = new Map<string, { data: string; shows: readonly string[]; area: string; picture: boolean }>();
  readonly archives = new Map<string, { entries: ExportEntry[]; shows: readonly string[]; area: string }>();
  broken = false;
  #made = 0;

  async archive(kind: string, area: string, entries: AsyncIterable<ExportEntry>, shows: readonly string[]) {
    const kept: ExportEntry[] = [];
    for await (const entry of entries) kept.push(entry);
    const path = `tmp/${kind}_${++this.#made}.zip`;
    this.archives.set(path, { entries: kept, shows, area });
    return { path, password: 'secret' };
  }

  async file(
    name: string,
    area: string,
    data: Uint8Array | string,
    shows: readonly string[],
    options: { picture?: boolean } = {},
  ) {
    if (this.broken) throw new Error('the disk is full');
    const path = `tmp/${name}`;
    const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
    this.files.set(path, { data: text, shows, area, picture: options.picture ?? false });
    return { path };
  }

  async erase(shows: readonly string[]) {
    return this.eraseIn(undefined, shows);
  }

  eraseIn(_tx: unknown, shows: readonly string[]) {
    if (this.broken) throw new Error('the disk is full');
    let gone = 0;
    for (const kept of [this.files, this.archives]) {
      for (const [path, file] of kept) {
        if (!file.shows.some((key) => shows.includes(key))) continue;
        kept.delete(path);
        gone += 1;
      }
    }
    return gone;
  }
}

/** Captures of people, each told by the database and the id, with ` of ` and the path where it is known, or by its own path. */
export class MemoryCaptures implements Pick<CaptureArchive, 'eraseOf'> {
  kept: string[] = [];
  broken = false;

  async eraseOf(libraryId: number, people: readonly EnrolledPicture[], takenFrom: readonly string[] = []) {
    if (this.broken) throw new Error('the archive is not there');
    const before = this.kept.length;
    const shows = (one: string) =>
      people.some(({ imageId, imagePath }) => {
        const [key, path] = one.split(' of ');
        return key === `${libraryId}/${imageId}` && (!path || !imagePath || path === imagePath);
      });
    this.kept = this.kept.filter((one) => !takenFrom.includes(one) && !shows(one));
    return { captures: before - this.kept.length, messages: 0, exports: 0 };
  }
}

/** What is kept elsewhere of people, each by whom it shows: alarms, or messages that wait. */
export class MemoryKept {
  kept: string[][] = [];
  broken = false;

  async erase(keys: readonly string[]): Promise<number> {
    if (this.broken) throw new Error('the disk is full');
    const before = this.kept.length;
    this.kept = this.kept.filter((shows) => !shows.some((key) => keys.includes(key)));
    return before - this.kept.length;
  }

  eraseOf(keys: readonly string[]): Promise<number> {
    return this.erase(keys);
  }
}

export interface TestPlugin {
  store: Store;
  folder: string;
  parts: PluginParts<unknown>;
  /** Wall clock and zone; may be set. */
  clock: { time: number; zone: string };
  images: SketchImages;
  index: ListIndex;
  use: {
    exports: MemoryExports | undefined;
    captures: MemoryCaptures | undefined;
    captured: ListCaptured | undefined;
    alarmArchive: MemoryKept | undefined;
    outbox: MemoryKept | undefined;
  };
  /** Databases that a camera compares with. */
  bound: number[];
  /** What cameras ask before they are bound to a database, once it takes part. */
  known: Parameters<CameraDatabases['register']>[0] | undefined;
  /** Compares what cameras capture, once it takes part. */
  enricher: CaptureEnricher | undefined;
  erased: { library: number; imageIds: string[]; keys: string[] }[];
  remarks: string[];
  /** What the log was told, as one text. */
  logged: string[];
  gauges: Map<string, () => unknown>;
  send<T = unknown>(
    id: number,
    parameters?: Record<string, unknown>,
    files?: Record<string, Uint8Array | UploadedFile>,
  ): Promise<Answer<T>>;
  /** Makes a database and gives its number. */
  database(name?: string, type?: 1 | 2): Promise<number>;
  health(): Promise<Health>;
}

export interface TestOptions {
  config?: object;
  folder?: string;
  /** Others than those that read sketches: for tests with photos. */
  images?: Images;
}

export async function startPlugin(t: TestContext, options: TestOptions = {}): Promise<TestPlugin> {
  const { store, folder } = await temporaryStore(t, options.folder ? { folder: options.folder } : {});
  await store.migrate('portraits', join(import.meta.dirname, 'migrations'));
  const box = {
    store,
    folder,
    clock: { time: Date.UTC(2026, 10, 21, 12), zone: 'UTC' },
    images: options.images ?? new SketchImages(),
    index: new ListIndex(),
    use: {
      exports: new MemoryExports(),
      captures: new MemoryCaptures(),
      captured: new ListCaptured(),
      alarmArchive: new MemoryKept(),
      outbox: new MemoryKept(),
    },
    bound: [],
    erased: [],
    remarks: [],
    logged: [],
    gauges: new Map(),
  } as unknown as TestPlugin;
  const gate = () => cameraInfo({ channel: 1, name: 'Gate', libraryIds: box.bound });
  const cameras = { list: () => [gate()], get: (channel: number) => (channel === 1 ? gate() : undefined) };
  const bindings: CameraDatabases = {
    register: (known) => {
      box.known = known;
      return () => {};
    },
    boundIn: (_tx, libraryId) => box.bound.includes(libraryId),
  };
  const enrichers: CaptureEnrichers = {
    register: (enricher) => {
      box.enricher = enricher;
      return () => {};
    },
  };
  const context = {
    id: 'portraits',
    config: plugin.config!.parse(options.config ?? {}),
    use: {
      images: box.images,
      faces: box.index,
      cameras,
      bindings,
      enrichers,
      get exports() {
        return box.use.exports;
      },
      get captures() {
        return box.use.captures;
      },
      get captured() {
        return box.use.captured;
      },
      get alarmArchive() {
        return box.use.alarmArchive;
      },
      get outbox() {
        return box.use.outbox;
      },
    },
    log: pino({ level: 'debug' }, { write: (line: string) => void box.logged.push(line) }),
    clock: {
      now: () => box.clock.time,
      steady: () => box.clock.time,
      get zone() {
        return box.clock.zone;
      },
    },
    metrics: {
      counter: () => ({ inc: () => {} }),
      gauge: (name: string, _help: string, collect: () => unknown) => box.gauges.set(name, collect),
    },
    store,
    secrets: store.keys.for('portraits'),
    emit: (event: { id: string }, payload: unknown) => {
      if (event.id === portraitsErased.id) {
        const told = payload as TestPlugin['erased'][number];
        box.erased.push(told);
        // As the plugin alarms and the core do when they hear it.
        for (const one of [box.use.alarmArchive, box.use.outbox]) one?.erase(told.keys).catch(() => {});
      }
    },
    retain: () => {},
    changed: () => {},
  } as unknown as PluginContext;
  box.parts = await plugin.setup(context);
  await box.parts.start?.();
  atEnd(t, () => box.parts.stop?.());

  box.send = (id, parameters = {}, files = {}) => {
    const parts = Object.entries(files).map(
      ([part, given]) => [part, given instanceof Uint8Array ? file(`${part}.jpg`, given) : given] as const,
    );
    return sendMessage(box.parts, id, parameters, callBy(admin, box.remarks, { files: new Map(parts) }));
  };
  box.database = async (name = 'staff', type = 1) => {
    const { code, data, msg } = await box.send<{ lib_id: number }>(1025, { lib_name: name, lib_type: type });
    if (code !== CODE.ok) throw new Error(msg);
    return data.lib_id;
  };
  box.health = async () => (await box.parts.health?.()) ?? { state: 'ok' };
  return box;
}

/** A file of a form. */
export function file(name: string, bytes: Uint8Array): UploadedFile {
  return { name, type: 'image/jpeg', bytes };
}

/** `data` of a picture sent as base64. */
export function dataUrl(bytes: Uint8Array): string {
  return `data:image/jpg;base64,${Buffer.from(bytes).toString('base64')}`;
}

/** Picture and model of every embedding that is stored. */
export function storedEmbeddings(box: TestPlugin): string[] {
  const rows = box.store.read.select().from(portraitEmbeddings).all();
  return rows.map(({ image, model }) => `${image} ${model}`);
}

/**
 * The rooms of a plugin that has not been started, over the store, the pictures and the index of one that has.
 * @param parts services of others; there are none unless they are given
 */
export function roomsOf(box: TestPlugin, parts: Partial<AssemblyParts> = {}): Assembly {
  const nothing = () => undefined;
  return assemble({
    owner: 'portraits',
    context: {
      store: box.store,
      secrets: box.store.keys.for('portraits'),
      clock: { now: () => box.clock.time, steady: () => box.clock.time, zone: 'UTC' },
      log: pino({ level: 'silent' }),
    },
    images: box.images,
    index: box.index,
    ...{ bindings: nothing, captures: nothing, alarms: nothing, outbox: nothing, exports: nothing },
    changed: () => {},
    erased: () => {},
    ...parts,
  });
}
