import { FrameAssembler } from './assembler.ts';
import { onlyRelaySignsIn } from './choice.ts';
import { emptyFile, type Fault, faultOf, printable, streamFault, VideoError } from './fault.ts';
import { type BusMessage, type GstAppSink, Pipeline } from './gst.ts';
import { exactCaps, launchText } from './launch.ts';
import { lostPatience, shortestLoopMs, tickMs } from './patience.ts';
import { RateGovernor } from './rate.ts';
import type { BackendOptions, FrameSource, SourceStats, Stream } from './source.ts';
import { Timeline } from './timeline.ts';

/** Frames that may be on their way between videorate and us without being lost. */
const inFlight = 3;
/** How long to wait, once the pictures have ended, for the bus to say why. */
const reasonMs = 500;

/**
 * Opens a stream with GStreamer inside this process (addon gstreamer-superficial). Never use it in a worker thread.
 * Throws VideoError `decode` where an element of the pipeline is not installed, `sign-in` where the camera takes its
 * password in a way that GStreamer does not know.
 */
export function openSuperficial(stream: Stream, options: BackendOptions): FrameSource {
  return new SuperficialSource(stream, options);
}

interface Counters {
  decoded: number;
  passed: number;
}

class SuperficialSource implements FrameSource {
  readonly #stream: Stream;
  readonly #options: BackendOptions;
  readonly #launch: string;
  readonly #timeline = new Timeline();
  #pipeline: Pipeline;
  #governor: RateGovernor;
  #assembler: FrameAssembler;
  #ticker: NodeJS.Timeout;
  /** Counters of runs that are over; a looped file has many. */
  #before: Counters = { decoded: 0, passed: 0 };
  #last: Counters = { decoded: 0, passed: 0 };
  #delivered = 0;
  #startedAt = 0;
  #progressAt = 0;
  /** Ticks since the last frame; not a time, because while the event loop stands still no frame can come. */
  #silentTicks = 0;
  #ended = false;
  #restarting: Promise<void> | undefined;
  #released: Promise<void> | undefined;
  #error: Fault | undefined;
  #onReason: () => void = () => {};

  constructor(stream: Stream, options: BackendOptions) {
    this.#stream = stream;
    this.#options = options;
    if (onlyRelaySignsIn(stream)) {
      throw new VideoError(
        'sign-in',
        'the camera takes its password with SHA-256 only, which a process of its own can',
      );
    }
    this.#launch = launchText(stream.kind === 'file' ? { kind: 'file' } : stream, options.pictures);
    this.#assembler = new FrameAssembler(options.pictures);
    this.#governor = new RateGovernor(options.rate, stream.kind === 'rtsp' ? stream.expectedFps : undefined);
    try {
      this.#pipeline = Pipeline.acquire(this.#launch);
    } catch (error) {
      throw new VideoError('decode', `video cannot be decoded here: ${printable(faultOf(error).message)}`);
    }
    this.#ticker = setInterval(() => this.#tick(), tickMs);
    this.#start();
  }

  stats(): SourceStats {
    const { decoded, passed } = this.#counters();
    const { streamFps } = this.#governor;
    return {
      decoded,
      delivered: this.#delivered,
      dropped: Math.max(0, passed - this.#delivered - inFlight),
      ...(streamFps === undefined ? {} : { streamFps }),
    };
  }

  async stop(): Promise<void> {
    this.#finish();
    await this.#restarting;
    await this.#release();
  }

  #start(): void {
    const pipeline = this.#pipeline;
    this.#assembler = new FrameAssembler(this.#options.pictures);
    this.#governor.restart();
    this.#timeline.restart();
    this.#error = undefined;
    this.#last = { decoded: 0, passed: 0 };
    this.#startedAt = this.#progressAt = performance.now();
    this.#silentTicks = 0;
    this.#locate();
    this.#setRate();
    pipeline.play((message) => this.#receive(message));
    this.#pull(pipeline.element<GstAppSink>('out'));
  }

  #locate(): void {
    const src = this.#pipeline.element('src');
    if (this.#stream.kind === 'file') {
      src['location'] = this.#stream.path;
      return;
    }
    const { address } = this.#stream;
    src['location'] = address.location;
    src['user-id'] = address.user ?? '';
    src['user-pw'] = address.password ?? '';
  }

