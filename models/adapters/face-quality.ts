import { ARCFACE_POINTS, apply, inverse, type Similarity, similarityTransform } from './align.ts';
import { alignedFace } from './crops.ts';
import { type FacePose, facePose } from './face-pose.ts';
import type { HeadDirection } from './head-pose.ts';
import { SETTLED } from './landmarks.ts';
import { brightness, fineStructure, type LumaPatch } from './luma.ts';
import type { Box, Point, RgbPicture, Size } from './types.ts';

/**
 * How far a face in a picture can be relied on for recognition. What is measured, and what follows from it, are two
 * steps, so that both can be tested and shown.
 */

/** What a face is found wanting in. */
export type QualityFault = 'size' | 'angle' | 'brightness' | 'blur' | 'mouth' | 'occlusion';

export interface FaceQuality {
  /** 0..100, whole. */
  score: number;
  /** What an enrolment of high quality refuses it for, in the order above. */
  faults: QualityFault[];
}

/** A face as it was found. */
export interface FaceView {
  /** Pixels of the picture. */
  box: Box;
  /** Eyes, nose and corners of the mouth. */
  landmarks: readonly Point[];
  /** Of the detector, 0..1. */
  score: number;
  /** How far an aligner's last look moved the landmarks, in distances of the eyes, where there is one. */
  moved?: number;
  /** As a model of its own sees it; otherwise it is told by the landmarks. */
  direction?: HeadDirection;
  /** Names and values of the interface's appendix B, as far as a model has told them. */
  attributes?: Readonly<Record<string, string>>;
}

export interface FaceMeasures {
  /** Pixels between the eyes, as far apart as they would be seen from the front. */
  eyeDistance: number;
  /** Undefined for landmarks no face can have. */
  pose?: FacePose;
  /** Mean luma of the middle of the face, 0..255. */
  brightness: number;
  /** Standard deviation of that luma. */
  contrast: number;
  /** Fine structure (standard deviation of the Laplacian) for each step of contrast, at the size models see. */
  sharpness: number;
  /** Part of the face that lies in the picture, 0..1. */
  inside: number;
  /** Of the detector, 0..1. */
  score: number;
  /** As of the view. */
  moved?: number;
  mouthOpen: boolean;
  /** The face is at rest, as far as is known. */
  calm: boolean;
  covered: boolean;
  /** A cap shades the eyes, and hides brow and hair. */
  capped: boolean;
}

/** The crop of models that describe faces, where the eyes are 35 pixels apart. */
const SIDE = 112;
const EYES_IN_CROP = 35.24;
/** The part of it in which every face has skin, eyes, nose and mouth: from the brows to under the mouth. */
const FACE_MIDDLE: Box = [25, 37, 87, 105];
/** Keeps the noise of a flat, dark patch from passing for structure. */
const LEAST_CONTRAST = 8;

/** The limits of the faults. */
export const FACE_LIMITS = {
  /** Below this the crop that models see has to be enlarged. */
  eyeDistance: 35,
  yaw: 25,
  /** Measured less surely than the others. */
  pitch: 35,
  roll: 30,
  /** Wide, so that dark and light skin in good light are both inside. */
  darkest: 40,
  brightest: 225,
  contrast: 12,
  /** Photographed faces of this size have 0.25 to 0.7; blurred by 2 pixels, as many as the crop's, 0.1 to 0.15. */
  sharpness: 0.18,
  inside: 0.97,
} as const;

/** How much each part counts for the score; the sum over those that are known is brought to 1. */
const WEIGHTS = { size: 0.25, angle: 0.3, sharpness: 0.25, light: 0.1, detector: 0.1, settled: 0.2 } as const;
/** A part of nothing must not make all other differences invisible. */
const FLOOR = 0.02;
/** What is left of the score where the face is not at rest, or something covers it: half of it, or its upper edge. */
const NOT_CALM = 0.8;
const COVERED = 0.5;
const CAPPED = 0.75;

const CALM = 'st_calm';
const NO_CAP = 'hat_style_type_none';
const OPEN_MOUTHS: ReadonlySet<string> = new Set(['st_yawn', 'st_surprised']);
const MASKS: ReadonlySet<string> = new Set(['st_respirator_full', 'st_respirator_nose']);

/**
 * Measures a face.
 * @throws Error for a picture whose data does not fit its size, or landmarks that are not five, not finite or all in one
 * place.
 */
export function measureFace(picture: RgbPicture, face: FaceView): FaceMeasures {
  const crop = alignedFace(picture, face.landmarks, { width: SIDE, height: SIDE });
  return measureFaceBy((_, part) => lumaOf(crop, part), picture, face);
}

/**
 * The same for a face whose brightness is taken elsewhere than from an RGB picture.
 * @param luma takes a part of the aligned crop, whose pixels the transform leads back to the picture
 * @param picture its size
 * @throws Error for landmarks that are not five, not finite or all in one place.
 */
