import type { Logger } from 'pino';
import { canBeInstalled, missingTask, missingTasks } from '../../models/install.ts';
import type { Bus } from '../events/bus.ts';
import type { Models } from '../model-watch.ts';
import type { Registry } from '../plugin/registry.ts';
import type { ProbeResult, StageReport, Vision, WorkerReport } from '../plugin/services.ts';
import { CHILD_LIMITS, type ChildEnd, type ChildEvents, type ChildLimits } from '../processes/child-supervisor.ts';
import { AwaitedCaptures } from './awaited-captures.ts';
import { wholeDescriptionSchema } from './describer.ts';
import { withDescribers } from './describer-plan.ts';
import {
  type CameraPlan,
  type CameraStatus,
  cameraStatusChanged,
  captureObserved,
  faceGlimpsed,
  type LiveFrame,
} from './keys.ts';
import { FrameTotals } from './metrics.ts';
import { declaredId, planStages, tasksOf, type VisionPlan } from './planner.ts';
import type { FromWorker } from './protocol.ts';
import { blamedBy, Quarantine } from './quarantine.ts';
import { stageReports } from './stage-reports.ts';
import { superviseWorker, type WorkerSupervisor } from './supervisor.ts';

const ANSWER_MS = 15_000;
/** Looking at an address takes 20 s at most, and its source may need a moment to stop. */
const PROBE_MS = 30_000;
const SETTLE_MS = 200;
/** Models are read and prepared while a stage is made: seconds on a small box. */
const CREATE_MS = 60_000;

export interface VisionOptions {
  models: Models;
  clipFolder: string;
  threads: number;
  analysisRate: number;
  bus: Bus;
  registry: () => Registry;
  log: Logger;
  /** What the health page shows has changed. */
  changed(): void;
  /** What the worker is held to, where not to the usual. */
  limits?: Partial<ChildLimits>;
  /** A stage has so long to be made, ms. */
  createMs?: number;
}

interface Watcher {
  picture: boolean;
  onFrame(frame: LiveFrame): void;
}

/** The core's side of vision: plans stages, tells the worker, and hands what it sees to the bus and to watchers. */
export class VisionService implements Vision {
  readonly #options: VisionOptions;
  readonly #supervisor: WorkerSupervisor;
  readonly #status = new Map<number, CameraStatus>();
  readonly #watchers = new Map<number, Set<Watcher>>();
  readonly #waiting = new Map<number, (message: FromWorker | undefined, blobs: Uint8Array[]) => void>();
  /** Why stages do not run, by stage, or by stage and channel where only that camera does without it. */
  readonly #failedStages = new Map<string, string>();
  readonly #quarantine = new Quarantine();
  readonly #awaited: AwaitedCaptures;
  /** Frames of each camera since the box started. */
  readonly frames = new FrameTotals();
  #cameras: CameraPlan[] = [];
  #plan: VisionPlan = { stages: [], describers: [], cameras: [], reports: [] };
  #endModels: (() => void) | undefined;
  #settling: NodeJS.Timeout | undefined;
  #rested: NodeJS.Timeout | undefined;
  #nextRequest = 1;
  #started = false;
  capturesDropped = 0;

  constructor(options: VisionOptions) {
    this.#options = options;
    this.#awaited = new AwaitedCaptures((capture) => options.bus.emit(captureObserved, capture));
    const events: ChildEvents<FromWorker> = {
      message: (message, blobs) => this.#received(message, blobs),
      up: () => this.#workerUp(),
      down: (end) => this.#workerDown(end),
    };
    this.#supervisor = superviseWorker(options.log, events, options.limits);
  }

  async start(): Promise<void> {
    this.#replan();
    await this.#supervisor.start(this.#settings());
    this.#started = true;
    this.#endModels = this.#options.models.onChange(() => this.stagesChanged());
  }

