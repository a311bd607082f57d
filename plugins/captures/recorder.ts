import { randomUUID } from 'node:crypto';
import { recognised } from '../../core/events/push-body.ts';
import type { CaptureFindings, CapturePlate, CaptureRecord } from '../../core/plugin/capture-services.ts';
import type { CameraDirectory } from '../../core/plugin/services.ts';
import { recordPath } from '../../core/store/blob-path.ts';
import type { StagedBlob, Store, Tx } from '../../core/store/database.ts';
import type { Box, CaptureObservation, PlateFinding } from '../../core/vision/keys.ts';
import type { Enrichers } from './enrichers.ts';
import type { NewCaptureRow } from './tables.ts';
import { insert } from './writing.ts';

/** Captures that may wait for their turn; beyond either the oldest are dropped. */
export const MOST_WAITING = 200;
export const MOST_WAITING_BYTES = 96 * 1024 * 1024;
/** Captures worked on at the same time. */
const AT_ONCE = 8;

export interface RecorderOptions {
  owner: string;
  store: Store;
  enrichers: Enrichers;
  /** Undefined while the cameras' plugin is not there. */
  cameras(): CameraDirectory | undefined;
  /** Within the job that stores the record: what others are to hear of it comes and goes with it. */
  alongside(tx: Tx, record: CaptureRecord): void;
  /** Within the same job: keeps the face as numbers, where it shall be kept. */
  keepFace(tx: Tx, moment: number, record: CaptureRecord, embedding: CaptureObservation['embedding']): void;
  /** A record is on the disk. */
  recorded(record: CaptureRecord): void;
  failed(error: Error): void;
}

/** A capture that is ready to be stored. */
interface Prepared {
  record: CaptureRecord;
  staged: StagedBlob[];
  /** No part of the record: it is told to nobody. */
  embedding: CaptureObservation['embedding'];
}

/**
 * Turns what the vision worker hands over into records: enriched, the pictures on the disk, the row with them in one
 * write, and only then told. Several captures are prepared at once, but those of a channel become records in the
 * order they came in.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  #waiting: CaptureObservation[] = [];
  #waitingBytes = 0;
  #working = 0;
  readonly #lastOf = new Map<number, Promise<void>>();
  #whenIdle: (() => void)[] = [];
  #dropped = 0;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Captures that were dropped because too many waited. */
  get dropped(): number {
    return this.#dropped;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes a capture; never waits, never throws. */
  observe(observation: CaptureObservation): void {
    this.#waiting.push(observation);
    this.#waitingBytes += bytesOf(observation);
    while (
      this.#waiting.length > MOST_WAITING ||
      (this.#waitingBytes > MOST_WAITING_BYTES && this.#waiting.length > 1)
    ) {
      this.#take();
      this.#dropped += 1;
    }
    this.#next();
  }

  /** Resolves when everything taken so far is stored or lost. */
  async idle(): Promise<void> {
    if (this.#working > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  #take(): CaptureObservation | undefined {
    const observation = this.#waiting.shift();
    if (observation) this.#waitingBytes -= bytesOf(observation);
    return observation;
  }

  #next(): void {
    while (this.#working < AT_ONCE) {
      const observation = this.#take();
      if (!observation) break;
      this.#working += 1;
      void this.#record(observation).finally(() => {
        this.#working -= 1;
        this.#next();
      });
    }
    if (this.#working === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** Does not reject. */
  #record(observation: CaptureObservation): Promise<void> {
    const { channel } = observation;
    const before = this.#lastOf.get(channel) ?? Promise.resolve();
    const preparing = this.#prepare(observation);
    // Its error is looked at below, after those before it are done.
    preparing.catch(() => {});
    const done = before
      .then(() => preparing)
      .then((prepared) => this.#store(prepared))
      .catch((error: Error) => this.#options.failed(error))
      .finally(() => {
        if (this.#lastOf.get(channel) === done) this.#lastOf.delete(channel);
      });
    this.#lastOf.set(channel, done);
    return done;
  }

  async #prepare(observation: CaptureObservation): Promise<Prepared> {
    const { store, owner } = this.#options;
    const { kind, channel, origin, crop, frame, plate } = observation;
    const time = Math.round(observation.time);
    // As the camera is now: it may be gone when the enrichers have answered. Where another one has taken the channel since
    // the capture, its name and threshold are not those of the capture.
    const there = this.#options.cameras()?.get(channel);
    const camera = there?.origin === origin ? there : undefined;
    const findings = await this.#options.enrichers.enrich(observation);
    const cropPath = recordPath(channel, kind, time, store.blobs.nextNumber());
    const framePath = recordPath(channel, 'frame', time, store.blobs.nextNumber());
    const platePath = plate && recordPath(channel, 'plate', time, store.blobs.nextNumber());
    const blob = { owner, area: 'records', picture: true };
    const staged: StagedBlob[] = [];
    try {
      staged.push(await store.blobs.stage({ ...blob, path: cropPath, bytes: crop }));
      staged.push(await store.blobs.stage({ ...blob, path: framePath, bytes: frame }));
      if (platePath) staged.push(await store.blobs.stage({ ...blob, path: platePath, bytes: plate.jpeg }));
    } catch (error) {
      for (const one of staged) one.discard();
      throw error;
    }
    // An enricher that knows nothing leaves what the worker saw.
    const aliveType = findings.aliveType || observation.aliveType || 0;
    // A picture held before the camera shows nobody who is there, and without a camera there is no threshold.
    const record: CaptureRecord = {
      id: randomUUID(),
      kind,
      channel,
      ...(origin ? { origin } : {}),
      cameraName: camera?.name ?? '',
      position: camera?.position ?? '',
      threshold: camera?.threshold ?? 0,
      time,
      trackId: observation.trackId,
      quality: observation.quality,
      box: whole(observation.box),
      boxInCrop: whole(observation.boxInCrop),
      frameWidth: observation.frameWidth,
      frameHeight: observation.frameHeight,
      cropPath,
      framePath,
      aliveType,
      attributes: { ...observation.attributes, ...findings.attributes },
      describedBy: observation.describedBy ?? [],
      ...(camera && kind === 'face' && aliveType !== 1 ? comparison(findings) : { compared: false }),
      ...(platePath ? { plate: plateOf(observation, plate, platePath), plateCrop: plate.jpeg } : {}),
      crop,
      frame,
    };
    return { record, staged, embedding: observation.embedding };
  }

  async #store({ record: prepared, staged, embedding }: Prepared): Promise<void> {
    const stored = await this.#options.store.write(
      (tx) => {
        const record = this.#asOfNow(prepared);
        if (!record) return undefined;
        const moment = insert(tx, rowOf(record));
        this.#options.keepFace(tx, moment, record, embedding);
        for (const blob of staged) tx.addBlob(blob);
        this.#options.alongside(tx, record);
        return record;
      },
      { staged },
    );
    if (stored) this.#options.recorded(stored);
  }

  /**
   * The record as it may be kept: somebody may have been erased since the comparison. Undefined: it shows them, and would
   * have gone with them a moment ago.
   */
  #asOfNow(record: CaptureRecord): CaptureRecord | undefined {
    const { match, ...stranger } = record;
    if (!match || this.#options.enrichers.stillKnows(match)) return record;
    return recognised(record) ? undefined : stranger;
  }
}

