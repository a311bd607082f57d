import { data, event } from '../plugin/keys.ts';

/**
 * The words of the vision street: what a camera is asked to do, what stages hand to one another, what leaves the
 * worker. Everything here is plain data that crosses a process boundary. Boxes and points are native stream pixels.
 */

/** Left, top, right, bottom in pixels, right and bottom exclusive; may carry fractions. */
export type Box = [left: number, top: number, right: number, bottom: number];
export type Point = [x: number, y: number];

/** What a camera is asked to look for (`task_type` of the contract). */
export const TASKS = ['face', 'body', 'vehicle', 'cyclist', 'abnormal', 'violate operate'] as const;
export type Task = (typeof TASKS)[number];

/** When a track is captured (`snap_mode`): the best at its end, at an interval, or at once and better ones after. */
export const SNAP_MODE = { accurate: 1, timing: 2, realtime: 3 } as const;
export type SnapMode = (typeof SNAP_MODE)[keyof typeof SNAP_MODE];

/** One camera as the vision worker needs it. */
export interface CameraPlan {
  channel: number;
  name: string;
  /** `rtsp://…` with user and password, or `file:name` inside the box's clip folder. */
  url: string;
  transport: 'tcp' | 'udp';
  /** Where the stream is decoded: in the vision worker, or in a child process of its own; undefined: the worker chooses. */
  backend?: 'addon' | 'process';
  /** Analyse every nth frame of the stream; undefined aims at `analysisRate` frames a second. */
  frameInterval?: number;
  tasks: Task[];
  snapMode: SnapMode;
  /** Only what lies inside counts; undefined is the whole picture. */
  roi?: Box;
  /** Longer side of a face box in pixels. */
  faceSizeMin: number;
  faceSizeMax: number;
  /**
   * Whether its faces are alive is told, and from which certainty on (percent) one is; without a threshold as the model's
   * card says. Undefined: nobody asks.
   */
  liveness?: { threshold?: number };
  /** It shows a rendered scene of the demo site: models made for those are the right ones, and its captures say so. */
  origin?: 'demo';
  /** Folder its `file:` address is confined to; undefined is the box's clip folder. */
  filesFolder?: string;
}

/** A detector's find. `landmarks` of a face: right eye, left eye, nose, right and left mouth corner, as seen. */
export interface Detection {
  label: string;
  score: number;
  box: Box;
  landmarks?: Point[];
  /** The model that has found the landmarks anew in the full frame, if one has. */
  alignedBy?: string;
  /** How far that model's last look moved them, in distances of the eyes: little where a face is seen well. */
  moved?: number;
  /** Of a vehicle: its number plate, null where none is to be seen; undefined where the detector knows no plates. */
  plate?: Box | null;
}

/** One object followed over time. */
export interface Track {
  id: number;
  label: string;
  /** Smoothed box of this moment. */
  box: Box;
  score: number;
  /** Wall clock, ms. */
  firstTime: number;
  lastTime: number;
  /** Seen in this frame; otherwise `box` is a prediction. */
  observed: boolean;
  confirmed: boolean;
  detection?: Detection;
}

/** What a tracker says of one frame. */
export interface Tracks {
  active: Track[];
  /** Tracks that ended with this frame, for best shots and dwell times. */
  ended: Track[];
}

export const personDetections = data<Detection[]>('detections.person@1');
export const faceDetections = data<Detection[]>('detections.face@1');
export const vehicleDetections = data<Detection[]>('detections.vehicle@1');
export const personTracks = data<Tracks>('tracks.person@1');
export const faceTracks = data<Tracks>('tracks.face@1');
export const vehicleTracks = data<Tracks>('tracks.vehicle@1');

/** What captures are taken of; each is also the task of a camera that wants them. */
export const CAPTURE_KINDS = ['face', 'body', 'vehicle'] as const satisfies readonly Task[];
export type CaptureKind = (typeof CAPTURE_KINDS)[number];

/** A number plate. Like a face it is never logged. */
export interface PlateFinding {
  /** Letters and digits alone; '' where they could not be read surely. */
  text: string;
  /** How sure the least sure of them is, 0..1. */
  score: number;
  /** Of a description: in the shot's picture. Of a capture: in the full frame, native pixels. */
  box: Box;
  /** The plate cut out. */
  jpeg: Uint8Array;
}

