import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { SceneView } from './shapes.ts';

interface SceneCardProps {
  page: PageProps;
  scene: SceneView;
  /** The demo runs. */
  running: boolean;
  chosen: boolean;
  disabled: boolean;
  onPick: (on: boolean) => void | Promise<void>;
}

/** A scene: what it looks like, what happens there, and its switch. */
export function SceneCard({ page, scene, running, chosen, disabled, onPick }: SceneCardProps) {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const { name, channel } = scene;
  const title = i18n.or(`scene.${name}`, scene.title);
  const description = i18n.or(`scene.${name}.what`, scene.description);
  const pick = async (on: boolean) => {
    try {
      await onPick(on);
    } catch (error) {
      ui.toast(i18n.error(error), { tone: 'bad' });
    }
  };
  const [path = '', version = ''] = scene.still.split('?v=');
  const picture = html`<${ui.Picture} src=${api.url(path, { v: version })} alt=${t('picture', { title })} ratio="16 / 9" people=${false} missing=${t('noPicture')} />`;
  return html`<article class="demo-site-scene" data-chosen=${chosen || undefined} aria-label=${title}>
    <div class="demo-site-picture">
      ${channel === undefined ? picture : html`<a href=${ui.href('live', { views: 1, at: channel })} aria-label=${t('watchOne', { title })}>${picture}</a>`}
      ${running && chosen && html`<span class="demo-site-live"><${ui.Badge} tone="ok" icon="live">${channel === undefined ? t('noChannel') : t('kit.channel', { n: channel })}</${ui.Badge}></span>`}
    </div>
    <div class="demo-site-scene-body">
      <${ui.SwitchField} label=${title} value=${chosen} disabled=${disabled} onChange=${pick} />
      ${description && html`<p class="g-quiet">${description}</p>`}
    </div>
  </article>`;
}
