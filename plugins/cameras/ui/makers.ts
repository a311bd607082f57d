import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';

/** Paths of main streams as common makers document them, for whoever stands on a ladder without the manual. */
const PATHS: [maker: string, path: string][] = [
  ['Hikvision', '/Streaming/Channels/101'],
  ['Dahua', '/cam/realmonitor?channel=1&subtype=0'],
  ['Uniview', '/media/video1'],
  ['Axis', '/axis-media/media.amp'],
  ['Hanwha', '/profile2/media.smp'],
  ['Reolink', '/h264Preview_01_main'],
  ['TP-Link', '/stream1'],
];

export function Makers({ page }: { page: PageProps }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  return html`<details class="cameras-fold">
    <summary><${ui.Icon} name="right" size=${18} />${t('makers.title')}</summary>
    <div>
      <p class="g-quiet">${t('makers.how')}</p>
      <dl class="cameras-makers">${PATHS.map(([maker, path]) => html`<dt key=${maker}>${maker}</dt><dd key=${path}><code>${path}</code></dd>`)}</dl>
    </div>
  </details>`;
}
