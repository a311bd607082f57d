import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { PreviewView } from '../shapes.ts';
import type { When } from '../when.ts';
import { eventWords } from './words.ts';

/** Somebody who is still choosing is not asked after, ms. */
const PAUSE_MS = 500;
/** A day of records takes a while on a slow box, ms. */
const TIMEOUT = 60_000;
/** So often a day, and most people look no more. */
const MANY = 200;

/** What a rule would have done in the last 24 hours, as it stands in the form. */
export function RulePreview(props: PageProps & { rule: { when: When; steps: string[] } | undefined }) {
  const { api, i18n, ui, rule } = props;
  const { t } = i18n;
  const found = ui.useData(
    async (signal) => {
      await new Promise((done) => setTimeout(done, PAUSE_MS));
      signal.throwIfAborted();
      return api.post<PreviewView>('/preview', rule, { signal, timeout: TIMEOUT });
    },
    { deps: [JSON.stringify(rule)], when: rule !== undefined },
  );
  const { data, error, loading } = found;
  const head = html`<${ui.Button} small kind="quiet" icon="refresh" disabled=${!rule} onClick=${found.reload}>${t('preview.again')}</${ui.Button}>`;
  let body = html`<${ui.Skeleton} lines=${4} />`;
  if (!rule) body = html`<p class="g-field-hint">${t('preview.unfinished')}</p>`;
  else if (error !== undefined && !loading)
    body = html`<${ui.ErrorState} what=${t('preview.notMade')} error=${error} onRetry=${found.reload} />`;
  else if (data) body = html`<${Events} ...${props} preview=${data} stale=${loading} />`;
  return html`<${ui.Card} title=${t('preview.title')} icon="eye" actions=${head}>${body}</${ui.Card}>`;
}

function Events({ i18n, ui, preview, stale }: PageProps & { preview: PreviewView; stale: boolean }) {
  const { t } = i18n;
  const { fired, looked, quiet, demo, cut, events } = preview;
  const looks = t(cut ? 'preview.lookedCut' : 'preview.looked', { n: looked });
  return html`<div class="rules-preview" aria-busy=${stale || undefined}>
    <p aria-live="polite"><b>${fired === 0 ? t('preview.never') : t('preview.fired', { n: fired })}</b><br /><small>${[looks, quiet > 0 && t('preview.quiet', { n: quiet }), demo > 0 && t('preview.demo', { n: demo })].filter(Boolean).join(' ')}</small></p>
    ${fired > MANY && html`<${ui.Notice} tone="warn" title=${t('preview.many')}>${t('preview.manyHow')}</${ui.Notice}>`}
    ${fired === 0 && html`<p class="g-field-hint">${t(looked === 0 ? 'preview.nothing' : 'preview.neverHow')}</p>`}
    <ul class="rules-events">
      ${events.map(
        (event) => html`<li key=${event.key}>
          <${ui.Picture} small path=${event.picture} alt="" ratio="1" />
          <span>
            <b>${eventWords({ i18n, ui }, event)}</b>
            <small>${event.camera || t('words.channel', { n: event.channel })} · <${ui.Time} at=${event.time} />${event.demo && html` · ${t('preview.isDemo')}`}</small>
          </span>
        </li>`,
      )}
    </ul>
    ${fired > events.length && html`<p class="g-field-hint">${t('preview.newest', { n: events.length })}</p>`}
  </div>`;
}
