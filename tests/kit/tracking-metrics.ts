import type { Box } from '../../core/vision/keys.ts';
import { assign } from '../../core/vision/tracking/assignment.ts';
import { iou } from '../../core/vision/tracking/box.ts';

/** A box with the identity it is claimed to belong to. */
export interface LabelledBox {
  id: number;
  box: Box;
}

/** One frame of a labelled sequence beside what a tracker said of it. */
export interface JudgedFrame {
  truth: LabelledBox[];
  tracked: LabelledBox[];
  /** Objects hidden so far that nobody is asked to find them; a tracked box on one of them is left out, not wrong. */
  ignored?: LabelledBox[];
}

export interface TrackingMetrics {
  /** Identity F1 = 2 IDTP / (boxes of the truth + tracked boxes); 1 where there is neither. */
  idf1: number;
  /** 1 - (misses + false positives + switches) / boxes of the truth; can be negative, NaN without truth. */
  mota: number;
  /** Times an object was handed from one track to another. */
  switches: number;
  misses: number;
  falsePositives: number;
  truthBoxes: number;
  trackedBoxes: number;
}

/**
 * Tracking quality over a sequence.
 *
 * CLEAR MOT (Bernardin and Stiefelhagen 2008) goes frame by frame: a pair of the frame before stays as long as its
 * boxes overlap enough, the rest is paired for the largest sum of IoU; a switch is counted when an object is paired
 * with another track than the last one it was paired with, however long ago.
 * IDF1 (Ristani et al. 2016) pairs whole trajectories once, one track to one object, so that the number of frames on
 * which paired trajectories overlap (IDTP) is as large as possible.
 * @param minIou overlap from which a tracked box counts as being on the object
 */
export function trackingMetrics(frames: readonly JudgedFrame[], minIou = 0.5): TrackingMetrics {
  const judged = frames.map((frame) => ({ truth: frame.truth, tracked: withoutIgnored(frame, minIou) }));
  const truthBoxes = judged.reduce((sum, frame) => sum + frame.truth.length, 0);
  const trackedBoxes = judged.reduce((sum, frame) => sum + frame.tracked.length, 0);
  const { matches, switches } = clearMatches(judged, minIou);
  const misses = truthBoxes - matches;
  const falsePositives = trackedBoxes - matches;
  const boxes = truthBoxes + trackedBoxes;
  return {
    idf1: boxes === 0 ? 1 : (2 * identityTruePositives(judged, minIou)) / boxes,
    mota: truthBoxes === 0 ? Number.NaN : 1 - (misses + falsePositives + switches) / truthBoxes,
    switches,
    misses,
    falsePositives,
    truthBoxes,
    trackedBoxes,
  };
}

/** Pairs boxes of one frame for the largest sum of IoU; -1 where none overlaps enough. */
function pairBoxes(rows: LabelledBox[], columns: LabelledBox[], minIou: number): number[] {
  // A pair at exactly the threshold counts, and more pairs go before more overlap: hence the 1.
  const cost = rows.map((row) =>
    columns.map((column) => {
      const overlap = iou(row.box, column.box);
      return overlap >= minIou ? -1 - overlap : 1;
    }),
  );
  return assign(cost, 0);
}

function withoutIgnored(frame: JudgedFrame, minIou: number): LabelledBox[] {
  if (!frame.ignored?.length) return frame.tracked;
  const objects = [...frame.truth, ...frame.ignored];
  const partner = pairBoxes(frame.tracked, objects, minIou);
  return frame.tracked.filter((_, index) => partner[index]! < frame.truth.length);
}

function clearMatches(frames: JudgedFrame[], minIou: number): { matches: number; switches: number } {
  let matches = 0;
  let switches = 0;
  let before = new Map<number, number>();
  const latest = new Map<number, number>();
  for (const { truth, tracked } of frames) {
    const now = new Map<number, number>();
    const kept = new Set<number>();
    for (const object of truth) {
      const follower = tracked.find((track) => track.id === before.get(object.id));
      if (follower && iou(object.box, follower.box) >= minIou) {
        now.set(object.id, follower.id);
        kept.add(follower.id);
      }
    }
    const openTruth = truth.filter((object) => !now.has(object.id));
    const openTracked = tracked.filter((track) => !kept.has(track.id));
    pairBoxes(openTruth, openTracked, minIou).forEach((column, row) => {
      if (column >= 0) now.set(openTruth[row]!.id, openTracked[column]!.id);
    });
    for (const [object, track] of now) {
      if (latest.has(object) && latest.get(object) !== track) switches++;
      latest.set(object, track);
    }
    matches += now.size;
    before = now;
  }
  return { matches, switches };
}

function identityTruePositives(frames: JudgedFrame[], minIou: number): number {
  const objects = indexIds(frames.map((frame) => frame.truth));
  const tracks = indexIds(frames.map((frame) => frame.tracked));
  const shared = Array.from({ length: objects.size }, () => new Float64Array(tracks.size));
  for (const { truth, tracked } of frames) {
    for (const object of truth) {
      for (const track of tracked) {
        if (iou(object.box, track.box) >= minIou) shared[objects.get(object.id)!]![tracks.get(track.id)!]! -= 1;
      }
    }
  }
  const partner = assign(shared, 0, Math.max(objects.size, tracks.size));
  return partner.reduce((sum, column, row) => (column < 0 ? sum : sum - shared[row]![column]!), 0);
}

function indexIds(boxes: LabelledBox[][]): Map<number, number> {
  const ids = new Set(boxes.flat().map((box) => box.id));
  return new Map([...ids].map((id, index) => [id, index]));
}
