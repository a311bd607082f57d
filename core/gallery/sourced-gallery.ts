import type { Logger } from 'pino';
import { FaceIndexError, type FaceIndexState, type FaceSource, type IndexedFace } from '../plugin/face-services.ts';
import type { WorkerReport } from '../plugin/services.ts';
import { type ChildEnd, type ChildLimits, ChildSupervisor } from '../processes/child-supervisor.ts';
import { FaultyFaces } from './faulty-faces.ts';
import { KeptChanges } from './kept-changes.ts';
import { LoadingRoom } from './loading-room.ts';
import {
  type Change,
  type FromGallery,
  type GallerySettings,
  packFaces,
  packVector,
  type ToGallery,
} from './protocol.ts';
import type { Hit } from './scan-threads.ts';

/** Faces asked of the source at a time: 2 MB of vectors. */
const PAGE = 1_000;
/** Between two tries to read the source, ms; the last holds for all that follow. */
const PAUSES = [1_000, 5_000, 30_000];
const MOST_CHANGES = 2_000;
/** Searches that have not been answered. A box asks some ten in a second. */
const MOST_SEARCHES = 256;

export interface SourcedOptions {
  /** Of its process, for people. */
  name: string;
  log: Logger;
  settings: GallerySettings;
  limits: Partial<ChildLimits>;
  changed(): void;
}

export interface Search {
  model: string;
  vector: Float32Array;
  libraries: readonly number[];
  most: number;
  least?: number;
  ids?: [from: number, to: number];
  deadline: number;
}

interface Waiting {
  resolve(message: Extract<FromGallery, { type: 'changed' | 'found' }>): void;
  reject(error: Error): void;
}

/**
 * The gallery of one source: its process, what it has been told, and reading the source whenever a process stands that
 * knows nothing yet. The source is the truth: whatever it tells was stored in it before, so nothing has to be remembered
 * for a process that died.
 */
export class SourcedGallery {
  readonly #source: FaceSource;
  readonly #options: SourcedOptions;
  readonly #supervisor: ChildSupervisor<GallerySettings, ToGallery, FromGallery>;
  readonly #changes = new Map<number, Waiting>();
  readonly #searches = new Map<number, Waiting>();
  readonly #kept = new KeptChanges();
  readonly #room = new LoadingRoom();
  /** A process that starts for the first time is part of the loading; only one that ended is a fault. */
  #state: FaceIndexState = { state: 'loading', faces: 0, total: 0 };
  /** Counts processes: what was begun with an earlier one has no meaning any more. */
  #process = 0;
  #nextRequest = 1;
  #retry: NodeJS.Timeout | undefined;

