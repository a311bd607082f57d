import type { InstalledModel } from '../../models/install.ts';
import type { ProbeResult } from '../plugin/services.ts';
import type { Beat } from '../processes/child.ts';
import type { Cut, SentDescription } from './describer.ts';
import type { CameraPlan, CameraStatus, CaptureKind, CaptureObservation, FaceGlimpse, LiveFrame } from './keys.ts';

/** What the core and the vision worker say to one another; pictures travel as blobs behind the message. */

/** A stage as the worker needs it, in the order stages run. */
export interface PlannedStage {
  /** That of its declaration; with `~` and a model's id behind it, the same stage with another model. */
  id: string;
  module: string;
  in: string[];
  out: string[];
  tells: string[];
  options: Record<string, unknown>;
  model?: InstalledModel;
  /** The scaled picture it looks at; undefined for a stage that looks at none. */
  picture?: { width: number; height: number };
}

/** A describer as the worker needs it. */
export interface PlannedDescriber {
  /** As that of a stage. */
  id: string;
  module: string;
  kinds: CaptureKind[];
  cut: Cut;
  options: Record<string, unknown>;
  model?: InstalledModel;
  /** By task. */
  further?: Record<string, InstalledModel>;
}

export interface PlannedCamera {
  plan: CameraPlan;
  /** Stages that run for it, in order. */
  stages: string[];
  /** Describers that look at its captures. */
  describers: string[];
}

/** What holds for a worker's whole life; a change means a new worker. */
export interface WorkerSettings {
  stages: PlannedStage[];
  describers: PlannedDescriber[];
  threads: number;
  analysisRate: number;
  clipFolder: string;
  /** A stage or describer has so long to be made, ms. */
  createMs: number;
  /** While a frame has been in its stages for longer, the worker no longer beats, ms. */
  turnMs: number;
}

export type ToWorker =
  | { type: 'setup'; settings: WorkerSettings }
  | { type: 'cameras'; cameras: PlannedCamera[] }
  | { type: 'watch'; channel: number; boxes: boolean; picture: boolean }
  | { type: 'snapshot'; request: number; channel: number }
  | { type: 'probe'; request: number; url: string; transport: 'tcp' | 'udp' }
  | { type: 'stop' };

export type FromWorker =
  | (Beat & { capturesDropped: number })
  /** `url` is that of the plan it is told of: another address may be wanted by now. Never passed on. */
  | { type: 'status'; status: CameraStatus; url: string }
  /** Blob: the JPEG, where there is one. */
  | { type: 'frame'; frame: Omit<LiveFrame, 'jpeg'> }
  /** Blobs: crop, frame. `awaits`: its description follows under this number. */
  | { type: 'capture'; capture: Omit<CaptureObservation, 'crop' | 'frame'>; awaits?: number }
  /** Blob: the plate cut out, where there is one. */
  | { type: 'described'; number: number; description: SentDescription }
  | {
      type: 'glimpse';
      glimpse: Omit<FaceGlimpse, 'aliveType' | 'embedding'>;
      description: Omit<SentDescription, 'plate'>;
    }
  | { type: 'event'; stage: string; event: string; payload: unknown }
  /** A stage or describer does not run: for this camera, or for none. */
  | { type: 'stage-failed'; stage: string; channel?: number; reason: string }
  /** Blob: the JPEG; none when the camera has no frame. */
  | { type: 'snapshot'; request: number; time: number; width: number; height: number }
  /** Blob: the JPEG, where there is one. */
  | { type: 'probe'; request: number; result: Omit<ProbeResult, 'jpeg'> }
  | { type: 'log'; level: 'info' | 'warn' | 'error'; module: string; fields: object; message: string };
