import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { FrameAssembler } from './assembler.ts';
import { emptyFile, type Fault, faultOf, printable, streamFault } from './fault.ts';
import { parseBranchCaps, readGdpBuffer, readGdpCaps } from './gdp.ts';
import { GdpReader } from './gdp-reader.ts';
import { childLaunchWords, decodedBranch, fileUri, passedBranch } from './launch.ts';
import { lostPatience, shortestLoopMs, tickMs } from './patience.ts';
import { RateGovernor } from './rate.ts';
import { openRelay, type RtspRelay } from './rtsp-relay.ts';
import { signalChild } from './signal.ts';
import type { BackendOptions, FrameSource, SourceStats, Stream } from './source.ts';
import { Thinner } from './thinner.ts';
import { Timeline } from './timeline.ts';

/** How long a child may take to take leave of its camera. */
const leaveMs = 2000;
/** Frames that may be on their way between the pipeline's rate limit and us without being lost. */
const inFlight = 4;
const maxErrorText = 8192;

/**
 * Opens a stream with GStreamer in a child process (`gst-launch-1.0`), which hands the frames over through a pipe.
 * A child holds about 70 MB of memory, and a file needs a new one for each time through.
 *
 * The command line of a process can be read by everyone on the machine. So it holds neither address nor password of
 * a camera, but the address of a relay (rtsp-relay.ts); of a file it holds the percent-encoded path. The child ends
 * when this process does, because its pipe and its relay end with it.
 *
 * The rate of a running child cannot be changed. Too high a one is thinned out here; where a stream turns out to need
 * a higher one, its child is replaced once the stream's own rate is known.
 */
