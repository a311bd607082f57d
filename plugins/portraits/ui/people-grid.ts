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

/** People with picture, name and quality; arrow keys go through them. */
export function PeopleGrid({ page, portraits, stale, onOpen }: PeopleGridProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  return html`<div class="portraits-grid" aria-busy=${stale || undefined} onKeyDown=${moveFocus}>
    ${portraits.map((portrait) => {
      const name = personWord(portrait);
      const quality = t('quality', { n: portrait.quality });
      return html`<button key=${portrait.imageId} type="button" class="portraits-tile" aria-label=${`${name}, ${quality}`} onClick=${() => onOpen(portrait.imageId)}>
        <${ui.Picture} path=${portrait.path} alt="" ratio="4 / 5" />
        <span class="portraits-facts">
          <b>${name}</b>
          <small><${ui.Time} at=${portrait.createTime} as="date" /></small>
          <small class="portraits-quality" data-tone=${portrait.quality < GOOD ? 'warn' : undefined}>
            ${portrait.quality < GOOD && html`<${ui.Icon} name="warn" size=${14} />`}${quality}
          </small>
        </span>
      </button>`;
    })}
  </div>`;
}

/** Left and right by one, up and down by a row of what is seen. */
function moveFocus(event: KeyboardEvent): void {
  const tiles = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('button')];
  const at = tiles.indexOf(event.target as HTMLElement);
  const top = tiles[0]?.offsetTop;
  const columns = tiles.findIndex((tile) => tile.offsetTop !== top);
  const row = columns < 0 ? tiles.length : columns;
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row }[event.key];
  const target = at < 0 || step === undefined ? undefined : tiles[at + step];
  if (!target) return;
  event.preventDefault();
  target.focus();
}
