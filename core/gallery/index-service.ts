import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import {
  type FaceHit,
  type FaceIndex,
  FaceIndexError,
  type FaceIndexState,
  type FaceSource,
  type IndexedFace,
} from '../plugin/face-services.ts';
import type { WorkerReport } from '../plugin/services.ts';
import { CHILD_LIMITS, type ChildLimits } from '../processes/child-supervisor.ts';
import { checkFace, checkId, checkLibrary, checkVector } from './checks.ts';
import { MOST_FOUND, memoryFor } from './layout.ts';
import type { GallerySettings } from './protocol.ts';
import { SourcedGallery } from './sourced-gallery.ts';

export const CAPACITY = 300_000;
/** Of captured faces: more than are kept, since old ones go in steps. */
export const CAPTURED_CAPACITY = 220_000;
const MOST_CAPACITY = 1_000_000;
const MOST_DEFAULT_THREADS = 4;
/** Faces of one change: they go to the process in one message. */
const MOST_FACES = 5_000;
const MOST_IDS = 100_000;
const DEADLINE_MS = 2_000;
/** A million equal faces, the worst there is, take less than a second on one core. */
const SEARCH_MS = 20_000;
/** What a process takes beside the faces, and for finding each face by its id. */
const PROCESS_BYTES = 512 * 1024 * 1024;
const PLACE_BYTES = 150;

const NO_SOURCE: FaceIndexState = { state: 'down', faces: 0, total: 0, reason: 'no database of faces is installed' };

export interface GalleryOptions {
  /** Of its process, for people; default `gallery`. */
  name?: string;
  log: Logger;
  /**
   * Most faces of each model, up to a million; default 300,000. A face of 512 numbers takes 2.6 kB: 0.8 GB for as many
   * as that, and there is room for as many of a second model.
   */
  capacity?: number;
  /** Threads of a search; by default one for each core, at most four. */
  threads?: number;
  /** What the health page shows has changed. */
  changed?(): void;
  /** What the process is held to, where not to the usual. */
  limits?: Partial<ChildLimits>;
}

/**
 * The index of known faces: the core's side of the gallery process. The process runs while there is a source to read
 * faces from.
 */
export class GalleryService implements FaceIndex {
  readonly #name: string;
  readonly #log: Logger;
  readonly #settings: GallerySettings;
  readonly #limits: Partial<ChildLimits>;
  readonly #changed: () => void;
  #source: FaceSource | undefined;
  #gallery: SourcedGallery | undefined;
  #started = false;
  /** Galleries that are starting or ending, one after another. */
  #turn: Promise<void> = Promise.resolve();

  /** @throws RangeError for a capacity or a number of threads that cannot be */
  constructor({ name = 'gallery', log, capacity = CAPACITY, threads, limits, changed }: GalleryOptions) {
    if (!Number.isSafeInteger(capacity) || capacity < 1 || capacity > MOST_CAPACITY) {
      throw new RangeError(`the gallery takes 1 to ${MOST_CAPACITY} faces`);
    }
    const count = threads ?? Math.min(availableParallelism(), MOST_DEFAULT_THREADS);
    if (!Number.isSafeInteger(count) || count < 1 || count > 64) throw new RangeError('a search has 1 to 64 threads');
    const memory = memoryFor(capacity);
    const mostResidentBytes = memory + 2 * capacity * PLACE_BYTES + PROCESS_BYTES;
    this.#name = name;
    this.#log = log;
    this.#changed = changed ?? (() => {});
    this.#settings = { capacity, memory, threads: count, searchMs: SEARCH_MS };
    // Its memory has its bounds in itself; a fresh process would hold as many faces.
    this.#limits = { ...CHILD_LIMITS, residentBytes: mostResidentBytes, mostResidentBytes, ...limits };
  }

  /** Starts the process where there is a source already. */
  start(): Promise<void> {
    this.#started = true;
    return this.#renew();
  }

  async stop(): Promise<void> {
    this.#started = false;
    await this.#renew();
  }

  /** The process, where one is wanted. */
  workers(): WorkerReport[] {
    return this.#gallery ? [this.#gallery.report] : [];
  }

  setSource(source: FaceSource): () => void {
    this.#source = source;
    this.#renew().catch((error: Error) => this.#failed(error));
    return () => {
      if (this.#source !== source) return;
      this.#source = undefined;
      this.#renew().catch((error: Error) => this.#failed(error));
    };
  }

  async put(faces: IndexedFace[]): Promise<void> {
    if (faces.length > MOST_FACES) throw new RangeError(`at most ${MOST_FACES} faces are put at a time`);
    for (const face of faces) checkFace(face);
    if (faces.length > 0) await this.#gallery?.put(faces);
  }

  async remove(ids: number[]): Promise<void> {
    if (ids.length > MOST_IDS) throw new RangeError(`at most ${MOST_IDS} faces are removed at a time`);
    for (const id of ids) checkId('the id of a face', id);
    if (ids.length > 0) await this.#gallery?.remove(ids);
  }

  async removeLibrary(library: number): Promise<void> {
    checkLibrary(library);
    await this.#gallery?.removeLibrary(library);
  }

  async search({ deadline = DEADLINE_MS, ...query }: Parameters<FaceIndex['search']>[0]): Promise<FaceHit[]> {
    checkVector(query.vector);
    for (const library of query.libraries) checkLibrary(library);
    if (!Number.isSafeInteger(query.most) || query.most < 1 || query.most > MOST_FOUND) {
      throw new RangeError(`1 to ${MOST_FOUND} faces are told at a time`);
    }
    if (query.least !== undefined && !Number.isFinite(query.least)) throw new RangeError('a cosine is a number');
    if (query.ids?.some((id) => !Number.isSafeInteger(id))) throw new RangeError('ids are whole numbers');
    if (!(deadline > 0 && deadline <= 600_000)) throw new RangeError('a search has more than 0 and at most 600,000 ms');
    if (!this.#gallery) throw new FaceIndexError('down', NO_SOURCE.reason ?? '');
    return this.#gallery.search({ ...query, deadline });
  }

  state(): FaceIndexState {
    return this.#gallery?.state() ?? { ...NO_SOURCE };
  }

  /** Ends the gallery of an earlier source, and starts that of the present one. */
  #renew(): Promise<void> {
    const before = this.#gallery;
    const source = this.#started ? this.#source : undefined;
    const options = {
      name: this.#name,
      log: this.#log,
      settings: this.#settings,
      limits: this.#limits,
      changed: this.#changed,
    };
    const next = source ? new SourcedGallery(source, options) : undefined;
    // At once: from here on nobody may be compared with faces of the earlier source.
    this.#gallery = next;
    this.#changed();
    const done = this.#turn.then(async () => {
      await before?.stop();
      await next?.start();
    });
    this.#turn = done.catch(() => {});
    return done;
  }

  #failed(error: Error): void {
    this.#log.error({ module: this.#name, reason: error.message }, 'the index of faces could not be started');
  }
}