  async stop(): Promise<void> {
    this.#endModels?.();
    clearTimeout(this.#settling);
    clearTimeout(this.#rested);
    await this.#supervisor.stop();
    this.#awaited.releaseAll();
  }

  /** Stages of plugins have come or gone. */
  stagesChanged(): void {
    if (this.#settling) return;
    // A plugin set up anew takes its stages away and brings them back: only what is left of that counts.
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      this.#quarantine.clear();
      this.#replan();
      this.#apply();
    }, SETTLE_MS);
    this.#settling.unref();
  }

  setCameras(plans: CameraPlan[]): void {
    this.#forgetFaults(plans);
    this.#cameras = plans;
    const channels = new Set(plans.map((plan) => plan.channel));
    for (const channel of this.#status.keys()) {
      if (channels.has(channel)) continue;
      this.#status.delete(channel);
      this.frames.forget(channel);
    }
    this.#replan();
    this.#apply();
  }

  /** A camera that changes gets its stages anew; those that could not be made at all stay as they are. */
  #forgetFaults(plans: readonly CameraPlan[]): void {
    const kept = new Set(plans.map((plan) => JSON.stringify(plan)));
    const changed = this.#cameras.filter((plan) => !kept.has(JSON.stringify(plan)));
    for (const { channel } of changed) {
      for (const key of this.#failedStages.keys()) if (key.endsWith(` ${channel}`)) this.#failedStages.delete(key);
    }
  }

  status(channel: number): CameraStatus | undefined {
    return this.#status.get(channel);
  }

  stages(): StageReport[] {
    const fault = (stage: string, channel: number) =>
      this.#quarantine.reason(stage, channel, performance.now()) ??
      this.#failedStages.get(`${stage} ${channel}`) ??
      this.#failedStages.get(stage);
    return stageReports(this.#plan, fault, (channel) => this.#status.get(channel));
  }

  statuses(): CameraStatus[] {
    return [...this.#status.values()];
  }

  workers(): WorkerReport[] {
    return [this.#supervisor.report];
  }

  missingModels(): { task: string; message: string }[] {
    const { stages, describers } = this.#options.registry();
    const tasks = [...stages.values()].flatMap(({ definition }) => definition.model ?? []);
    // Captures do without describers: where nobody can install a model for one, nothing is missing.
    const more = [...describers.values()].flatMap(({ definition }) => tasksOf(definition)).filter(canBeInstalled);
    const needed = new Set([...tasks, ...more]);
    return missingTasks(this.#options.models.models, [...needed]).map((task) => ({ task, message: missingTask(task) }));
  }

  modelFaults(): string[] {
    return this.#options.models.faults;
  }

  async snapshot(channel: number) {
    const { message, blobs } = await this.#ask((request) => ({ type: 'snapshot', request, channel }));
    const [jpeg] = blobs;
    if (message?.type !== 'snapshot' || !jpeg) return undefined;
    return { jpeg, time: message.time, width: message.width, height: message.height };
  }

  async probe(url: string, transport: 'tcp' | 'udp'): Promise<ProbeResult> {
    const { message, blobs } = await this.#ask((request) => ({ type: 'probe', request, url, transport }), PROBE_MS);
    if (message?.type !== 'probe') {
      return { ok: false, code: 'busy', message: 'The vision worker did not answer. Try again in a few seconds.' };
    }
    return { ...message.result, ...(blobs[0] ? { jpeg: blobs[0] } : {}) };
  }

  watch(channel: number, picture: boolean, onFrame: (frame: LiveFrame) => void): () => void {
    const watcher: Watcher = { picture, onFrame };
    const watchers = this.#watchers.get(channel) ?? new Set();
    this.#watchers.set(channel, watchers.add(watcher));
    this.#tellWatched(channel);
    return () => {
      watchers.delete(watcher);
      this.#tellWatched(channel);
    };
  }

  // --- planning --------------------------------------------------------------------------------------------------

  #replan(): void {
    const { stages, describers } = this.#options.registry();
    const { models } = this.#options.models;
    const plan = planStages(this.#cameras, [...stages.values()], models, missingTask);
    this.#plan = withDescribers(plan, [...describers.values()], models, missingTask);
  }

  #apply(): void {
    if (!this.#started) return;
    // With other stages the worker is renewed and gets its cameras when it stands.
    this.#supervisor.configure(this.#settings(), 'other stages or models');
    this.#sendCameras();
    this.#options.changed();
  }

  /** Cameras with their stages and describers, but those that rest. */
  #sendCameras(): void {
    const now = performance.now();
    const cameras = this.#plan.cameras.map(({ plan, stages, describers }) => {
      const awake = (id: string) => this.#quarantine.reason(id, plan.channel, now) === undefined;
      return { plan, stages: stages.filter(awake), describers: describers.filter(awake) };
    });
    this.#supervisor.send({ type: 'cameras', cameras });
    clearTimeout(this.#rested);
    const end = this.#quarantine.nextEnd(now);
    if (end === undefined) return;
    this.#rested = setTimeout(() => this.#apply(), end - now);
    this.#rested.unref();
  }

  #settings() {
    const { threads, analysisRate, clipFolder, limits, createMs = CREATE_MS } = this.#options;
    const turnMs = limits?.silenceMs ?? CHILD_LIMITS.silenceMs;
    const { stages, describers } = this.#plan;
    return { stages, describers, threads, analysisRate, clipFolder, createMs, turnMs };
  }

  // --- the worker ------------------------------------------------------------------------------------------------

  #workerUp(): void {
    this.#failedStages.clear();
    this.#sendCameras();
    for (const channel of this.#watchers.keys()) this.#tellWatched(channel);
    this.#options.changed();
  }

  #workerDown({ reason: how, renewed, ...end }: ChildEnd): void {
    this.#awaited.releaseAll();
    const stuck = blamedBy(end);
    if (stuck && this.#quarantine.strike(stuck, how, performance.now())) {
      this.#options.log.error({ module: 'vision', ...stuck, reason: how }, 'a stage is left out for a while');
    }
    const reason = renewed ? 'the vision worker is being renewed' : `the vision worker ended (${how})`;
    for (const answer of [...this.#waiting.values()]) answer(undefined, []);
    for (const [channel, status] of this.#status) {
      if (status.state === 'connecting') continue;
      const { load: _, ...rest } = status;
      const next: CameraStatus = {
        ...rest,
        state: 'connecting',
        reason: { code: 'worker', message: reason },
        since: Date.now(),
        analysedFps: 0,
      };
      this.#status.set(channel, next);
      this.#options.bus.emit(cameraStatusChanged, next);
    }
    this.#options.changed();
  }

  #received(message: FromWorker, blobs: Uint8Array[]): void {
    switch (message.type) {
      case 'status':
        if (this.#isOf(message)) this.#told(declared(message.status));
        return;
      case 'frame':
        for (const watcher of this.#watchers.get(message.frame.channel) ?? []) {
          try {
            watcher.onFrame(watcher.picture && blobs[0] ? { ...message.frame, jpeg: blobs[0] } : message.frame);
          } catch (error) {
            // The fault of who watches must not look like one of the worker, which is cut off for its own.
            this.#options.log.error({ module: 'vision', err: error }, 'a watcher failed');
          }
        }
        return;
      case 'capture': {
        const [crop, frame] = blobs;
        if (!crop || !frame) return;
        const capture = { ...message.capture, crop, frame };
        if (message.awaits === undefined) this.#options.bus.emit(captureObserved, capture);
        else this.#awaited.hold(message.awaits, capture, performance.now());
        return;
      }
      case 'described':
        this.#awaited.described(message.number, message.description, blobs[0]);
        return;
      case 'glimpse': {
        const checked = wholeDescriptionSchema.safeParse(message.description);
        if (!checked.success) return;
        const { aliveType, embedding } = checked.data;
        const described = { ...(aliveType ? { aliveType } : {}), ...(embedding ? { embedding } : {}) };
        this.#options.bus.emit(faceGlimpsed, { ...message.glimpse, ...described });
        return;
      }
      case 'event': {
        // The worker decodes what strangers send: it may tell only what the stage's plugin has declared.
        const stage = this.#options.registry().stages.get(declaredId(message.stage))?.definition;
        const event = stage?.tells?.find((key) => key.id === message.event);
        if (event) this.#options.bus.emit(event, message.payload);
        return;
      }
      case 'stage-failed':
        this.#stageFailed(message);
        return;
      case 'snapshot':
      case 'probe':
        this.#waiting.get(message.request)?.(message, blobs);
        return;
      case 'beat':
        this.capturesDropped = message.capturesDropped;
        this.#awaited.hurry(performance.now());
        return;
      case 'log':
        this.#options.log[message.level]({ module: message.module, ...message.fields }, message.message);
    }
  }

  /** The last words of a stream that is no longer wanted say nothing of the one that is. */
  #isOf({ status, url }: Extract<FromWorker, { type: 'status' }>): boolean {
    return this.#cameras.some((camera) => camera.channel === status.channel && camera.url === url);
  }

  #told(status: CameraStatus): void {
    this.#status.set(status.channel, status);
    this.frames.take(status);
    this.#options.bus.emit(cameraStatusChanged, status);
  }

  #stageFailed({ stage, channel, reason }: Extract<FromWorker, { type: 'stage-failed' }>): void {
    this.#failedStages.set(channel === undefined ? stage : `${stage} ${channel}`, reason);
    this.#options.log.error({ module: 'vision', stage, channel, reason }, 'a stage failed');
    this.#options.changed();
  }

