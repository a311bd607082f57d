import { ARCFACE_POINTS, apply, inverse, similarityTransform } from './align.ts';
import { type CropModelOptions, openCropModel } from './crop-model.ts';
import { faceAt } from './crops.ts';
import { type AdapterModel, onlyOutput } from './network.ts';
import type { Point, RgbPicture } from './types.ts';

/** How many times the aligned face is shown around it: the landmarks it begins with may be half an eye's distance off. */
export const LANDMARK_SURROUNDINGS = 1.75;
const ALIGNED_SIDE = 112;

/** Finds the landmarks of a face more exactly than a detector that looks at a scaled-down frame. */
export interface Landmarker {
  /** @param landmarks roughly, in the picture @throws Error for landmarks that cannot be aligned */
  refine(picture: RgbPicture, landmarks: readonly Point[]): Promise<Point[]>;
  close(): Promise<void>;
}

/** Where landmarks lie in a crop of this side that shows an aligned face and what is around it. */
export function landmarkPlaces(side: number): Point[] {
  const scale = side / (ALIGNED_SIDE * LANDMARK_SURROUNDINGS);
  return ARCFACE_POINTS.map(([x, y]) => [
    (x - ALIGNED_SIDE / 2) * scale + side / 2,
    (y - ALIGNED_SIDE / 2) * scale + side / 2,
  ]);
}

/**
 * Opens a model that sees a roughly aligned face and gives the places of its five landmarks, in parts of the crop.
 * @throws ModelFileError when the file is missing, damaged or takes another input than its card says.
 */
export async function openLandmarker(model: AdapterModel, options: CropModelOptions = {}): Promise<Landmarker> {
  const opened = await openCropModel(model, options);
  const { width, height } = model.input;
  const places = landmarkPlaces(width);
  return {
    refine: (picture, landmarks) => {
      const back = inverse(similarityTransform(landmarks, places));
      return opened.run(
        () => faceAt(picture, landmarks, places, { width, height }).data,
        (outputs) => {
          const told = onlyOutput(outputs, places.length * 2);
          return places.map((_, i) => apply(back, [told[2 * i]! * width, told[2 * i + 1]! * height]));
        },
      );
    },
    close: opened.close,
  };
}

/**
 * What turns the rough landmarks of a detector into those a model is shown a face by: its aligner's, where its card names
 * one; otherwise they stay as they are.
 * @throws as `openLandmarker`
 */
export async function openAlignerOf({ aligner }: AdapterModel, options: CropModelOptions = {}): Promise<Landmarker> {
  if (aligner) return openLandmarker(aligner, options);
  return { refine: async (_picture, landmarks) => [...landmarks], close: async () => {} };
}
