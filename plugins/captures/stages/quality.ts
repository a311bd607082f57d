import type { Box, Point } from '../../../core/vision/keys.ts';
import type { I420Frame } from '../../../drivers/video/frame.ts';
import { brightness, fineStructure, lumaPatch } from './luma.ts';

/** How a subject stands in one frame. Boxes and points are native pixels. */
export interface View {
  kind: 'face' | 'body';
  frame: I420Frame;
  box: Box;
  /** Detector score 0..1. */
  score: number;
  landmarks?: Point[];
  /** Boxes of other subjects, which may stand before this one. */
  others: Box[];
}

/** What speaks for or against a view, each 0..1; `frontal` only where there are landmarks. */
export interface Factors {
  size: number;
  sharpness: number;
  whole: number;
  detector: number;
  light: number;
  frontal?: number;
}

/** How much each factor counts; the sum over those that are known is brought to 1. */
const WEIGHTS = {
  face: { sharpness: 0.35, size: 0.2, frontal: 0.2, whole: 0.12, detector: 0.08, light: 0.05 },
  body: { size: 0.3, whole: 0.25, sharpness: 0.25, detector: 0.15, light: 0.05, frontal: 0 },
} as const;

/** Root of the box area in pixels: useless below the first, and no better above the second. */
const SIZES = { face: [16, 112], body: [24, 200] } as const;
/** Size at which fine structure is measured. */
const PATCH = { face: [80, 80], body: [64, 128] } as const;
/** Part cut from each side of the box before it is looked at: there is mostly background. */
const RIM = 0.12;
/** Fine structure over contrast of a very sharp face: on photos 0.3 to 0.5 from 80 pixels on; blurred by 2 pixels 0.1. */
const SHARP = 0.4;
/** Keeps the noise of a flat, dark patch from passing for structure. */
const LEAST_CONTRAST = 8;
/** A factor of nothing must not make all other differences invisible. */
const FLOOR = 0.02;

/** Quality 0..100 (whole): the weighted geometric mean of the factors, so that one bad fault is not outweighed. */
export function qualityOf(view: View): number {
  const factors = factorsOf(view);
  let sum = 0;
  let weights = 0;
  for (const [name, weight] of Object.entries(WEIGHTS[view.kind])) {
    const factor = factors[name as keyof Factors];
    if (factor === undefined) continue;
    sum += weight * Math.log(Math.max(FLOOR, factor));
    weights += weight;
  }
  return Math.round(100 * Math.exp(sum / weights));
}

/** The single factors of a view. */
export function factorsOf(view: View): Factors {
  const { kind, frame, box, score, landmarks } = view;
  const [least, enough] = SIZES[kind];
  const side = Math.sqrt(Math.max(1, (box[2] - box[0]) * (box[3] - box[1])));
  const patch = lumaPatch(frame, inner(box), PATCH[kind][0], PATCH[kind][1]);
  const { mean, deviation } = brightness(patch);
  return {
    size: clamp(Math.log(side / least) / Math.log(enough / least)),
    sharpness: clamp(fineStructure(patch) / (deviation + LEAST_CONTRAST) / SHARP),
    whole: wholeness(view),
    detector: clamp((score - 0.3) / 0.6),
    light: clamp((mean - 10) / 50) * clamp((250 - mean) / 50) * clamp(deviation / 20),
    ...(kind === 'face' && landmarks?.length === 5 ? { frontal: frontality(landmarks) } : {}),
  };
}

/** 1 for a subject well inside the picture with nobody before it; less where it is cut off or covered. */
function wholeness({ frame, box, others }: View): number {
  const margin = Math.max(box[2] - box[0], box[3] - box[1]) * 0.05;
  const nearest = Math.min(box[0], box[1], frame.width - box[2], frame.height - box[3]);
  const border = clamp(nearest / margin);
  // Who stands nearer to the camera reaches further down in the picture.
  const covered = Math.max(0, ...others.filter((other) => other[3] > box[3]).map((other) => coveredPart(box, other)));
  return (0.3 + 0.7 * border) * (1 - 0.7 * covered);
}

function coveredPart(box: Box, other: Box): number {
  const width = Math.min(box[2], other[2]) - Math.max(box[0], other[0]);
  const height = Math.min(box[3], other[3]) - Math.max(box[1], other[1]);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / ((box[2] - box[0]) * (box[3] - box[1]));
}

/**
 * 1 for a face that looks into the camera, towards 0 in profile or far up and down; a tilted head counts as upright.
 * Points: the eyes, the nose, the mouth corners.
 */
export function frontality(landmarks: Point[]): number {
  const [eyeA, eyeB, nose, mouthA, mouthB] = landmarks as [Point, Point, Point, Point, Point];
  const eyes = middle(eyeA, eyeB);
  const mouth = middle(mouthA, mouthB);
  const across: Point = [eyeB[0] - eyeA[0], eyeB[1] - eyeA[1]];
  const down: Point = [mouth[0] - eyes[0], mouth[1] - eyes[1]];
  const width = Math.hypot(...across);
  const height = Math.hypot(...down);
  if (width < 1 || height < 1) return 0;
  const toNose: Point = [nose[0] - eyes[0], nose[1] - eyes[1]];
  const sideways = Math.abs(dot(toNose, across)) / width ** 2;
  const along = dot(toNose, down) / height ** 2;
  const turned = clamp(1 - 2 * sideways);
  // Turning the head brings the eyes together; of a face from the front they are about as far apart as the mouth is below.
  const narrow = clamp(width / height / 0.7);
  const nodded = clamp(1 - Math.abs(along - 0.57) / 0.45);
  return turned * narrow * nodded;
}

function middle(a: Point, b: Point): Point {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

function dot(a: Point, b: Point): number {
  return a[0] * b[0] + a[1] * b[1];
}

function inner(box: Box): Box {
  const dx = (box[2] - box[0]) * RIM;
  const dy = (box[3] - box[1]) * RIM;
  return [box[0] + dx, box[1] + dy, box[2] - dx, box[3] - dy];
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
