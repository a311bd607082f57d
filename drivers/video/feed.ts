import { type BackendName, backendOf } from './backend.ts';
import { Backoff } from './backoff.ts';
import { type BackendChoice, BackendChooser, type FlapLimits, firstReason } from './choice.ts';
import type { Fault } from './fault.ts';
import type { VideoFrame } from './frame.ts';
import type { VideoCodec } from './sdp.ts';
import { type Backend, type FrameSource, openSource, type SourceOptions } from './source.ts';
import { Timeline } from './timeline.ts';

export type { BackendName } from './backend.ts';
export type { BackendChoice } from './choice.ts';
export { pipelinesMade as feedsOpened, threadsNeeded } from './gst.ts';
export { probeStream, type StreamProbe } from './probe-stream.ts';

/** `connecting` holds until the first attempt has succeeded or failed; after that a feed is one or the other. */
export type FeedState = 'connecting' | 'online' | 'offline';

export interface FeedOptions extends Omit<SourceOptions, 'onEnd'> {
  /** Called on every change of the state or of the reason for being offline. */
  onState(state: FeedState, reason?: Fault): void;
  /** How streams are decoded; by default as choice.ts says, and anew for each connection. */
  backend?: BackendName;
  /** Called when streams are decoded otherwise, or for another reason, than before and than `backend` says. */
  onBackend?(choice: BackendChoice): void;
  /** When to take a camera out of this process that reconnects again and again. */
  flapLimits?: FlapLimits;
}

export interface FeedStats {
  state: FeedState;
  /** Why the feed is offline. */
  reason?: Fault;
  codec?: VideoCodec;
  /** Native size of the stream, once seen. */
  width?: number;
  height?: number;
  /** Frames per second of the stream itself, measured. */
  streamFps?: number;
  /** Frames handed out per second over the last seconds. */
  fps: number;
  /** Frames handed out. */
  frames: number;
  /** Frames that were due but not handed out. */
  dropped: number;
  /** How often the feed came online again. */
  reconnects: number;
  /** Wall clock of the last frame, milliseconds since 1970. */
  lastFrameTime?: number;
  /** How the stream is decoded; unknown until the camera has described it. */
  decoding?: BackendChoice;
}

/** A camera that is kept connected. */
export interface Feed {
  stats(): FeedStats;
  /** Ends the feed and resolves once its threads are free. Always resolves; no callback comes after it is called. */
  stop(): Promise<void>;
}

/** A connection that held so long was a good one. */
const steadyMs = 10_000;
const fpsWindowMs = 5000;

/** Opens a camera or file and opens it again whenever it ends. Throws RangeError for pictures or a rate that cannot be. */
export function openFeed(options: FeedOptions): Feed {
  return new ReconnectingFeed(options);
}

class ReconnectingFeed implements Feed {
  readonly #options: FeedOptions;
  readonly #backoff = new Backoff();
  readonly #chooser: BackendChooser;
  readonly #timeline = new Timeline();
  #source: FrameSource;
  #retry: NodeJS.Timeout | undefined;
  #choice: BackendChoice | undefined;
  #state: FeedState = 'connecting';
  #reason: Fault | undefined;
  #onlineSince = 0;
  #timesOnline = 0;
  #frames = 0;
  #droppedBefore = 0;
  #arrivals: number[] = [];
  #newest: Pick<VideoFrame, 'width' | 'height' | 'time'> | undefined;
  #stopped = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#chooser = new BackendChooser(options.backend, options.flapLimits);
    this.#source = this.#open();
  }

  stats(): FeedStats {
    const { codec, streamFps, dropped } = this.#source.stats();
    const newest = this.#newest;
    return {
      state: this.#state,
      ...(this.#reason ? { reason: this.#reason } : {}),
      ...(codec ? { codec } : {}),
      ...(newest ? { width: newest.width, height: newest.height, lastFrameTime: newest.time } : {}),
      ...(streamFps === undefined ? {} : { streamFps }),
      fps: this.#fps(),
      frames: this.#frames,
      dropped: this.#droppedBefore + dropped,
      reconnects: Math.max(0, this.#timesOnline - 1),
      ...(this.#choice ? { decoding: this.#choice } : {}),
    };
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    await this.#source.stop();
  }

  #open(): FrameSource {
    const { pictures, rate, url, transport, filesFolder } = this.#options;
    this.#timeline.restart();
    return openSource(
      {
        url,
        pictures,
        rate,
        ...(transport ? { transport } : {}),
        ...(filesFolder === undefined ? {} : { filesFolder }),
        onFrame: (frame) => this.#frame(frame),
        onEnd: (reason) => this.#lost(reason),
      },
      this.#decode,
    );
  }

  /** Chosen when the camera has described its stream: an attempt that ends before that costs no backend anything. */
  readonly #decode: Backend = (stream, options) => {
    const before = this.#choice?.reason ?? firstReason(this.#options.backend);
    const choice = this.#chooser.choose(stream);
    this.#choice = choice;
    if (choice.reason.code !== before.code) this.#options.onBackend?.(choice);
    return backendOf(choice.backend)(stream, options);
  };

  #frame(frame: VideoFrame): void {
    if (this.#stopped) return;
    this.#frames += 1;
    this.#newest = frame;
    const now = performance.now();
    this.#arrivals.push(now);
    while (now - this.#arrivals[0]! > fpsWindowMs) this.#arrivals.shift();
    if (this.#state !== 'online') {
      this.#onlineSince = now;
      this.#timesOnline += 1;
      this.#change('online');
    }
    this.#options.onFrame({ ...frame, pts: this.#timeline.place(frame.pts) });
  }

  #lost(reason: Fault): void {
    if (this.#stopped) return;
    if (this.#state === 'online') {
      const held = performance.now() - this.#onlineSince;
      if (held > steadyMs) this.#backoff.reset();
      this.#chooser.held(held);
    }
    this.#arrivals = [];
    this.#change('offline', reason);
    // Whoever was told may have stopped the feed.
    if (this.#stopped) return;
    this.#retry = setTimeout(() => void this.#reopen(), this.#backoff.next(reason.code));
  }

  async #reopen(): Promise<void> {
    await this.#source.stop();
    if (this.#stopped) return;
    this.#droppedBefore += this.#source.stats().dropped;
    this.#source = this.#open();
  }

  #change(state: FeedState, reason?: Fault): void {
    const same =
      state === this.#state && reason?.code === this.#reason?.code && reason?.message === this.#reason?.message;
    this.#state = state;
    this.#reason = reason;
    if (!same) this.#options.onState(state, reason);
  }

  #fps(): number {
    const first = this.#arrivals[0];
    if (first === undefined) return 0;
    const span = performance.now() - first;
    return span < 1000 ? 0 : Math.round((this.#arrivals.length * 10_000) / Math.min(span, fpsWindowMs)) / 10;
  }
}
