import type { ProbeResult } from '../../../core/plugin/services.ts';
import type { Box, CameraStatus } from '../../../core/vision/keys.ts';

/** What the back end of this plugin answers (`../answers.ts`, `../routes.ts`). */

export interface StageState {
  stage: string;
  running: boolean;
  reason?: string;
  /** Its model is made for the demo: what to do for a real camera, in English. */
  makeshift?: string;
}

/** Where a stream is decoded: as the box chooses, in the vision worker, or in a process of its own. */
export type Decoding = 'auto' | 'addon' | 'process';

export interface Camera {
  channel: number;
  mode: string;
  protocol: string;
  name: string;
  /** Passwords are shown as `******`; empty where the stored address cannot be read. */
  url: string;
  transport: 'tcp' | 'udp';
  decoding: Decoding;
  enabled: boolean;
  position: string;
  description: string;
  threshold: number;
  snapMode: number;
  faceSizeMin: number;
  faceSizeMax: number;
  tasks: string[];
  frameInterval: number | null;
  roi: Box | null;
  libraryIds: number[];
  /** Whether faces are alive is told. */
  liveness: boolean;
  status: CameraStatus;
  stages: StageState[];
  /** No camera but a scene of the demo site. */
  origin?: 'demo';
}

export interface CameraList {
  cameras: Camera[];
  units: { used: number; total: number };
  channels: number;
}

/** What became of a look at an address. */
export interface Probe extends Omit<ProbeResult, 'jpeg'> {
  /** Data URL; absent without the image right. */
  picture?: string;
}

export interface PictureSize {
  width: number;
  height: number;
}

/** Computing power a stream camera takes (`../camera.ts`). */
export const UNITS_PER_CAMERA = 2;
