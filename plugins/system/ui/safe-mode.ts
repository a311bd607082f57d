import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { BoxFacts } from './facts.ts';

/** Only there in safe mode: which starts failed and why, what was put back, and the ways out. */
export function SafeMode({ api, i18n, me, ui, facts }: PageProps & { facts: BoxFacts }) {
  const { t } = i18n;
  const { mode, failed, lastGoodAt, putBack } = facts.start;
  if (mode === 'normal') return null;
  const leave = async (newer: boolean) => {
    const sure = await ui.confirm({
      title: t('start.sure'),
      text: t('start.sureWhy'),
      confirm: t(newer ? 'start.newer' : 'start.normally'),
    });
    if (!sure) return;
    await api.post('/start-normally', { newer });
    ui.toast(t('start.under'));
  };
  const lead =
    failed.length === 0
      ? t('start.asked')
      : t(`start.${mode}`, { time: lastGoodAt === undefined ? '' : i18n.time(lastGoodAt) });
  return html`<${ui.Card} title=${t('start.title')} icon="shield" tone="warn">
    <${ui.Stack} gap=${4}>
      <p>${lead}</p>
      ${
        failed.length > 0 &&
        html`<div>
          <b>${t('start.failed')}</b>
          <ul class="system-starts">${failed.map(
            ({ at, reason }) =>
              html`<li key=${at}><span class="g-quiet">${i18n.time(at)}</span> ${i18n.or(`start.reason.${reason}`, reason)}</li>`,
          )}</ul>
        </div>`
      }
      ${putBack.length > 0 && html`<p class="g-quiet">${t('start.putBack', { keys: putBack.map((key) => key.replace(/^plugin\./, '')).join(', ') })}</p>`}
      ${
        me.can('accounts', 'change') &&
        failed.length > 0 &&
        html`<${ui.Row}>
          <${ui.Button} kind="primary" onClick=${() => leave(false)}>${t('start.normally')}</${ui.Button}>
          ${putBack.length > 0 && html`<${ui.Button} onClick=${() => leave(true)}>${t('start.newer')}</${ui.Button}>`}
        </${ui.Row}>`
      }
    </${ui.Stack}>
  </${ui.Card}>`;
}
