import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import { chosenOf, LARGEST } from './pictures.ts';
import type { Chosen } from './shapes.ts';
import { canFilm, Webcam } from './webcam.ts';

interface PictureSourceProps {
  page: PageProps;
  /** Over the place: "Picture of the person". */
  label: string;
  onChoose: (chosen: Chosen) => void;
  /** Takes what is pasted anywhere on the page as well; only one place at a time should. */
  pasted?: boolean;
}

/** Where a picture comes from: dropped, chosen, pasted, taken with the phone's camera or the computer's. */
export function PictureSource({ page, label, onChoose, pasted }: PictureSourceProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const [over, setOver] = useState(false);
  const [fault, setFault] = useState<string>();
  const [filming, setFilming] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const shot = useRef<HTMLInputElement>(null);

  const take = (picture: File | undefined) => {
    if (!picture) return;
    const wrong =
      picture.size > LARGEST
        ? t('source.tooLarge', { size: i18n.bytes(picture.size), most: i18n.bytes(LARGEST) })
        : picture.size === 0
          ? t('source.empty')
          : undefined;
    setFault(wrong);
    if (wrong === undefined) onChoose(chosenOf(picture, picture.name));
  };
  const chosen = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    take(input.files?.[0]);
    // The same file may be chosen again.
    input.value = '';
  };
  const dropped = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer?.files[0]);
  };
  useEffect(() => {
    if (!pasted) return;
    const paste = (event: ClipboardEvent) => {
      const picture = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
      if (!picture) return;
      event.preventDefault();
      take(picture);
    };
    addEventListener('paste', paste);
    return () => removeEventListener('paste', paste);
  });

  if (filming)
    return html`<${Webcam} page=${page} onTake=${(blob: Blob) => {
      setFilming(false);
      onChoose(chosenOf(blob));
    }} onClose=${() => setFilming(false)} />`;
  return html`<div
    class="portraits-source" data-over=${over || undefined} role="group" aria-label=${label}
    onDragOver=${(event: DragEvent) => {
      event.preventDefault();
      setOver(true);
    }}
    onDragLeave=${() => setOver(false)} onDrop=${dropped}
  >
    <span class="g-empty-icon"><${ui.Icon} name="face" size=${28} /></span>
    <strong>${label}</strong>
    <p class="g-quiet portraits-drop-hint">${pasted ? t('source.dropOrPaste') : t('source.drop')}</p>
    <${ui.Row} gap=${2} justify="center">
      <${ui.Button} kind="primary" icon="upload" onClick=${() => file.current?.click()}>${t('source.choose')}</${ui.Button}>
      ${
        canFilm()
          ? html`<${ui.Button} icon="cameras" onClick=${() => setFilming(true)}>${t('source.take')}</${ui.Button}>`
          : html`<span class="portraits-phone"><${ui.Button} icon="cameras" onClick=${() => shot.current?.click()}>${t('source.take')}</${ui.Button}></span>`
      }
    </${ui.Row}>
    ${fault && html`<p class="g-field-error" role="alert"><${ui.Icon} name="warn" size=${16} />${fault}</p>`}
    <input ref=${file} class="g-hidden" type="file" accept="image/jpeg,image/png,image/bmp,image/tiff" tabindex="-1" aria-hidden="true" onChange=${chosen} />
    <input ref=${shot} class="g-hidden" type="file" accept="image/*" capture="environment" tabindex="-1" aria-hidden="true" onChange=${chosen} />
  </div>`;
}
