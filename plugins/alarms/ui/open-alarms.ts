import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import { Thumbs } from './list.ts';
import type { Alarm, Summary } from './shapes.ts';
import { useSummary } from './summary.ts';
import { cameraWord, spoken } from './words.ts';

export const styles = ['./alarms.css'];

const SHOWN = 3;

/** Overview: what of today nobody has looked at yet. */
export default function OpenAlarms(page: PageProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const found = useSummary(page);
  const open = found.data?.open ?? 0;
  const all = html`<${ui.Button} kind="quiet" small iconEnd="right" href=${ui.href('alarms', open === 0 ? { state: 'all' } : {})}>${t('widget.all')}</${ui.Button}>`;
  return html`<${ui.Card} title=${t('alarms.title')} icon="alarms" tone=${open > 0 ? 'bad' : undefined} actions=${all}>
    <${ui.Loaded} of=${found} what=${t('list.notRead')}>
      ${({ openToday, today, newest, ...counts }: Summary) => {
        const older = counts.open - openToday;
        return html`<${ui.Stack} gap=${3}>
          <${ui.Row} gap=${8} align="start">
            <${ui.Stat} label=${t('widget.openToday')} value=${i18n.number(openToday)} unit=${t('widget.ofToday', { n: today })}
              href=${ui.href('alarms', { span: 'today' })} />
            ${older > 0 && html`<${ui.Stat} label=${t('widget.older')} value=${i18n.number(older)} href=${ui.href('alarms')} />`}
          </${ui.Row}>
          ${
            counts.open === 0
              ? html`<${ui.Status} tone="ok">${counts.kinds.length > 0 ? t('alarms.noneOpen') : t('widget.never')}</${ui.Status}>`
              : html`<ul class="alarms-newest">${newest.slice(0, SHOWN).map(
                  (
                    alarm: Alarm,
                  ) => html`<li key=${alarm.id}><a href=${ui.href('alarms', { id: alarm.id })} aria-label=${spoken(i18n, alarm)}>
                    <${Thumbs} page=${page} alarm=${alarm} />
                    <span class="alarms-words"><b class="alarms-title">${alarm.title}</b><small>${cameraWord(i18n, alarm)}</small></span>
                    <small class="alarms-ago"><${ui.Time} at=${alarm.time} as="ago" /></small>
                  </a></li>`,
                )}</ul>`
          }
        </${ui.Stack}>`;
      }}
    </${ui.Loaded}>
  </${ui.Card}>`;
}
