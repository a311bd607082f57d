import type { Box } from '../keys.ts';
import { assign, LARGEST_ASSIGNMENT } from './assignment.ts';
import { type Expectation, extendTrail, pairCost } from './association.ts';
import { area, type FrameSize, iou, isPlausibleBox, visibleFraction } from './box.ts';
import { type Look, strangeness } from './look.ts';
import { type BoxMeasurement, measureBox } from './measurement.ts';
import { type BoxState, boxOf, correctBox, predictBox, replayGap, startBox } from './motion.ts';
import { type CompleteOptions, completeOptions, type TrackerOptions } from './options.ts';

export type { TrackerOptions } from './options.ts';

/** One detection: box in pixels, score 0..1, and whatever the caller wants back with the track. */
export interface TrackInput<T> {
  box: Box;
  score: number;
  /** How it looks: the less alike, the less likely it goes on with a track. */
  look?: Look;
  payload?: T;
}

/** One object followed over time, as it stands after an update. */
export interface Track<T> {
  /** Unique per tracker, never used again. */
  id: number;
  /** Smoothed estimate of this moment in pixels; a prediction where not observed; of the last sighting once ended. */
  box: Box;
  /** Matched with a detection of this frame. */
  observed: boolean;
  /** Score of the latest detection. */
  score: number;
  /** The detection of this frame, the very object given; only where observed. */
  detection?: TrackInput<T>;
  /** `lost` is confirmed but unseen. A track that ends as `tentative` was never confirmed: most likely noise. */
  state: 'tentative' | 'confirmed' | 'lost';
  /** Time of the first detection, ms. */
  firstTime: number;
  /** Time of the latest detection, ms. */
  lastTime: number;
  /** Number of detections. */
  hits: number;
  /** Pixels/s along x and y. */
  velocity: [x: number, y: number];
}

/** What an update gives: the tracks that live, and those that ended with it. */
export interface TrackerUpdate<T> {
  active: Track<T>[];
  ended: Track<T>[];
}

/** What a tracker had to leave out since it was made. */
export interface TrackerCounters {
  /** Detections without a usable box or score. */
  readonly rejected: number;
  /** Detections beyond the 200 best of a frame, and new tracks beyond `maxTracks`. */
  readonly dropped: number;
}

/** A track as the tracker keeps it. `state` stays at the last sighting; `predicted` is made anew for every frame. */
interface Followed<T> extends Expectation {
  readonly id: number;
  readonly firstTime: number;
  state: BoxState;
  predicted: BoxState;
  input: TrackInput<T>;
  seen: BoxMeasurement;
  trail: ReturnType<typeof extendTrail>;
  /** On the tracker's own clock, ms. */
  seenAt: number;
  /** Seconds. */
  unseen: number;
  lastTime: number;
  hits: number;
  confirmed: boolean;
  observed: boolean;
}

interface Candidate<T> {
  readonly input: TrackInput<T>;
  readonly seen: BoxMeasurement;
  taken: boolean;
}

/** Most cost at which a detection goes to a track. Low-score boxes are worse evidence, so they must fit better. */
const COST_LIMIT = 4;
const LOW_SCORE_COST_LIMIT = 1;

/**
 * For a second chance after a missed prediction: least overlap with the last sighting, most ratio of the areas, and longest
 * time since, ms. A head that turns moves its face by half its breadth, and somebody who falls covers another part of the
 * picture; with less overlap than this, tracks in crowds are handed on to neighbours (IDF1 of the made crowd 0.75 at 0.2,
 * 0.72 at 0.15).
 */
const RECOVERY_IOU = 0.2;
const RECOVERY_AREA = 3.5;
/** From which strangeness on it is somebody else. */
const RECOVERY_STRANGENESS = 2;
const RECOVERY_MS = 1000;

/** Time unseen from which a gap is replayed, ms: two frames missed at the usual rate. */
const REPLAY_MS = 500;

/** A track has left the picture where less than this part of its predicted box is inside. */
const GONE_FRACTION = 0.3;

/** Scores are 0..1; quantised models round a little over. */
const LARGEST_SCORE = 1.01;

/** Step taken for a clock that jumps back before any step is known, ms. */
const USUAL_STEP = 200;
/** Frames that come more seldom make tracks last no longer, ms: one and a half of this at most. */
const MOST_USUAL_STEP = 20_000;

/**
 * Follows objects from frame to frame by where they are and how they move.
 *
 * High-score detections are matched first, low-score ones then keep the tracks going that are left (ByteTrack, Zhang
 * et al. 2022); a detection that no prediction fits may still continue a track seen on the same spot a moment ago. Where
 * detections come with looks, those count as well: one face often appears where another disappears.
 * Everything is in time, not in frames, so that frames may come irregularly or be left out: 2 to 30 a second.
 */
