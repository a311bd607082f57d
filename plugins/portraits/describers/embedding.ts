import { defineDescriber } from '../../../core/vision/describer.ts';
import { ARCFACE_POINTS, similarityTransform } from '../../../models/adapters/align.ts';
import { createFaceEmbedder, type Point } from '../../../models/adapters/index.ts';

/**
 * Faces are compared at 112 pixels. One that has to be enlarged more than this, of about 28 pixels, has no features left
 * that would tell it from others.
 */
const MOST_ENLARGED = 4;

/** Turns a captured face into the numbers it is compared by; of one that shows too little it says nothing. */
export default defineDescriber({
  create: async ({ id, model, threads, log }) => {
    if (!model) throw new Error(`describer "${id}" was given no model`);
    const embedder = await createFaceEmbedder(model, { threads });
    log.info({ model: model.id, threads }, 'describer is ready');
    return {
      describe: async ({ picture, landmarks, alignedBy }) => {
        if (!landmarks || enlarged(landmarks) > MOST_ENLARGED) return {};
        return { embedding: await embedder.embed(picture, landmarks, alignedBy) };
      },
      close: () => embedder.close(),
    };
  },
});

/** How many times larger a face becomes when it is aligned; without end where its landmarks cannot be aligned. */
function enlarged(landmarks: readonly Point[]): number {
  try {
    const { a, b } = similarityTransform(landmarks, ARCFACE_POINTS);
    return Math.hypot(a, b);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
