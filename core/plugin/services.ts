import type { Area, Role } from '../gateway/authorization.ts';
import type { StartMode } from '../start/starts.ts';
import type { Tx } from '../store/database.ts';
import type { CameraPlan, CameraStatus, LiveFrame, SnapMode, StageLoad, Task } from '../vision/keys.ts';
import type { Health, PluginState } from './contract.ts';
import { cap, event } from './keys.ts';

/**
 * Services and events that plugins share. The core offers `vision@1`, `sessions@1` and `host@1`; the others are
 * offered by the plugin named beside them, and anybody may put another in its place. Captures, faces, alarms, exports and
 * pushes have files of their own beside this one.
 */

// --- accounts (plugin users) -----------------------------------------------------------------------------------

/** An account as the gateway needs it for each request. */
export interface Account {
  userId: number;
  userName: string;
  role: Role;
  imageRight: boolean;
  mustChangePassword: boolean;
  /** Grows with every change of the password; a session opened under an older one has ended. */
  passwordVersion: number;
}

export interface Accounts {
  /** The account behind a session, or undefined when it was deleted. Called for every request: answer from memory. */
  find(userId: number): Account | undefined;
}

export const accounts = cap<Accounts>('accounts@1');

/** Sessions, kept by the core: made at login, ended at logout, after 30 idle minutes or when the password changes. */
export interface Sessions {
  /**
   * Makes a session and gives its id (the only time it is seen in clear).
   * @param passwordVersion of the password that was checked: when it was changed meanwhile, the session is void
   */
  open(userId: number, source: string, passwordVersion: number): Promise<string>;
  close(sessionId: string): Promise<void>;
  /** Ends every session of a user but the one given, which goes on under the account's present password. */
  closeAllOf(userId: number, except?: string): Promise<void>;
}

export const sessions = cap<Sessions>('sessions@1');

export interface AccountChange {
  userId: number;
  /** After `removed` and `password`, whoever keeps keys of the account lets them go. */
  change: 'made' | 'removed' | 'password' | 'rights';
  /** Of one that was removed, and can no longer be asked for it. */
  userName?: string;
}

/** An account was made or removed, its password or its rights changed. */
export const accountChanged = event<AccountChange>('account.changed@1');

// --- what was done (core; kept by plugin operation-log) --------------------------------------------------------

/** One act of a person or a client that changed something or tried to, logins included. */
export interface Operation {
  /** Wall clock, ms. */
  time: number;
  userName: string;
  role: string;
  /** Plugin. */
  module: string;
  /** What was acted on or asked: the message's or route's name. */
  item: string;
  /** Handler's remark: what changed, without secrets. */
  detail: string;
  source: string;
  /** 0, or the code of the refusal. */
  result: number;
}

export const operationPerformed = event<Operation>('operation.performed@1');

// --- the device (plugin device) --------------------------------------------------------------------------------

export interface DeviceIdentity {
  readonly deviceId: string;
  readonly serial: string;
}

export const deviceIdentity = cap<DeviceIdentity>('device.identity@1');

// --- cameras (plugin cameras) ----------------------------------------------------------------------------------

/** A camera's configuration as other plugins need it. Records depend on this, never on a live stream. */
export interface CameraInfo {
  channel: number;
  name: string;
  position: string;
  description: string;
  /** Similarity 0..100 from which a comparison is a match. */
  threshold: number;
  /** Portrait databases compared with. */
  libraryIds: number[];
  tasks: string[];
  /** False: switched off by somebody, so that nobody misses its picture. */
  enabled: boolean;
  online: boolean;
  /** It is no camera but a scene of the demo site. */
  origin?: 'demo';
}

export interface CameraDirectory {
  get(channel: number): CameraInfo | undefined;
  list(): CameraInfo[];
}

export const cameraDirectory = cap<CameraDirectory>('camera.directory@1');

/**
 * Which portrait databases cameras are bound to, for whoever keeps the databases. Both ask one another inside the write
 * job that binds or deletes: jobs share transactions, so what is read outside may be older than the job before.
 */
