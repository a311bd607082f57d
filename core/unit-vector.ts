/** Embeddings have the length 1, so that the product of two is their cosine. */

/** What rounding leaves of that length; the gallery's bound counts on it. */
export const LENGTH_TOLERANCE = 0.001;
/** Numbers of the largest embeddings there are. */
export const MOST_NUMBERS = 1024;

export function lengthOf(vector: ArrayLike<number>): number {
  let square = 0;
  for (let at = 0; at < vector.length; at += 1) square += vector[at]! * vector[at]!;
  return Math.sqrt(square);
}

/** False also where one of the numbers is none. */
export function isOfLengthOne(vector: ArrayLike<number>): boolean {
  return Math.abs(lengthOf(vector) - 1) <= LENGTH_TOLERANCE;
}
