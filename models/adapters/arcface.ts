import { expectShape, openSession } from '../../drivers/inference/session.ts';
import { ARCFACE_POINTS, inverse, similarityTransform, warp } from './align.ts';
import { type AdapterModel, onlyOutput, preprocessOf, Turns } from './network.ts';
import { checkPicture, type FaceEmbedder, type Point, type RgbPicture } from './types.ts';

/** Side of the aligned crop; the landmarks' places in it are fixed. */
const SIDE = 112;

export interface EmbedderOptions {
  /** Threads of one inference. Default 1. */
  threads?: number;
}

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
export async function openFaceEmbedder(model: AdapterModel, options: EmbedderOptions = {}): Promise<FaceEmbedder> {
  if (!model.embedding) throw new Error(`model ${model.id}: its card has no embedding`);
  const { dimension } = model.embedding;
  const { channels, mean, std } = preprocessOf(model);
  const session = await openSession(model.file, { threads: options.threads ?? 1 });
  const shape = [1, 3, SIDE, SIDE];
  let inputName: string;
  try {
    inputName = expectShape(session, shape);
  } catch (error) {
    await session.close();
    throw error;
  }
  const crop = new Float32Array(SIDE * SIDE * 3);
  const planes = new Float32Array(SIDE * SIDE * 3);
  const turns = new Turns();
  const timing = { convert: 0, run: 0, decode: 0 };

  const align = (picture: RgbPicture, landmarks: readonly Point[]): void => {
    checkPicture(picture);
    if (landmarks.length !== ARCFACE_POINTS.length)
      throw new Error(`a face has five landmarks, not ${landmarks.length}`);
    const toCrop = similarityTransform(landmarks, ARCFACE_POINTS);
    warp(picture, inverse(toCrop), crop, { width: SIDE, height: SIDE });
    for (let channel = 0; channel < 3; channel++) {
      const plane = (channels === 'RGB' ? channel : 2 - channel) * SIDE * SIDE;
      const shift = mean[channel]!;
      const factor = 1 / std[channel]!;
      for (let i = 0; i < SIDE * SIDE; i++) planes[plane + i] = (crop[i * 3 + channel]! - shift) * factor;
    }
  };

  const embed = async (picture: RgbPicture, landmarks: readonly Point[]): Promise<Float32Array> => {
    const began = performance.now();
    align(picture, landmarks);
    const converted = performance.now();
    const outputs = await session.run({ [inputName]: { data: planes, shape } });
    const ran = performance.now();
    const vector = normalise(onlyOutput(outputs, dimension));
    timing.convert = converted - began;
    timing.run = ran - converted;
    timing.decode = performance.now() - ran;
    return vector;
  };

  return {
    modelId: model.id,
    dimension,
    timing,
    embed: (picture, landmarks) => turns.take(() => embed(picture, landmarks)),
    close: () => turns.close(() => session.close()),
  };
}
