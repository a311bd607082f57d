import type { ClipTruth, ObjectTruth } from '../../models/training/render/types.ts';
import type { CaptureView } from '../../plugins/captures/view.ts';
import type { SeenFrame } from './align.ts';
import { objectAt } from './judge.ts';

/** Attributes that change while somebody is on the scene; the truth has one answer for the whole clip. */
const CHANGING = new Set(['st_pedestrian_angle', 'st_status_type', 'st_umbrella', 'umbrella_color']);
/** So many years beside the truth still count as right. */
const YEARS = 10;

export interface CaptureReport {
  captures: number;
  /** Those that show nobody the truth knows there. */
  ofNobody: number;
  /** Actors of whom there is at least one. */
  actors: Set<string>;
  /** Answers of all attributes, and how many of them were right. */
  answers: number;
  right: number;
  wrong: Map<string, number>;
  /** Of faces: told alive or not, and how often rightly. */
  judgedAlive: number;
  rightlyAlive: number;
  plates: PlateReport;
}

/** Of captures of vehicles. */
export interface PlateReport {
  /** Those whose plate was to be seen whole, found, told as read, and read rightly. */
  shown: number;
  found: number;
  read: number;
  right: number;
  /** Vehicles whose plate was read rightly in one of their captures at least, of those that showed it in one. */
  vehicles: Set<string>;
  readable: Set<string>;
}

/** So much of a plate is to be seen that it can be read. */
const WHOLE_PLATE = 0.95;
/** Pixels of the stream: the reader has seen no plates that are less broad. */
const LEAST_PLATE = 30;

/** The clip's frame that was shown at a moment, by the seen frame nearest to it. */
export function frameAt(time: number, seen: readonly SeenFrame[], numbers: readonly number[]): number {
  let best = 0;
  for (const [n, one] of seen.entries()) if (Math.abs(one.time - time) < Math.abs(seen[best]!.time - time)) best = n;
  return numbers[best] ?? -1;
}

/** Frames of the clip, nearest first, that may be the one of a capture: a frame's wall clock is that of its arrival. */
const LATE = [0, -1, 1, -2, 2];

/** Whom a capture shows, and in which frame of the clip; undefined where it shows nobody. */
function shownBy(
  capture: CaptureView,
  frame: number,
  truth: ClipTruth,
): { frame: number; object: ObjectTruth } | undefined {
  for (const late of LATE) {
    const object = objectAt(truth, frame + late, OBJECTS[capture.kind], capture.box);
    if (object) return { frame: frame + late, object };
  }
  return undefined;
}

/** What captures of a kind show, in the words of the truth. */
const OBJECTS = { face: 'face', body: 'person', vehicle: 'vehicle' } as const;

function judgePlate({ plate }: CaptureView, of: string, frame: number, truth: ClipTruth, report: PlateReport): void {
  const shown = truth.frames[frame]?.objects.some(
    (object) =>
      object.kind === 'plate' &&
      object.of === of &&
      object.visible >= WHOLE_PLATE &&
      object.box[2] - object.box[0] >= LEAST_PLATE,
  );
  const own = truth.vehicles.find(({ id }) => id === of)?.plate.replaceAll(/[ -]/g, '');
  const right = plate !== null && plate.text === own;
  if (shown) {
    report.shown += 1;
    report.readable.add(of);
  }
  if (plate) report.found += 1;
  if (plate?.text) report.read += 1;
  if (right) report.right += 1;
  if (right && shown) report.vehicles.add(of);
}

/**
 * Holds captures against the clip's truth.
 * @param numbers of the clip's frames that were seen, as `alignToClip` finds them
 */
export function judgeCaptures(
  captures: readonly CaptureView[],
  seen: readonly SeenFrame[],
  numbers: readonly number[],
  truth: ClipTruth,
): CaptureReport {
  const report: CaptureReport = {
    captures: captures.length,
    ofNobody: 0,
    actors: new Set(),
    answers: 0,
    right: 0,
    wrong: new Map(),
    judgedAlive: 0,
    rightlyAlive: 0,
    plates: { shown: 0, found: 0, read: 0, right: 0, vehicles: new Set(), readable: new Set() },
  };
  for (const capture of captures) {
    const kind = OBJECTS[capture.kind];
    const shown = shownBy(capture, frameAt(capture.time, seen, numbers), truth);
    if (!shown) {
      report.ofNobody += 1;
      continue;
    }
    const { frame, object } = shown;
    report.actors.add(object.of);
    if (kind === 'vehicle') judgePlate(capture, object.of, frame, truth, report.plates);
    if (kind === 'face' && capture.aliveType !== 0) {
      report.judgedAlive += 1;
      if ((capture.aliveType === 2) === (object.alive ?? true)) report.rightlyAlive += 1;
    }
    const actor = truth.actors.find(({ id }) => id === object.of);
    if (!actor || object.alive === false) continue;
    const known = kind === 'face' ? actor.face : actor.body;
    for (const [name, value] of Object.entries(capture.attributes)) {
      const own = known[name];
      if (CHANGING.has(name) || own === undefined) continue;
      report.answers += 1;
      const same = name === 'st_age_value' ? Math.abs(Number(value) - Number(own)) <= YEARS : value === own;
      if (same) report.right += 1;
      else report.wrong.set(name, (report.wrong.get(name) ?? 0) + 1);
    }
  }
  return report;
}
