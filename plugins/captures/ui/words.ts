import type { I18n, IconName } from '../../../ui/contract.ts';
import type { Capture } from './shapes.ts';

/** Captures in words. */

export function kindWord({ t }: I18n, { kind }: Pick<Capture, 'kind'>): string {
  return t(`kind.${kind}`);
}

export function kindIcon({ kind }: Pick<Capture, 'kind'>): IconName {
  return kind;
}

/** What was read of a vehicle's plate; empty for all others, and where no plate was found. */
export function plateWord({ t }: I18n, { plate }: Pick<Capture, 'plate'>): string {
  return plate === null ? '' : plate.text || t('plate.unread');
}

/** The camera by its name then; its channel where it had none. */
export function cameraWord({ t }: I18n, { cameraName, channel }: Pick<Capture, 'cameraName' | 'channel'>): string {
  return cameraName || t('kit.channel', { n: channel });
}

/** What a screen reader says of a capture's picture. */
export function pictureWord(i18n: I18n, capture: Capture): string {
  return i18n.t('pictureOf', {
    kind: kindWord(i18n, capture),
    camera: cameraWord(i18n, capture),
    time: i18n.time(capture.time),
  });
}

export function aliveWord({ t }: I18n, { aliveType }: Pick<Capture, 'aliveType'>): string {
  return aliveType === 2 ? t('alive.yes') : aliveType === 1 ? t('alive.no') : '';
}
