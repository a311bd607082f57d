import { createHash } from 'node:crypto';
import {
  type CapturedFace,
  type CapturedFaces,
  type CapturedFacesState,
  type EmbeddingModel,
  type ExaminedFace,
  type ExaminedPicture,
  type ExamineWishes,
  type FaceHit,
  type FaceIndex,
  FaceIndexError,
  type FaceIndexState,
  type FaceSource,
  type Images,
  type IndexedFace,
  PictureError,
  type QualityFault,
} from '../../core/plugin/face-services.ts';

/**
 * Stand-ins for the services of the core, for tests only: pictures that say in words who is in them, and an index that
 * is a list. Everything follows from what is in the picture.
 */

export interface SketchedFace {
  who: string;
  quality?: number;
  faults?: QualityFault[];
  /** Of the box, pixels. */
  height?: number;
}

/** A picture with these people. `take` tells two pictures of the same people apart. */
export function sketch(faces: (string | SketchedFace)[], take = 0): Uint8Array {
  const plain = faces.map((face) => (typeof face === 'string' ? { who: face } : face));
  return new TextEncoder().encode(JSON.stringify({ faces: plain, take }));
}

const DIMENSION = 16;

/** A direction for each name and model; those of different names are far apart. */
export function vectorOf(who: string, model: string): Float32Array {
  const bytes = createHash('sha512').update(`${model} ${who}`).digest();
  const raw = Array.from({ length: DIMENSION }, (_, at) => bytes.readInt16LE(at * 2));
  const length = Math.hypot(...raw);
  return Float32Array.from(raw, (value) => value / length);
}

export function sketchModel(id: string, madeFor?: 'demo'): EmbeddingModel {
  return {
    id,
    ...(madeFor ? { madeFor } : {}),
    dimension: DIMENSION,
    similarity: (cosine) => Math.max(0, Math.min(1, cosine)) * 100,
    cosine: (similarity) => similarity / 100,
  };
}

export class SketchImages implements Images {
  inUse: EmbeddingModel[] = [sketchModel('one')];
  /** Thrown by the next examinations, in this order. */
  readonly faults: PictureError[] = [];
  /** Waited for by every examination. */
  gate: Promise<void> = Promise.resolve();
  /** Lanes of the examinations so far. */
  readonly lanes: string[] = [];
  underWay = 0;
  mostUnderWay = 0;
  readonly #listeners = new Set<() => void>();

