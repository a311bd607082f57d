import { connect } from 'node:net';
import { backendOf, type Feed, feedsOpened, openFeed, probeStream } from '../../drivers/video/feed.ts';
import type { VideoFrame } from '../../drivers/video/frame.ts';
import { cropI420, encodeRgb, JpegEncoder } from '../../drivers/video/jpeg.ts';
import { CameraRunner, pictureId, type RunningStage } from './camera-runner.ts';
import { MessageChannel } from './channel.ts';
import type { Box, OverlayBox } from './keys.ts';
import type { FromWorker, PlannedCamera, PlannedStage, ToWorker, WorkerSettings } from './protocol.ts';
import type { CameraContext, StageInstance, StageModule } from './stage.ts';

/**
 * The vision worker: decodes cameras and runs stages over their frames. It is a child of the core, holds nothing that
 * must survive it, and ends when the core's socket closes.
 */

/** The picture pages watch; face detectors usually look at the same size, and then it costs nothing more. */
const LIVE_SIZE = { width: 640, height: 640 };
const LIVE_QUALITY = 75;
const FRAME_QUALITY = 85;
const CROP_QUALITY = 90;
/** Captures the core has not taken yet beyond this wait here; the oldest are dropped and counted. */
const MAX_BACKLOG = 32 * 1024 * 1024;
const MAX_WAITING_CAPTURES = 200;

/** A stage that stands, with its plan. */
interface Made {
  instance: StageInstance;
  planned: PlannedStage;
}

type Capture = { message: FromWorker; blobs: Uint8Array[] };

class VisionWorker {
  readonly #channel: MessageChannel<FromWorker, ToWorker>;
  readonly #encoder = new JpegEncoder();
  readonly #runners = new Map<number, CameraRunner>();
  readonly #planned = new Map<number, string>();
  readonly #watched = new Map<number, { boxes: boolean; picture: boolean }>();
  readonly #encoding = new Set<number>();
  readonly #frames = new WeakMap<VideoFrame, Promise<Uint8Array>>();
  readonly #waitingCaptures: Capture[] = [];
  readonly #failures = new Map<string, number>();
  readonly #instances = new Map<string, Promise<Made | undefined>>();
  #settings: WorkerSettings | undefined;
  #work: Promise<void> = Promise.resolve();
  #capturesDropped = 0;
  #wake: (() => void) | undefined;
  #stopping = false;

