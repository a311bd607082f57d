import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { Portrait } from './shapes.ts';
import { personWord } from './words.ts';

interface PeopleGridProps {
  page: PageProps;
  portraits: readonly Portrait[];
  stale: boolean;
  onOpen: (imageId: string) => void;
}

/** From this quality on a face can be relied on. */
const GOOD = 60;

/** People with picture, name and quality. */
export function PeopleGrid({ page, portraits, stale, onOpen }: PeopleGridProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  return html`<${ui.Tiles} min=${148} stale=${stale}>
    ${portraits.map((portrait) => {
      const name = personWord(portrait);
      const quality = t('quality', { n: portrait.quality });
      return html`<button key=${portrait.imageId} type="button" class="g-tile portraits-tile" aria-label=${`${name}, ${quality}`} onClick=${() => onOpen(portrait.imageId)}>
        <${ui.Picture} path=${portrait.path} width=${320} alt="" ratio="4 / 5" />
        <span class="g-tile-facts portraits-facts">
          <b>${name}</b>
          <small><${ui.Time} at=${portrait.createTime} as="date" /></small>
          <small class="portraits-quality" data-tone=${portrait.quality < GOOD ? 'warn' : undefined}>
            ${portrait.quality < GOOD && html`<${ui.Icon} name="warn" size=${14} />`}${quality}
          </small>
        </span>
      </button>`;
    })}
  </${ui.Tiles}>`;
}
