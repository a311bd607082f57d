import type { IndexedFace } from '../plugin/face-services.ts';
import { isOfLengthOne, lengthOf, MOST_NUMBERS } from '../unit-vector.ts';

/** @throws RangeError naming what is wrong with an embedding */
export function checkVector(vector: Float32Array): void {
  if (!(vector instanceof Float32Array)) throw new RangeError('an embedding is a Float32Array');
  if (vector.length < 1 || vector.length > MOST_NUMBERS) {
    throw new RangeError(`an embedding has 1 to ${MOST_NUMBERS} numbers, not ${vector.length}`);
  }
  if (!isOfLengthOne(vector)) throw new RangeError(`an embedding has the length 1, not ${lengthOf(vector)}`);
}

/** @throws RangeError naming what is wrong with a face */
export function checkFace({ id, library, model, vector }: IndexedFace): void {
  checkId('the id of a face', id);
  checkLibrary(library);
  if (typeof model !== 'string' || model === '') throw new RangeError('a face is described by a model with a name');
  checkVector(vector);
}

export function checkId(what: string, id: number): void {
  if (!Number.isSafeInteger(id) || id < 1) throw new RangeError(`${what} is a positive whole number`);
}

export function checkLibrary(library: number): void {
  if (!Number.isSafeInteger(library)) throw new RangeError('the id of a database is a whole number');
}
