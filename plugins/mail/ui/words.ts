import type { I18n, PageProps } from '../../../ui/contract.ts';
import type { Overview, Recipient } from './shapes.ts';

/** What somebody gets mail about, in words. */

export function aboutWords(
  { i18n: { t }, ui }: Pick<PageProps, 'i18n' | 'ui'>,
  { alarms, accounts, rule }: Recipient,
  cameras: Overview['cameras'],
): string {
  const parts: string[] = [];
  if (alarms) {
    const kinds = rule.kinds.length === 0 ? t('about.allAlarms') : rule.kinds.map(ui.alarmKind).join(', ');
    const names = rule.cameras.map((channel) =>
      ui.cameraLabel(cameras.find((one) => one.channel === channel) ?? { channel, name: '' }),
    );
    parts.push(names.length === 0 ? kinds : `${kinds} (${names.join(', ')})`);
  }
  if (accounts) parts.push(t('about.accounts'));
  return parts.join(' · ') || t('about.nothing');
}

export function hoursWords({ t }: I18n, { from, to, perHour }: Recipient['rule']): string {
  const hours = from === to ? t('hours.always') : `${from} – ${to}`;
  return `${hours} · ${t('hours.atMost', { n: perHour })}`;
}
