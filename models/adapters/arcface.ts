import { ARCFACE_POINTS, inverse, similarityTransform, warp } from './align.ts';
import { type CropModelOptions, openCropModel } from './crop-model.ts';
import { openAlignerOf } from './landmarks.ts';
import { type AdapterModel, onlyOutput } from './network.ts';
import { checkPicture, type FaceEmbedder, type Point, type RgbPicture } from './types.ts';

/** Side of the aligned crop; the landmarks' places in it are fixed. */
const SIDE = 112;

/** Scales a vector to length 1. @throws Error when it has no direction. */
export function normalise(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (!(length > 0) || !Number.isFinite(length)) throw new Error('the model gave no usable embedding');
  return vector.map((value) => value / length);
}

/**
 * Opens a face embedding model of the ArcFace kind: a crop aligned by five landmarks in, a vector out.
 * @throws ModelFileError when the file is missing, damaged or takes another input than its card says.
 */
export async function openFaceEmbedder(model: AdapterModel, options: CropModelOptions = {}): Promise<FaceEmbedder> {
  if (!model.embedding) throw new Error(`model ${model.id}: its card has no embedding`);
  const { dimension } = model.embedding;
  const opened = await openCropModel({ ...model, input: { width: SIDE, height: SIDE } }, options);
  const aligner = await openAlignerOf(model, options).catch(async (error) => {
    await opened.close();
    throw error;
  });
  // Not rounded to bytes as crops mostly are: embeddings would move a little.
  const crop = new Float32Array(SIDE * SIDE * 3);

  const align = (picture: RgbPicture, landmarks: readonly Point[]): Float32Array => {
    checkPicture(picture);
    if (landmarks.length !== ARCFACE_POINTS.length)
      throw new Error(`a face has five landmarks, not ${landmarks.length}`);
    const toCrop = similarityTransform(landmarks, ARCFACE_POINTS);
    warp(picture, inverse(toCrop), crop, { width: SIDE, height: SIDE });
    return crop;
  };

  return {
    modelId: model.id,
    dimension,
    timing: opened.timing,
    embed: async (picture, landmarks, alignedBy) => {
      const exact = await aligner.align(picture, landmarks, alignedBy);
      return opened.run(
        () => align(picture, exact.landmarks),
        (outputs) => normalise(onlyOutput(outputs, dimension)),
      );
    },
    close: async () => {
      await aligner.close();
      await opened.close();
    },
  };
}