function rowOf({
  crop: _crop,
  frame: _frame,
  plateCrop: _plateCrop,
  match,
  plate,
  ...record
}: CaptureRecord): NewCaptureRow {
  return {
    ...record,
    plateText: plate?.text ?? null,
    plateScore: plate?.score ?? null,
    plateBox: plate?.box ?? null,
    platePath: plate?.path ?? null,
    libId: match?.libraryId ?? null,
    libName: match?.libraryName ?? null,
    libType: match?.libraryType ?? null,
    imageId: match?.imageId ?? null,
    similarity: match?.similarity ?? null,
    ranking: match?.ranking ?? null,
    imagePath: match?.imagePath ?? null,
    enrolledAt: match?.enrolledAt ?? null,
    personName: match?.personName ?? null,
    personGender: match?.personGender ?? null,
    personAge: match?.personAge ?? null,
    hasIdcard: match?.hasIdcard ?? null,
    hasAddress: match?.hasAddress ?? null,
  };
}

/** What the comparison said. Who was found has been compared, also when an enricher does not say so. */
function comparison({ compared = false, match }: CaptureFindings): Pick<CaptureRecord, 'compared' | 'match'> {
  return match ? { compared: true, match } : { compared };
}

/** A plate as it lies in the crop, which is of the frame's own resolution and begins a little before the vehicle. */
function plateOf(
  { box, boxInCrop }: CaptureObservation,
  { text, score, box: [left, top, right, bottom] }: PlateFinding,
  path: string,
): CapturePlate {
  const [x, y] = [box[0] - boxInCrop[0], box[1] - boxInCrop[1]];
  return { text, score, box: whole([left - x, top - y, right - x, bottom - y]), path };
}

function whole([left, top, right, bottom]: Box): Box {
  return [Math.round(left), Math.round(top), Math.round(right), Math.round(bottom)];
}

function bytesOf({ crop, frame, plate }: CaptureObservation): number {
  return crop.byteLength + frame.byteLength + (plate?.jpeg.byteLength ?? 0);
}
