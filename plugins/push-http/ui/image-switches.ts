import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { ImageSwitches as Switches } from '../../../core/events/push-images.ts';
import type { PageProps } from '../../../ui/contract.ts';

interface ImageSwitchesProps {
  page: PageProps;
  images: Switches;
  mayChange: boolean;
  onDone: () => unknown;
}

/** Which pictures go with pushes; a switch takes effect at once. */
export function ImageSwitches({ page, images, mayChange, onDone }: ImageSwitchesProps) {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const [busy, setBusy] = useState(false);
  async function change(one: Partial<Switches>): Promise<void> {
    setBusy(true);
    try {
      await api.patch('/images', one);
    } catch (error) {
      ui.toast(i18n.error(error), { tone: 'bad' });
    }
    await onDone();
    setBusy(false);
  }
  const field = (part: keyof Switches, label: string) =>
    html`<${ui.SwitchField} label=${label} value=${images[part]} disabled=${busy || !mayChange} onChange=${(on: boolean) => change({ [part]: on })} />`;
  return html`<${ui.Card} title=${t('images.title')} icon="picture">
    <${ui.Stack} gap=${3}>
      <p class="g-quiet">${t('images.lead')}</p>
      ${field('snap', t('images.snap'))}
      ${field('frame', t('images.frame'))}
      ${field('library', t('images.library'))}
    </${ui.Stack}>
  </${ui.Card}>`;
}
