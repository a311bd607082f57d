import { type FaceIndex, FaceIndexError, type IndexedFace } from '../../core/plugin/face-services.ts';

/**
 * Hands every change of the embeddings to the index of faces, in the order of the commits: somebody who was enrolled and
 * at once erased must not stay in it. Meant to be called from `afterCommit`.
 */
export class KnownFaces {
  readonly #index: Pick<FaceIndex, 'put' | 'remove' | 'removeLibrary'>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(index: Pick<FaceIndex, 'put' | 'remove' | 'removeLibrary'>) {
    this.#index = index;
  }

  /** @throws FaceIndexError `full`: none of them is in the index */
  put(faces: IndexedFace[]): Promise<void> {
    return faces.length === 0 ? Promise.resolve() : this.#next(() => this.#index.put(faces));
  }

  remove(ids: number[]): Promise<void> {
    return ids.length === 0 ? Promise.resolve() : this.#next(() => this.#index.remove(ids));
  }

  /**
   * Takes everything the index has of these pictures out of it, and these faces of them in again. It is told both at once:
   * no search may come between and take somebody for a stranger.
   */
  replace(ids: number[], faces: IndexedFace[]): Promise<void> {
    if (faces.length === 0) return this.remove(ids);
    return this.#next(async () => {
      await Promise.all([this.#index.remove(ids), this.#index.put(faces)]);
    });
  }

  removeLibrary(library: number): Promise<void> {
    return this.#next(() => this.#index.removeLibrary(library));
  }

  #next(change: () => Promise<void>): Promise<void> {
    const done = this.#last.then(change).catch((error: unknown) => {
      // An index that is loading or down reads everything anew, and this change is stored already.
      if (!(error instanceof FaceIndexError) || error.fault === 'full') throw error;
    });
    this.#last = done.catch(() => {});
    return done;
  }
}