  async examine(picture: Uint8Array, wishes: ExamineWishes = {}): Promise<ExaminedPicture> {
    this.lanes.push(wishes.lane ?? 'prompt');
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    try {
      await this.gate;
      const fault = this.faults.shift();
      if (fault) throw fault;
      if (wishes.embeddings && this.inUse.length === 0) throw new PictureError('no-model', 'no model describes faces');
      const faces = read(picture).map((face, at) => this.#examined(face, at, wishes));
      const jpeg = wishes.jpeg ? picture : new Uint8Array();
      return { width: 640, height: 480, jpeg, faces };
    } finally {
      this.underWay -= 1;
    }
  }

  models(): EmbeddingModel[] {
    return this.inUse;
  }

  onModels(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  use(...models: EmbeddingModel[]): void {
    this.inUse = models;
    for (const listener of this.#listeners) listener();
  }

  /** As the core does it: those that were coming relieve the others of their kind. */
  async takeOver(ids: readonly string[]): Promise<void> {
    const taken = this.inUse.filter(({ id, coming }) => coming && ids.includes(id));
    if (taken.length === 0) return;
    const others = this.inUse.filter((one) => !taken.some(({ madeFor }) => madeFor === one.madeFor));
    this.use(...others, ...taken.map(({ coming: _, ...model }) => model));
  }

  #examined(
    { who, quality = 80, faults = [], height = 100.2 }: SketchedFace,
    at: number,
    wishes: ExamineWishes,
  ): ExaminedFace {
    const described = wishes.embeddings === 'largest' ? at === 0 : wishes.embeddings;
    return {
      box: [10.4 + at * 100, 20.4, 90.2 + at * 100, 20.4 + height],
      landmarks: [],
      score: 0.9,
      quality: { score: quality, faults },
      attributes: wishes.attributes ? { gender_code: 'female' } : {},
      embeddings: described ? this.inUse.map(({ id }) => ({ model: id, vector: vectorOf(who, id) })) : [],
      ...(wishes.crops ? { crop: new TextEncoder().encode(`crop of ${who}`) } : {}),
    };
  }
}

function read(picture: Uint8Array): SketchedFace[] {
  try {
    return (JSON.parse(new TextDecoder().decode(picture)) as { faces: SketchedFace[] }).faces;
  } catch {
    throw new PictureError('format', 'this is no picture');
  }
}

export class ListIndex implements FaceIndex {
  faces: IndexedFace[] = [];
  capacity = Number.POSITIVE_INFINITY;
  /** Why it cannot answer or take anything. */
  fault: 'loading' | 'down' | undefined;
  source: FaceSource | undefined;

  setSource(source: FaceSource): () => void {
    this.source = source;
    return () => {
      this.source = undefined;
      this.faces = [];
    };
  }

  async put(faces: IndexedFace[]): Promise<void> {
    this.#refuse();
    const kept = this.faces.filter((old) => !faces.some(({ id, model }) => id === old.id && model === old.model));
    if (kept.length + faces.length > this.capacity) throw new FaceIndexError('full', 'the index is full');
    this.faces = [...kept, ...faces];
  }

  async remove(ids: number[]): Promise<void> {
    this.#refuse();
    this.faces = this.faces.filter(({ id }) => !ids.includes(id));
  }

  async removeLibrary(library: number): Promise<void> {
    this.#refuse();
    this.faces = this.faces.filter((face) => face.library !== library);
  }

  async search(query: Parameters<FaceIndex['search']>[0]): Promise<FaceHit[]> {
    this.#refuse();
    return this.faces
      .filter(({ model, library }) => model === query.model && query.libraries.includes(library))
      .map(({ id, library, vector }) => ({ id, library, cosine: dot(vector, query.vector) }))
      .filter(({ cosine }) => cosine >= (query.least ?? -1))
      .sort((a, b) => b.cosine - a.cosine || a.id - b.id)
      .slice(0, query.most);
  }

  state(): FaceIndexState {
    return { state: this.fault ?? 'ready', faces: this.faces.length, total: this.faces.length };
  }

  #refuse(): void {
    if (this.fault) throw new FaceIndexError(this.fault, 'the index of faces is not ready');
  }
}

/** Captures of people, each with the face it shows. */
export class ListCaptured implements CapturedFaces {
  kept: { capture: Omit<CapturedFace, 'cosine'>; model: string; vector?: Float32Array }[] = [];
  known: CapturedFacesState = { state: 'ready', faces: 0, total: 0 };
  /** Why it cannot answer. */
  fault: FaceIndexError['fault'] | undefined;

  /** Somebody was captured. @param model undefined: nothing of the face is kept */
  add(who: string, model: string | undefined, change: Partial<CapturedFace> = {}): string {
    const id = `capture-${this.kept.length + 1}`;
    const place = { channel: 1, cameraName: 'Gate', position: 'north', time: this.kept.length, quality: 70 };
    const capture = { id, ...place, cropPath: `record/channel1/face/${id}.jpg`, ...change };
    this.kept.push({ capture, model: model ?? '', ...(model ? { vector: vectorOf(who, model) } : {}) });
    return id;
  }

  state(): CapturedFacesState {
    return this.known;
  }

  face(captureId: string): ReturnType<CapturedFaces['face']> {
    const found = this.kept.find(({ capture }) => capture.id === captureId);
    if (!found) return undefined;
    const { capture, model, vector } = found;
    return { cropPath: capture.cropPath, ...(vector ? { embedding: { model, vector } } : {}) };
  }

  async search(query: Parameters<CapturedFaces['search']>[0]): Promise<CapturedFace[]> {
    if (this.fault) throw new FaceIndexError(this.fault, 'captures are not ready');
    const { model, vector, most, least = -1, from = 0, to = Number.POSITIVE_INFINITY, channels } = query;
    return this.kept
      .filter((one) => one.model === model && one.capture.time >= from && one.capture.time < to)
      .filter(({ capture }) => channels === undefined || channels.includes(capture.channel))
      .map((one) => ({ ...one.capture, cosine: dot(one.vector!, vector) }))
      .filter(({ cosine }) => cosine >= least)
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, most);
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * b[at]!, 0);
}
