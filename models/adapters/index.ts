import { openFaceEmbedder } from './arcface.ts';
import { openClassifier } from './classifier.ts';
import type { CropModelOptions } from './crop-model.ts';
import { openTextReader } from './ctc.ts';
import { type DetectorOptions, openDetector } from './detector.ts';
import { type HeadPoser, openHeadPoser } from './head-pose.ts';
import type { AdapterModel } from './network.ts';
import type { Classifier, Detector, FaceEmbedder, TextReader } from './types.ts';
import { ultralightHead } from './ultralight.ts';
import { yoloxHead } from './yolox.ts';
import { yunetHead } from './yunet.ts';

export type { CropModelOptions } from './crop-model.ts';
export type { DetectorOptions } from './detector.ts';
export type { HeadDirection, HeadPoser } from './head-pose.ts';
export type { AdapterModel } from './network.ts';
export { intersectionOverUnion } from './nms.ts';
export type {
  Box,
  Classifier,
  Detection,
  Detector,
  FaceEmbedder,
  Finding,
  Point,
  RgbPicture,
  Size,
  SubjectView,
  TextReader,
  TextReading,
  Timing,
} from './types.ts';

export interface CreateDetectorOptions extends DetectorOptions {
  /** For models that know many: the labels to return. Default: people and vehicles. */
  labels?: readonly string[];
}

/**
 * Opens a detection model for pictures.
 * @throws Error when nothing here runs this model, or it is no detector.
 * @throws ModelFileError when the file is missing, damaged or takes another input than its card says.
 */
export async function createDetector(model: AdapterModel, options: CreateDetectorOptions = {}): Promise<Detector> {
  const label = model.labels[0] ?? 'object';
  switch (model.adapter) {
    case 'yunet':
      return openDetector(model, yunetHead(label), options);
    case 'yolox':
      return openDetector(model, yoloxHead(model.labels, options.labels, model.landmarks), options);
    case 'ultralight':
      return openDetector(model, ultralightHead(label), options);
    case 'arcface':
      throw new Error(`model ${model.id} describes faces, it does not find them`);
    case 'attributes':
    case 'landmarks':
    case 'fsanet':
    case 'ctc':
      throw new Error(`model ${model.id} describes what was found, it finds nothing itself`);
    default:
      throw new Error(`model ${model.id} (${model.task}) has no adapter yet`);
  }
}

/**
 * Opens a face embedding model.
 * @throws Error when the model is no such model.
 * @throws ModelFileError when the file is missing, damaged or takes another input than its card says.
 */
export async function createFaceEmbedder(model: AdapterModel, options: CropModelOptions = {}): Promise<FaceEmbedder> {
  if (model.adapter !== 'arcface') throw new Error(`model ${model.id} (${model.task}) does not describe faces`);
  return openFaceEmbedder(model, options);
}

/**
 * Opens a model that says of a subject what it looks like, or whether it is alive.
 * @throws Error when the model is no such model.
 * @throws ModelFileError when the file is missing, damaged or takes another input than its card says.
 */
export async function createClassifier(model: AdapterModel, options: CropModelOptions = {}): Promise<Classifier> {
  if (model.adapter !== 'attributes') throw new Error(`model ${model.id} (${model.task}) gives no attributes`);
  return openClassifier(model, options);
}

/**
 * Opens a model that says where a head is turned to.
 * @throws Error when the model is no such model.
 * @throws ModelFileError when the file is missing, damaged or takes another input than its card says.
 */
export async function createHeadPoser(model: AdapterModel, options: CropModelOptions = {}): Promise<HeadPoser> {
  if (model.adapter !== 'fsanet')
    throw new Error(`model ${model.id} (${model.task}) does not see how heads are turned`);
  return openHeadPoser(model, options);
}

/**
 * Opens a model that reads number plates.
 * @throws Error when the model is no such model.
 * @throws ModelFileError when the file is missing, damaged or takes another input than its card says.
 */
export async function createTextReader(model: AdapterModel, options: CropModelOptions = {}): Promise<TextReader> {
  if (model.adapter !== 'ctc') throw new Error(`model ${model.id} (${model.task}) reads no text`);
  return openTextReader(model, options);
}

/**
 * Opens a detector or a face embedder; `'embed' in adapter` tells a face embedder from a detector.
 * @throws as `createDetector` and `createFaceEmbedder`.
 */
export async function createAdapter(
  model: AdapterModel,
  options: CreateDetectorOptions = {},
): Promise<Detector | FaceEmbedder> {
  return model.adapter === 'arcface' ? createFaceEmbedder(model, options) : createDetector(model, options);
}
