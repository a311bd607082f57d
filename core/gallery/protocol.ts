import type { Beat } from '../processes/child.ts';
import type { Face } from './partitions.ts';

/** What the core and the process of the gallery say to each other. */

export interface GallerySettings {
  /** Most faces of each model. */
  capacity: number;
  /** Bytes of memory for faces. */
  memory: number;
  threads: number;
  /** A search that takes longer shows that the process is not well: it gives no beat any more, ms. */
  searchMs: number;
}

/** What changes the faces there are. The vectors of `put` are its blob. */
export type Change =
  | { type: 'put'; models: string[]; faces: PackedFace[] }
  | { type: 'remove'; ids: number[] }
  | { type: 'remove-library'; library: number }
  | { type: 'clear' };

/** Id, database, model (its place in the list of models) and numbers in its vector. */
export type PackedFace = [id: number, library: number, model: number, dimension: number];

export type ToGallery =
  | { type: 'setup'; settings: GallerySettings }
  | { type: 'stop' }
  | (Change & { request: number })
  | {
      /** The vector is its blob. */
      type: 'search';
      request: number;
      model: string;
      libraries: number[];
      most: number;
      least?: number;
      /** Only faces with ids from the first on and before the second. */
      ids?: [from: number, to: number];
      /** ms from now; afterwards nobody waits for the answer. */
      deadline: number;
    };

export type FromGallery =
  | Beat
  | { type: 'changed'; request: number; faces: number }
  | { type: 'found'; request: number; hits: [id: number, library: number, cosine: number][] }
  | { type: 'refused'; request: number; fault: 'full' | 'late' | 'wrong'; message: string };

/** Faces for the way between processes; their vectors are copied. */
export function packFaces(faces: readonly Face[]): { change: Change; vectors: Uint8Array } {
  const models = [...new Set(faces.map(({ model }) => model))];
  const numbers = new Float32Array(faces.reduce((sum, { vector }) => sum + vector.length, 0));
  let at = 0;
  const packed = faces.map(({ id, library, model, vector }): PackedFace => {
    numbers.set(vector, at);
    at += vector.length;
    return [id, library, models.indexOf(model), vector.length];
  });
  return { change: { type: 'put', models, faces: packed }, vectors: packVector(numbers) };
}

export function unpackFaces(models: readonly string[], faces: readonly PackedFace[], vectors: Uint8Array): Face[] {
  const numbers = unpackVector(vectors);
  let at = 0;
  return faces.map(([id, library, model, dimension]) => {
    const vector = numbers.subarray(at, at + dimension);
    at += dimension;
    return { id, library, model: models[model] ?? '', vector };
  });
}

/** Both ends are on one machine, so the order of bytes is its own. */
export function packVector(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}

export function unpackVector(bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, byteLength } = byteOffsetFits(bytes) ? bytes : new Uint8Array(bytes);
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}

function byteOffsetFits({ byteOffset }: Uint8Array): boolean {
  return byteOffset % 4 === 0;
}
