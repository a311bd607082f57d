import { setImmediate as nextTurn } from 'node:timers/promises';
import { asc, desc, eq, inArray, lte } from 'drizzle-orm';
import {
  type CapturedFace,
  type CapturedFaces as CapturedFacesService,
  type CapturedFacesState,
  type FaceIndex,
  FaceIndexError,
} from '../../core/plugin/face-services.ts';
import type { Store, Tx } from '../../core/store/database.ts';
import type { FaceRows, FaceToKeep } from './face-rows.ts';
import type { CaptureRow } from './tables.ts';
import { captureFaces, captures, MOMENTS_PER_MS } from './tables.ts';

/** Faces that are kept at most, the newest: 0.7 GB in the process that searches them. */
export const MOST_FACES = 200_000;
/** So many more, and the oldest are looked for that have to go. */
const TRIM_EVERY = 1_000;
/** Rows one write job deletes: it holds the box's only writer. */
const BATCH = 200;
/** Where faces could not be let go, it is tried again after so long, ms. */
const AGAIN_MS = 30_000;
/** Of a lower quality a face is not kept: whom it is like is a matter of luck, as in comparing with people. */
const LEAST_QUALITY = 20;
const CHANNELS = Array.from({ length: 32 }, (_, at) => at + 1);

type CaptureToKeep = Omit<FaceToKeep, 'embedding'> & { quality: number };

export interface CapturedFacesOptions {
  store: Store;
  rows: FaceRows;
  /** The settings want faces to be kept. */
  wanted: boolean;
  /** Where none are wanted, those of before go. False: nobody knows whether that was meant. Default true. */
  mayEmpty?: boolean;
  /** Undefined where nobody offers one. */
  index: FaceIndex | undefined;
  /** Keeping or letting go of faces failed, behind a capture that is stored. */
  failed(error: Error): void;
  /** Default `MOST_FACES`. */
  most?: number;
  /** Default half a minute. */
  againMs?: number;
}

/**
 * Searches captures by face. Where the settings want it, the face of each capture is kept with it as sealed numbers, and
 * the index reads them all when it starts, one database of the index for each channel, the capture's moment as its id.
 * Without the setting nothing is kept, and what was kept goes.
 */
