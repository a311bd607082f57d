import type { CameraLoad, CameraReason, CameraStatus } from '../../../core/vision/keys.ts';
import type { I18n, Tone } from '../../../ui/contract.ts';
import type { NamedBox } from '../track-names.ts';
import type { Camera, StageState } from './shapes.ts';

/** States, faults and settings of cameras in words. */

/** Somebody switched it off: offline, but as it should be. */
function isOff({ reason }: CameraStatus): boolean {
  return reason?.code === 'disabled';
}

export function stateTone(status: CameraStatus): Tone {
  const { state } = status;
  if (isOff(status)) return 'idle';
  return state === 'online' ? 'ok' : state === 'offline' ? 'bad' : 'busy';
}

export function stateWord({ t }: I18n, status: CameraStatus): string {
  const { state } = status;
  if (isOff(status)) return t('state.off');
  if (state === 'online') return t('state.online');
  return state === 'offline' ? t('state.offline') : t('state.connecting');
}

/** What is wrong, in the user's language; the box's own English where the code is not known here. */
export function faultText(i18n: I18n, { code, message }: CameraReason): string {
  return i18n.or(`fault.${code}`, message);
}

/** What to do about it; empty where nobody can do anything. */
export function faultNow(i18n: I18n, { code }: CameraReason): string {
  return i18n.or(`fault.${code}.now`, '');
}

/** Where the stream is decoded; empty until that is known. */
export function decodingName({ t }: I18n, { backend }: CameraStatus): string {
  return backend === undefined ? '' : t(`decoding.${backend}`);
}

/** Why the box decodes it otherwise than usual by its own decision; empty where it does not. */
export function decodingWhy(i18n: I18n, { backendReason }: CameraStatus): string {
  return backendReason ? i18n.or(`decoding.why.${backendReason.code}`, '') : '';
}

export function codecName(codec: string | undefined): string {
  const names: Record<string, string> = { h264: 'H.264', h265: 'H.265', mjpeg: 'MJPEG' };
  return codec === undefined ? '' : (names[codec] ?? codec.toUpperCase());
}

/** "1920 × 1080" */
export function sizeText(size: { width?: number | undefined; height?: number | undefined }): string {
  return size.width && size.height ? `${size.width} × ${size.height}` : '';
}

export function taskName(i18n: I18n, task: string): string {
  return i18n.or(`task.${task}`, task);
}

/** Why a stage does not run; stages that only wait for the one at fault are left out. */
export function stageText(i18n: I18n, { stage, reason = '' }: StageState): string {
  const cause = reason.replace(/^(?:[a-z0-9-]+: )+/, '');
  return i18n.t('stage.notRunning', { stage: i18n.or(`stage.${stage}`, stage), reason: cause });
}

/** That a real camera is analysed by models of the demo, and the command that mends it; undefined where it is not. */
export function makeshiftText(i18n: I18n, { stages }: Pick<Camera, 'stages'>): string | undefined {
  const told = stages.flatMap(({ makeshift }) => makeshift ?? []);
  if (told.length === 0) return undefined;
  const ids = [...new Set(told.flatMap((text) => /npm run models -- install (\S+)$/.exec(text)?.[1] ?? []))];
  const [id] = ids;
  if (id === undefined) return i18n.t('makeshift.unknown');
  return i18n.t('makeshift', { command: `npm run models -- install ${ids.length === 1 ? id : '--recommended'}` });
}

/** How many frames are shed and which stage, perhaps of another camera, is to blame; empty while none are. */
export function loadText(
  i18n: I18n,
  channel: number,
  { shedFps, blame }: CameraLoad,
  cameras: { channel: number; name: string }[],
): string {
  if (!blame) return '';
  const values = {
    shed: i18n.number(shedFps, { maximumFractionDigits: 1 }),
    stage: i18n.or(`stage.${blame.stage}`, blame.stage),
    ms: i18n.number(blame.ms, { maximumFractionDigits: blame.ms < 10 ? 1 : 0 }),
  };
  const other = cameras.find((camera) => camera.channel === blame.channel)?.name ?? String(blame.channel);
  const text = blame.channel === channel ? i18n.t('load.own', values) : i18n.t('load.other', { ...values, other });
  return blame.waiting === undefined ? text : i18n.t('load.waiting', { text });
}

/** Pictures per second, with one decimal where it says something. */
export function rateText(i18n: I18n, fps: number): string {
  return i18n.t('perSecond', { fps: i18n.number(fps, { maximumFractionDigits: 1 }) });
}

/** On a box of the live picture: whom it shows where that is known, otherwise what. */
export function boxWord(i18n: I18n, { label, who }: Pick<NamedBox, 'label' | 'who'>): string {
  switch (who?.kind) {
    case 'key-person':
      // Not by its colour alone.
      return i18n.t('who.keyPerson', { name: who.name });
    case 'white-list':
      return who.name;
    case 'stranger':
      return i18n.t('who.stranger');
    default:
      return i18n.or(`label.${label}`, label);
  }
}
