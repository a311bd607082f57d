import { html } from 'htm/preact';
import type { ComponentChildren } from 'preact';

export interface TilesProps {
  /** Least width of a tile in px; as many columns as fit, two on a phone. */
  min?: number;
  /** What is shown is about to change. */
  stale?: boolean;
  /** Each a `button` or a link of the class `g-tile`: a picture, and words in a `g-tile-facts`. */
  children?: ComponentChildren;
}

/** Pictures with a few words each; arrow keys go through those that can be pressed. */
export function Tiles({ min = 160, stale, children }: TilesProps) {
  return html`<div class="g-tiles" style=${`--min:${min}px`} aria-busy=${stale || undefined} onKeyDown=${moveFocus}>${children}</div>`;
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
