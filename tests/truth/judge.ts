import { iou } from '../../core/vision/tracking/box.ts';
import type { ClipTruth, ObjectKind, ObjectTruth } from '../../models/training/render/types.ts';
import { trackingMetrics } from '../kit/tracking-metrics.ts';
import type { SeenFrame } from './align.ts';

/** Who must be found: so much of it to be seen, and so tall in pixels of the stream. The rest may be found. */
const MUST = {
  person: { visible: 0.5, height: 60 },
  face: { visible: 0.6, height: 24 },
  vehicle: { visible: 0.5, height: 60 },
} as const;
/** What is judged on the live picture. */
export type Judged = keyof typeof MUST;
/** Radians: a face that is turned further away need not be found. */
const FACE_TURN = 1;
const OVERLAP = 0.5;
/** Out of sight for so long, somebody comes back as somebody new: positions alone cannot tell. */
const PRESENCE_GAP_MS = 1000;

export interface SubjectReport {
  /** Boxes of the truth that were found ÷ those that had to be found. */
  recall: number;
  /** Boxes on nothing, per minute of the scene. */
  falsePerMinute: number;
  idf1: number;
  switches: number;
  /** Seconds from the first moment somebody had to be found to the first box on them, by actor; those never found missing. */
  delays: number[];
  /** Actors that had to be found, and those among them that never were. */
  actors: number;
  missed: string[];
}

function mustBeFound(object: ObjectTruth): boolean {
  const { kind } = object;
  if (kind !== 'person' && kind !== 'face' && kind !== 'vehicle') return false;
  const { visible, height } = MUST[kind];
  if (object.visible < visible || object.box[3] - object.box[1] < height) return false;
  return kind !== 'face' || Math.abs(object.yaw ?? 0) < FACE_TURN;
}

/**
 * Holds what the box drew on the live picture against the clip's truth, for people, faces or vehicles.
 * @param numbers of the clip's frames that were seen, as `alignToClip` finds them
 */
export function judgeScene(
  kind: Judged,
  seen: readonly SeenFrame[],
  numbers: readonly number[],
  truth: ClipTruth,
): SubjectReport {
  const presences = new Map<string, { id: number; last: number }>();
  let ids = 0;
  const idOf = (actor: string, now: number): number => {
    const before = presences.get(actor);
    const id = before && now - before.last <= PRESENCE_GAP_MS ? before.id : ++ids;
    presences.set(actor, { id, last: now });
    return id;
  };
  const due = new Map<string, number>();
  const found = new Map<string, number>();
  const frames = seen.map((one, n) => {
    const objects = truth.frames[numbers[n]!]!.objects.filter((object) => object.kind === kind);
    const tracked = one.boxes.filter(({ label }) => label === kind).map(({ trackId, box }) => ({ id: trackId, box }));
    const wanted = objects.filter(mustBeFound);
    const labelled = new Map(objects.map((object) => [object, { id: idOf(object.of, one.time), box: object.box }]));
    for (const { of } of wanted) if (!due.has(of)) due.set(of, one.time);
    for (const object of objects) {
      if (found.has(object.of) || !tracked.some(({ box }) => iou(box, object.box) >= OVERLAP)) continue;
      found.set(object.of, one.time);
    }
    return {
      truth: wanted.map((object) => labelled.get(object)!),
      tracked,
      ignored: objects.filter((object) => !mustBeFound(object)).map((object) => labelled.get(object)!),
    };
  });
  const metrics = trackingMetrics(frames, OVERLAP);
  const minutes = seen.length === 0 ? Number.NaN : (seen.at(-1)!.time - seen[0]!.time) / 60_000;
  const delays = [...due].flatMap(([actor, at]) => {
    const when = found.get(actor);
    return when === undefined ? [] : [Math.max(0, when - at) / 1000];
  });
  return {
    recall: metrics.truthBoxes === 0 ? Number.NaN : 1 - metrics.misses / metrics.truthBoxes,
    falsePerMinute: metrics.falsePositives / minutes,
    idf1: metrics.idf1,
    switches: metrics.switches,
    delays,
    actors: due.size,
    missed: [...due.keys()].filter((actor) => !found.has(actor)),
  };
}

/** The object of a kind that a box of a certain moment lies on; undefined where it lies on none. */
export function objectAt(
  truth: ClipTruth,
  frame: number,
  kind: ObjectKind,
  box: readonly [number, number, number, number],
): ObjectTruth | undefined {
  let best: ObjectTruth | undefined;
  let overlap = OVERLAP;
  for (const object of truth.frames[frame]?.objects ?? []) {
    if (object.kind !== kind) continue;
    const value = iou([...box], object.box);
    if (value < overlap) continue;
    best = object;
    overlap = value;
  }
  return best;
}