export class Tracker<T = undefined> {
  readonly #options: CompleteOptions;
  #tracks: Followed<T>[] = [];
  #nextId = 1;
  #lastTime: number | undefined;
  /** Own clock: goes with the caller's, but never back. */
  #clock = 0;
  /** That of the frame before. */
  #clockBefore = 0;
  #usualStep = USUAL_STEP;
  /** The step before was longer than `lostMs`. */
  #wasLong = false;
  #rejected = 0;
  #dropped = 0;

  /** @throws RangeError for an option out of range */
  constructor(options: TrackerOptions = {}) {
    this.#options = completeOptions(options);
  }

  get counters(): TrackerCounters {
    return { rejected: this.#rejected, dropped: this.#dropped };
  }

  /**
   * Takes the detections of one frame.
   *
   * After a gap longer than `lostMs`, forward or back, all tracks end and the detections start new ones; where such gaps
   * follow one another, frames come seldom, and tracks last one and a half of them. A clock that
   * steps back less counts as one usual step. Unusable detections are ignored and counted.
   * @param timeMs when the frame was taken, ms on any clock
   * @throws RangeError where the time is not finite
   */
  update(inputs: readonly TrackInput<T>[], timeMs: number): TrackerUpdate<T> {
    if (!Number.isFinite(timeMs)) throw new RangeError(`tracker: time must be finite, got ${timeMs}`);
    this.#advance(timeMs);
    const ended = this.#takeEnded();
    const candidates = this.#usable(inputs);
    const high = candidates.filter((candidate) => candidate.input.score >= this.#options.highScore);
    const low = candidates.filter((candidate) => candidate.input.score < this.#options.highScore);

    this.#match(this.#tracks, high, timeMs, this.#fit, COST_LIMIT);
    const fading = this.#unobserved(this.#options.lowScoreMs).filter((track) => track.confirmed);
    this.#match(fading, low, timeMs, this.#fit, LOW_SCORE_COST_LIMIT);
    const free = high.filter((candidate) => !candidate.taken);
    this.#match(this.#unobserved(RECOVERY_MS), free, timeMs, this.#displacement, 1 - RECOVERY_IOU);
    for (const candidate of free) if (!candidate.taken) this.#start(candidate, timeMs);
    return { active: this.#tracks.map(describe), ended: ended.map(describeEnded) };
  }

  /** Ends and returns every track: the stream is over. Later updates start afresh, with new ids. */
  flush(): Track<T>[] {
    const ended = this.#tracks;
    this.reset();
    return ended.map(describeEnded);
  }

  /** Forgets every track without a word. Ids go on, counters stay. */
  reset(): void {
    this.#tracks = [];
    this.#lastTime = undefined;
  }

  /** Moves the clock on and predicts every track to the new moment. */
  #advance(timeMs: number): void {
    let step = this.#lastTime === undefined ? 0 : timeMs - this.#lastTime;
    if (step < 0) {
      // How long a jump back took nobody can know; a small one is a stumbling clock, a large one another stream.
      step = -step > this.#options.lostMs ? Infinity : this.#usualStep;
    } else if (step > 0) {
      // One long step is a gap, two are how frames come here.
      const long = step > this.#options.lostMs;
      if (!long || this.#wasLong) this.#usualStep = Math.min(step, MOST_USUAL_STEP);
      this.#wasLong = long;
    }
    this.#lastTime = timeMs;
    this.#clockBefore = this.#clock;
    // The own clock need not follow far beyond the end of every track, and so stays finite.
    this.#clock += Math.min(step, Math.max(this.#lostMs, this.#options.tentativeMs) + 1);
    for (const track of this.#tracks) {
      track.unseen = (this.#clock - track.seenAt) / 1000;
      track.predicted = predictBox(track.state, track.unseen);
      track.observed = false;
    }
  }

  /** Where frames come so seldom that all would be lost between two, nobody would ever be seen twice. */
  get #lostMs(): number {
    const { lostMs } = this.#options;
    return this.#usualStep > lostMs ? 1.5 * this.#usualStep : lostMs;
  }

  #takeEnded(): Followed<T>[] {
    const { tentativeMs, exitMs, frame } = this.#options;
    const lostMs = this.#lostMs;
    const isOver = (track: Followed<T>): boolean => {
      const unseenMs = track.unseen * 1000;
      // Where frames come seldom, nobody could ever be seen twice: the next one is waited for.
      const waitedFor = track.confirmed || track.seenAt === this.#clockBefore;
      if (unseenMs > (waitedFor ? lostMs : tentativeMs)) return true;
      return frame !== undefined && unseenMs > exitMs && hasLeft(track, frame);
    };
    const ended = this.#tracks.filter(isOver);
    if (ended.length > 0) this.#tracks = this.#tracks.filter((track) => !ended.includes(track));
    return ended;
  }

  #usable(inputs: readonly TrackInput<T>[]): Candidate<T>[] {
    const { lowScore, frame } = this.#options;
    const plausible = inputs.filter(
      ({ box, score }) =>
        score >= 0 && score <= LARGEST_SCORE && isPlausibleBox(box) && (!frame || visibleFraction(box, frame) > 0),
    );
    this.#rejected += inputs.length - plausible.length;
    let usable = plausible.filter((input) => input.score >= lowScore);
    if (usable.length > LARGEST_ASSIGNMENT) {
      this.#dropped += usable.length - LARGEST_ASSIGNMENT;
      usable = usable.sort((a, b) => b.score - a.score).slice(0, LARGEST_ASSIGNMENT);
    }
    return usable.map((input) => ({ input, seen: measureBox(input.box, input.score, frame), taken: false }));
  }

  #unobserved(withinMs: number): Followed<T>[] {
    return this.#tracks.filter((track) => !track.observed && track.unseen * 1000 <= withinMs);
  }

  /** How well a detection fits a track by place, size and look: the lower the better. */
  readonly #fit = (track: Followed<T>, { seen, input }: Candidate<T>): number => {
    const cost = pairCost(track, seen);
    // In a crowd most pairs are out of the question by place.
    return cost < COST_LIMIT ? cost + this.#strange(track, input) : cost;
  };