  #setRate(): void {
    const { framesPerSecond, averaging } = this.#governor.setting;
    const numerator = Math.round(framesPerSecond * 1000);
    this.#pipeline.element('rate')['average-period'] = averaging ? 1e9 : 0;
    this.#pipeline.element('ratecaps')['caps'] = `video/x-raw,framerate=(fraction)${numerator}/1000`;
  }

  #pull(sink: GstAppSink): void {
    const pipeline = this.#pipeline;
    pipeline.pull(sink, (data, streamHeaders) => {
      if (pipeline !== this.#pipeline || this.#ended) return;
      if (!data) {
        void this.#reachEnd();
        return;
      }
      // First, so that an error thrown by whoever takes the frame does not end the stream.
      this.#pull(sink);
      this.#take(data, streamHeaders);
    });
  }

  #take(data: Buffer, streamHeaders: unknown): void {
    const { frame, resize } = this.#assembler.push(data, streamHeaders);
    resize?.forEach((size, index) => {
      this.#pipeline.element(`size${index}`)['caps'] = exactCaps(size);
    });
    if (!frame) return;
    this.#delivered += 1;
    this.#silentTicks = 0;
    const pts = frame.pts ?? (performance.now() - this.#startedAt) * 1e6;
    this.#options.onFrame({ ...frame, pts: this.#timeline.place(pts), time: Date.now() });
  }

  /** Counters of all runs; those of the present one are GStreamer's, and stand still once it is stopped. */
  #counters(): Counters {
    if (!this.#ended && !this.#restarting) {
      const rate = this.#pipeline.element('rate');
      this.#last = { decoded: Number(rate['in']), passed: Number(rate['out']) };
    }
    return { decoded: this.#before.decoded + this.#last.decoded, passed: this.#before.passed + this.#last.passed };
  }

  #tick(): void {
    if (this.#restarting) return;
    const seen = this.#last.decoded;
    this.#counters();
    const now = performance.now();
    const { decoded, passed } = this.#last;
    if (decoded > seen) this.#progressAt = now;
    if (this.#governor.observe({ at: now, decoded, passed })) this.#setRate();

    if (decoded > 0) this.#silentTicks += 1;
    const fault = lostPatience({
      kind: this.#stream.kind,
      decoded,
      waited: now - this.#progressAt,
      silent: this.#silentTicks * tickMs,
      streamFps: this.#governor.streamFps,
      framesPerSecond: this.#governor.setting.framesPerSecond,
    });
    if (fault) this.#fail(fault);
  }

  #receive(message: BusMessage): void {
    if (message.type === 'error') {
      this.#error ??= this.#stream.kind === 'file' ? emptyFile : streamFault(message, this.#delivered > 0);
      this.#onReason();
      // An error in a branch does not always end the pictures; nothing good comes after one.
      if (!this.#ended) this.#fail(this.#error);
    } else if (message.type === 'eos') {
      this.#onReason();
    }
  }

  /** The appsink has nothing more to give: a file is over, or a camera has gone. The bus may know why. */
  async #reachEnd(): Promise<void> {
    if (!this.#error) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, reasonMs);
        this.#onReason = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (this.#ended) return;
    if (this.#stream.kind === 'file') this.#restarting = this.#playOver();
    else this.#fail({ code: 'lost', message: 'the camera ended the stream' });
  }

  async #playOver(): Promise<void> {
    const { decoded, passed } = this.#counters();
    if (this.#last.decoded === 0) {
      this.#fail(emptyFile);
      return;
    }
    await this.#release();
    const early = shortestLoopMs - (performance.now() - this.#startedAt);
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    this.#before = { decoded, passed };
    this.#last = { decoded: 0, passed: 0 };
    this.#restarting = undefined;
    if (this.#ended) return;
    this.#pipeline = Pipeline.acquire(this.#launch);
    this.#released = undefined;
    this.#start();
  }

  #fail(reason: Fault): void {
    if (this.#ended) return;
    this.#finish();
    void this.#release();
    this.#options.onEnd(reason);
  }

  /** Gives the pipeline back, once: after that it may be at work for another camera. */
  #release(): Promise<void> {
    this.#released ??= this.#pipeline.stop();
    return this.#released;
  }

  #finish(): void {
    if (this.#ended) return;
    this.#counters();
    this.#ended = true;
    clearInterval(this.#ticker);
  }
}
