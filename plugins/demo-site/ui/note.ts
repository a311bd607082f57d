import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import { leaveDemo } from './leave.ts';
import type { SiteView } from './shapes.ts';

/** Overview: says that what is seen is a demo, or that it has made room; nothing at all otherwise. */
export default function DemoNote(page: PageProps) {
  const { api, i18n, ui, me } = page;
  const { t } = i18n;
  const found = ui.useData((signal) => api.get<SiteView>('/site', {}, { signal }), { changed: ['demo-site'] });
  const site = found.data;
  if (!site || (site.mode !== 'on' && site.mode !== 'aside') || site.forbidden) return null;
  const aside = site.mode === 'aside';
  const beside = async () => {
    found.set(await api.put<SiteView>('/beside', { beside: true }));
  };
  const may = me.can('devices', 'change');
  return html`<${ui.Card} title=${aside ? t('note.aside') : t('note.on')} icon=${aside ? 'pause' : 'play'} tone="info">
    <${ui.Stack} gap=${3}>
      <p>${aside ? t('note.asideWhat', { camera: site.asideFor ?? '' }) : site.beside ? t('note.onBeside') : t('note.onWhat')}</p>
      <${ui.Row} gap=${2}>
        <${ui.Button} small href=${ui.href('demo-site')}>${t('note.open')}</${ui.Button}>
        ${aside && may && html`<${ui.Button} small icon="play" onClick=${beside}>${t('startBeside')}</${ui.Button}>`}
        ${aside && me.can('records', 'change') && html`<${ui.Button} small icon="delete" onClick=${() => leaveDemo(page, site)}>${t('leave')}</${ui.Button}>`}
      </${ui.Row}>
    </${ui.Stack}>
  </${ui.Card}>`;
}
