import type { ImageSwitches } from '../../../core/events/push-images.ts';
import type { I18n } from '../../../ui/contract.ts';
import type { TargetView } from '../shapes.ts';

/** What `/p/push-http/targets` says. */
export interface Targets {
  targets: TargetView[];
  max: number;
  images: ImageSwitches;
}

/** What a receiver gets, in a line. */
export function wishesOf({ t }: I18n, { kinds, recognisedOnly, channels, demo }: TargetView): string {
  if (kinds.length === 0) return t('what.nothing');
  const faces = kinds.includes('face') ? [t(recognisedOnly ? 'what.known' : 'what.face')] : [];
  const bodies = kinds.includes('body') ? [t('what.body')] : [];
  const vehicles = kinds.includes('vehicle') ? [t('what.vehicle')] : [];
  const cameras =
    channels.length === 0 ? t('what.allCameras') : t('what.cameras', { n: channels.length, list: channels.join(', ') });
  return [...faces, ...bodies, ...vehicles, cameras, ...(demo ? [] : [t('what.noDemo')])].join(' · ');
}

/** Why something did not arrive, in the user's language where the box names a code that the page knows. */
export function reasonOf({ t, or }: I18n, text: string): string {
  const status = /^the receiver answered (\d{3})/.exec(text)?.[1];
  if (status) return t('why.status', { status });
  const code = /\(([A-Z][A-Z_]+)\)$/.exec(text)?.[1];
  return code ? or(`why.${code}`, text) : text;
}
