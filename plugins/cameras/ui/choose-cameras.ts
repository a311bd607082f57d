import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import type { Camera } from './shapes.ts';

interface ChooseCamerasProps {
  page: PageProps;
  cameras: Camera[];
  chosen: Camera[];
  /** Undefined: all of them. */
  onChoose: (channels: number[] | undefined) => void;
  onClose: () => void;
}

/** Picks the cameras of the wall; the choice goes into the address, so it can be kept as a bookmark. */
export function ChooseCameras({ page, cameras, chosen, onChoose, onClose }: ChooseCamerasProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const [channels, setChannels] = useState(chosen.map(({ channel }) => channel));
  const all = channels.length === cameras.length;
  const take = () => {
    onChoose(all ? undefined : channels);
    onClose();
  };
  return html`<${ui.Dialog}
    title=${t('live.choose')} onClose=${onClose}
    footer=${html`<${ui.Button} kind="primary" disabled=${channels.length === 0} onClick=${take}>${t('live.show', { n: channels.length })}</${ui.Button}>
      <${ui.Button} onClick=${() => setChannels(all ? [] : cameras.map(({ channel }) => channel))}>${all ? t('live.noneOf') : t('live.allOf')}</${ui.Button}>`}
  >
    <${ui.ChecksField}
      label=${t('live.chooseWhich')} hint=${t('live.chooseHint')} value=${channels} onChange=${setChannels}
      options=${cameras.map(({ channel, name, position, origin }) => ({ value: channel, label: `${channel} · ${name}`, hint: origin ? [t('demo.badge'), position].filter(Boolean).join(' · ') : position }))}
    />
  </${ui.Dialog}>`;
}