/** A picture of the best moment of a track, as it leaves the worker. */
export interface CaptureObservation {
  kind: CaptureKind;
  channel: number;
  /** As that of the camera's plan: the channel may have another camera by the time the capture is looked at. */
  origin?: 'demo';
  trackId: number;
  /** Wall clock of the moment shown, ms. */
  time: number;
  /** 0..100 */
  quality: number;
  /** Detector score 0..1. */
  score: number;
  /** In the full frame, native pixels. */
  box: Box;
  landmarks?: Point[];
  frameWidth: number;
  frameHeight: number;
  /** Box of the subject inside the crop, pixels of the crop. */
  boxInCrop: Box;
  /** What describers found out, by the names of the interface's appendices B and C. */
  attributes?: Record<string, string>;
  /** 1 not alive, 2 alive; undefined: nobody looked, or nobody knows. */
  aliveType?: 1 | 2;
  /** What a body does, where that may be an event: `smoking`, `fallen`. */
  status?: string;
  /** The number plate, in the full frame. */
  plate?: PlateFinding;
  /** Ids of the models that said so. */
  describedBy?: string[];
  /** The face as numbers, by the model named, of length 1; undefined where none was made. */
  embedding?: { model: string; vector: number[] };
  /** JPEG of the subject with some surroundings. */
  crop: Uint8Array;
  /** JPEG of the whole frame at full resolution. */
  frame: Uint8Array;
}

/** Told in the core process for every capture the worker hands over. */
export const captureObserved = event<CaptureObservation>('vision.capture@1');

/**
 * A face of a track that goes on, described so that somebody who watches can be told who it is. It is no capture: there
 * are no pictures of it, and nothing of it is kept.
 */
export type FaceGlimpse = Pick<
  CaptureObservation,
  'channel' | 'origin' | 'trackId' | 'time' | 'quality' | 'aliveType' | 'embedding'
>;

export const faceGlimpsed = event<FaceGlimpse>('vision.glimpse@1');

export type CameraState = 'connecting' | 'online' | 'offline';

/** Why a camera is not online, for people and for the contract's status. */
export interface CameraReason {
  code: string;
  message: string;
}

/** Of a camera that somebody switched off: nobody misses its picture. */
export const SWITCHED_OFF: CameraReason = { code: 'disabled', message: 'the camera is switched off here' };

/** What one stage, or describer, costs for one camera, over the last seconds. */
export interface StageLoad {
  stage: string;
  /** Of one frame on average, ms. */
  ms: number;
  /** It is a describer: `ms` is that of one capture. */
  per?: 'capture';
  /** Part of the worker's time it takes for this camera, 0..1. */
  share: number;
  /** Why it failed on a frame of the last seconds. */
  failing?: string;
}

/** What takes the time a camera's frames would need. */
export interface Blame {
  channel: number;
  stage: string;
  /** Of one frame, ms. */
  ms: number;
  /**
   * Part of the time for which the worker waited for a processor, where that is a good part of it: then decoding and
   * other programs make the stage slow.
   */
  waiting?: number;
}

/** How the worker keeps up with a camera, over the last ten seconds. */
export interface CameraLoad {
  /** Frames that were due, per second: analysed and shed ones. */
  wantedFps: number;
  /** Frames that were due and not analysed, per second, because the worker had no time for them. */
  shedFps: number;
  /** In the order they run. */
  stages: StageLoad[];
  /** While it sheds: the stage, perhaps of another camera, that takes the time. */
  blame?: Blame;
}

/** State of one camera, told on every change and about once a second. */
export interface CameraStatus {
  channel: number;
  state: CameraState;
  reason?: CameraReason;
  /** Wall clock of the last change of state, ms. */
  since: number;
  width?: number;
  height?: number;
  codec?: string;
  /** Frames analysed per second over the last seconds. */
  analysedFps: number;
  framesAnalysed: number;
  /** Frames that were due and not analysed. */
  framesDropped: number;
  /** While it is online. */
  load?: CameraLoad;
  reconnects: number;
  /** Where the stream is decoded and why there; unknown until the camera has described it. */
  backend?: 'addon' | 'process';
  backendReason?: CameraReason;
}

export const cameraStatusChanged = event<CameraStatus>('camera.status@1');

/** One object drawn over the live picture. */
export interface OverlayBox {
  trackId: number;
  label: string;
  score: number;
  box: Box;
}

/** One analysed frame: the boxes always, the picture only while somebody watches. */
export interface LiveFrame {
  channel: number;
  /** Wall clock of the frame, ms. */
  time: number;
  /** Native size; boxes are in these pixels. */
  width: number;
  height: number;
  overlay: OverlayBox[];
  jpeg?: Uint8Array;
}
