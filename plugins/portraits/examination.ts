import { CODE, ContractError } from '../../core/gateway/errors.ts';
import {
  type Embedding,
  type EmbeddingModel,
  type ExaminedFace,
  type ExaminedPicture,
  type ExamineWishes,
  FaceIndexError,
  type Images,
  PictureError,
} from '../../core/plugin/face-services.ts';
import { LEAST_QUALITY } from './match.ts';

/** What a picture that somebody brings must satisfy: refusals with the codes of the interface. */

/** @throws ContractError -1104, -1110, -1 with the reason */
export async function examined(
  images: Pick<Images, 'examine'>,
  picture: Uint8Array,
  wishes: ExamineWishes,
): Promise<ExaminedPicture> {
  if (picture.byteLength === 0) throw new ContractError(CODE.damagedImage, 'the picture is empty');
  try {
    return await images.examine(picture, wishes);
  } catch (error) {
    throw refusal(error);
  }
}

/** An error of the services for faces as what a client hears; any other error as it is. */
export function refusal(error: unknown): unknown {
  if (error instanceof PictureError) {
    const codes: Partial<Record<PictureError['fault'], ContractError['code']>> = {
      format: CODE.damagedImage,
      dimensions: CODE.imageSizeOutOfLimits,
    };
    return new ContractError(codes[error.fault] ?? CODE.unknownError, error.message);
  }
  if (error instanceof FaceIndexError) return new ContractError(CODE.unknownError, error.message);
  return error;
}

/** A face of less than this part of the largest one's height is somebody, or something, far behind. */
const BACKGROUND = 0.2;
const heightOf = ({ box }: Pick<ExaminedFace, 'box'>) => box[3] - box[1];

/**
 * The faces of a picture that count where it has to show exactly one: the largest, and every other that is at least a
 * fifth (20 %) as high. Smaller ones are passers-by, posters, or no faces at all. Every way in asks here.
 * @returns the largest first; none where no face was found
 */
export function countedFaces({ faces }: Pick<ExaminedPicture, 'faces'>): ExaminedFace[] {
  const [largest] = faces;
  return largest ? faces.filter((one) => heightOf(one) >= BACKGROUND * heightOf(largest)) : [];
}

/**
 * The one face of a picture that counts, whatever its quality.
 * @throws ContractError -1101, -1109
 */
export function soleFace(picture: Pick<ExaminedPicture, 'faces'>): ExaminedFace {
  const [face, ...others] = countedFaces(picture);
  if (!face) throw new ContractError(CODE.noFaceFound);
  if (others.length > 0) throw new ContractError(CODE.severalFaces, `${others.length + 1} faces were found`);
  return face;
}

/**
 * The one face of a picture that counts, fit for telling who it is.
 * @param quality `high`: without anything an enrolment by hand would refuse
 * @throws ContractError -1101, -1109, -1102
 */
export function onlyFace(picture: ExaminedPicture, quality: 'low' | 'high'): ExaminedFace {
  const face = soleFace(picture);
  const { score, faults } = face.quality;
  if (score < LEAST_QUALITY) throw new ContractError(CODE.faceQualityTooLow, `its quality is ${Math.round(score)}`);
  if (quality === 'high' && faults.length > 0) {
    throw new ContractError(CODE.faceQualityTooLow, `found wanting: ${faults.join(', ')}`, { faults });
  }
  return face;
}

/**
 * The model in force whose embeddings tell people of a database apart: one made for the demo's rendered faces is right for its
 * databases and, where there is another, for no others.
 */
export function modelFor(models: readonly EmbeddingModel[], origin?: 'demo'): EmbeddingModel | undefined {
  const inForce = models.filter(({ coming }) => !coming);
  const wanted = (model: EmbeddingModel) => (model.madeFor === 'demo') === (origin === 'demo');
  return inForce.find(wanted) ?? inForce[0];
}

/** What a model makes of a face. @throws ContractError -1 where it was not asked */
export function embeddingOf(face: Pick<ExaminedFace, 'embeddings'>, model: EmbeddingModel): Embedding {
  const found = face.embeddings.find((embedding) => embedding.model === model.id);
  if (!found) throw new ContractError(CODE.unknownError, 'the models for faces are being changed: try again');
  return found;
}
