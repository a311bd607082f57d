import type { InstalledModel } from '../../models/install.ts';
import type { ProbeResult } from '../plugin/services.ts';
import type { Beat } from '../processes/child.ts';
import type { CameraPlan, CameraStatus, CaptureObservation, LiveFrame } from './keys.ts';

/** What the core and the vision worker say to one another; pictures travel as blobs behind the message. */

/** A stage as the worker needs it, in the order stages run. */
export interface PlannedStage {
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

export interface PlannedCamera {
  plan: CameraPlan;
  /** Stages that run for it, in order. */
  stages: string[];
}

/** What holds for a worker's whole life; a change means a new worker. */
export interface WorkerSettings {
  stages: PlannedStage[];
  threads: number;
  analysisRate: number;
  clipFolder: string;
  /** A stage has so long to be made, ms. */
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
  | { type: 'status'; status: CameraStatus }
  /** Blob: the JPEG, where there is one. */
  | { type: 'frame'; frame: Omit<LiveFrame, 'jpeg'> }
  /** Blobs: crop, frame. */
  | { type: 'capture'; capture: Omit<CaptureObservation, 'crop' | 'frame'> }
  | { type: 'event'; stage: string; event: string; payload: unknown }
  /** It does not run: for this camera, or for none. */
  | { type: 'stage-failed'; stage: string; channel?: number; reason: string }
  /** Blob: the JPEG; none when the camera has no frame. */
  | { type: 'snapshot'; request: number; time: number; width: number; height: number }
  /** Blob: the JPEG, where there is one. */
  | { type: 'probe'; request: number; result: Omit<ProbeResult, 'jpeg'> }
  | { type: 'log'; level: 'info' | 'warn' | 'error'; module: string; fields: object; message: string };
