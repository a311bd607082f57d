import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import { type BoxFacts, captureDays } from './facts.ts';

/** How full the disk is and with what, and when old captures go. */
export function StorageMeter({ i18n, ui, facts }: Pick<PageProps, 'i18n' | 'ui'> & { facts: BoxFacts }) {
  const { t, bytes } = i18n;
  const { pictures, database, diskTotal, diskFree } = facts.storage;
  const others = Math.max(0, diskTotal - diskFree - pictures - database);
  const parts = [
    { label: t('storage.pictures'), value: pictures, text: bytes(pictures), tone: 'accent' as const },
    { label: t('storage.database'), value: database, text: bytes(database), tone: 'second' as const },
    { label: t('storage.others'), value: others, text: bytes(others), tone: 'quiet' as const },
  ];
  const { diskPercent, lastRun, removed, doubtedUntil } = facts.retention;
  const days = captureDays(facts);
  const percent = i18n.percent(diskPercent / 100);
  const rule = days ? t('retention.rule', { days, percent }) : t('retention.forever', { percent });
  return html`<${ui.Stack} gap=${3}>
    <${ui.Meter} label=${t('storage.title')} parts=${parts} max=${diskTotal} />
    <p class="g-small-text"><b class="g-num">${bytes(diskFree)}</b> ${t('storage.freeOf', { total: bytes(diskTotal) })}</p>
    <p class="g-quiet g-small-text">${days === undefined ? '' : rule}
      ${' '}${lastRun === undefined ? t('retention.notYet') : t('retention.last', { ago: i18n.ago(lastRun), n: removed })}</p>
    ${doubtedUntil !== undefined && html`<p class="g-small-text">${t('retention.doubted', { time: i18n.time(doubtedUntil) })}</p>`}
  </${ui.Stack}>`;
}
