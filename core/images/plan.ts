import { type InstalledModel, similarity } from '../../models/install.ts';
import type { EmbeddingModel } from '../plugin/face-services.ts';
import { modelFor } from '../vision/planner.ts';

/** The models that look at pictures from outside. */
export interface ImagePlan {
  /** Tried one after the other until a face is found. */
  detectors: InstalledModel[];
  /** A face is described by each of them, and compared by what they make of it. */
  embedders: InstalledModel[];
  /** A face is described by these as well: they come into force when everything stored is described by them. */
  coming: InstalledModel[];
  /** What a face looks like, by the origin of the detector that found it. */
  attributes: InstalledModel[];
  /** Where a head is turned to, likewise. */
  headPoses: InstalledModel[];
}

export const NO_MODELS: ImagePlan = { detectors: [], embedders: [], coming: [], attributes: [], headPoses: [] };

/**
 * Chooses as for cameras: what a real camera gets, and what one of the demo gets, since nobody knows whether a picture
 * from outside was rendered. A detector has to give landmarks: by them faces are turned upright.
 */
export function planImages(models: InstalledModel[]): ImagePlan {
  const withLandmarks = models.filter(({ adapter, landmarks }) => adapter === 'yunet' || landmarks);
  const withNumbers = models.filter(({ embedding }) => embedding);
  const embedders = ofBothOrigins('face-embedding', withNumbers);
  // Those that would be chosen if none were preferred, because it is in force.
  const best = ofBothOrigins(
    'face-embedding',
    withNumbers.map(({ preferred: _, ...model }) => model),
  );
  return {
    detectors: ofBothOrigins('face-detection', withLandmarks),
    embedders,
    coming: best.filter(({ id }) => !embedders.some((one) => one.id === id)),
    attributes: ofBothOrigins('face-attributes', models),
    headPoses: ofBothOrigins('head-pose', models),
  };
}

/** Models whose embeddings faces get: those in force, then those that are coming. */
export function embeddingModels({ embedders, coming }: ImagePlan): EmbeddingModel[] {
  return [
    ...embedders.flatMap((model) => embeddingModelOf(model) ?? []),
    ...coming.flatMap((model) => embeddingModelOf(model) ?? []).map((model) => ({ ...model, coming: true as const })),
  ];
}

/** What the cosines of a model mean. */
export function embeddingModelOf({ id, madeFor, embedding }: InstalledModel): EmbeddingModel | undefined {
  if (!embedding) return undefined;
  return {
    id,
    ...(madeFor ? { madeFor } : {}),
    dimension: embedding.dimension,
    similarity: (cosine) => similarity(embedding, cosine),
    cosine: (wanted) => cosineOf(embedding.similarity, wanted),
  };
}

/** The installed model first, then that of the demo. */
function ofBothOrigins(task: string, models: InstalledModel[]): InstalledModel[] {
  const found = [modelFor(task, models), modelFor(task, models, 'demo')];
  return [...new Set(found)].filter((model) => model !== undefined);
}

/** The least cosine of a similarity, along the same lines as `similarity`; beyond 0..100 that of the nearest. */
function cosineOf(points: readonly (readonly [number, number])[], wanted: number): number {
  const above = points.findIndex(([, at]) => at >= wanted);
  if (above < 0) return points.at(-1)![0];
  const [c2, s2] = points[above]!;
  // Everything up to the first point has similarity 0.
  if (above === 0) return -1;
  const [c1, s1] = points[above - 1]!;
  return c1 + ((wanted - s1) / (s2 - s1)) * (c2 - c1);
}
