import { t, translator } from './i18n.ts';

/** Words for what pages of several plugins speak of. */

/** A camera by what the box calls it. */
export interface Camera {
  channel: number;
  name: string;
}

/** A kind of alarm. The plugin alarms has words for its kinds; one nobody wrote words for is shown by its own name. */
export function alarmKind(kind: string): string {
  return translator('alarms').or(`alarm.kind.${kind}`, kind);
}

/** A camera by its name; its channel where it has none. */
export function cameraLabel({ channel, name }: Camera): string {
  return name || t('kit.channel', { n: channel });
}
