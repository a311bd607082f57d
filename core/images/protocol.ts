import { z } from 'zod';
import type { ExamineWishes } from '../plugin/face-services.ts';
import type { Beat } from '../processes/child.ts';
import { MOST_FACES } from './limits.ts';
import type { ImagePlan } from './plan.ts';

/** What the core and the image worker say to one another; pictures and embeddings travel as blobs behind the message. */

export interface ImageSettings {
  plan: ImagePlan;
  /** Of one inference. */
  threads: number;
  /** A picture that takes longer to be decoded, or to be looked at, has hung, ms. */
  pictureMs: number;
}

export type ToImageWorker =
  | { type: 'setup'; settings: ImageSettings }
  /** One picture, in the blob. No more than two are sent that are not answered. */
  | { type: 'examine'; number: number; wishes: Omit<ExamineWishes, 'lane'> }
  | { type: 'stop' };

/**
 * The worker decodes what strangers send, so that its answers are checked. Blobs come in this order: the picture, where
 * it was wished for; then for each face its embeddings, and its crop.
 */
const finite = z.number();
const box = z.tuple([finite, finite, finite, finite]);
const point = z.tuple([finite, finite]);

export const examinedSchema = z.object({
  type: z.literal('examined'),
  number: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  jpeg: z.boolean(),
  faces: z
    .array(
      z.object({
        box,
        landmarks: z.array(point).max(5),
        score: z.number().min(0).max(1),
        quality: z.object({
          score: z.int().min(0).max(100),
          faults: z.array(z.enum(['size', 'angle', 'brightness', 'blur', 'mouth', 'occlusion'])).max(6),
        }),
        attributes: z.record(z.string().max(64), z.string().max(100)),
        /** Ids of the models of its embeddings: in force and coming, for real faces and the demo's. */
        embeddings: z.array(z.string().max(63)).max(4),
        crop: z.boolean(),
      }),
    )
    .max(MOST_FACES),
});

export const refusedSchema = z.object({
  type: z.literal('refused'),
  number: z.int(),
  fault: z.enum(['format', 'dimensions', 'no-model', 'failed']),
  message: z.string().max(1_000),
});

export type Examined = z.output<typeof examinedSchema>;
export type Refused = z.output<typeof refusedSchema>;

export type FromImageWorker =
  | ({ type: 'beat' } & Beat)
  /** Instead of the beat: a picture does not come to its end. */
  | { type: 'hung'; number: number }
  | Examined
  | Refused
  | { type: 'log'; level: 'info' | 'warn'; fields: object; message: string };
