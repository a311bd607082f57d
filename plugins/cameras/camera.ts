import { type Box, type CameraPlan, SNAP_MODE, type SnapMode, TASKS, type Task } from '../../core/vision/keys.ts';
import { type Behaviour, livenessOf } from './behaviour.ts';
import { regionOn } from './geometry.ts';

/** What a camera is inside the box, whatever the message or page calls it. */

export const CHANNELS = 32;

/** How a camera is reached: the protocol of a stream camera, or `image` for one that sends captures by itself. */
export const VARIANTS = ['rtsp', 'onvif', 'gb28181', 'vcn', 'image'] as const;
export type Variant = (typeof VARIANTS)[number];

export const MODES = ['VIDEO', 'IMAGE'] as const;
export type Mode = (typeof MODES)[number];

/** Share of the box's computing power a camera takes. */
export const UNITS: Record<Mode, number> = { VIDEO: 2, IMAGE: 1 };

export const SNAP_MODES = [SNAP_MODE.accurate, SNAP_MODE.timing, SNAP_MODE.realtime] as const;

/** Longer side of a face in pixels: limits and what stands in for an invalid value. */
export const FACE_SIZE = { least: 30, most: 1000, defaultMin: 60, defaultMax: 1000 } as const;

/** Frames from one analysis to the next. */
export const FRAME_INTERVAL = { least: 3, most: 25 } as const;
/** What an unset frame interval aims at, frames per second. */
const ANALYSED_PER_SECOND = 5;

/** Where a stream is decoded: as the box chooses, in the vision worker with the others, or in a process of its own. */
export const DECODINGS = ['auto', 'addon', 'process'] as const;
export type Decoding = (typeof DECODINGS)[number];

/** What a person or client decides about a camera. */
export interface CameraSettings {
  name: string;
  /** Checked address with user and password. */
  url: string;
  transport: 'tcp' | 'udp';
  decoding: Decoding;
  /** Switched on; nothing is taken from one that is not. */
  enabled: boolean;
  position: string;
  description: string;
  /** Similarity 0..100 from which a comparison is a match. */
  threshold: number;
  snapMode: SnapMode;
  faceSizeMin: number;
  faceSizeMax: number;
  tasks: Task[];
  /** null: chosen so that about five frames a second are analysed. */
  frameInterval: number | null;
  /** null: the whole picture. */
  roi: Box | null;
  libraryIds: number[];
  vehicleLibraryIds: number[];
  behaviour: Behaviour;
}

/** Settings that are to change; undefined leaves one as it is. */
export type CameraChange = Partial<CameraSettings>;
export type NewCamera = Pick<CameraSettings, 'name' | 'url' | 'threshold' | 'snapMode'> & CameraChange;

/** What the stream was last seen to be. */
export interface StreamFacts {
  width: number;
  height: number;
  /** Frames per second the camera sends, where it was measured. */
  fps?: number;
}

export interface Camera extends Omit<CameraSettings, 'url'> {
  channel: number;
  mode: Mode;
  protocol: Variant;
  /** Undefined when the stored address cannot be opened with the key of this box. */
  url: string | undefined;
  stream: StreamFacts | undefined;
  /** A guest: no camera of the user but a scene of the demo site. */
  origin?: 'demo';
  /** Folder that a `file:` address of a guest is confined to. */
  filesFolder?: string;
}

/** Its name for whoever sees nothing but the name. */
export function toldName({ name, origin }: Pick<Camera, 'name' | 'origin'>): string {
  return origin ? `${name} (${origin})` : name;
}

export const DEFAULT_SETTINGS: Omit<CameraSettings, 'name' | 'url' | 'threshold' | 'snapMode'> = {
  transport: 'tcp',
  decoding: 'auto',
  enabled: true,
  position: '',
  description: '',
  faceSizeMin: FACE_SIZE.defaultMin,
  faceSizeMax: FACE_SIZE.defaultMax,
  tasks: [...TASKS],
  frameInterval: null,
  roi: null,
  libraryIds: [],
  vehicleLibraryIds: [],
  behaviour: {},
};

/**
 * The camera with the change applied; face sizes that contradict each other become the defaults.
 * @param stream what was seen at the address of the change
 */
export function changed(camera: Camera, change: CameraChange, stream: StreamFacts | undefined): Camera {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as CameraChange;
  const next: Camera = { ...camera, ...given, behaviour: { ...camera.behaviour, ...given.behaviour } };
  if (next.faceSizeMin > next.faceSizeMax) {
    next.faceSizeMin = FACE_SIZE.defaultMin;
    next.faceSizeMax = FACE_SIZE.defaultMax;
  }
  // Another address may show another picture. Until it was seen, a region is one of the picture it was drawn on.
  if (next.url !== camera.url) next.stream = stream ?? (next.roi && !change.roi ? camera.stream : undefined);
  if (next.roi && !change.roi && next.stream) next.roi = regionOn(next.roi, camera.stream, next.stream);
  return next;
}

/** The frame interval in force: the one that was set, else the one that comes nearest to five frames a second. */
export function effectiveInterval(camera: Pick<Camera, 'frameInterval' | 'stream'>): number {
  if (camera.frameInterval !== null) return camera.frameInterval;
  const interval = Math.round((camera.stream?.fps ?? 25) / ANALYSED_PER_SECOND);
  return Math.min(FRAME_INTERVAL.most, Math.max(FRAME_INTERVAL.least, interval));
}

/** What the vision worker is told; undefined for a camera that is off or has no readable address. */
export function planOf(camera: Camera): CameraPlan | undefined {
  if (camera.url === undefined || !camera.enabled) return undefined;
  const { channel, name, url, transport, decoding, tasks, snapMode, faceSizeMin, faceSizeMax } = camera;
  const { frameInterval, roi, origin, filesFolder } = camera;
  const { liveness, livenessThreshold: threshold } = livenessOf(camera.behaviour);
  return {
    channel,
    name,
    url,
    transport,
    ...(decoding === 'auto' ? {} : { backend: decoding }),
    tasks,
    snapMode,
    faceSizeMin,
    faceSizeMax,
    ...(frameInterval === null ? {} : { frameInterval }),
    ...(roi ? { roi } : {}),
    // From 0 on every face would be alive: it stands for a threshold that nobody has set.
    ...(liveness ? { liveness: threshold > 0 ? { threshold } : {} } : {}),
    ...(origin ? { origin } : {}),
    ...(filesFolder === undefined ? {} : { filesFolder }),
  };
}