export function openGstLaunch(stream: Stream, options: BackendOptions): FrameSource {
  return new LaunchSource(stream, options);
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** One child at work: what it was told, and what came of it so far. */
interface Run {
  framesPerSecond: number;
  child?: Child;
  relay?: RtspRelay;
  /** Caps of the buffers that come next. */
  caps: Buffer | undefined;
  branch: number | undefined;
  errorText: string;
  decoded: number;
  passed: number;
  /** Time in the stream of the last frame decoded, milliseconds. */
  decodedTime: number | undefined;
  observedTime: number | undefined;
  startedAt: number;
  progressAt: number;
  silentTicks: number;
  gone: Promise<void>;
}

class LaunchSource implements FrameSource {
  readonly #stream: Stream;
  readonly #options: BackendOptions;
  readonly #governor: RateGovernor;
  readonly #thinner = new Thinner();
  readonly #timeline = new Timeline();
  readonly #ticker: NodeJS.Timeout;
  #assembler: FrameAssembler;
  #run: Run;
  #again: NodeJS.Timeout | undefined;
  #lastTick = performance.now();
  /** Children that have been told to go. */
  readonly #leaving = new Set<Promise<void>>();
  #decodedBefore = 0;
  #passedBefore = 0;
  #delivered = 0;
  #thinned = 0;
  #ended = false;

  constructor(stream: Stream, options: BackendOptions) {
    this.#stream = stream;
    this.#options = options;
    const expectedFps = stream.kind === 'rtsp' ? stream.expectedFps : undefined;
    this.#governor = new RateGovernor(options.rate, expectedFps);
    this.#assembler = new FrameAssembler(options.pictures, { stretches: true });
    this.#ticker = setInterval(() => this.#tick(), tickMs);
    const { framesPerSecond } = this.#governor.setting;
    // A stream that is said to be no faster than wanted is not limited at all: jitter would cost it frames.
    this.#run = this.#start(expectedFps && expectedFps <= framesPerSecond * 1.1 ? unlimited : framesPerSecond);
  }

  stats(): SourceStats {
    const { streamFps } = this.#governor;
    const passed = this.#passedBefore + this.#run.passed;
    return {
      decoded: this.#decodedBefore + this.#run.decoded,
      delivered: this.#delivered,
      dropped: Math.max(0, passed - this.#delivered - this.#thinned - inFlight),
      ...(streamFps === undefined ? {} : { streamFps }),
    };
  }

  async stop(): Promise<void> {
    this.#finish();
    this.#leave(this.#run);
    await Promise.all(this.#leaving);
  }

  #start(framesPerSecond: number): Run {
    const now = performance.now();
    const run: Run = {
      framesPerSecond,
      caps: undefined,
      branch: undefined,
      errorText: '',
      decoded: 0,
      passed: 0,
      decodedTime: undefined,
      observedTime: undefined,
      startedAt: now,
      progressAt: now,
      silentTicks: 0,
      gone: Promise.resolve(),
    };
    this.#assembler = new FrameAssembler(this.#options.pictures, { stretches: true });
    this.#governor.restart();
    this.#thinner.restart();
    this.#timeline.restart();
    run.gone = this.#launch(run).catch((error) => {
      if (run === this.#run) this.#fail(faultOf(error, 'decode'));
    });
    return run;
  }

  /** Starts the child and resolves once it is gone. */
  async #launch(run: Run): Promise<void> {
    const stream = this.#stream;
    if (stream.kind === 'rtsp') {
      run.relay = await openRelay(stream.address);
      if (this.#ended || run !== this.#run) {
        run.relay.close();
        return;
      }
    }
    const uri = stream.kind === 'rtsp' ? run.relay!.url : fileUri(stream.path);
    const words = childLaunchWords(stream, this.#options.pictures, { uri, framesPerSecond: run.framesPerSecond });
    // Its messages are read, so they must be in a known language and hold nothing of a debug level somebody set.
    const { GST_DEBUG: _, ...env } = process.env;
    const child = spawn('gst-launch-1.0', ['-q', ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, LC_ALL: 'C' },
    });
    run.child = child;
    const reader = new GdpReader();
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.#ended || run !== this.#run) return;
      try {
        for (const packet of reader.push(chunk)) this.#take(packet, run);
      } catch (error) {
        this.#fail(faultOf(error, 'decode'));
      }
    });
    child.stderr.setEncoding('latin1').on('data', (text: string) => {
      run.errorText = (run.errorText + text).slice(0, maxErrorText);
    });
    await new Promise<void>((resolve) => {
      child.on('error', () => {
        run.errorText ||= 'ERROR: pipeline could not be constructed: gst-launch-1.0 cannot be started';
        // Without a process there is nothing to wait for.
        if (child.pid === undefined) resolve();
      });
      child.on('close', () => resolve());
    });
    run.relay?.close();
    this.#reachEnd(run);
  }

  #take(packet: Buffer, run: Run): void {
    const text = readGdpCaps(packet);
    if (text !== undefined) {
      if (run.caps?.equals(packet)) return;
      run.caps = packet;
      run.branch = parseBranchCaps(text)?.branch;
      return;
    }
    if (run.branch !== decodedBranch && run.branch !== passedBranch) {
      const { frame } = this.#assembler.push(packet, run.caps);
      if (frame) this.#offer({ ...frame, pts: frame.pts ?? (performance.now() - run.startedAt) * 1e6 }, run);
      return;
    }
    const mark = readGdpBuffer(packet);
    if (!mark) return;
    if (run.branch === passedBranch) {
      run.passed += 1;
      return;
    }
    run.decoded += 1;
    run.progressAt = performance.now();
    run.decodedTime = mark.pts === undefined ? run.progressAt : mark.pts / 1e6;
  }

  #offer(frame: Omit<Parameters<BackendOptions['onFrame']>[0], 'time'>, run: Run): void {
    run.silentTicks = 0;
    const { framesPerSecond } = this.#governor.setting;
    const incoming = Math.min(run.framesPerSecond, this.#governor.streamFps ?? run.framesPerSecond);
    if (framesPerSecond < unlimited && !this.#thinner.wants(frame.pts, framesPerSecond, incoming)) {
      this.#thinned += 1;
      return;
    }
    this.#delivered += 1;
    const whole = { ...frame, pts: this.#timeline.place(frame.pts), time: Date.now() };
    // Later, so that an error thrown by whoever takes the frame does not end the stream.
    queueMicrotask(() => {
      if (!this.#ended) this.#options.onFrame(whole);
    });
  }

  #tick(): void {
    const run = this.#run;
    const now = performance.now();
    // While the event loop stood still nothing could be read: that time is not the stream's.
    const still = now - this.#lastTick - tickMs;
    if (still > tickMs) run.progressAt = Math.min(now, run.progressAt + still);
    this.#lastTick = now;
    if (this.#again) return;

    this.#measure(run);
    if (run !== this.#run) return;
    if (run.decoded > 0) run.silentTicks += 1;
    const fault = lostPatience({
      kind: this.#stream.kind,
      decoded: run.decoded,
      waited: now - run.progressAt,
      silent: run.silentTicks * tickMs,
      streamFps: this.#governor.streamFps,
      framesPerSecond: Math.min(run.framesPerSecond, this.#governor.setting.framesPerSecond),
    });
    if (fault) this.#fail(fault);
  }

  /** Measures the stream by its own times, which hold also for frames that were read late. */
  #measure(run: Run): void {
    const { decodedTime: at, observedTime: last } = run;
    if (at === undefined || at === last) return;
    run.observedTime = at;
    if (last !== undefined && at < last) this.#governor.restart();
    this.#governor.observe({ at, decoded: run.decoded, passed: run.passed });
    const { streamFps, setting } = this.#governor;
    if (streamFps === undefined) return;
    const wanted = setting.framesPerSecond;
    const tooTight = wanted === unlimited ? streamFps * 1.2 : wanted * 0.95;
    if (run.framesPerSecond >= tooTight) return;
    this.#leave(run);
    this.#startNext(wanted);
  }

  /** The child is gone by itself: a file is over, or a camera has gone, or something went wrong. */
  #reachEnd(run: Run): void {
    if (this.#ended || run !== this.#run) return;
    const said = readErrorText(run.errorText);
    if (said?.cannotStart) {
      this.#fail({ code: 'decode', message: `video cannot be decoded here: ${printable(said.message)}` });
    } else if (this.#stream.kind === 'file') {
      if (said || run.decoded === 0) this.#fail(emptyFile);
      else {
        const early = shortestLoopMs - (performance.now() - run.startedAt);
        this.#again = setTimeout(() => this.#startNext(run.framesPerSecond), Math.max(0, early));
      }
    } else {
      const ended: Fault = { code: 'lost', message: 'the camera ended the stream' };
      this.#fail(said ? streamFault(said, this.#delivered > 0) : ended);
    }
  }

  #startNext(framesPerSecond: number): void {
    this.#again = undefined;
    if (this.#ended) return;
    this.#decodedBefore += this.#run.decoded;
    this.#passedBefore += this.#run.passed;
    this.#run = this.#start(framesPerSecond);
  }

  #fail(reason: Fault): void {
    if (this.#ended) return;
    this.#finish();
    this.#leave(this.#run);
    this.#options.onEnd(reason);
  }

  /** Asks a child to end its session with the camera and go, and makes it go if it does not. */
  #leave(run: Run): void {
    const { child } = run;
    const timer = setTimeout(() => child && signalChild(child, 'SIGKILL'), leaveMs);
    if (child) signalChild(child, 'SIGINT');
    const leaving = run.gone.finally(() => {
      clearTimeout(timer);
      this.#leaving.delete(leaving);
    });
    this.#leaving.add(leaving);
  }

  #finish(): void {
    this.#ended = true;
    clearInterval(this.#ticker);
    clearTimeout(this.#again);
  }
}

/** The limit of a child that lets every frame through. */
const unlimited = 1000;

/** What gst-launch writes of an error; `cannotStart` where the pipeline itself could not be made. */
function readErrorText(text: string): { message: string; debug: string; cannotStart: boolean } | undefined {
  const broken = /^(?:WARNING: erroneous pipeline|ERROR: pipeline could not be constructed): (.*)/m.exec(text);
  if (broken) return { message: broken[1]!, debug: '', cannotStart: true };
  const error = /^ERROR: from element [^\n]*?: (.*)\n?([\s\S]*)/m.exec(text);
  return error ? { message: error[1]!, debug: error[2]!, cannotStart: false } : undefined;
}
