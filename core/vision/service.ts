import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type InstalledModel, installedModels, missingTask, missingTasks } from '../../models/install.ts';
import type { Bus } from '../events/bus.ts';
import type { Registry } from '../plugin/registry.ts';
import type { ProbeResult, StageReport, Vision, WorkerReport } from '../plugin/services.ts';
import { type CameraPlan, type CameraStatus, cameraStatusChanged, captureObserved, type LiveFrame } from './keys.ts';
import { planStages, type VisionPlan } from './planner.ts';
import type { FromWorker } from './protocol.ts';
import { WorkerSupervisor } from './supervisor.ts';

const ANSWER_MS = 15_000;
/** How often the models folder is looked at, so that a model installed from the command line is used at once. */
const MODELS_LOOK_MS = 5_000;
const SETTLE_MS = 200;

export interface VisionOptions {
  dataFolder: string;
  clipFolder: string;
  threads: number;
  analysisRate: number;
  bus: Bus;
  registry: () => Registry;
  log: Logger;
  /** What the health page shows has changed. */
  changed(): void;
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
  readonly #failedStages = new Map<string, string>();
  #cameras: CameraPlan[] = [];
  #models: InstalledModel[] = [];
  #plan: VisionPlan = { stages: [], cameras: [], reports: [] };
  #modelsSeen = '';
  #timer: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;
  #nextRequest = 1;
  #started = false;
  capturesDropped = 0;

  constructor(options: VisionOptions) {
    this.#options = options;
    this.#supervisor = new WorkerSupervisor(options.log, {
      message: (message, blobs) => this.#received(message, blobs),
      up: () => this.#workerUp(),
      down: (reason) => this.#workerDown(reason),
    });
  }

  async start(): Promise<void> {
    await this.#readModels();
    this.#replan();
    await this.#supervisor.start(this.#settings());
    this.#started = true;
    this.#timer = setInterval(() => void this.#lookForModels(), MODELS_LOOK_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#settling);
    await this.#supervisor.stop();
  }

  /** Stages of plugins have come or gone. */
  stagesChanged(): void {
    if (this.#settling) return;
    // A plugin set up anew takes its stages away and brings them back: only what is left of that counts.
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      this.#replan();
      this.#apply();
    }, SETTLE_MS);
    this.#settling.unref();
  }

  setCameras(plans: CameraPlan[]): void {
    this.#cameras = plans;
    const channels = new Set(plans.map((plan) => plan.channel));
    for (const channel of this.#status.keys()) if (!channels.has(channel)) this.#status.delete(channel);
    this.#replan();
    this.#apply();
  }

  status(channel: number): CameraStatus | undefined {
    return this.#status.get(channel);
  }

  stages(): StageReport[] {
    return this.#plan.reports.map((report) => {
      const reason = this.#failedStages.get(report.stage);
      return report.running && reason ? { ...report, running: false, reason } : report;
    });
  }

  workers(): WorkerReport[] {
    return [this.#supervisor.report];
  }

  missingModels(): { task: string; message: string }[] {
    const stages = [...this.#options.registry().stages.values()];
    const needed = new Set(stages.flatMap(({ definition }) => definition.model ?? []));
    return missingTasks(this.#models, [...needed]).map((task) => ({ task, message: missingTask(task) }));
  }

  async snapshot(channel: number) {
    const { message, blobs } = await this.#ask((request) => ({ type: 'snapshot', request, channel }));
    const [jpeg] = blobs;
    if (message?.type !== 'snapshot' || !jpeg) return undefined;
    return { jpeg, time: message.time, width: message.width, height: message.height };
  }

  async probe(url: string, transport: 'tcp' | 'udp'): Promise<ProbeResult> {
    const { message, blobs } = await this.#ask((request) => ({ type: 'probe', request, url, transport }));
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
    this.#plan = planStages(this.#cameras, [...this.#options.registry().stages.values()], this.#models, missingTask);
  }

  #apply(): void {
    if (!this.#started) return;
    // With other stages the worker is renewed and gets its cameras when it stands.
    this.#supervisor.configure(this.#settings());
    this.#supervisor.setCameras(this.#plan.cameras);
    this.#options.changed();
  }

  #settings() {
    const { threads, analysisRate, clipFolder } = this.#options;
    return { stages: this.#plan.stages, threads, analysisRate, clipFolder };
  }

  async #readModels(): Promise<void> {
    this.#models = await installedModels(this.#options.dataFolder);
  }

  async #lookForModels(): Promise<void> {
    try {
      const seen = String((await stat(join(this.#options.dataFolder, 'models'))).mtimeMs);
      if (seen === this.#modelsSeen) return;
      this.#modelsSeen = seen;
      const before = JSON.stringify(this.#models);
      await this.#readModels();
      if (JSON.stringify(this.#models) === before) return;
      this.#failedStages.clear();
      this.stagesChanged();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      this.#options.log.warn({ module: 'vision', err: error }, 'the models folder cannot be read');
    }
  }

  // --- the worker ------------------------------------------------------------------------------------------------

  #workerUp(): void {
    this.#failedStages.clear();
    this.#supervisor.setCameras(this.#plan.cameras);
    for (const channel of this.#watchers.keys()) this.#tellWatched(channel);
    this.#options.changed();
  }

  #workerDown(reason: string): void {
    for (const answer of [...this.#waiting.values()]) answer(undefined, []);
    for (const [channel, status] of this.#status) {
      if (status.state === 'connecting') continue;
      const next: CameraStatus = {
        ...status,
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
        if (!this.#cameras.some((camera) => camera.channel === message.status.channel)) return;
        this.#status.set(message.status.channel, message.status);
        this.#options.bus.emit(cameraStatusChanged, message.status);
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
        if (crop && frame) this.#options.bus.emit(captureObserved, { ...message.capture, crop, frame });
        return;
      }
      case 'event': {
        // The worker decodes what strangers send: it may tell only what the stage's plugin has declared.
        const stage = this.#options.registry().stages.get(message.stage)?.definition;
        const event = stage?.tells?.find((key) => key.id === message.event);
        if (event) this.#options.bus.emit(event, message.payload);
        return;
      }
      case 'stage-failed':
        this.#failedStages.set(message.stage, message.reason);
        this.#options.log.error({ module: 'vision', stage: message.stage, reason: message.reason }, 'a stage failed');
        this.#options.changed();
        return;
      case 'snapshot':
      case 'probe':
        this.#waiting.get(message.request)?.(message, blobs);
        return;
      case 'beat':
        this.capturesDropped = message.capturesDropped;
        return;
      case 'log':
        this.#options.log[message.level]({ module: message.module, ...message.fields }, message.message);
        return;
      case 'hello':
    }
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

  #ask(make: (request: number) => Parameters<WorkerSupervisor['send']>[0]) {
    const request = this.#nextRequest++;
    return new Promise<{ message: FromWorker | undefined; blobs: Uint8Array[] }>((resolve) => {
      const done = (message: FromWorker | undefined, blobs: Uint8Array[]) => {
        clearTimeout(timer);
        this.#waiting.delete(request);
        resolve({ message, blobs });
      };
      const timer = setTimeout(() => done(undefined, []), ANSWER_MS);
      this.#waiting.set(request, done);
      if (!this.#supervisor.send(make(request))) done(undefined, []);
    });
  }
}