export interface CameraDatabases {
  /**
   * From now on cameras can be bound to known databases alone (-117).
   * @returns ends that
   */
  register(known: (tx: Tx, libraryId: number) => boolean): () => void;
  /** Whether a camera is bound to a database. */
  boundIn(tx: Tx, libraryId: number): boolean;
}

export const cameraDatabases = cap<CameraDatabases>('camera.databases@1');

/**
 * A camera that a plugin shows for as long as it runs. Nothing of it is stored, it takes no computing power and none of
 * the user's channels, and whoever may set up cameras cannot change it.
 */
export interface GuestCamera {
  /** Tells it from the plugin's others, and keeps its channel when the rest changes. */
  key: string;
  origin: 'demo';
  name: string;
  position: string;
  description: string;
  /** Any address that vision can open, the box itself included. */
  url: string;
  /** Folder that a `file:` address is confined to. */
  filesFolder?: string;
  tasks: Task[];
  snapMode: SnapMode;
  faceSizeMin: number;
  faceSizeMax: number;
  /** Portrait databases that its faces are compared with; none if not given. */
  libraryIds?: number[];
  /** Similarity 0..100 from which a comparison is a match; 80 if not given. */
  threshold?: number;
  /** Whether its faces are alive is told; not, if not given. */
  liveness?: boolean;
}

export interface GuestCameras {
  /** Shows these and no others. They take channels from the highest down; a camera of the user pushes them aside. */
  show(cameras: readonly GuestCamera[]): void;
  /** Channels by key; one that found no free channel is not among them. */
  channels(): ReadonlyMap<string, number>;
}

export const guestCameras = cap<GuestCameras>('camera.guests@1');

/** A camera was added, changed or removed. */
export const camerasChanged = event<{ channel: number }>('camera.changed@1');

// --- vision (core) ---------------------------------------------------------------------------------------------

/** Why a stage or describer is or is not running for a camera. */
export interface StageReport {
  channel: number;
  stage: string;
  /** It only adds to captures: they are taken without it as well. */
  describer?: true;
  running: boolean;
  reason?: string;
  /** The model it runs with, where it needs one. */
  model?: string;
  /** Its model is made for the demo's scenes, and this is a real camera: what is to be done. */
  makeshift?: string;
  /** While it runs: what a frame, or for a describer a capture, costs, and which part of the worker's time goes there. */
  load?: StageLoad;
}

/** A child process of the core. */
export interface WorkerReport {
  name: string;
  state: 'starting' | 'running' | 'restarting' | 'stopped';
  pid?: number;
  /** Starts after a fault, since the box started. */
  restarts: number;
  /** Faults in a row; the pauses between them grow. */
  failures: number;
  /** While it waits to be started again: when, wall clock, ms. */
  nextStartAt?: number;
  residentBytes?: number;
  lastError?: string;
  /** Replacements by a fresh one without a fault, and why the last one. */
  renewals: number;
  lastRenewal?: string;
  /** It is started by work and rests without. */
  onDemand?: true;
}

/** One that rests is no trouble, nor one that work has just woken and that is not there yet. */
export function workerInOrder({ state, failures, onDemand }: WorkerReport): boolean {
  return state === 'running' || state === 'stopped' || (onDemand === true && state === 'starting' && failures === 0);
}

/** A picture from a stream that is not a camera of the box (yet). */
export interface ProbeResult {
  ok: boolean;
  code: string;
  /** What went wrong and what to do, or what was found. */
  message: string;
  codec?: string;
  width?: number;
  height?: number;
  fps?: number;
  jpeg?: Uint8Array;
}

