import { FrameAssembler } from './assembler.ts';
import { type Fault, faultOf, printable, VideoError } from './fault.ts';
import { type BusMessage, type GstAppSink, Pipeline } from './gst.ts';
import { exactCaps, launchText } from './launch.ts';
import { RateGovernor } from './rate.ts';
import type { BackendOptions, FrameSource, SourceStats, Stream } from './source.ts';
import { Timeline } from './timeline.ts';

const tickMs = 500;
/** A camera may wait for its next key frame, and some send one in ten seconds. */
const firstFrameMs = 12_000;
/** decodebin sometimes loses the error of a demuxer that gives up at once, and then stands still. */
const firstFileFrameMs = 5000;
const emptyFile: Fault = { code: 'decode', message: 'the file holds no video that can be decoded' };
const stallMs = 3000;
/** A stalled stream of less than a frame a second is given four frames' time, up to this. */
const longestStallMs = 15_000;
/** A stream that is decoded, but of which nothing comes through for so long, is given up. */
const silentMs = 15_000;
/** Frames that may be on their way between videorate and us without being lost. */
const inFlight = 3;
/** How long to wait, once the pictures have ended, for the bus to say why. */
const reasonMs = 500;
/** A file is not played over more often than this. */
const shortestLoopMs = 500;

/**
 * Opens a stream with GStreamer inside this process (addon gstreamer-superficial). Never use it in a worker thread.
 * Throws VideoError `decode` where an element of the pipeline is not installed.
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

    const waited = now - this.#progressAt;
    if (decoded === 0) {
      if (this.#stream.kind === 'file' && waited > firstFileFrameMs) this.#fail(emptyFile);
      else if (waited > firstFrameMs) this.#end('stalled', `no picture came within ${firstFrameMs / 1000} s`);
      return;
    }
    const { streamFps } = this.#governor;
    const patience = Math.min(longestStallMs, Math.max(stallMs, streamFps ? 4000 / streamFps : 0));
    if (waited > patience) this.#end('stalled', `no picture has come for ${Math.round(waited / 100) / 10} s`);
    this.#silentTicks += 1;
    const silence = Math.max(silentMs, 3000 / this.#governor.setting.framesPerSecond);
    if (this.#silentTicks * tickMs > silence)
      this.#end('decode', 'the stream is decoded, but no picture of it comes through');
  }

  #receive(message: BusMessage): void {
    if (message.type === 'error') {
      this.#error ??= this.#stream.kind === 'file' ? emptyFile : readBusError(message, this.#delivered > 0);
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
    else this.#end('lost', 'the camera ended the stream');
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

  #end(code: Fault['code'], message: string): void {
    this.#fail({ code, message });
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

/** Turns an error on the bus into a reason. What GStreamer says is kept short; it may quote the camera. */
function readBusError(message: BusMessage, hadFrames: boolean): Fault {
  const said = printable(message.message ?? 'unknown error', 60);
  const text = `${message.message ?? ''} ${message.debug ?? ''}`;
  if (/unauthorized|\b401\b/i.test(text)) {
    return { code: 'unauthorized', message: 'the camera rejects the user name or password' };
  }
  if (/not[- ]negotiated|no decoder|missing.*(plugin|decoder)|could not decode|no valid frames/i.test(text)) {
    return { code: 'decode', message: `the stream cannot be decoded (${said})` };
  }
  if (/could not receive any udp/i.test(text)) {
    return { code: 'timeout', message: 'no pictures arrive over UDP; a firewall may block them' };
  }
  if (hadFrames) return { code: 'lost', message: `the connection to the camera was lost (${said})` };
  return { code: 'protocol', message: `the stream could not be opened (${said})` };
}
