import { z } from 'zod';
import { isOfLengthOne, lengthOf, MOST_NUMBERS } from '../unit-vector.ts';

/** Numbers of the smallest embeddings that models of faces give. */
const LEAST_NUMBERS = 32;

/**
 * What a describer hands over as an embedding, scaled to length 1. Faults are told without the numbers: they are those
 * of somebody's face.
 */
export const givenEmbedding = z
  .custom<Float32Array | number[]>((value) => fault(value) === undefined, { error: ({ input }) => fault(input) })
  .transform((vector) => {
    const length = lengthOf(vector);
    return Array.from(vector, (value) => value / length);
  });

/** An embedding as it leaves the worker: of length 1, with the model that made it. */
export const toldEmbedding = z.object({
  model: z.string().min(1).max(63),
  vector: z.custom<number[]>(
    (value) => Array.isArray(value) && fault(value) === undefined && isOfLengthOne(value),
    'no embedding of length 1',
  ),
});

function fault(value: unknown): string | undefined {
  if (!(value instanceof Float32Array) && !Array.isArray(value)) return 'an embedding is a list of numbers';
  if (value.length < LEAST_NUMBERS || value.length > MOST_NUMBERS) {
    return `an embedding has ${LEAST_NUMBERS} to ${MOST_NUMBERS} numbers, not ${value.length}`;
  }
  // Not `every`: that passes over the holes of a list.
  for (const one of value) if (!Number.isFinite(one)) return 'an embedding has numbers that are not finite';
  const length = lengthOf(value as number[]);
  return length > 0 && Number.isFinite(length) ? undefined : 'an embedding without a direction';
}
