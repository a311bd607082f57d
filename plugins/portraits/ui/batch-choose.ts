import { html } from 'htm/preact';
import { useRef, useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';

/** Which files or which folder, and how their names say who is in the pictures. */
export function ChooseFiles({ page, onChoose }: { page: PageProps; onChoose: (files: File[]) => void }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (list: FileList | null | undefined) => {
    if (list && list.length > 0) onChoose([...list]);
  };
  const chosen = (event: Event) => take((event.currentTarget as HTMLInputElement).files);
  return html`<div class="g-stack">
    <div class="portraits-source" data-over=${over || undefined}
      onDragOver=${(event: DragEvent) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave=${() => setOver(false)}
      onDrop=${(event: DragEvent) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <span class="g-empty-icon"><${ui.Icon} name="people" size=${28} /></span>
      <strong>${t('batch.choose')}</strong>
      <p class="g-quiet portraits-drop-hint">${t('batch.drop')}</p>
      <${ui.Row} gap=${2} justify="center">
        <${ui.Button} kind="primary" icon="upload" onClick=${() => folder.current?.click()}>${t('batch.folder')}</${ui.Button}>
        <${ui.Button} icon="picture" onClick=${() => files.current?.click()}>${t('batch.files')}</${ui.Button}>
      </${ui.Row}>
      <input ref=${folder} class="g-hidden" type="file" multiple webkitdirectory tabindex="-1" aria-hidden="true" onChange=${chosen} />
      <input ref=${files} class="g-hidden" type="file" multiple accept="image/jpeg,image/png,image/bmp,image/tiff" tabindex="-1" aria-hidden="true" onChange=${chosen} />
    </div>
    <div class="portraits-grammar">
      <h3>${t('batch.names')}</h3>
      <p>${t('batch.simple')} <code>${t('batch.simpleExample')}</code></p>
      <p>${t('batch.grammar')}</p>
      <code>${t('batch.grammarParts')}</code>
      <p>${t('batch.grammarExample')} <code>${t('batch.example')}</code></p>
      <p class="g-quiet">${t('batch.grammarRules')}</p>
    </div>
  </div>`;
}