  /**
   * How little a detection overlaps the track's last sighting, 0..1: the cost of a second chance. 1 for another size or look.
   */
  readonly #displacement = (track: Followed<T>, { input }: Candidate<T>): number => {
    const overlap = iou(track.input.box, input.box);
    const ratio = area(track.input.box) / area(input.box);
    if (overlap < RECOVERY_IOU || Math.max(ratio, 1 / ratio) > RECOVERY_AREA) return 1;
    return this.#strange(track, input) >= RECOVERY_STRANGENESS ? 1 : 1 - overlap;
  };

  /** What the looks say against one subject, on the scale of `pairCost`. */
  #strange({ input }: Followed<T>, { look }: TrackInput<T>): number {
    return input.look && look ? strangeness(input.look, look, this.#options.looks) : 0;
  }

  /** Gives detections to tracks for the least total cost; what costs the limit or more stays alone. */
  #match(
    tracks: Followed<T>[],
    candidates: Candidate<T>[],
    timeMs: number,
    cost: (track: Followed<T>, candidate: Candidate<T>) => number,
    limit: number,
  ): void {
    const costs = tracks.map((track) => candidates.map((candidate) => cost(track, candidate)));
    assign(costs, limit).forEach((column, row) => {
      if (column >= 0) this.#see(tracks[row]!, candidates[column]!, timeMs);
    });
  }

  #see(track: Followed<T>, candidate: Candidate<T>, timeMs: number): void {
    const { seen, input } = candidate;
    candidate.taken = true;
    // With one sighting there is no velocity to protect.
    const gap = track.hits > 1 && track.unseen * 1000 > REPLAY_MS;
    track.state = gap ? replayGap(track.state, track.seen, seen, track.unseen) : correctBox(track.predicted, seen);
    track.predicted = track.state;
    track.input = input;
    track.seen = seen;
    track.trail = extendTrail(track.trail, { time: this.#clock, cx: seen.cx, cy: seen.cy });
    track.seenAt = this.#clock;
    track.unseen = 0;
    track.lastTime = Math.max(timeMs, track.firstTime);
    track.hits++;
    track.confirmed ||= track.hits >= this.#options.confirmHits;
    track.observed = true;
  }

  #start(candidate: Candidate<T>, timeMs: number): void {
    const { input, seen } = candidate;
    if (input.score < this.#options.newTrackScore) return;
    if (this.#tracks.length >= this.#options.maxTracks) {
      this.#dropped++;
      return;
    }
    const state = startBox(seen);
    this.#tracks.push({
      id: this.#nextId++,
      firstTime: timeMs,
      state,
      predicted: state,
      input,
      seen,
      trail: [{ time: this.#clock, cx: seen.cx, cy: seen.cy }],
      seenAt: this.#clock,
      unseen: 0,
      lastTime: timeMs,
      hits: 1,
      confirmed: this.#options.confirmHits <= 1,
      observed: true,
    });
  }
}

/** True for a track that is predicted to have gone over the border of the picture. */
function hasLeft(track: Followed<unknown>, frame: FrameSize): boolean {
  return visibleFraction(boxOf(track.predicted), frame) < GONE_FRACTION;
}

function describe<T>(track: Followed<T>): Track<T> {
  const { predicted, observed } = track;
  return {
    id: track.id,
    box: boxOf(predicted),
    observed,
    score: track.input.score,
    ...(observed ? { detection: track.input } : {}),
    state: !track.confirmed ? 'tentative' : observed ? 'confirmed' : 'lost',
    firstTime: track.firstTime,
    lastTime: track.lastTime,
    hits: track.hits,
    velocity: [predicted.cx.velocity, predicted.cy.velocity],
  };
}

function describeEnded<T>(track: Followed<T>): Track<T> {
  return describe({ ...track, predicted: track.state, observed: false });
}