export function measureFaceBy(
  luma: (toPicture: Similarity, part: Box) => LumaPatch,
  picture: Size,
  face: FaceView,
): FaceMeasures {
  const toPicture = inverse(similarityTransform(face.landmarks, ARCFACE_POINTS));
  const middle = luma(toPicture, FACE_MIDDLE);
  const pose = poseOf(face);
  const { mean, deviation } = brightness(middle);
  const {
    st_expression: expression = CALM,
    st_respirator: mask = '',
    glass_style: glasses,
    cap_style: cap = NO_CAP,
  } = face.attributes ?? {};
  const points = middlePoints().map((point) => apply(toPicture, point));
  const inside = points.filter(([x, y]) => x >= 0 && y >= 0 && x < picture.width && y < picture.height);
  return {
    eyeDistance: EYES_IN_CROP * Math.hypot(toPicture.a, toPicture.b),
    ...(pose ? { pose } : {}),
    brightness: mean,
    contrast: deviation,
    sharpness: fineStructure(middle) / (deviation + LEAST_CONTRAST),
    inside: inside.length / points.length,
    score: face.score,
    ...(face.moved === undefined ? {} : { moved: face.moved }),
    mouthOpen: OPEN_MOUTHS.has(expression),
    calm: expression === CALM,
    covered: MASKS.has(mask) || glasses === 'sunglasses',
    capped: cap !== NO_CAP,
  };
}

/**
 * What follows from the measures: the weighted geometric mean of size, angle, sharpness, light, the detector's score and
 * how sure the landmarks are, so that one bad fault is not outweighed; less where the face is not at rest or something
 * covers it.
 */
export function judgeFace(measures: FaceMeasures): FaceQuality {
  const parts = partsOf(measures);
  let [sum, weights] = [0, 0];
  for (const [name, weight] of Object.entries(WEIGHTS)) {
    const part = parts[name as keyof typeof WEIGHTS];
    if (part === undefined) continue;
    sum += weight * Math.log(Math.max(FLOOR, part));
    weights += weight;
  }
  const { inside, calm, covered, capped } = measures;
  const whole = clamp((inside - 0.5) / (FACE_LIMITS.inside - 0.5));
  const rest = (calm ? 1 : NOT_CALM) * (covered ? COVERED : 1) * (capped ? CAPPED : 1) * whole;
  return { score: Math.round(100 * Math.exp(sum / weights) * rest), faults: faultsOf(measures) };
}

/** Both steps at once. @throws Error as `measureFace`. */
export function faceQuality(picture: RgbPicture, face: FaceView): FaceQuality {
  return judgeFace(measureFace(picture, face));
}

function poseOf({ landmarks, direction }: FaceView): FacePose | undefined {
  const pose = facePose(landmarks);
  return pose && direction ? { ...pose, ...direction } : pose;
}

/** Each 0..1, straight lines between the named points. */
function partsOf({ eyeDistance, pose, brightness, contrast, sharpness, score, moved }: FaceMeasures) {
  const { yaw, pitch, roll } = pose ?? { yaw: 90, pitch: 90, roll: 90 };
  return {
    // Nothing at 8 pixels, all where models scale it down; by steps of doubling, as models do.
    size: clamp(Math.log(eyeDistance / 8) / Math.log(EYES_IN_CROP / 8)),
    // All up to 10 degrees, nothing at 65, pitch 10 later; faces are turned upright for models, so roll takes little.
    angle:
      clamp((65 - Math.abs(yaw)) / 55) * clamp((75 - Math.abs(pitch)) / 55) * clamp(1 - (Math.abs(roll) - 20) / 320),
    sharpness: clamp(sharpness / 0.4),
    light: clamp((brightness - 10) / 50) * clamp((250 - brightness) / 40) * clamp(contrast / 20),
    detector: clamp((score - 0.3) / 0.5),
    // What is cut out by landmarks that do not come to rest is not aligned as models have learned to see faces.
    settled: moved === undefined ? undefined : clamp((0.3 - moved) / (0.3 - SETTLED)),
  };
}

function faultsOf(measures: FaceMeasures): QualityFault[] {
  const { eyeDistance, pose, brightness, contrast, sharpness, inside, mouthOpen, covered } = measures;
  const limits = FACE_LIMITS;
  const turned =
    !pose ||
    Math.abs(pose.yaw) > limits.yaw ||
    Math.abs(pose.pitch) > limits.pitch ||
    Math.abs(pose.roll) > limits.roll;
  const badLight = brightness < limits.darkest || brightness > limits.brightest || contrast < limits.contrast;
  const found: [QualityFault, boolean][] = [
    ['size', eyeDistance < limits.eyeDistance],
    ['angle', turned],
    ['brightness', badLight],
    ['blur', sharpness < limits.sharpness],
    ['mouth', mouthOpen],
    ['occlusion', covered || inside < limits.inside],
  ];
  return found.filter(([, is]) => is).map(([fault]) => fault);
}

/** Luma of a part of a picture. */
function lumaOf({ data, width }: RgbPicture, [left, top, right, bottom]: Box): LumaPatch {
  const values = new Float32Array((right - left) * (bottom - top));
  for (let y = top, i = 0; y < bottom; y++) {
    for (let x = left; x < right; x++, i++) {
      const at = (y * width + x) * 3;
      values[i] = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
    }
  }
  return { width: right - left, height: bottom - top, values };
}

/** A grid over the middle of the crop. */
function middlePoints(): Point[] {
  const [left, top, right, bottom] = FACE_MIDDLE;
  const points: Point[] = [];
  for (let y = top + 1; y < bottom; y += 6) for (let x = left + 1; x < right; x += 6) points.push([x, y]);
  return points;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
