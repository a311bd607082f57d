import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import { AliveBadge, looksInShort } from './looks.ts';
import type { Capture } from './shapes.ts';
import { Who, whoWord } from './who.ts';
import { aliveWord, cameraWord, kindIcon, kindWord, pictureWord, plateWord } from './words.ts';

interface CaptureGridProps {
  page: PageProps;
  records: readonly Capture[];
  /** Undefined: a press opens a capture. Otherwise it chooses it. */
  chosen: ReadonlySet<string> | undefined;
  stale: boolean;
  onChoose: (chosen: ReadonlySet<string>) => void;
  onOpen: (id: string) => void;
}

/** Crops with the facts that tell them apart. */
export function CaptureGrid({ page, records, chosen, stale, onChoose, onOpen }: CaptureGridProps) {
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChoose(next);
  };
  const { Tiles } = page.ui;
  return html`<${Tiles} min=${172} stale=${stale}>
    ${records.map(
      (capture) => html`<${Tile}
        key=${capture.id} page=${page} capture=${capture} chosen=${chosen?.has(capture.id)}
        onPress=${() => (chosen ? toggle(capture.id) : onOpen(capture.id))}
      />`,
    )}
  </${Tiles}>`;
}

interface TileProps {
  page: PageProps;
  capture: Capture;
  /** Undefined while nothing is being chosen. */
  chosen: boolean | undefined;
  onPress: () => void;
}

function Tile({ page, capture, chosen, onPress }: TileProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const looks = looksInShort(i18n, capture);
  const plate = plateWord(i18n, capture);
  const spoken = [pictureWord(i18n, capture), plate, whoWord(i18n, capture), aliveWord(i18n, capture), looks]
    .filter(Boolean)
    .join(', ');
  return html`<button
    type="button" class="g-tile" onClick=${onPress} aria-pressed=${chosen} data-kind=${capture.kind}
    aria-label=${spoken}
  >
    <${ui.Picture} path=${capture.cropPath} width=${320} alt="" ratio=${'4 / 5'} fit="contain" />
    ${chosen !== undefined && html`<span class="captures-mark" data-on=${chosen || undefined}>${chosen && html`<${ui.Icon} name="check" size=${18} />`}</span>`}
    ${capture.aliveType !== 0 && html`<span class="captures-alive"><${AliveBadge} page=${page} capture=${capture} short /></span>`}
    <span class="g-tile-facts captures-facts">
      <b><${ui.Time} at=${capture.time} as="clock" /></b>
      <span class="captures-kind"><${ui.Icon} name=${kindIcon(capture)} size=${16} />${kindWord(i18n, capture)}</span>
      <span class="captures-camera">${cameraWord(i18n, capture)}</span>
      ${capture.kind === 'face' && html`<span class="captures-who"><${Who} page=${page} capture=${capture} /></span>`}
      ${capture.kind === 'vehicle' && html`<span class="captures-who">${capture.plate?.text ? html`<b class="captures-plate">${plate}</b>` : plate || t('plate.none')}</span>`}
      ${looks && html`<span class="captures-looks">${looks}</span>`}
      <small><${ui.Time} at=${capture.time} as="date" /></small>
      <small class="g-num">${t('quality', { n: capture.quality })}</small>
    </span>
  </button>`;
}
