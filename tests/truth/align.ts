import { iou } from '../../core/vision/tracking/box.ts';
import type { ClipTruth, ObjectTruth } from '../../models/training/render/types.ts';

/** What the box said of one frame of a scene. */
export interface SeenFrame {
  /** Wall clock of the frame, ms. */
  time: number;
  boxes: { trackId: number; label: string; box: [number, number, number, number] }[];
}

/** Frames over which one offset is believed: a loop's seam or a hiccup of the stream moves what comes after it. */
const PIECE_S = 5;
/** How far a piece may lie from the offset of the whole, s. */
const DRIFT_S = 0.6;

/** Overlap of what was seen with what was there, summed over boxes: large where the two are of the same moment. */
function agreement(seen: SeenFrame, objects: ObjectTruth[]): number {
  let sum = 0;
  for (const one of seen.boxes) {
    let best = 0;
    for (const object of objects) if (object.kind === one.label) best = Math.max(best, iou(one.box, object.box));
    sum += best;
  }
  return sum;
}

/**
 * Finds for every seen frame the frame of the clip that it shows. The stream does not say: the clip is played over and
 * over, and the wall clock of a frame is that of its arrival. So the offset is taken under which most boxes agree.
 * @returns the number of the clip's frame for each seen frame, in their order.
 */
export function alignToClip(seen: readonly SeenFrame[], truth: ClipTruth): number[] {
  const count = truth.frames.length;
  const first = seen[0]?.time ?? 0;
  const frameAt = (time: number, offset: number): number =>
    (((Math.round(((time - first) / 1000) * truth.fps) + offset) % count) + count) % count;
  const score = (frames: readonly SeenFrame[], offset: number): number =>
    frames.reduce((sum, one) => sum + agreement(one, truth.frames[frameAt(one.time, offset)]!.objects), 0);
  const best = (frames: readonly SeenFrame[], offsets: number[]): number => {
    const scores = offsets.map((offset) => score(frames, offset));
    return offsets[scores.indexOf(Math.max(...scores))]!;
  };

  const whole = best(
    seen,
    Array.from({ length: count }, (_, offset) => offset),
  );
  const reach = Math.round(DRIFT_S * truth.fps);
  // Nearest first: where nobody is to be seen, all offsets agree alike.
  const near = Array.from({ length: 2 * reach + 1 }, (_, n) => whole + (n % 2 ? -1 : 1) * Math.ceil(n / 2));
  const frames: number[] = [];
  for (let at = 0; at < seen.length; ) {
    const start = seen[at]!.time;
    let end = at;
    while (end < seen.length && seen[end]!.time < start + PIECE_S * 1000) end += 1;
    const piece = seen.slice(at, end);
    const offset = best(piece, near);
    for (const one of piece) frames.push(frameAt(one.time, offset));
    at = end;
  }
  return frames;
}
