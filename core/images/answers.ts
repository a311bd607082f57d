import { type ExaminedPicture, PictureError } from '../plugin/face-services.ts';
import { isOfLengthOne } from '../unit-vector.ts';
import type { ImagePlan } from './plan.ts';
import { type Examined, examinedSchema, type Refused, refusedSchema } from './protocol.ts';

/**
 * Puts an answer of the worker together with its blobs.
 * @throws PictureError where the worker refused the picture; another error where the answer is not what it must be
 */
export function unpack(answer: Examined | Refused, blobs: readonly Uint8Array[], plan: ImagePlan): ExaminedPicture {
  if (answer.type === 'refused') {
    const { fault, message } = refusedSchema.parse(answer);
    throw new PictureError(fault, message);
  }
  const { width, height, jpeg, faces } = examinedSchema.parse(answer);
  let at = 0;
  const next = () => {
    const blob = blobs[at++];
    if (!blob) throw new Error('an answer without all of its parts');
    return blob;
  };
  return {
    width,
    height,
    jpeg: jpeg ? next() : new Uint8Array(),
    faces: faces.map(({ embeddings, crop, ...face }) => ({
      ...face,
      embeddings: embeddings.map((model) => ({ model, vector: vectorOf(next(), model, plan) })),
      ...(crop ? { crop: next() } : {}),
    })),
  };
}

/** Faults are told without the numbers: they are those of somebody's face. */
function vectorOf(blob: Uint8Array, id: string, { embedders, coming }: ImagePlan): Float32Array {
  const model = [...embedders, ...coming].find((one) => one.id === id);
  if (model?.embedding?.dimension !== blob.length / 4) throw new Error(`an embedding of ${id} of another length`);
  const vector = new Float32Array(Uint8Array.from(blob).buffer);
  if (!isOfLengthOne(vector)) throw new Error(`an embedding of ${id} that is not of length 1`);
  return vector;
}
