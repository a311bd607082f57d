import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { TargetView } from '../shapes.ts';
import { reasonOf } from './words.ts';

/** How deliveries to a receiver go; of a failure, why and when it is tried again. */
export function TargetState({ page, target }: { page: PageProps; target: TargetView }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const { enabled, failures, refused, lastError, pausedUntil, heartbeat, lastDelivered } = target;
  if (!enabled) return html`<${ui.Status} tone="idle">${t('state.off')}</${ui.Status}>`;
  if (failures > 0 || (lastError !== null && heartbeat === null)) {
    const again = pausedUntil === null ? '' : t('state.again', { time: i18n.ago(pausedUntil) });
    return html`<span class="push-http-state">
      <${ui.Status} tone="bad">${t('state.failing')}</${ui.Status}>
      <small>${[lastError && reasonOf(i18n, lastError), again].filter(Boolean).join(' · ')}</small>
    </span>`;
  }
  if (heartbeat === null) return html`<${ui.Status} tone="busy">${t('state.starting')}</${ui.Status}>`;
  if (!heartbeat.ok) {
    return html`<span class="push-http-state">
      <${ui.Status} tone="warn">${t('state.silent')}</${ui.Status}>
      <small>${reasonOf(i18n, heartbeat.message)}</small>
    </span>`;
  }
  if (refused > 0) {
    return html`<span class="push-http-state">
      <${ui.Status} tone="bad">${t('state.refused', { n: refused })}</${ui.Status}>
      ${lastError !== null && html`<small>${reasonOf(i18n, lastError)}</small>`}
    </span>`;
  }
  return html`<span class="push-http-state">
    <${ui.Status} tone="ok">${t('state.ok')}</${ui.Status}>
    ${lastDelivered !== null && html`<small>${t('push.lastAt', { time: i18n.ago(lastDelivered) })}</small>`}
  </span>`;
}
