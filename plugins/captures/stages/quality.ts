import type { Box, CaptureKind, Point } from '../../../core/vision/keys.ts';
import type { I420Frame } from '../../../drivers/video/frame.ts';
import { facePose } from '../../../models/adapters/face-pose.ts';
import { type FaceView, judgeFace, measureFaceBy } from '../../../models/adapters/face-quality.ts';
import { brightness, fineStructure } from '../../../models/adapters/luma.ts';
import { alignedPatch, lumaPatch } from './luma.ts';

/** How a subject stands in one frame. Boxes and points are native pixels. */
export interface View {
  kind: CaptureKind;
  frame: I420Frame;
  box: Box;
  /** Detector score 0..1. */
  score: number;
  landmarks?: Point[];
  /** How sure those are, where a model has found them anew; as of a detection. */
  moved?: number;
  /** Of a vehicle, as of a detection. */
  plate?: Box | null;
  /** Boxes of other subjects, which may stand before this one. */
  others: Box[];
}

/** What speaks for or against a view, each 0..1. */
interface Factors {
  size: number;
  sharpness: number;
  whole: number;
  detector: number;
  light: number;
}

/** How much each factor counts; their sum is 1. */
const WEIGHTS: Readonly<Record<View['kind'], Factors>> = {
  face: { sharpness: 0.44, size: 0.25, whole: 0.15, detector: 0.1, light: 0.06 },
  body: { size: 0.3, whole: 0.25, sharpness: 0.25, detector: 0.15, light: 0.05 },
  vehicle: { size: 0.3, whole: 0.25, sharpness: 0.25, detector: 0.15, light: 0.05 },
};

/** Root of the box area in pixels: useless below the first, and no better above the second. */
const SIZES = { face: [16, 112], body: [24, 200], vehicle: [32, 320] } as const;
/** Size at which fine structure is measured. */
const PATCH = { face: [80, 80], body: [64, 128], vehicle: [128, 96] } as const;
/** Part cut from each side of the box before it is looked at: there is mostly background. */
const RIM = 0.12;
/** Fine structure over contrast of a very sharp face: on photos 0.3 to 0.5 from 80 pixels on; blurred by 2 pixels 0.1. */
const SHARP = 0.4;
/** Keeps the noise of a flat, dark patch from passing for structure. */
const LEAST_CONTRAST = 8;
/** A vehicle without a plate to be seen is worth so much: who it belongs to is what is asked of most. */
const WITHOUT_PLATE = 0.7;
/** Breadth of a plate in pixels: nothing can be read below the first, and it is no easier above the second. */
const PLATE = [24, 80] as const;
/** A factor of nothing must not make all other differences invisible. */
const FLOOR = 0.02;

/**
 * Quality 0..100 (whole). Of a face with landmarks it is the one an enrolment would give it, as far as it is known before
 * models have described it; it says how far recognition can be relied on. Of all others it is the weighted geometric mean
 * of the factors, so that one bad fault is not outweighed.
 */
export function qualityOf(view: View): number {
  const { kind, landmarks } = view;
  if (kind === 'face' && landmarks && facePose(landmarks)) return faceScore(view, { ...view, landmarks });
  const factors = Object.entries(factorsOf(view)) as [keyof Factors, number][];
  const sum = factors.reduce((all, [name, value]) => all + WEIGHTS[kind][name] * Math.log(Math.max(FLOOR, value)), 0);
  return Math.round(100 * Math.exp(sum) * plateWorth(view));
}

/** 1 for a plate that can be read well, and where the detector knows no plates. */
function plateWorth({ plate }: View): number {
  if (plate === undefined) return 1;
  const [least, enough] = PLATE;
  const seen = plate === null ? 0 : clamp((plate[2] - plate[0] - least) / (enough - least));
  return WITHOUT_PLATE + (1 - WITHOUT_PLATE) * seen;
}

function faceScore({ frame, box, others }: View, face: FaceView): number {
  const measures = measureFaceBy((toFrame, part) => alignedPatch(frame, toFrame, part), frame, face);
  return Math.round(judgeFace(measures).score * uncovered(box, others));
}

/** The single factors of a view. */
function factorsOf(view: View): Factors {
  const { kind, frame, box, score } = view;
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
  };
}

/** 1 for a subject well inside the picture with nobody before it; less where it is cut off or covered. */
function wholeness({ frame, box, others }: View): number {
  const margin = Math.max(box[2] - box[0], box[3] - box[1]) * 0.05;
  const nearest = Math.min(box[0], box[1], frame.width - box[2], frame.height - box[3]);
  const border = clamp(nearest / margin);
  return (0.3 + 0.7 * border) * uncovered(box, others);
}

/** 1 for a subject with nobody before it, 0.3 for one that is covered whole. */
function uncovered(box: Box, others: Box[]): number {
  // Who stands nearer to the camera reaches further down in the picture.
  const covered = Math.max(0, ...others.filter((other) => other[3] > box[3]).map((other) => coveredPart(box, other)));
  return 1 - 0.7 * covered;
}

function coveredPart(box: Box, other: Box): number {
  const width = Math.min(box[2], other[2]) - Math.max(box[0], other[0]);
  const height = Math.min(box[3], other[3]) - Math.max(box[1], other[1]);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / ((box[2] - box[0]) * (box[3] - box[1]));
}

function inner(box: Box): Box {
  const dx = (box[2] - box[0]) * RIM;
  const dy = (box[3] - box[1]) * RIM;
  return [box[0] + dx, box[1] + dy, box[2] - dx, box[3] - dy];
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
