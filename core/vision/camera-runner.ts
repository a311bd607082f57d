import type { Feed } from '../../drivers/video/feed.ts';
import type { VideoFrame } from '../../drivers/video/frame.ts';
import type { Describing } from './describing.ts';
import type { CameraLoad, CameraPlan, CameraReason, CameraState, CameraStatus, OverlayBox } from './keys.ts';
import { FrameMeter, StageMeter } from './load.ts';
import type { PlannedStage } from './protocol.ts';
import type { CameraStage, StageFrame } from './stage.ts';

/** A stage at work for one camera. */
export interface RunningStage {
  planned: PlannedStage;
  stage: CameraStage;
}

export interface RunnerEvents {
  /** The frame has been analysed; boxes are in native pixels. */
  analysed(frame: VideoFrame, overlay: OverlayBox[]): void;
  stageFailed(stage: string, error: Error): void;
  /** A stage is entered; undefined: none is, any more. */
  doing?(stage: string | undefined): void;
  status(status: CameraStatus): void;
}

/** Name of a scaled picture among a frame's pictures. */
export function pictureId(size: { width: number; height: number }): string {
  return `${size.width}x${size.height}`;
}

/**
 * One camera in the worker: the newest frame waits in one place until it is this camera's turn, older ones are
 * dropped and counted; a turn runs the camera's stages over it in their order, and then has captures described.
 */
export class CameraRunner {
  readonly plan: CameraPlan;
  feed: Feed | undefined;
  /** Number of its last turn among all turns of the worker. */
  lastTurn = 0;
  readonly #stages: (RunningStage & { meter: StageMeter })[];
  readonly #frames = new FrameMeter(performance.now());
  readonly #events: RunnerEvents;
  readonly #describing: Describing | undefined;
  #inTurn = false;
  #turnOver: (() => void) | undefined;
  #waiting: VideoFrame | undefined;
  #newest: VideoFrame | undefined;
  #ended = false;
  /** The waiting frame is of the stream after the one whose end is still to be told. */
  #waitingIsNext = false;
  #closed = false;
  #dropped = 0;
  #droppedByFeed = 0;
  #analysed = 0;
  #state: CameraState = 'connecting';
  #reason: CameraReason | undefined;
  /** Clock of the process: the wall clock may be set meanwhile. */
  #since = performance.now();

  constructor(plan: CameraPlan, stages: RunningStage[], events: RunnerEvents, describing?: Describing) {
    this.plan = plan;
    this.#stages = stages.map((stage) => ({ ...stage, meter: new StageMeter(stage.planned.id, performance.now()) }));
    this.#events = events;
    this.#describing = describing;
  }

  /** Newest frame seen, for snapshots; undefined while the camera is not online. */
  get newest(): VideoFrame | undefined {
    return this.#state === 'online' ? this.#newest : undefined;
  }

  /** Whether there is work: a frame to analyse, a stream end to tell or a capture to describe. */
  get ready(): boolean {
    return this.#waiting !== undefined || this.#ended || this.#toDescribe;
  }

