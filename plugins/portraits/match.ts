import type { CaptureEnricher, CaptureFindings, CaptureMatch } from '../../core/plugin/capture-services.ts';
import {
  type EmbeddingModel,
  type FaceHit,
  type FaceIndex,
  FaceIndexError,
  type Images,
} from '../../core/plugin/face-services.ts';
import type { CameraDirectory } from '../../core/plugin/services.ts';
import type { CaptureObservation } from '../../core/vision/keys.ts';
import type { Library } from './library.ts';
import type { PortraitDatabase } from './shapes.ts';

/** A capture waits so long for its name and no longer, ms; the search, which is part of it, a little less. */
const DEADLINE_MS = 1_500;
const SEARCH_MS = 1_200;
/**
 * Captures of a lower quality are not compared: below it a face has two bad faults at once, such as being small and
 * blurred, and its nearest is a matter of luck.
 */
export const LEAST_QUALITY = 20;
/** Somebody who is just being erased may be among the hits: the next one counts then. */
const HITS = 4;

/** Why a face was not compared with anybody. */
export type NotCompared =
  /** Its camera is gone, or another one has its channel. */
  | 'no-camera'
  /** Its camera is bound to no database that exists. */
  | 'unbound'
  | 'not-alive'
  | 'poor'
  /** No model described it, or the face could not be described. */
  | 'no-embedding'
  /** Its model is not in force. */
  | 'no-model'
  /** It is like nobody, but stored pictures are still to be described by the models in force. */
  | 'undescribed'
  /** The index of faces cannot answer now. */
  | FaceIndexError['fault'];

export interface MatchOptions {
  library: Pick<Library, 'database' | 'byId'>;
  index: Pick<FaceIndex, 'search'>;
  images: Pick<Images, 'models'>;
  /** Undefined while nobody knows of cameras. */
  cameras(): Pick<CameraDirectory, 'get'> | undefined;
  /** Stored pictures that the models in force have not described yet; undefined while that is not known. */
  waiting(): number | undefined;
  told(result: 'match' | 'no-match' | NotCompared): void;
}

/** What has to be known before a face can be compared. */
interface Question {
  vector: Float32Array;
  model: EmbeddingModel;
  databases: PortraitDatabase[];
  threshold: number;
}

/**
 * Who a captured face is: the nearest of the databases that its camera is bound to. Where that cannot be said for any
 * reason, the capture says that it was not compared: nobody becomes a stranger by a fault of the box.
 */
export function faceMatching(options: MatchOptions & { library: Pick<Library, 'get'> }): CaptureEnricher {
  const { library } = options;
  return {
    id: 'portraits',
    kinds: ['face'],
    deadline: DEADLINE_MS,
    hasLibrary: (libraryId) => library.database(libraryId) !== undefined,
    // Somebody else may have come under the same id since; pictures have paths of their own.
    stillKnows: ({ libraryId, imageId, imagePath }) =>
      library.database(libraryId) !== undefined && library.get(libraryId, imageId)?.imgPath === imagePath,
    enrich: (capture) => compareFace(options, capture),
  };
}

/** What has to be known of a face to compare it. */
export type FaceToCompare = Pick<CaptureObservation, 'channel' | 'origin' | 'aliveType' | 'quality' | 'embedding'>;

export async function compareFace(
  options: MatchOptions,
  face: FaceToCompare,
): Promise<Pick<CaptureFindings, 'compared' | 'match'>> {
  const asked = question(options, face);
  if (typeof asked === 'string') return notCompared(options, asked);
  try {
    return await answer(options, asked);
  } catch (error) {
    if (error instanceof FaceIndexError) return notCompared(options, error.fault);
    throw error;
  }
}

function notCompared({ told }: MatchOptions, reason: NotCompared): CaptureFindings {
  told(reason);
  return { compared: false };
}

function question({ cameras, library, images }: MatchOptions, capture: FaceToCompare): Question | NotCompared {
  const camera = cameras()?.get(capture.channel);
  // Another camera may have taken the channel since: its databases are not those of this capture.
  if (!camera || camera.origin !== capture.origin) return 'no-camera';
  const databases = camera.libraryIds.flatMap((id) => library.database(id) ?? []);
  if (databases.length === 0) return 'unbound';
  if (capture.aliveType === 1) return 'not-alive';
  if (capture.quality < LEAST_QUALITY) return 'poor';
  const { embedding } = capture;
  if (!embedding) return 'no-embedding';
  const model = images.models().find(({ id, dimension, coming }) => {
    return id === embedding.model && dimension === embedding.vector.length && !coming;
  });
  if (!model) return 'no-model';
  return { vector: Float32Array.from(embedding.vector), model, databases, threshold: camera.threshold };
}

async function answer(options: MatchOptions, asked: Question): Promise<CaptureFindings> {
  const { index, library, told } = options;
  const { vector, model, databases, threshold } = asked;
  const libraries = databases.map(({ libId }) => libId);
  const hits = await index.search({ model: model.id, vector, libraries, most: HITS, deadline: SEARCH_MS });
  const match = hits.map((hit) => matchOf(hit, library, model)).find((one) => one !== undefined);
  if (match && match.similarity >= threshold) told('match');
  else if (options.waiting() !== 0) return notCompared(options, 'undescribed');
  else told('no-match');
  return { compared: true, ...(match ? { match } : {}) };
}

function matchOf(
  { id, library: libId, cosine }: FaceHit,
  library: MatchOptions['library'],
  model: EmbeddingModel,
): CaptureMatch | undefined {
  const portrait = library.byId(id);
  const database = library.database(libId);
  if (!portrait || !database || portrait.libId !== libId) return undefined;
  return {
    libraryId: libId,
    libraryName: database.libName,
    libraryType: database.libType,
    imageId: portrait.imgId,
    similarity: wholeSimilarity(model.similarity(cosine)),
    ranking: 1,
    imagePath: portrait.imgPath,
    enrolledAt: portrait.createTime,
    personName: portrait.name,
    personGender: portrait.gender,
    personAge: portrait.age,
    hasIdcard: portrait.hasIdcard,
    hasAddress: portrait.hasAddress,
  };
}

/** Thresholds are whole numbers: rounded down, a similarity reaches one only where it did so before. */
export function wholeSimilarity(similarity: number): number {
  const roundingError = 1e-6;
  return Math.floor(Math.min(100, Math.max(0, similarity)) + roundingError);
}
