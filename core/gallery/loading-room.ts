import type { IndexedFace } from '../plugin/face-services.ts';

/**
 * Whether faces that come while the source is being read will have room beside it: one too many, and the whole source
 * could not be searched. Careful, since of what is still to be read the models are not known, and of what comes whether
 * it replaces something.
 */
export class LoadingRoom {
  /** Faces of each model that were read or taken. */
  readonly #faces = new Map<string, number>();
  #read = 0;

  /** A page of the source. */
  read(faces: readonly IndexedFace[]): void {
    this.#read += faces.length;
    for (const [model, count] of byModel(faces)) this.#add(model, count);
  }

  /**
   * Counts faces that come, where they have room.
   * @param total faces of the source
   * @param capacity most faces of each model
   */
  take(faces: readonly IndexedFace[], total: number, capacity: number): boolean {
    const left = Math.max(0, total - this.#read);
    const counts = byModel(faces);
    for (const [model, count] of counts) {
      if ((this.#faces.get(model) ?? 0) + left + count > capacity) return false;
    }
    for (const [model, count] of counts) this.#add(model, count);
    return true;
  }

  /** The source is read from its beginning. */
  clear(): void {
    this.#faces.clear();
    this.#read = 0;
  }

  #add(model: string, count: number): void {
    this.#faces.set(model, (this.#faces.get(model) ?? 0) + count);
  }
}

function byModel(faces: readonly IndexedFace[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { model } of faces) counts.set(model, (counts.get(model) ?? 0) + 1);
  return counts;
}