export interface Vision {
  /** Replaces the set of cameras; unchanged ones keep running. */
  setCameras(plans: CameraPlan[]): void;
  status(channel: number): CameraStatus | undefined;
  stages(): StageReport[];
  workers(): WorkerReport[];
  /** Tasks that no installed model serves, with what to do. */
  missingModels(): { task: string; message: string }[];
  /** Models that are there and cannot be used, in sentences. */
  modelFaults(): string[];
  /** JPEG of the newest frame at full resolution; undefined while the camera is not online. */
  snapshot(channel: number): Promise<{ jpeg: Uint8Array; time: number; width: number; height: number } | undefined>;
  probe(url: string, transport: 'tcp' | 'udp'): Promise<ProbeResult>;
  /** Frames with boxes; with `picture`, JPEGs too. Gives the function that ends it. */
  watch(channel: number, picture: boolean, onFrame: (frame: LiveFrame) => void): () => void;
}

export const vision = cap<Vision>('vision@1');

// --- the host (core) -------------------------------------------------------------------------------------------

export interface PluginReport {
  id: string;
  version: string;
  state: PluginState;
  /** Why it is not RUNNING. */
  reason?: string;
  health?: Health;
  /** Times it was started again after a fault. */
  restarts: number;
  /** Errors since the box started: of requests, listeners, health checks, and those no caller was there to take. */
  errors: number;
  /** Times one of its calls held the event loop, and with it everybody, for longer than it should. */
  holds: number;
  /** It has settings. */
  configurable: boolean;
  /** Its switch is on. */
  enabled: boolean;
  /** The box cannot do without it: it has no switch. */
  essential: boolean;
  /** Plugins that would go down with it. */
  neededBy: string[];
}

export interface LogLine {
  time: number;
  level: string;
  module: string;
  message: string;
}

/** How the box was started, and why not as it is configured. Times in ms since 1970 UTC. */
export interface StartReport {
  mode: StartMode;
  /** Starts in a row that failed, the oldest first. */
  failed: { at: number; reason: string }[];
  /** The configuration the box runs with is the one it last ran well with, of then. */
  lastGoodAt?: number;
  /** Settings that were put back to that configuration. */
  putBack: string[];
}

/** The box itself, for the system page. */
export interface Host {
  readonly version: string;
  readonly startedAt: number;
  readonly start: StartReport;
  /** What is configured of the demo site (`core/config.ts`). */
  readonly demo: {
    /** Undefined: only at a first start with no cameras. */
    wanted?: boolean;
    sceneFolder?: string;
  };
  /** The data folder was empty when this start began. */
  readonly firstStart: boolean;
  /**
   * Leaves safe mode and starts the box anew, a moment later.
   * @param newer take up the settings again that were put back when safe mode began
   */
  startNormally(newer: boolean): Promise<void>;
  plugins(): Promise<PluginReport[]>;
  /** All processes beside the core; `stopped` is one that has nothing to do. */
  workers(): WorkerReport[];
  /** JSON schema and values of a plugin's settings, secrets left out. */
  pluginConfig(id: string): { schema: unknown; values: Record<string, unknown>; area: Area } | undefined;
  /** Checks, stores and applies; throws `ContractError` with what is wrong. */
  setPluginConfig(id: string, values: unknown): Promise<void>;
  /** The same for those that are given; null is the usual value again. */
  changePluginConfig(id: string, change: Record<string, unknown>): Promise<void>;
  /**
   * Switches a plugin on or off, now and for every later start.
   * @param withNeeders switch off what needs it as well, instead of refusing
   * @throws ContractError when there is none, when the box cannot do without it, or when others need it: their ids
   *   stand in `data.neededBy`
   */
  setEnabled(id: string, enabled: boolean, withNeeders?: boolean): Promise<void>;
  /** Newest lines of the log, oldest first. */
  recentLog(limit: number): LogLine[];
  /** Bytes; `fault`: what is wrong with the disk and what to do, in a sentence. */
  storage(): Promise<{ pictures: number; database: number; diskTotal: number; diskFree: number; fault?: string }>;
  /**
   * `rules`: how long each kind of row is kept, 0 days for ever; above `diskPercent` the oldest go. `doubtedUntil`: the
   * clock was set, and nothing goes for its age before this time (ms).
   */
  retention(): {
    lastRun?: number;
    removed: number;
    rules: { name: string; days: number }[];
    diskPercent: number;
    doubtedUntil?: number;
  };
}

export const host = cap<Host>('host@1');