  get #toDescribe(): boolean {
    return this.#describing !== undefined && this.#describing.waiting > 0;
  }

  offer(frame: VideoFrame): void {
    if (this.#closed) return;
    if (this.#waiting) {
      this.#dropped += 1;
      this.#frames.shed(performance.now());
    }
    this.#waiting = frame;
    this.#waitingIsNext = this.#ended;
    this.#newest = frame;
  }

  stateChanged(state: CameraState, reason?: CameraReason): void {
    if (this.#state === 'online' && state !== 'online') {
      // Tracks end with the stream; told in turn, so that no stage is entered twice at once.
      // A second break before a turn: the end that is told is then that of both.
      if (this.#waitingIsNext) this.#waiting = undefined;
      this.#ended = true;
      this.#newest = undefined;
    }
    if (state !== this.#state) this.#since = performance.now();
    this.#state = state;
    this.#reason = reason;
    this.#events.status(this.status());
  }

  status(): CameraStatus {
    const now = performance.now();
    const stats = this.feed?.stats();
    this.#countFeed(now, stats?.dropped ?? 0);
    const frame = this.#newest;
    return {
      channel: this.plan.channel,
      state: this.#state,
      ...(this.#reason ? { reason: this.#reason } : {}),
      since: Math.round(Date.now() - (now - this.#since)),
      ...(frame ? { width: frame.width, height: frame.height } : {}),
      ...(stats?.codec ? { codec: stats.codec } : {}),
      analysedFps: this.#state === 'online' ? this.#frames.read(now).analysedFps : 0,
      framesAnalysed: this.#analysed,
      framesDropped: this.#dropped + this.#droppedByFeed,
      reconnects: stats?.reconnects ?? 0,
      ...(stats?.decoding ? { backend: stats.decoding.backend, backendReason: stats.decoding.reason } : {}),
    };
  }

  /** What it costs, and whether the worker keeps up; undefined while it is not online. */
  load(): CameraLoad | undefined {
    if (this.#state !== 'online') return undefined;
    const now = performance.now();
    const { shedFps, wantedFps } = this.#frames.read(now);
    const stages = this.#stages.map(({ meter }) => meter.read(now));
    return { wantedFps, shedFps, stages: [...stages, ...(this.#describing?.loads(now) ?? [])] };
  }

  /** Frames the feed had ready and could not hand over, because nobody came for them in time. */
  #countFeed(now: number, dropped: number): void {
    // What is on its way looks dropped for a moment, so the count may go back a little.
    const more = dropped - this.#droppedByFeed;
    if (more <= 0) return;
    this.#droppedByFeed = dropped;
    this.#frames.shed(now, more);
  }

  /** Does some of what there is to do; the next turn may begin when this one is over. */
  async turn(): Promise<void> {
    this.#inTurn = true;
    try {
      await this.#oneTurn();
    } finally {
      this.#events.doing?.(undefined);
      this.#inTurn = false;
      this.#turnOver?.();
    }
  }

  /** A waiting frame through all stages, the end of the stream, some of the captures that wait. */
  async #oneTurn(): Promise<void> {
    const frame = this.#waiting;
    this.#waiting = undefined;
    // Whoever stands there now must not be taken for those of the stream before.
    if (frame && this.#waitingIsNext) await this.#tellEnd();
    this.#waitingIsNext = false;
    if (frame) await this.#analyse(frame);
    if (this.#ended) await this.#tellEnd();
    await this.#describing?.turn();
  }

  async #tellEnd(): Promise<void> {
    this.#ended = false;
    for (const { planned, stage } of this.#stages) {
      this.#events.doing?.(planned.id);
      try {
        await stage.streamEnded?.();
      } catch (error) {
        this.#events.stageFailed(planned.id, error as Error);
      }
    }
  }

  async #analyse(frame: VideoFrame): Promise<void> {
    const values = new Map<string, unknown>();
    const overlay: OverlayBox[] = [];
    for (const { planned, stage, meter } of this.#stages) {
      // A stage that failed on this frame made nothing: those that need it sit this frame out.
      if (!planned.in.every((key) => values.has(key))) continue;
      this.#events.doing?.(planned.id);
      const began = performance.now();
      try {
        await stage.process(stageFrame(frame, planned, values, overlay));
      } catch (error) {
        const fault = error instanceof Error ? error : new Error(String(error));
        meter.failed(performance.now(), fault.message);
        this.#events.stageFailed(planned.id, fault);
      }
      const ended = performance.now();
      meter.took(ended, ended - began);
    }
    this.#analysed += 1;
    this.#frames.analysed(performance.now());
    this.#events.analysed(frame, overlay);
  }

  /**
   * Closes the stream. What is left to do is done in turns, like all the rest.
   * @param atOnce only the end is told, for the captures of those who are seen now: the process has little time left
   */
  async close(atOnce = false): Promise<void> {
    if (atOnce) {
      this.#closed = true;
      this.#waiting = undefined;
      this.#describing?.giveUp();
      this.#ended ||= this.#state === 'online';
    }
    await this.feed?.stop();
    if (!atOnce && this.#state === 'online') this.#ended = true;
  }

  /** Resolves when nothing is left to do, somebody else giving the turns. */
  async finished(): Promise<void> {
    while (this.ready || this.#inTurn) {
      await new Promise<void>((resolve) => {
        this.#turnOver = resolve;
      });
    }
  }
}

function stageFrame(
  video: VideoFrame,
  planned: PlannedStage,
  values: Map<string, unknown>,
  overlay: OverlayBox[],
): StageFrame {
  const picture = planned.picture && video.pictures.get(pictureId(planned.picture));
  return {
    video,
    get picture() {
      if (!picture) throw new Error(`stage "${planned.id}" declares no picture`);
      return picture;
    },
    scaleX: picture ? video.width / picture.width : 1,
    scaleY: picture ? video.height / picture.height : 1,
    get<T>(key: { id: string }): T {
      if (!planned.in.includes(key.id)) throw new Error(`stage "${planned.id}" does not declare ${key.id} as input`);
      return values.get(key.id) as T;
    },
    set(key, value) {
      if (!planned.out.includes(key.id)) throw new Error(`stage "${planned.id}" does not declare ${key.id} as output`);
      values.set(key.id, value);
    },
    draw: (box) => overlay.push(box),
  };
}
