import { ARCFACE_POINTS, apply, inverse, similarityTransform } from './align.ts';
import { type CropModelOptions, openCropModel } from './crop-model.ts';
import { faceAt } from './crops.ts';
import { facePose } from './face-pose.ts';
import { type AdapterModel, onlyOutput } from './network.ts';
import type { Point, RgbPicture } from './types.ts';

/** How many times the aligned face is shown around it: the landmarks it begins with may be half an eye's distance off. */
export const LANDMARK_SURROUNDINGS = 1.75;
const ALIGNED_SIDE = 112;
/** The second look sees a face where it has learned to see it. Mostly that is all. */
const MOST_LOOKS = 3;
/** Landmarks that a look moves by less than this, in distances of the eyes, have come to rest. */
export const SETTLED = 0.05;

/** Landmarks, and how sure they are. */
export interface Refined {
  landmarks: Point[];
  /** How far the last look moved them in the mean, in distances of the eyes; little where a face is seen well. */
  moved: number;
}

/** Finds the landmarks of a face more exactly than a detector that looks at a scaled-down frame. */
export interface Landmarker {
  /**
   * @param landmarks roughly, in the picture
   * @returns those of the last look that gave a face; they have moved without end where it gave none
   * @throws Error for landmarks that cannot be aligned
   */
  refine(picture: RgbPicture, landmarks: readonly Point[]): Promise<Refined>;
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
  const look = (picture: RgbPicture, landmarks: readonly Point[]): Promise<Point[]> => {
    const back = inverse(similarityTransform(landmarks, places));
    return opened.run(
      () => faceAt(picture, landmarks, places, { width, height }).data,
      (outputs) => {
        const told = onlyOutput(outputs, places.length * 2);
        return places.map((_, i) => apply(back, [told[2 * i]! * width, told[2 * i + 1]! * height]));
      },
    );
  };
  return {
    refine: async (picture, landmarks) => {
      let known: Refined = { landmarks: [...landmarks], moved: Number.POSITIVE_INFINITY };
      for (let n = 0; n < MOST_LOOKS && !(n > 1 && known.moved <= SETTLED); n += 1) {
        const found = await look(picture, known.landmarks);
        if (!facePose(found)) return { ...known, moved: Number.POSITIVE_INFINITY };
        known = { landmarks: found, moved: movement(known.landmarks, found) };
      }
      return known;
    },
    close: opened.close,
  };
}

/** In the mean of all points, in distances of the eyes. */
function movement(from: readonly Point[], to: readonly Point[]): number {
  const apart = (a: Point, b: Point) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  const mean = from.reduce((sum, point, i) => sum + apart(point, to[i]!), 0) / from.length;
  return mean / apart(to[0]!, to[1]!);
}

/** Makes landmarks those that a model is shown a face by. */
export interface Aligner {
  /** Whose landmarks it gives; undefined where they stay as they are. */
  readonly modelId: string | undefined;
  /**
   * @param alignedBy the model that has found these landmarks anew already, if one has: its own are not found twice
   * @returns `moved` only where it has found them anew
   * @throws as `Landmarker.refine`
   */
  align(
    picture: RgbPicture,
    landmarks: readonly Point[],
    alignedBy?: string,
  ): Promise<Pick<Refined, 'landmarks'> & Partial<Refined>>;
  close(): Promise<void>;
}

/**
 * What turns the rough landmarks of a detector into those of the model its card, or that of a model that looks at faces,
 * is `alignedBy`; where the card names none they stay as they are.
 * @throws as `openLandmarker`
 */
export async function openAlignerOf({ aligner }: AdapterModel, options: CropModelOptions = {}): Promise<Aligner> {
  if (!aligner) {
    return {
      modelId: undefined,
      align: async (_picture, landmarks) => ({ landmarks: [...landmarks] }),
      close: async () => {},
    };
  }
  const landmarker = await openLandmarker(aligner, options);
  return {
    modelId: aligner.id,
    align: async (picture, landmarks, alignedBy) =>
      alignedBy === aligner.id ? { landmarks: [...landmarks] } : landmarker.refine(picture, landmarks),
    close: landmarker.close,
  };
}