  constructor(source: FaceSource, options: SourcedOptions) {
    this.#source = source;
    this.#options = options;
    this.#supervisor = new ChildSupervisor({
      name: options.name,
      module: new URL('./program.ts', import.meta.url),
      limits: options.limits,
      log: options.log,
      events: {
        message: (message) => this.#received(message),
        up: () => this.#read(++this.#process, 0),
        down: (end) => this.#down(end),
      },
    });
  }

  get report(): WorkerReport {
    return this.#supervisor.report;
  }

  state(): FaceIndexState {
    const bytes = this.#supervisor.report.residentBytes;
    return { ...this.#state, ...(bytes === undefined ? {} : { bytes }) };
  }

  start(): Promise<void> {
    return this.#supervisor.start(this.#options.settings);
  }

  async stop(): Promise<void> {
    this.#over('the gallery was stopped');
    await this.#supervisor.stop();
  }

  async put(faces: readonly IndexedFace[]): Promise<void> {
    const { change, vectors } = packFaces(faces);
    const { state, total } = this.#state;
    const { capacity } = this.#options.settings;
    if (state === 'loading' && !this.#room.take(faces, total, capacity)) {
      throw new FaceIndexError('full', `the gallery takes ${capacity} faces, and ${total} are being read`);
    }
    await this.#change(change, faces.length, [vectors]);
  }

  remove(ids: readonly number[]): Promise<void> {
    return this.#change({ type: 'remove', ids: [...ids] }, ids.length);
  }

  removeLibrary(library: number): Promise<void> {
    return this.#change({ type: 'remove-library', library }, 1);
  }

  async search({ vector, libraries, deadline, ...query }: Search): Promise<Hit[]> {
    const { state, reason } = this.#state;
    if (state === 'loading') throw new FaceIndexError('loading', 'the faces to search are still being read');
    if (state === 'down') throw new FaceIndexError('down', reason ?? 'the gallery is down');
    if (this.#searches.size >= MOST_SEARCHES) throw new FaceIndexError('late', 'too many faces wait to be compared');
    const request = this.#nextRequest++;
    const message: ToGallery = { type: 'search', request, libraries: [...libraries], deadline, ...query };
    const late = setTimeout(() => {
      this.#searches.get(request)?.reject(new FaceIndexError('late', `no answer within ${deadline} ms`));
    }, deadline);
    try {
      const answer = await this.#ask(this.#searches, message, [packVector(vector.slice())]);
      if (answer.type !== 'found') throw new Error('the gallery answered something else');
      return answer.hits.map(([id, library, cosine]) => ({ id, library, cosine }));
    } finally {
      clearTimeout(late);
      this.#searches.delete(request);
    }
  }

  /** Tells the process, or keeps it for after the reading. While the gallery is down nothing need be kept. */
  async #change(change: Change, faces: number, blobs: Uint8Array[] = []): Promise<void> {
    // Nobody who waits for the answers tells so many: better to read everything anew than to hold them all.
    if (this.#state.state === 'ready' && this.#changes.size >= MOST_CHANGES) this.#read(++this.#process, 0);
    if (this.#state.state === 'loading') this.#kept.add({ change, faces, blobs });
    if (this.#state.state !== 'ready') return;
    try {
      const known = await this.#tell(change, blobs);
      if (this.#state.state === 'ready') this.#state = { ...this.#state, faces: known, total: known };
    } catch (error) {
      // The next process reads it from the source.
      if (!(error instanceof FaceIndexError) || error.fault !== 'down') throw error;
    }
  }

  /** @returns how many faces there are now */
  async #tell(change: Change, blobs: Uint8Array[] = []): Promise<number> {
    const request = this.#nextRequest++;
    const answer = await this.#ask(this.#changes, { ...change, request }, blobs);
    if (answer.type !== 'changed') throw new Error('the gallery answered something else');
    return answer.faces;
  }

  #ask(waiting: Map<number, Waiting>, message: ToGallery & { request: number }, blobs: Uint8Array[]) {
    return new Promise<Extract<FromGallery, { type: 'changed' | 'found' }>>((resolve, reject) => {
      waiting.set(message.request, { resolve, reject });
      if (!this.#supervisor.send(message, blobs)) reject(new FaceIndexError('down', 'the gallery is down'));
    });
  }

  #received(message: FromGallery): void {
    if (message.type === 'beat') return;
    const { request } = message;
    const waiting = this.#changes.get(request) ?? this.#searches.get(request);
    this.#changes.delete(request);
    this.#searches.delete(request);
    if (message.type !== 'refused') waiting?.resolve(message);
    else if (message.fault === 'wrong') waiting?.reject(new RangeError(message.message));
    else waiting?.reject(new FaceIndexError(message.fault, message.message));
  }

  #down({ reason, renewed }: ChildEnd): void {
    this.#over(renewed ? 'the gallery is being renewed' : `the gallery ended (${reason})`);
  }

  #over(reason: string): void {
    this.#process += 1;
    clearTimeout(this.#retry);
    this.#kept.clear();
    this.#set({ state: 'down', faces: 0, total: 0, reason });
    const waiting = [...this.#changes.values(), ...this.#searches.values()];
    this.#changes.clear();
    this.#searches.clear();
    for (const { reject } of waiting) reject(new FaceIndexError('down', reason));
  }

  #set(state: FaceIndexState): void {
    this.#state = state;
    this.#options.changed();
  }

  /** Reads the source into the process, again and again until it has succeeded. */
  #read(process: number, tries: number): void {
    this.#readAll(process).catch((error: Error) => {
      if (process !== this.#process) return;
      this.#kept.clear();
      this.#set({ state: 'down', faces: 0, total: 0, reason: error.message });
      this.#options.log.error({ module: this.#options.name, reason: error.message }, 'the faces could not be read');
      const pause = PAUSES[Math.min(tries, PAUSES.length - 1)];
      this.#retry = setTimeout(() => this.#read(process, tries + 1), pause);
      this.#retry.unref();
    });
  }

  async #readAll(process: number): Promise<void> {
    const began = performance.now();
    const faulty = new FaultyFaces();
    do {
      this.#kept.clear();
      this.#room.clear();
      faulty.clear();
      this.#set({ state: 'loading', faces: 0, total: 0 });
      await this.#tell({ type: 'clear' });
      const total = await this.#source.count();
      if (process !== this.#process) return;
      this.#set({ ...this.#state, total });
      if (!(await this.#readPages(process, faulty))) return;
      for (let kept = this.#kept.take(); kept; kept = this.#kept.take()) {
        this.#state.faces = await this.#tell(kept.change, kept.blobs).catch(faulty.take(kept.faces, this.#state.faces));
      }
      // From the last look at what is kept to the state `ready` nothing may be waited for.
    } while (this.#kept.overflowed);
    const { faces } = this.#state;
    const { reason } = faulty;
    this.#set({ state: 'ready', faces, total: faces, ...(reason ? { reason } : {}) });
    const ms = Math.round(performance.now() - began);
    this.#options.log.info({ module: this.#options.name, faces, ms, reason }, 'the faces can be searched');
  }

  /** @returns false where the process has ended meanwhile */
  async #readPages(process: number, faulty: FaultyFaces): Promise<boolean> {
    for (let after = 0; ; ) {
      const page = await this.#source.read(after, PAGE);
      if (process !== this.#process) return false;
      if (page.length === 0) return true;
      const last = Math.max(...page.map(({ id }) => id));
      if (!(last > after)) throw new Error('the source of faces gives them in no order');
      after = last;
      this.#room.read(page);
      const { change, vectors } = packFaces(page.filter((face) => faulty.check(face)));
      this.#state.faces = await this.#tell(change, [vectors]);
    }
  }
}