export class CapturedFaces implements CapturedFacesService {
  readonly #options: CapturedFacesOptions;
  readonly #most: number;
  #emptyIndex: (() => void) | undefined;
  #untrimmed = 0;
  #trimming: Promise<void> | undefined;
  #again: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: CapturedFacesOptions) {
    this.#options = options;
    this.#most = options.most ?? MOST_FACES;
  }

  start(): void {
    const { wanted, index, rows } = this.#options;
    if (wanted) this.#emptyIndex = index?.setSource(rows);
    if (wanted || this.#options.mayEmpty !== false) this.#trim();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#again);
    this.#emptyIndex?.();
    await this.#trimming;
  }

  /** Keeps the face of a capture within the job that stores it, where one is to be kept. */
  keep(tx: Tx, capture: CaptureToKeep, embedding: FaceToKeep['embedding'] | undefined): void {
    const { rows, wanted } = this.#options;
    // A capture that comes after the end was not waited for: the settings of now may want no faces.
    if (!wanted || this.#stopped || !embedding || capture.quality < LEAST_QUALITY) return;
    const known = rows.keep(tx, { ...capture, embedding });
    tx.afterCommit(() => {
      this.#tell((index) => index.put([known]));
      this.#untrimmed += 1;
      if (this.#untrimmed >= TRIM_EVERY) this.#trim();
    });
  }

  /** Lets go of the faces of captures within the job that deletes them. */
  forget(tx: Tx, moments: number[]): void {
    const { moment } = captureFaces;
    const gone = tx.delete(captureFaces).where(inArray(moment, moments)).returning({ moment }).all();
    if (gone.length === 0) return;
    tx.afterCommit(() => this.#tell((index) => index.remove(gone.map((face) => face.moment))));
  }

  state(): CapturedFacesState {
    const { wanted, index, rows } = this.#options;
    if (!wanted) return { state: 'off', faces: 0, total: 0 };
    if (!index) return { state: 'down', faces: 0, total: 0, reason: 'there is no index of captured faces' };
    const { state, faces, total, reason } = index.state();
    const oldest = rows.oldest();
    return {
      state,
      faces,
      total,
      ...(oldest === undefined ? {} : { since: Math.floor(oldest / MOMENTS_PER_MS) }),
      ...(reason === undefined ? {} : { reason }),
    };
  }

  face(captureId: string): ReturnType<CapturedFacesService['face']> {
    const { store, rows } = this.#options;
    const { id, cropPath } = captures;
    const capture = store.read.select({ cropPath }).from(captures).where(eq(id, captureId)).get();
    const embedding = capture && rows.of(captureId);
    return capture && { ...capture, ...(embedding ? { embedding } : {}) };
  }

  async search(query: Parameters<CapturedFacesService['search']>[0]): Promise<CapturedFace[]> {
    const { wanted, index } = this.#options;
    if (!wanted || !index) throw new FaceIndexError('down', 'no faces of captures are kept');
    const { model, vector, most, least, from = 0, to, channels } = query;
    const hits = await index.search({
      model,
      vector,
      libraries: channels ?? CHANNELS,
      most,
      ...(least === undefined ? {} : { least }),
      ids: [firstMoment(from), firstMoment(to ?? Number.POSITIVE_INFINITY)],
    });
    const known = this.#captures(hits.map(({ id }) => id));
    // Deleted in this moment, a capture is not told any more.
    return hits.flatMap(({ id, cosine }) => {
      const capture = known.get(id);
      return capture ? [capturedFace(capture, cosine)] : [];
    });
  }

  #captures(moments: number[]): Map<number, CaptureRow> {
    if (moments.length === 0) return new Map();
    const rows = this.#options.store.read.select().from(captures).where(inArray(captures.moment, moments)).all();
    return new Map(rows.map((row) => [row.moment, row]));
  }

  /** Tells the index of what is stored. One that is loading or down reads everything anew. */
  #tell(change: (index: FaceIndex) => Promise<void>): void {
    const { index, wanted, failed } = this.#options;
    if (!index || !wanted) return;
    change(index).catch((error: Error) => {
      if (!(error instanceof FaceIndexError) || error.fault === 'full') failed(error);
    });
  }

  /** Lets the oldest go that are too many; all where none are wanted. Until it has succeeded: they are not to stay. */
  #trim(): void {
    const { failed, againMs = AGAIN_MS } = this.#options;
    this.#untrimmed = 0;
    this.#trimming ??= this.#trimInSteps()
      .catch((error: Error) => {
        failed(error);
        if (this.#stopped) return;
        clearTimeout(this.#again);
        this.#again = setTimeout(() => this.#trim(), againMs);
        this.#again.unref();
      })
      .finally(() => {
        this.#trimming = undefined;
      });
  }

  async #trimInSteps(): Promise<void> {
    const { store, wanted } = this.#options;
    const { moment } = captureFaces;
    const [last] = await store.query
      .select({ moment })
      .from(captureFaces)
      .orderBy(desc(moment))
      .limit(1)
      .offset(wanted ? this.#most : 0);
    if (!last) return;
    for (let more = true; more && !this.#stopped; await nextTurn()) {
      more = await store.write((tx) => {
        const condition = lte(moment, last.moment);
        const rows = tx.select({ moment }).from(captureFaces).where(condition).orderBy(asc(moment)).limit(BATCH).all();
        const moments = rows.map((row) => row.moment);
        if (moments.length > 0) this.forget(tx, moments);
        return rows.length === BATCH;
      });
    }
  }
}

/** The first moment a capture of this time, ms, can have. */
function firstMoment(time: number): number {
  // Times that browsers can show go further than moments, which are whole numbers.
  return Math.min(time * MOMENTS_PER_MS, Number.MAX_SAFE_INTEGER);
}

function capturedFace(row: CaptureRow, cosine: number): CapturedFace {
  const { id, channel, cameraName, position, origin, time, quality, cropPath, similarity, threshold } = row;
  const known = similarity !== null && similarity >= threshold;
  const name = known ? row.personName?.trim() || row.imageId : null;
  return {
    id,
    channel,
    cameraName,
    position,
    ...(origin ? { origin } : {}),
    time,
    quality,
    cropPath,
    ...(name ? { name } : {}),
    cosine,
  };
}
