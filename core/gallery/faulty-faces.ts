import type { IndexedFace } from '../plugin/face-services.ts';
import { checkFace } from './checks.ts';

/**
 * Faces that cannot be compared, counted while the source is read: one damaged row must not take the others out of the
 * index, but somebody has to learn of it.
 */
export class FaultyFaces {
  #count = 0;
  #first = '';
  readonly #dimensions = new Map<string, number>();

  /** In a sentence; undefined where there are none. */
  get reason(): string | undefined {
    return this.#count === 0 ? undefined : `${this.#count} faces cannot be compared: ${this.#first}`;
  }

  /** Whether it can be compared with the others of its model. */
  check(face: IndexedFace): boolean {
    try {
      checkFace(face);
      const dimension = this.#dimensions.get(face.model) ?? face.vector.length;
      if (dimension !== face.vector.length) throw new RangeError('embeddings of one model differ in length');
      this.#dimensions.set(face.model, dimension);
      return true;
    } catch (error) {
      this.#add(1, error as Error);
      return false;
    }
  }

  /** For what the index refused: counts it where it was wrong, and gives `instead`; throws everything else. */
  take(faces: number, instead: number): (error: unknown) => number {
    return (error) => {
      if (!(error instanceof RangeError)) throw error;
      this.#add(faces, error);
      return instead;
    };
  }

  clear(): void {
    this.#count = 0;
    this.#dimensions.clear();
  }

  #add(faces: number, { message }: Error): void {
    if (this.#count === 0) this.#first = message;
    this.#count += faces;
  }
}
