import type { I18n, IconName } from '../../../ui/contract.ts';
import type { Alarm } from './shapes.ts';

/** Alarms in words. */

/** A kind nobody wrote words for is shown by its own name. */
export function kindWord(i18n: I18n, kind: string): string {
  return i18n.or(`alarm.kind.${kind}`, kind);
}

export function kindIcon(kind: string): IconName {
  return kind === 'key-person' ? 'face' : 'alarms';
}

/** The camera by its name then; its channel where it had none. */
export function cameraWord({ t }: I18n, { cameraName, channel }: Pick<Alarm, 'cameraName' | 'channel'>): string {
  return cameraName || t('kit.channel', { n: channel });
}

/** What a screen reader says of an alarm in the list. */
export function spoken(i18n: I18n, alarm: Alarm): string {
  const { t } = i18n;
  const state = alarm.state === 'open' ? t('state.open') : t('state.acknowledged');
  return [state, alarm.title, kindWord(i18n, alarm.kind), cameraWord(i18n, alarm), i18n.time(alarm.time)].join(', ');
}

/** Further facts, by the names they have words for. */
export function factsOf(i18n: I18n, { facts }: Pick<Alarm, 'facts'>): { label: string; value: string }[] {
  return Object.entries(facts).map(([name, value]) => ({
    label: i18n.or(`alarm.fact.${name}`, name),
    value: typeof value === 'number' ? numberWord(i18n, name, value) : value,
  }));
}

function numberWord(i18n: I18n, name: string, value: number): string {
  const text = i18n.number(value, { maximumFractionDigits: 1 });
  return name === 'similarity' ? i18n.t('detail.of100', { n: text }) : text;
}
