import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import type { Summary } from './shapes.ts';
import { cameraWord, pictureWord } from './words.ts';

export const styles = ['./captures.css'];

const SHOWN = 6;
/** In a crowd captures come several a second; the card follows at this pace. */
const FOLLOW_MS = 2_000;

/** Overview: how many were captured today, when, and the newest of them. */
export default function Newest(page: PageProps) {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const now = ui.useNow(60_000);
  const found = ui.useData((signal) => api.get<Summary>('/summary', {}, { signal }), {
    changed: ['captures'],
    // After midnight the counts begin anew although nothing happens.
    every: 5 * 60_000,
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  ui.useLive('captures.new', {}, () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void found.reload();
    }, FOLLOW_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);

  const all = html`<${ui.Button} kind="quiet" small iconEnd="right" href=${ui.href('records', { span: 'today' })}>${t('newest.all')}</${ui.Button}>`;
  return html`<${ui.Card} title=${t('newest.title')} icon="records" actions=${all}>
    <${ui.Loaded} of=${found} what=${t('newest.notRead')}>
      ${({ today, hours, newest }: Summary) => html`<${ui.Stack}>
        <${ui.Row} gap=${8} align="start">
          <${ui.Stat} label=${t('kind.faces')} value=${i18n.number(today.face)} href=${ui.href('records', { kind: 'face', span: 'today' })} />
          <${ui.Stat} label=${t('kind.bodies')} value=${i18n.number(today.body)} href=${ui.href('records', { kind: 'body', span: 'today' })} />
          ${today.vehicle > 0 && html`<${ui.Stat} label=${t('kind.vehicles')} value=${i18n.number(today.vehicle)} href=${ui.href('records', { kind: 'vehicle', span: 'today' })} />`}
        </${ui.Row}>
        <${ui.Bars}
          label=${t('newest.byHour')} values=${hours} names=${hours.map((_, hour) => t('newest.hour', { h: hour }))} height=${64}
          ticks=${{ 0: '0', 6: '6', 12: '12', 18: '18' }} current=${hourOf(now, ui.startOfDay(now))}
        />
        ${
          newest.length === 0
            ? html`<p class="g-quiet">${t('newest.none')}</p>`
            : html`<div class="captures-newest-area"><ul class="captures-newest">${newest.slice(0, SHOWN).map(
                (
                  capture,
                ) => html`<li key=${capture.id}><a href=${ui.href('records', { id: capture.id })} aria-label=${pictureWord(i18n, capture)}>
                  <${ui.Picture} path=${capture.cropPath} width=${320} alt="" ratio=${'4 / 5'} fit="contain" small />
                  <b><${ui.Time} at=${capture.time} as="clock" /></b><small>${cameraWord(i18n, capture)}</small>
                </a></li>`,
              )}</ul></div>`
        }
      </${ui.Stack}>`}
    </${ui.Loaded}>
  </${ui.Card}>`;
}

/** Hour of the day now; good but for the two days a year on which the clock is changed. */
function hourOf(now: number, midnight: number): number {
  return Math.min(23, Math.floor((now - midnight) / 3_600_000));
}
