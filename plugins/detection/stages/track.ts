import { z } from 'zod';
import type { Detection, Track, Tracks } from '../../../core/vision/keys.ts';
import { type CameraStage, defineStage, type StageFrame } from '../../../core/vision/stage.ts';
import { visibleFraction } from '../../../core/vision/tracking/box.ts';
import { looksIn } from '../../../core/vision/tracking/look.ts';
import { type Track as Followed, Tracker, type TrackerOptions } from '../../../core/vision/tracking/tracker.ts';
import { DETECTIONS, SUBJECTS, type Subject, TRACKING, TRACKS } from './subjects.ts';

/**
 * A box stays on the live picture so long after its subject was last seen, ms, or over one missed frame where they come more
 * seldom: that must not flicker. Longer it stands on nobody: in the demo's lobby, after 500 ms, two of three such boxes had lost
 * whom they showed.
 */
const SHOWN_UNSEEN_MS = 300;
const MOST_SHOWN_UNSEEN_MS = 1000;
/** Nor where so little of it is within the picture that its subject must have left. */
const LEAST_WITHIN = 0.3;

/**
 * Where the numbers of a stage's tracks begin: a hundred for each second of the clock, so that a camera that is started anew
 * gives none that records of the minutes before bear.
 */
const firstNumber = (time: number): number => Math.floor(time / 10) % 2 ** 30;

/** Follows the subjects of one camera. */
export class TrackStage implements CameraStage {
  readonly #subject: Subject;
  #tracker: Tracker<Detection> | undefined;
  #size = '';
  /** Added to the tracker's ids, so that none returns when a tracker is replaced. */
  #idBase = 0;
  #highestId = 0;
  /** Wall clock of the frame before. */
  #before = 0;
  /** Wall clock of each live track's first and latest sighting: the tracker runs on the stream's clock. */
  readonly #seen = new Map<number, { first: number; last: number }>();

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  process(frame: StageFrame): void {
    const { video } = frame;
    const ended = this.#fitTo(video);
    const found = frame.get(DETECTIONS[this.#subject]);
    const { looks }: TrackerOptions = TRACKING[this.#subject];
    const lookOf = looks && found.length > 0 ? looksIn(video.full, looks) : undefined;
    const inputs = found.map((detection) => ({
      box: detection.box,
      score: detection.score,
      payload: detection,
      ...(lookOf ? { look: lookOf(detection.box) } : {}),
    }));
    const update = this.#tracker!.update(inputs, video.pts / 1e6);
    for (const track of update.active) this.#note(track, video.time);
    const tracks: Tracks = {
      active: update.active.map((track) => this.#describe(track)),
      ended: [...ended, ...update.ended.map((track) => this.#describe(track))],
    };
    for (const track of tracks.ended) this.#seen.delete(track.id);
    for (const track of tracks.active) {
      const unseen = video.time - track.lastTime;
      const longest = track.lastTime >= this.#before ? MOST_SHOWN_UNSEEN_MS : SHOWN_UNSEEN_MS;
      if (!track.confirmed || unseen > longest) continue;
      if (!track.observed && visibleFraction(track.box, video) < LEAST_WITHIN) continue;
      frame.draw({ trackId: track.id, label: track.label, score: track.score, box: track.box });
    }
    frame.set(TRACKS[this.#subject], tracks);
    this.#before = video.time;
  }

  streamEnded(): void {
    this.#tracker?.flush();
    this.#seen.clear();
  }

  /** A stream that changes its size shows other pixels: its tracks end and new ones begin. */
  #fitTo({ width, height, time }: StageFrame['video']): Track[] {
    const size = `${width}x${height}`;
    if (size === this.#size) return [];
    const ended = (this.#tracker?.flush() ?? []).map((track) => this.#describe(track));
    this.#size = size;
    this.#idBase = this.#highestId || firstNumber(time);
    this.#tracker = new Tracker({ ...TRACKING[this.#subject], frame: { width, height } });
    return ended;
  }

  #note(track: Followed<Detection>, time: number): void {
    const id = this.#idBase + track.id;
    this.#highestId = Math.max(this.#highestId, id);
    if (track.observed) this.#seen.set(id, { first: this.#seen.get(id)?.first ?? time, last: time });
  }

  #describe(track: Followed<Detection>): Track {
    const id = this.#idBase + track.id;
    // A track begins with a sighting, so this is there.
    const seen = this.#seen.get(id)!;
    const detection = track.detection?.payload;
    return {
      id,
      label: this.#subject,
      box: track.box,
      score: track.score,
      firstTime: seen.first,
      lastTime: seen.last,
      observed: track.observed,
      confirmed: track.state !== 'tentative',
      ...(detection ? { detection } : {}),
    };
  }
}

const options = z.object({ subject: z.enum(SUBJECTS) });

/** Follows persons, faces or vehicles from frame to frame and draws them on the live picture. */
export default defineStage({
  create: (context) => {
    const { subject } = options.parse(context.options);
    return { camera: () => new TrackStage(subject) };
  },
});
