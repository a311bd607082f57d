import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { CapturedState } from './shapes.ts';

/** Whether captures can be searched by photo now: how many and since when, or why not and what to do. */
export function CapturedNote({ page, captured }: { page: PageProps; captured: CapturedState }) {
  const { i18n, ui, me } = page;
  const { t } = i18n;
  const { state, faces, total, since, reason } = captured;
  switch (state) {
    case 'off':
      return html`<${ui.Notice} tone="info" title=${t('captured.off')}
        action=${me.can('people', 'change') && html`<${ui.Button} small href=${ui.href('settings', { plugin: 'captures' })}>${t('captured.toSettings')}</${ui.Button}>`}
      >${t('captured.offNow')}</${ui.Notice}>`;
    case 'no-captures':
      return html`<${ui.Notice} tone="idle" title=${t('captured.unavailable')}>${t('captured.noPlugin')}</${ui.Notice}>`;
    case 'no-model':
      return html`<${ui.Notice} tone="warn" title=${t('captured.unavailable')}>${t('captured.noModel')}</${ui.Notice}>`;
    case 'down':
      return html`<${ui.Notice} tone="warn" title=${t('captured.unavailable')}>${reason ?? t('index.downNow')}</${ui.Notice}>`;
    case 'loading':
      return html`<${ui.Card}><${ui.Progress} label=${t('captured.loading', { n: faces, all: total })} value=${faces} max=${Math.max(1, total)} /></${ui.Card}>`;
    case 'ready':
      return html`<p class="g-quiet">
        ${faces === 0 || since === null ? t('captured.none') : t('captured.known', { n: faces, time: i18n.date(since) })} ${reason}
      </p>`;
  }
}