  constructor(channel: MessageChannel<FromWorker, ToWorker>) {
    this.#channel = channel;
    setInterval(() => this.#beat(), 1_000);
  }

  /** Messages are handled one after another: cameras may only come when the stages stand. */
  received(message: ToWorker): void {
    this.#work = this.#work.then(async () => {
      try {
        await this.#handle(message);
      } catch (error) {
        this.#log('error', 'vision', { reason: (error as Error).message }, `${message.type} failed`);
      }
    });
  }

  async #handle(message: ToWorker): Promise<void> {
    switch (message.type) {
      case 'setup':
        this.#settings = message.settings;
        void this.#loop();
        return;
      case 'cameras':
        await this.#setCameras(message.cameras);
        return;
      case 'watch':
        if (message.boxes) this.#watched.set(message.channel, message);
        else this.#watched.delete(message.channel);
        return;
      case 'snapshot':
        // Not waited for: a slow encoder must not hold up what the core says next.
        void this.#snapshot(message.request, message.channel);
        return;
      case 'probe':
        void this.#probe(message);
        return;
      case 'stop':
        await this.stop();
    }
  }

  /** Makes a stage when the first camera wants it; undefined for one that cannot be made, which the core is told. */
  #instance(id: string): Promise<Made | undefined> {
    const known = this.#instances.get(id);
    if (known) return known;
    const made = this.#make(id).catch((error: Error) => {
      this.#channel.send({ type: 'stage-failed', stage: id, reason: error.message });
      return undefined;
    });
    this.#instances.set(id, made);
    return made;
  }

  async #make(id: string): Promise<Made | undefined> {
    const planned = this.#settings?.stages.find((stage) => stage.id === id);
    if (!planned) return undefined;
    const module = ((await import(planned.module)) as { default: StageModule }).default;
    const instance = await module.create({
      id,
      options: planned.options,
      ...(planned.model ? { model: planned.model } : {}),
      threads: this.#settings?.threads ?? 1,
      log: {
        info: (fields, text) => this.#log('info', id, fields, text),
        warn: (fields, text) => this.#log('warn', id, fields, text),
      },
    });
    return { instance, planned };
  }

  async #setCameras(cameras: PlannedCamera[]): Promise<void> {
    const wanted = new Map(cameras.map((camera) => [camera.plan.channel, camera]));
    for (const [channel, runner] of this.#runners) {
      const camera = wanted.get(channel);
      if (camera && this.#planned.get(channel) === JSON.stringify(camera)) continue;
      this.#runners.delete(channel);
      this.#planned.delete(channel);
      await runner.stop();
    }
    for (const [channel, camera] of wanted) {
      if (this.#runners.has(channel)) continue;
      try {
        this.#runners.set(channel, await this.#startCamera(camera));
        this.#planned.set(channel, JSON.stringify(camera));
      } catch (error) {
        // One camera that cannot be started must not cost those after it.
        this.#log('error', 'vision', { channel, reason: (error as Error).message }, 'a camera could not be started');
      }
    }
  }

  async #startCamera({ plan, stages }: PlannedCamera): Promise<CameraRunner> {
    const context: Omit<CameraContext, 'tell'> = {
      plan,
      capture: ({ crop, frame, ...rest }) =>
        this.#capture({
          message: { type: 'capture', capture: { ...rest, channel: plan.channel } },
          blobs: [crop, frame],
        }),
      encodeFrame: (frame) => this.#encodeFrame(frame),
      encodeCrop: (frame, box, maxSize) => this.#encodeCrop(frame, box, maxSize),
    };
    const running: RunningStage[] = [];
    for (const id of stages) {
      const made = await this.#instance(id);
      if (!made) continue;
      const { instance, planned } = made;
      const own: CameraContext = { ...context, tell: (event, payload) => this.#tell(planned, event.id, payload) };
      running.push({ planned, stage: instance.camera(own) });
    }
    const runner = new CameraRunner(plan, running, {
      analysed: (frame, overlay) => this.#show(plan.channel, frame, overlay),
      stageFailed: (stage, error) => this.#stageFailed(plan.channel, stage, error),
      status: (status) => this.#channel.send({ type: 'status', status }),
    });
    const sizes = new Map([[pictureId(LIVE_SIZE), LIVE_SIZE]]);
    for (const { planned } of running) if (planned.picture) sizes.set(pictureId(planned.picture), planned.picture);
    runner.feed = this.#openFeed(plan, sizes, runner);
    return runner;
  }

  #openFeed(
    plan: PlannedCamera['plan'],
    sizes: Map<string, { width: number; height: number }>,
    runner: CameraRunner,
  ): Feed {
    return openFeed({
      url: plan.url,
      transport: plan.transport,
      backend: backendOf(plan.backend),
      filesFolder: this.#settings?.clipFolder ?? '',
      pictures: [...sizes].map(([id, size]) => ({ id, ...size })),
      rate: plan.frameInterval ? { everyNth: plan.frameInterval } : { perSecond: this.#settings?.analysisRate ?? 5 },
      onFrame: (frame) => {
        runner.offer(frame);
        this.#wake?.();
      },
      onState: (state, reason) => {
        runner.stateChanged(state, reason);
        this.#wake?.();
      },
    });
  }

  /** Gives each camera its turn, one after another; an inference blocks the process, so there is one loop. */
  async #loop(): Promise<void> {
    while (!this.#stopping) {
      let worked = false;
      for (const runner of [...this.#runners.values()]) {
        if (!runner.ready || this.#stopping) continue;
        worked = true;
        await runner.turn();
        // Lets frames, messages and timers in between two inferences.
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (worked) continue;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if ([...this.#runners.values()].some((runner) => runner.ready)) resolve();
      });
    }
  }

  #show(channel: number, frame: VideoFrame, overlay: OverlayBox[]): void {
    const watched = this.#watched.get(channel);
    if (!watched) return;
    const live = { channel, time: frame.time, width: frame.width, height: frame.height, overlay };
    const picture = frame.pictures.get(pictureId(LIVE_SIZE));
    if (!watched.picture || !picture) {
      this.#channel.send({ type: 'frame', frame: live });
      return;
    }
    if (this.#encoding.has(channel) || this.#channel.backlog > MAX_BACKLOG) return;
    this.#encoding.add(channel);
    encodeRgb(picture, LIVE_QUALITY)
      .then((jpeg) => this.#channel.send({ type: 'frame', frame: live }, [jpeg]))
      .catch((error: Error) => this.#log('warn', 'vision', { reason: error.message }, 'live picture failed'))
      .finally(() => this.#encoding.delete(channel));
  }

  #encodeFrame(frame: VideoFrame): Promise<Uint8Array> {
    let jpeg = this.#frames.get(frame);
    if (!jpeg) {
      jpeg = this.#encoder.encode(frame.full, FRAME_QUALITY);
      this.#frames.set(frame, jpeg);
    }
    return jpeg;
  }

  #encodeCrop(frame: VideoFrame, box: Box, maxSize?: number): Promise<Uint8Array> {
    const [x, y, right, bottom] = box;
    const region = { x, y, width: right - x, height: bottom - y };
    return encodeRgb(cropI420(frame.full, region, maxSize === undefined ? {} : { maxSize }), CROP_QUALITY);
  }

  #tell(planned: PlannedStage, event: string, payload: unknown): void {
    if (!planned.tells.includes(event))
      throw new Error(`stage "${planned.id}" does not declare that it tells ${event}`);
    if (this.#channel.backlog < MAX_BACKLOG) this.#channel.send({ type: 'event', stage: planned.id, event, payload });
  }

  #capture(capture: Capture): void {
    this.#waitingCaptures.push(capture);
    if (this.#waitingCaptures.length > MAX_WAITING_CAPTURES) {
      this.#waitingCaptures.shift();
      this.#capturesDropped += 1;
    }
    this.#flushCaptures();
  }

  #flushCaptures(): void {
    while (this.#waitingCaptures.length > 0 && this.#channel.backlog < MAX_BACKLOG) {
      const next = this.#waitingCaptures.shift();
      if (next) this.#channel.send(next.message, next.blobs);
    }
  }

  #stageFailed(channel: number, stage: string, error: Error): void {
    const key = `${stage}: ${error.message}`;
    const times = (this.#failures.get(key) ?? 0) + 1;
    if (this.#failures.size > 1_000) this.#failures.clear();
    this.#failures.set(key, times);
    // The first time, and then ever more rarely: a stage that fails on each frame must not fill the log.
    if (Math.log2(times) % 1 !== 0) return;
    this.#log(
      'error',
      stage,
      { channel, times, reason: error.message, stack: error.stack },
      'a stage failed on a frame',
    );
  }

  async #snapshot(request: number, channel: number): Promise<void> {
    const frame = this.#runners.get(channel)?.newest;
    try {
      const blobs = frame ? [await this.#encodeFrame(frame)] : [];
      const { time, width, height } = frame ?? { time: 0, width: 0, height: 0 };
      this.#channel.send({ type: 'snapshot', request, time, width, height }, blobs);
    } catch (error) {
      this.#log('warn', 'vision', { channel, reason: (error as Error).message }, 'snapshot failed');
      this.#channel.send({ type: 'snapshot', request, time: 0, width: 0, height: 0 });
    }
  }

  async #probe({ request, url, transport }: { request: number; url: string; transport: 'tcp' | 'udp' }): Promise<void> {
    const { frame, ...result } = await probeStream({
      url,
      transport,
      filesFolder: this.#settings?.clipFolder ?? '',
    });
    const blobs = frame ? [await this.#encoder.encode(frame.full, FRAME_QUALITY)] : [];
    this.#channel.send({ type: 'probe', request, result }, blobs);
  }

  #beat(): void {
    for (const runner of this.#runners.values()) this.#channel.send({ type: 'status', status: runner.status() });
    this.#flushCaptures();
    this.#channel.send({
      type: 'beat',
      residentBytes: process.memoryUsage.rss(),
      pipelinesOpened: feedsOpened(),
      capturesDropped: this.#capturesDropped,
    });
  }

  #log(level: 'info' | 'warn' | 'error', module: string, fields: object, message: string): void {
    this.#channel.send({ type: 'log', level, module, fields, message });
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#wake?.();
    await Promise.all([...this.#runners.values()].map((runner) => runner.stop()));
    for (const made of this.#instances.values()) await (await made)?.instance.close?.();
    await this.#encoder.close();
    this.#flushCaptures();
    this.#channel.close();
  }
}

const socketPath = process.env['GATEHOUSE_WORKER_SOCKET'];
const token = process.env['GATEHOUSE_WORKER_TOKEN'];
if (!socketPath || !token) {
  process.stderr.write('the vision worker is started by the core, not by hand\n');
  process.exit(2);
}
const socket = connect(socketPath);
const channel = new MessageChannel<FromWorker, ToWorker>(socket, (message) => worker.received(message));
const worker = new VisionWorker(channel);
channel.send({ type: 'hello', token });
// SIGKILL: process.exit() waits for GStreamer pulls that may never come back.
socket.on('close', () => process.kill(process.pid, 'SIGKILL'));
socket.on('error', () => socket.destroy());
// The core decides when the worker stops; a Ctrl-C on the terminal reaches both.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
