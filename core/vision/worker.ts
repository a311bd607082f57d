import { type Feed, feedsOpened, openFeed, probeStream } from '../../drivers/video/feed.ts';
import type { VideoFrame } from '../../drivers/video/frame.ts';
import { cropI420, encodeRgb, JpegEncoder } from '../../drivers/video/jpeg.ts';
import { Turns } from '../concurrency.ts';
import { type Joined, joinSupervisor } from '../processes/child.ts';
import { CameraRunner, pictureId, type RunnerEvents, type RunningStage } from './camera-runner.ts';
import { CaptureDesk } from './capture-desk.ts';
import { CaptureQueue, MAX_BACKLOG } from './capture-queue.ts';
import type { DescriberInstance } from './describer.ts';
import type { Box, CameraLoad, CameraPlan, CameraStatus, OverlayBox } from './keys.ts';
import { withBlame } from './load.ts';
import { ProcessorWait } from './processor-wait.ts';
import type {
  FromWorker,
  PlannedCamera,
  PlannedDescriber,
  PlannedStage,
  ToWorker,
  WorkerSettings,
} from './protocol.ts';
import { stuckText } from './quarantine.ts';
import { Shelf, type ShelfEvents } from './shelf.ts';
import type { CameraContext, StageInstance } from './stage.ts';
import { nextRunner } from './turns.ts';

/**
 * The vision worker: decodes cameras and runs stages over their frames. It is a child of the core, holds nothing that
 * must survive it, and ends when the core's socket closes.
 */

/** The picture pages watch; face detectors usually look at the same size, and then it costs nothing more. */
const LIVE_SIZE = { width: 640, height: 640 };
const LIVE_QUALITY = 75;
const FRAME_QUALITY = 85;
const CROP_QUALITY = 90;
/** Snapshots that are encoded at once; the encoder takes more pictures. */
const MOST_SNAPSHOTS = 4;
/** When it stops, the worker waits so long for captures to be out of it, ms. */
const LEAVING_MS = 1_000;
/** The addon never frees a pipeline: each one made holds a few handles and some MB. Past this the worker asks for another. */
const MAX_PIPELINES = 400;

class VisionWorker {
  readonly #channel: Joined<FromWorker, ToWorker>['channel'];
  readonly #doing: Joined<FromWorker, ToWorker>['doing'];
  readonly #encoder = new JpegEncoder();
  readonly #runners = new Map<number, CameraRunner>();
  /** Cameras that were taken away and have last turns to come. */
  readonly #leaving = new Set<CameraRunner>();
  readonly #planned = new Map<number, string>();
  readonly #watched = new Map<number, { boxes: boolean; picture: boolean }>();
  readonly #encoding = new Set<number>();
  readonly #snapshots = new Turns(MOST_SNAPSHOTS);
  readonly #frames = new WeakMap<VideoFrame, Promise<Uint8Array>>();
  readonly #captures: CaptureQueue;
  readonly #failures = new Map<string, number>();
  #settings: WorkerSettings | undefined;
  #stages: Shelf<PlannedStage, StageInstance> | undefined;
  #describers: Shelf<PlannedDescriber, DescriberInstance> | undefined;
  #desk: CaptureDesk | undefined;
  #work: Promise<void> = Promise.resolve();
  #loads: ReadonlyMap<number, CameraLoad> = new Map();
  readonly #processorWait = new ProcessorWait();
  #turns = 0;
  #turnBegan: number | undefined;
  #wake: (() => void) | undefined;
  #stopping = false;

  constructor({ channel, doing }: Joined<FromWorker, ToWorker>) {
    this.#channel = channel;
    this.#doing = doing;
    this.#captures = new CaptureQueue(channel);
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
        this.#fillShelves(message.settings);
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

  #fillShelves(settings: WorkerSettings): void {
    const events: ShelfEvents = {
      doing: (what) => this.#doing.write(what),
      failed: (stage, reason) => this.#channel.send({ type: 'stage-failed', stage, reason }),
      log: (level, id, fields, text) => this.#log(level, id, fields, text),
    };
    this.#stages = new Shelf(settings.stages, settings, events);
    this.#describers = new Shelf(settings.describers, settings, events);
    this.#desk = new CaptureDesk(this.#captures, this.#describers);
  }

