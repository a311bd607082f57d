import type { PluginReport, StageReport, StartReport, WorkerReport } from '../../../core/plugin/services.ts';
import type { CameraStatus } from '../../../core/vision/keys.ts';
import type { I18n, Me, Tone } from '../../../ui/contract.ts';
import type { Problem } from '../problems.ts';

/** What `GET /p/system/overview` says, and how its states are shown. */

/** A camera whose status is not known yet has a name, a channel and a state only. */
export type NamedStatus = Partial<CameraStatus> & Pick<CameraStatus, 'channel' | 'state'> & { name: string };

export interface BoxFacts {
  version: string;
  startedAt: number;
  start: StartReport;
  now: number;
  zone: string;
  state: 'ok' | 'degraded';
  problems: Problem[];
  plugins: PluginReport[];
  workers: WorkerReport[];
  cameras: NamedStatus[];
  stages: StageReport[];
  missingModels: { task: string; message: string }[];
  modelFaults: string[];
  storage: { pictures: number; database: number; diskTotal: number; diskFree: number };
  retention: {
    lastRun?: number;
    removed: number;
    rules: { name: string; days: number }[];
    diskPercent: number;
    /** Nothing goes for its age before this moment, ms. */
    doubtedUntil?: number;
  };
}

/** Days captures are kept, 0 for ever; undefined while nobody keeps captures. */
export function captureDays({ retention }: BoxFacts): number | undefined {
  return retention.rules.find(({ name }) => name === 'captures')?.days;
}

export const CAMERA_TONE: Record<CameraStatus['state'], Tone> = { online: 'ok', connecting: 'busy', offline: 'bad' };
export const PLUGIN_TONE: Record<PluginReport['state'], Tone> = {
  RUNNING: 'ok',
  DEGRADED: 'warn',
  RETRYING: 'warn',
  PENDING: 'busy',
  FAILED: 'bad',
  STOPPED: 'idle',
  DISABLED: 'idle',
};
export const WORKER_TONE: Record<WorkerReport['state'], Tone> = {
  running: 'ok',
  starting: 'busy',
  restarting: 'warn',
  stopped: 'bad',
};

/** Name of a plugin in the user's language, its id where nobody named it. */
export const pluginName = (i18n: I18n, id: string): string =>
  i18n.or(`plugin.${id}`, i18n.of(id).or('plugin.name', id));

/** What a stage does, its id where nobody named it. */
export const stageName = (i18n: I18n, id: string): string => i18n.or(`stage.${id}`, id);

/** Somebody switched it off: nobody misses it. */
export function isOff({ reason }: NamedStatus): boolean {
  return reason?.code === 'disabled';
}

/** Under a camera's name: how well it runs, or why it does not (by the code in the user's language). */
export function cameraLine(i18n: I18n, { state, reason, analysedFps = 0, since }: NamedStatus): string {
  if (state === 'online') return i18n.t('camera.rate', { fps: Math.round(analysedFps * 10) / 10 });
  if (reason) return i18n.or(`camera.reason.${reason.code}`, reason.message);
  return since === undefined ? '' : i18n.t('camera.since', { ago: i18n.ago(since) });
}

/** The install command a message of the box holds, to be shown and copied by itself. */
export function commandIn(message: string): string | undefined {
  return /npm run models -- install [\w.@-]+(?: --from \S+)?/.exec(message)?.[0];
}

/** What to do about a model of the demo on a real camera; the command stands under it, where there is one. */
export function makeshiftText(i18n: I18n, message: string): string {
  return i18n.t(commandIn(message) ? 'problem.makeshiftHow' : 'problem.makeshiftOnly');
}

/** Where a camera is looked at or mended by this user; undefined where the user may go to neither. */
export function cameraPage(me: Me, channel: number): string | undefined {
  if (me.can('devices', 'change')) return `#/camera?channel=${channel}`;
  if (me.can('records', 'see')) return `#/live?views=1&at=${channel}`;
  return undefined;
}
