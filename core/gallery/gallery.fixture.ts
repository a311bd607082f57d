import type { FaceHit, FaceSource, IndexedFace } from '../plugin/face-services.ts';

/** Faces made from a seed, and the plainest search there is, to compare with. */

/** Numbers in [0, 1), the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function ofLengthOne(numbers: Float32Array): Float32Array {
  const length = Math.sqrt(numbers.reduce((sum, number) => sum + number * number, 0));
  return numbers.map((number) => number / length);
}

/** A direction no other is preferred to, about. */
export function randomVector(dimension: number, random: () => number): Float32Array {
  return ofLengthOne(Float32Array.from({ length: dimension }, () => random() + random() + random() - 1.5));
}

/** Near another, at a cosine of about 1 / sqrt(1 + spread²). */
export function nearVector(centre: Float32Array, spread: number, random: () => number): Float32Array {
  const away = randomVector(centre.length, random);
  return ofLengthOne(centre.map((number, at) => number + spread * away[at]!));
}

/** What every search has to answer: all faces compared, one after another. */
export function bruteForce(
  faces: Iterable<IndexedFace>,
  query: {
    model: string;
    vector: Float32Array;
    libraries: readonly number[];
    most: number;
    least?: number;
    ids?: [from: number, to: number];
  },
): FaceHit[] {
  const hits: FaceHit[] = [];
  const [from, to] = query.ids ?? [0, Number.POSITIVE_INFINITY];
  for (const { id, library, model, vector } of faces) {
    if (model !== query.model || !query.libraries.includes(library)) continue;
    if (id < from || id >= to) continue;
    let cosine = 0;
    for (let at = 0; at < vector.length; at += 1) cosine += vector[at]! * query.vector[at]!;
    if (cosine >= (query.least ?? -2)) hits.push({ id, library, cosine });
  }
  return hits.sort((one, other) => other.cosine - one.cosine || one.id - other.id).slice(0, query.most);
}

/** Databases in memory. */
export class MemorySource implements FaceSource {
  faces: IndexedFace[];
  /** Pages that were read. */
  pages = 0;
  /** Looked at before each page. */
  gate: () => Promise<void> = async () => {};
  readonly #page: number;

  constructor(faces: IndexedFace[] = [], page = Number.POSITIVE_INFINITY) {
    this.faces = faces;
    this.#page = page;
  }

  async count(): Promise<number> {
    return this.faces.length;
  }

  async read(after: number, most: number): Promise<IndexedFace[]> {
    await this.gate();
    this.pages += 1;
    const rest = this.faces.filter(({ id }) => id > after).sort((one, other) => one.id - other.id);
    const last = rest[Math.min(most, this.#page) - 1]?.id ?? Number.POSITIVE_INFINITY;
    return rest.filter(({ id }) => id <= last);
  }
}
