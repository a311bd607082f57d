import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import { NO_FILTER } from './query.ts';

interface NothingProps {
  page: PageProps;
  /** Something beside the state is asked for, or a later page. */
  filtered: boolean;
  /** There are some in another state. */
  others: boolean;
}

/** An empty list: nothing fits, nothing is open, or nothing has ever happened and how it would. */
export function Nothing({ page, filtered, others }: NothingProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  if (filtered)
    return html`<${ui.Empty} icon="search" title=${t('none.such')}
      action=${html`<${ui.Button} onClick=${() => ui.setParams({ ...NO_FILTER, id: undefined })}>${t('none.showAll')}</${ui.Button}>`}>${t('none.suchNow')}</${ui.Empty}>`;
  if (others)
    return html`<div data-tone="ok"><${ui.Empty} icon="ok" title=${t('none.open')}
      action=${html`<${ui.Button} onClick=${() => ui.setParams({ state: 'all', id: undefined })}>${t('none.showOthers')}</${ui.Button}>`}>${t('none.openWhy')}</${ui.Empty}></div>`;
  return html`<${ui.Empty} icon="alarms" title=${t('none.ever')} action=${html`<${Ways} page=${page} />`}>${t('none.how')}</${ui.Empty}>`;
}

function Ways({ page: { i18n, ui, me, config } }: { page: PageProps }) {
  const { t } = i18n;
  return html`<${ui.Row} gap=${2} justify="center">
    ${config.plugins.includes('portraits') && me.can('people', 'see') && html`<${ui.Button} icon="people" href=${ui.href('people')}>${t('none.toPeople')}</${ui.Button}>`}
    ${config.plugins.includes('cameras') && me.can('devices', 'see') && html`<${ui.Button} icon="cameras" href=${ui.href('cameras')}>${t('none.toCameras')}</${ui.Button}>`}
  </${ui.Row}>`;
}