  #tellWatched(channel: number): void {
    const watchers = [...(this.#watchers.get(channel) ?? [])];
    if (watchers.length === 0) this.#watchers.delete(channel);
    this.#supervisor.send({
      type: 'watch',
      channel,
      boxes: watchers.length > 0,
      picture: watchers.some((watcher) => watcher.picture),
    });
  }

  #ask(make: (request: number) => Parameters<WorkerSupervisor['send']>[0], patience = ANSWER_MS) {
    const request = this.#nextRequest++;
    return new Promise<{ message: FromWorker | undefined; blobs: Uint8Array[] }>((resolve) => {
      const done = (message: FromWorker | undefined, blobs: Uint8Array[]) => {
        clearTimeout(timer);
        this.#waiting.delete(request);
        resolve({ message, blobs });
      };
      const timer = setTimeout(() => done(undefined, []), patience);
      this.#waiting.set(request, done);
      if (!this.#supervisor.send(make(request))) done(undefined, []);
    });
  }
}

/** A state whose stages are called as they are declared, whatever model they run with. */
function declared(status: CameraStatus): CameraStatus {
  if (!status.load) return status;
  const { stages, blame, ...load } = status.load;
  const named = <Part extends { stage: string }>(part: Part): Part => ({ ...part, stage: declaredId(part.stage) });
  return { ...status, load: { ...load, stages: stages.map(named), ...(blame ? { blame: named(blame) } : {}) } };
}
