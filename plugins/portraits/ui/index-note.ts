import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { IndexState } from './shapes.ts';

/** That faces cannot be compared at the moment, and why; nothing while they can. */
export function IndexNote({ page, index }: { page: PageProps; index: IndexState }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  if (index.state === 'loading') {
    const label = t('index.loading', { n: index.faces, all: index.total });
    return html`<${ui.Card}><${ui.Progress} label=${label} value=${index.faces} max=${Math.max(1, index.total)} /></${ui.Card}>`;
  }
  if (index.state === 'down')
    return html`<${ui.Notice} tone="warn" title=${t('index.down')}>${index.reason ?? t('index.downNow')}</${ui.Notice}>`;
  return index.reason && html`<${ui.Notice} tone="warn">${index.reason}</${ui.Notice}>`;
}
