import type { I18n } from '../../../ui/contract.ts';
import type { Overview, Recipient, Rule } from './shapes.ts';

/** What somebody gets mail about, in words. */

/** The plugin alarms has words for its kinds; a kind nobody wrote words for is shown by its own name. */
export function kindWord(i18n: I18n, kind: string): string {
  return i18n.of('alarms').or(`alarm.kind.${kind}`, kind);
}

export function aboutWords(i18n: I18n, { alarms, accounts, rule }: Recipient, cameras: Overview['cameras']): string {
  const { t } = i18n;
  const parts: string[] = [];
  if (alarms) {
    const kinds =
      rule.kinds.length === 0 ? t('about.allAlarms') : rule.kinds.map((one) => kindWord(i18n, one)).join(', ');
    const names = rule.cameras.map(
      (channel) => cameras.find((one) => one.channel === channel)?.name || t('channel', { n: channel }),
    );
    parts.push(names.length === 0 ? kinds : `${kinds} (${names.join(', ')})`);
  }
  if (accounts) parts.push(t('about.accounts'));
  return parts.join(' · ') || t('about.nothing');
}

export function hoursWords({ t }: I18n, { from, to, perHour }: Rule): string {
  const hours = from === to ? t('hours.always') : `${from} – ${to}`;
  return `${hours} · ${t('hours.atMost', { n: perHour })}`;
}
