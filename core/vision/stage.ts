import type { RgbPicture, VideoFrame } from '../../drivers/video/frame.ts';
import type { InstalledModel } from '../../models/install.ts';
import type { DataKey, EventKey } from '../plugin/keys.ts';
import type { Shot } from './describer.ts';
import type { Box, CameraPlan, CaptureObservation, OverlayBox } from './keys.ts';
import type { Subject } from './shots.ts';

/**
 * A stage is one step of the analysis of a frame: it takes values other stages made and gives values of its own.
 * It runs in the vision worker process: no database, no network, no state but that of its cameras.
 *
 * A plugin declares a stage (`StageDeclaration`, in the core process) and writes its code in a module of its own
 * whose default export is `defineStage(...)` (loaded only in the worker).
 */
export interface StageDeclaration {
  /** Unique over all plugins, for example `detect-persons`. */
  id: string;
  /** The stage's module: `new URL('./stages/detect.ts', import.meta.url).href`. */
  module: string;
  /** Values it needs; a stage without a producer for one of them does not run, and the planner says why. */
  in: DataKey<unknown>[];
  /** Values it makes. */
  out: DataKey<unknown>[];
  /** Tasks of a camera that want this stage for its own sake; empty for one that only serves others. */
  tasks: CameraPlan['tasks'];
  /** Events it tells in the core process, to its own plugin and to others. */
  tells?: EventKey<unknown>[];
  /** Task of the model it needs (`catalog.json`), for example `face-detection`. */
  model?: string;
  /** Size of the scaled RGB picture it looks at: that of its model, or one of its own (pixels, aspect is kept). */
  picture?: 'model' | { width: number; height: number };
  /** Plain options handed to the module, so that one module serves several declarations. */
  options?: Record<string, unknown>;
}

/** What a stage gets once per worker. */
export interface StageContext {
  id: string;
  options: Record<string, unknown>;
  /** The model of the declaration's task. */
  model?: InstalledModel;
  /** Those of a describer's further tasks, by task. */
  further?: Readonly<Record<string, InstalledModel>>;
  /** Threads one inference may use. */
  threads: number;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** One analysed frame, as a stage sees it. */
export interface StageFrame {
  readonly video: VideoFrame;
  /** The scaled picture of this stage (its `picture`), and what to multiply its pixels with to get native ones. */
  readonly picture: RgbPicture;
  readonly scaleX: number;
  readonly scaleY: number;
  /** Value another stage made for this frame. Throws for a key that is not among the stage's `in`. */
  get<T>(key: DataKey<T>): T;
  /** Hands a value on. Throws for a key that is not among the stage's `out`. */
  set<T>(key: DataKey<T>, value: T): void;
  /** Adds a box to the live picture. */
  draw(box: OverlayBox): void;
}

/** What a stage can do outside a frame. */
export interface CameraContext {
  plan: CameraPlan;
  /**
   * Hands a capture to the core process. Never waits; a full queue drops the oldest and counts it.
   * @param shot what describers are shown; without it nobody looks at the capture
   */
  capture(observation: Omit<CaptureObservation, 'channel' | 'origin'>, shot?: Shot): void;
  /** Somebody looks at the camera's live picture now. */
  watched(): boolean;
  /**
   * Tells the core process of a face that is followed on: it is described, behind the captures, and nothing of it is
   * kept. Never waits.
   * @returns false: dropped, because others wait for describers
   */
  glimpse(face: Pick<CaptureObservation, 'trackId' | 'time' | 'quality'>, shot: Shot): boolean;
  /**
   * Cuts out of a frame what describers will look at if its subject is captured, so that the frame may go: some
   * milliseconds. Undefined where none looks at captures of this kind.
   */
  shot(frame: VideoFrame, subject: Subject): Shot | undefined;
  /**
   * Tells an event in the core process: small plain data, a few times a second at most. Never waits; while the core is
   * behind, the event is dropped. Throws for an event that is not among the stage's `tells`.
   */
  tell<T>(event: EventKey<T>, payload: T): void;
  /** JPEG of a whole frame at full resolution. */
  encodeFrame(frame: VideoFrame): Promise<Uint8Array>;
  /** JPEG of a part of a frame, scaled down so that its longer side is at most `maxSize` pixels. */
  encodeCrop(frame: VideoFrame, box: Box, maxSize?: number): Promise<Uint8Array>;
}

export interface CameraStage {
  process(frame: StageFrame): void | Promise<void>;
  /** The stream ended or the camera went offline: finish what is open. */
  streamEnded?(): void | Promise<void>;
}

export interface StageInstance {
  /** Called once per camera; state of a camera lives in what it returns. */
  camera(context: CameraContext): CameraStage;
  close?(): void | Promise<void>;
}

export interface StageModule {
  create(context: StageContext): StageInstance | Promise<StageInstance>;
}

/** Gives the compiler the types of a stage module's default export. */
export function defineStage(module: StageModule): StageModule {
  return module;
}
