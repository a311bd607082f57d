import type { DataKey } from '../../../core/plugin/keys.ts';
import {
  type CaptureKind,
  type Detection,
  faceTracks,
  personTracks,
  SNAP_MODE,
  type Track,
  type Tracks,
  vehicleTracks,
} from '../../../core/vision/keys.ts';
import type { CameraContext, CameraStage, StageContext, StageFrame } from '../../../core/vision/stage.ts';
import type { VideoFrame } from '../../../drivers/video/frame.ts';
import { HeldMoments, Moment } from './moment.ts';
import { captureNow, mayCaptureAgain } from './policy.ts';
import { qualityOf } from './quality.ts';

/** Moments a camera keeps at most; in a larger crowd the track that waits longest is captured early. */
export const MOST_MOMENTS = 48;
/** A moment replaces the best one only when it is better by so many points: each change may cost an encoding. */
const BETTER_BY = 2;
/** So many captures of one presence may fail before there are no further tries. */
const MOST_FAILED = 3;

const TRACKS = { face: faceTracks, body: personTracks, vehicle: vehicleTracks } as const satisfies Record<
  CaptureKind,
  DataKey<Tracks>
>;

export interface ShotOptions {
  kind: CaptureKind;
  /** Of snap mode 2, ms. */
  interval: number;
}

/** What is kept of one track. */
interface OpenTrack {
  id: number;
  confirmedAt: number | undefined;
  best: Moment | undefined;
  captures: number;
  /** Captures that could not be encoded. */
  failed: number;
  last: { at: number; quality: number } | undefined;
  /** Told to who watches, before there is a capture. */
  glimpses: { count: number; last: { at: number; quality: number } | undefined };
}

/** Captures the tracks of one camera at their best moments. */
export class TrackShots implements CameraStage {
  readonly #camera: CameraContext;
  readonly #options: ShotOptions;
  readonly #log: StageContext['log'];
  readonly #held: HeldMoments;
  readonly #open = new Map<number, OpenTrack>();
  #now = 0;

  constructor(camera: CameraContext, options: ShotOptions, log: StageContext['log']) {
    this.#camera = camera;
    this.#options = options;
    this.#log = log;
    this.#held = new HeldMoments(camera);
  }

  async process(frame: StageFrame): Promise<void> {
    const { active } = frame.get(TRACKS[this.#options.kind]);
    // The stream's own clock: the wall clock may be set while somebody stands there.
    this.#now = frame.video.pts / 1e6;
    for (const track of active) this.#look(track, active, frame);
    for (const { moment, error } of await this.#held.makeRoom()) this.#lost(moment, error);
    await this.#thinOut();
    for (const open of this.#open.values()) await this.#decide(open, false);
    // Not the list of ended tracks: a frame on which another stage failed would have swallowed an end.
    const alive = new Set(active.map((track) => track.id));
    for (const open of [...this.#open.values()]) if (!alive.has(open.id)) await this.#end(open);
  }

  async streamEnded(): Promise<void> {
    for (const open of [...this.#open.values()]) await this.#end(open);
  }

  #look(track: Track, all: Track[], { video }: StageFrame): void {
    const { kind } = this.#options;
    let open = this.#open.get(track.id);
    if (!open) {
      const glimpses = { count: 0, last: undefined };
      open = {
        id: track.id,
        confirmedAt: undefined,
        best: undefined,
        captures: 0,
        failed: 0,
        last: undefined,
        glimpses,
      };
      this.#open.set(track.id, open);
    }
    if (track.confirmed) open.confirmedAt ??= this.#now;
    const { detection } = track;
    if (!detection || !mayCaptureAgain(this.#camera.plan.snapMode, open.captures)) return;
    const others = all.filter((other) => other !== track && other.confirmed).map((other) => other.box);
    const quality = qualityOf({ kind, frame: video.full, ...detection, others });
    this.#glimpse(open, detection, quality, video);
    if (open.best && quality < open.best.quality + BETTER_BY) return;
    this.#held.release(open.best);
    open.best = new Moment(kind, detection, quality, video);
    this.#held.add(open.best);
  }

  /**
   * Where faces are captured at the end of their presence, who watches is told meanwhile who they are: by the moments
   * that would be captured in realtime mode.
   */
  #glimpse(open: OpenTrack, detection: Detection, quality: number, video: VideoFrame): void {
    const { kind } = this.#options;
    const { confirmedAt, glimpses } = open;
    if (kind !== 'face' || this.#camera.plan.snapMode !== SNAP_MODE.accurate) return;
    if (confirmedAt === undefined || !this.#camera.watched()) return;
    const state = { confirmedAt, best: quality, captures: glimpses.count, last: glimpses.last };
    if (!captureNow(SNAP_MODE.realtime, state, this.#now, false, 0)) return;
    const { label: _label, score: _score, ...subject } = detection;
    const shot = this.#camera.shot(video, { kind, ...subject });
    if (!shot) return;
    if (!this.#camera.glimpse({ trackId: open.id, time: video.time, quality }, shot)) return;
    open.glimpses = { count: glimpses.count + 1, last: { at: this.#now, quality } };
  }

  /** Captures or drops the longest waiting tracks while too many moments are kept. */
  async #thinOut(): Promise<void> {
    for (const open of this.#open.values()) {
      if (this.#held.size <= MOST_MOMENTS) return;
      if (!open.best) continue;
      if (open.confirmedAt !== undefined) await this.#capture(open, open.best);
      else this.#drop(open);
    }
  }

  async #decide(open: OpenTrack, ended: boolean): Promise<void> {
    if (open.confirmedAt === undefined || !open.best) return;
    const { confirmedAt, captures, last } = open;
    const state = { confirmedAt, best: open.best.quality, captures, last };
    const { snapMode } = this.#camera.plan;
    if (captureNow(snapMode, state, this.#now, ended, this.#options.interval)) await this.#capture(open, open.best);
  }

  async #end(open: OpenTrack): Promise<void> {
    this.#open.delete(open.id);
    await this.#decide(open, true);
    this.#drop(open);
  }

  async #capture(open: OpenTrack, moment: Moment): Promise<void> {
    const { captures, last } = open;
    open.best = undefined;
    open.captures += 1;
    open.last = { at: this.#now, quality: moment.quality };
    try {
      const { crop, frame, shot } = await moment.pictures(this.#camera);
      const { score, box, landmarks } = moment.detection;
      const observation = {
        kind: moment.kind,
        trackId: open.id,
        time: moment.time,
        quality: moment.quality,
        score,
        box,
        ...(landmarks ? { landmarks } : {}),
        frameWidth: moment.frameWidth,
        frameHeight: moment.frameHeight,
        boxInCrop: moment.boxInCrop,
        crop,
        frame,
      };
      this.#camera.capture(observation, shot);
    } catch (error) {
      this.#lost(moment, error as Error);
      // Another moment may do; but not for ever where none does.
      open.failed += 1;
      if (open.failed <= MOST_FAILED) Object.assign(open, { captures, last });
    } finally {
      this.#held.release(moment);
    }
  }

  #drop(open: OpenTrack): void {
    this.#held.release(open.best);
    open.best = undefined;
  }

  #lost(moment: Moment, error: Error): void {
    for (const open of this.#open.values()) if (open.best === moment) open.best = undefined;
    const { channel } = this.#camera.plan;
    this.#log.warn({ channel, reason: error.message }, 'a capture was lost: its pictures could not be encoded');
  }
}
