import type { CameraReason, CameraStatus } from '../../../core/vision/keys.ts';
import type { I18n, Tone } from '../../../ui/contract.ts';
import type { StageState } from './shapes.ts';

/** States, faults and settings of cameras in words. */

export function stateTone({ state }: CameraStatus): Tone {
  return state === 'online' ? 'ok' : state === 'offline' ? 'bad' : 'busy';
}

export function stateWord({ t }: I18n, { state }: CameraStatus): string {
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

/** Pictures per second, with one decimal where it says something. */
export function rateText(i18n: I18n, fps: number): string {
  return i18n.t('perSecond', { fps: i18n.number(fps, { maximumFractionDigits: 1 }) });
}
