import { LARGEST_ASSIGNMENT } from './assignment.ts';
import type { FrameSize } from './box.ts';
import type { LookOf } from './look.ts';

/** How a tracker behaves; all times in ms, all scores 0..1. */
export interface TrackerOptions {
  /** Detections from here on are matched first and with every track. Default 0.5. */
  highScore?: number;
  /** Detections from here to `highScore` only keep confirmed tracks going; lower ones are ignored. Default 0.1. */
  lowScore?: number;
  /** A high-score detection that fits no track starts one from here on. Default 0.55. */
  newTrackScore?: number;
  /** Sightings after which a track is confirmed. Default 2. */
  confirmHits?: number;
  /** How long a confirmed track is kept unseen. Default 3000. */
  lostMs?: number;
  /** How long a track that is not yet confirmed is kept unseen, and at least until the next frame. Default 1000. */
  tentativeMs?: number;
  /** How long a track is kept unseen that was leaving the picture; needs `frame`. Default 700. */
  exitMs?: number;
  /** How long after the last sighting a low-score detection may still continue a track. Default 1500. */
  lowScoreMs?: number;
  /** Most tracks at a time, 1..200. Default 200. */
  maxTracks?: number;
  /** What looks of detections are of, where given: they count beside place and size. Default `face`. */
  looks?: LookOf;
  /** Picture size: lets the tracker see who is cut by the border and who has left. */
  frame?: FrameSize;
}

/** Options with every default filled in. */
export type CompleteOptions = Required<Omit<TrackerOptions, 'frame'>> & Pick<TrackerOptions, 'frame'>;

const DEFAULTS: CompleteOptions = {
  highScore: 0.5,
  lowScore: 0.1,
  newTrackScore: 0.55,
  confirmHits: 2,
  lostMs: 3000,
  tentativeMs: 1000,
  exitMs: 700,
  lowScoreMs: 1500,
  maxTracks: LARGEST_ASSIGNMENT,
  looks: 'face',
};

/** Longest `lostMs`: beyond a minute a prediction says nothing. */
const LONGEST_MS = 60_000;

/**
 * Fills in defaults and checks every option.
 * @throws RangeError that names the option
 */
export function completeOptions(options: TrackerOptions): CompleteOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const complete: CompleteOptions = { ...DEFAULTS, ...given };
  for (const name of ['highScore', 'lowScore', 'newTrackScore'] as const) within(name, complete[name], 0, 1);
  for (const name of ['lostMs', 'tentativeMs', 'exitMs', 'lowScoreMs'] as const) {
    within(name, complete[name], 0, LONGEST_MS);
  }
  within('maxTracks', complete.maxTracks, 1, LARGEST_ASSIGNMENT);
  within('confirmHits', complete.confirmHits, 1, 100);
  if (complete.lowScore > complete.highScore) throw new RangeError('tracker: lowScore is above highScore');
  if (complete.frame) {
    within('frame.width', complete.frame.width, 1, 100_000);
    within('frame.height', complete.frame.height, 1, 100_000);
  }
  return complete;
}

function within(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high)) {
    throw new RangeError(`tracker: ${name} must be ${low}..${high}, got ${value}`);
  }
}