  async #setCameras(cameras: PlannedCamera[]): Promise<void> {
    const wanted = new Map(cameras.map((camera) => [camera.plan.channel, camera]));
    const gone = [...this.#runners.keys()].filter((channel) => {
      const camera = wanted.get(channel);
      return !camera || this.#planned.get(channel) !== runningAs(camera);
    });
    await Promise.all(gone.map((channel) => this.#takeAway(channel)));
    for (const [channel, camera] of wanted) {
      if (this.#runners.has(channel)) continue;
      try {
        this.#runners.set(channel, await this.#startCamera(camera));
        this.#planned.set(channel, runningAs(camera));
      } catch (error) {
        // One camera that cannot be started must not cost those after it.
        this.#log('error', 'vision', { channel, reason: (error as Error).message }, 'a camera could not be started');
      }
    }
  }

  /**
   * Ends a camera. Its last turns are had from the loop as well: one that never comes to an end is noticed there.
   * @param atOnce of what is left to do, only the captures of those who are seen now
   */
  async #takeAway(channel: number, atOnce = false): Promise<void> {
    const runner = this.#runners.get(channel);
    if (!runner) return;
    this.#runners.delete(channel);
    this.#planned.delete(channel);
    this.#leaving.add(runner);
    const closed = runner.close(atOnce);
    this.#wake?.();
    await closed;
    this.#wake?.();
    await runner.finished();
    this.#leaving.delete(runner);
  }

  async #startCamera({ plan, stages, describers }: PlannedCamera): Promise<CameraRunner> {
    if (!this.#desk) throw new Error('the worker is not set up');
    const describing = await this.#desk.openFor(describers, plan, {
      failed: (describer, error) => this.#stageFailed(plan.channel, describer, error),
      doing: (describer) => this.#doing.write(stuckText({ stage: describer, channel: plan.channel })),
    });
    const context: Omit<CameraContext, 'tell'> = {
      plan,
      capture: (observation, shot) => {
        const origin = plan.origin ? { origin: plan.origin } : {};
        describing.add({ ...observation, channel: plan.channel, ...origin }, shot);
      },
      watched: () => this.#watched.has(plan.channel),
      glimpse: (face, shot) => {
        const origin = plan.origin ? { origin: plan.origin } : {};
        return describing.look(shot, (description) => {
          if (this.#channel.backlog >= MAX_BACKLOG) return;
          this.#channel.send({ type: 'glimpse', glimpse: { ...face, channel: plan.channel, ...origin }, description });
        });
      },
      shot: (frame, subject) => describing.shot(frame, subject),
      encodeFrame: (frame) => this.#encodeFrame(frame),
      encodeCrop: (frame, box, maxSize) => this.#encodeCrop(frame, box, maxSize),
    };
    const running: RunningStage[] = [];
    for (const id of stages) {
      const made = await this.#stages?.get(id);
      if (!made) continue;
      const { instance, planned } = made;
      const own: CameraContext = { ...context, tell: (event, payload) => this.#tell(planned, event.id, payload) };
      try {
        running.push({ planned, stage: instance.camera(own) });
      } catch (error) {
        // The camera's other stages run, as far as they do without this one.
        const reason = (error as Error).message;
        this.#channel.send({ type: 'stage-failed', stage: id, channel: plan.channel, reason });
      }
    }
    const events: RunnerEvents = {
      analysed: (frame, overlay) => this.#show(plan.channel, frame, overlay),
      stageFailed: (stage, error) => this.#stageFailed(plan.channel, stage, error),
      doing: (stage) => this.#doing.write(stage ? stuckText({ stage, channel: plan.channel }) : ''),
      status: (status) => this.#sendStatus(plan, status),
    };
    const runner = new CameraRunner(plan, running, events, describing);
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
      ...(plan.backend ? { backend: plan.backend } : {}),
      filesFolder: plan.filesFolder ?? this.#settings?.clipFolder ?? '',
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
      onBackend: ({ backend, reason }) =>
        this.#log(
          'info',
          'vision',
          { channel: plan.channel, backend, reason: reason.message },
          'a camera is decoded otherwise now',
        ),
    });
  }

  /** Gives cameras their turns, one after another; an inference blocks the process, so there is one loop. */
  async #loop(): Promise<void> {
    for (;;) {
      const runner = nextRunner([...this.#runners.values(), ...this.#leaving]);
      if (!runner) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      this.#turns += 1;
      runner.lastTurn = this.#turns;
      this.#turnBegan = performance.now();
      try {
        await runner.turn();
      } catch (error) {
        // Stages have their own net; this is for what stands between them, and no camera may stop the others' turns.
        this.#log('error', 'vision', { channel: runner.plan.channel, err: String(error) }, 'a turn failed');
      }
      this.#turnBegan = undefined;
      // Lets frames, messages and timers in between two inferences.
      await new Promise((resolve) => setImmediate(resolve));
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
      // It may be somebody's best moment: when the encoder was busy once, it must not stay without a picture.
      jpeg.catch(() => this.#frames.delete(frame));
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
      'a stage or describer failed on a picture',
    );
  }

  async #snapshot(request: number, channel: number): Promise<void> {
    try {
      // However many ask, captures find room at the encoder.
      const [frame, blobs] = await this.#snapshots.take(async () => {
        const newest = this.#runners.get(channel)?.newest;
        return [newest, newest ? [await this.#encodeFrame(newest)] : []] as const;
      });
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
    // Where there are too many pictures to encode, what was found out is told without one.
    const jpeg = frame && (await this.#encoder.encode(frame.full, FRAME_QUALITY).catch(() => undefined));
    this.#channel.send({ type: 'probe', request, result }, jpeg ? [jpeg] : []);
  }

  #beat(): void {
    const loads = [...this.#runners].flatMap(([channel, runner]) => {
      const load = runner.load();
      return load ? [[channel, load] as const] : [];
    });
    this.#loads = withBlame(new Map(loads), this.#processorWait.read(performance.now()));
    for (const runner of this.#runners.values()) this.#sendStatus(runner.plan, runner.status());
    this.#captures.flush();
    // A beat says that turns come to an end, not only that timers run.
    const turnMs = this.#turnBegan === undefined ? 0 : performance.now() - this.#turnBegan;
    if (turnMs > (this.#settings?.turnMs ?? Number.POSITIVE_INFINITY)) return;
    const pipelines = feedsOpened();
    this.#channel.send({
      type: 'beat',
      residentBytes: process.memoryUsage.rss(),
      ...(pipelines > MAX_PIPELINES ? { renew: `${pipelines} pipelines were opened` } : {}),
      capturesDropped: this.#captures.dropped,
    });
  }

  #sendStatus({ url }: CameraPlan, status: CameraStatus): void {
    const load = status.state === 'online' ? this.#loads.get(status.channel) : undefined;
    this.#channel.send({ type: 'status', status: { ...status, ...(load ? { load } : {}) }, url });
  }

  #log(level: 'info' | 'warn' | 'error', module: string, fields: object, message: string): void {
    this.#channel.send({ type: 'log', level, module, fields, message });
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    await Promise.all([...this.#runners.keys()].map((channel) => this.#takeAway(channel, true)));
    await this.#captures.left(LEAVING_MS);
    await this.#stages?.close();
    await this.#describers?.close();
    await this.#encoder.close();
    this.#channel.close();
  }
}

/** What a camera must be started anew for: it is none when it is called otherwise. */
function runningAs({ plan, ...rest }: PlannedCamera): string {
  const { name: _, ...running } = plan;
  return JSON.stringify({ plan: running, ...rest });
}

const joined = joinSupervisor<FromWorker, ToWorker>((message) => worker.received(message));
const worker = new VisionWorker(joined);
