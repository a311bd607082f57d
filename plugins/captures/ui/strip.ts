import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import type { Capture, CapturePage } from './shapes.ts';
import { whoIs, whoWord } from './who.ts';
import { cameraWord, kindIcon, kindWord, pictureWord, plateWord } from './words.ts';

export const styles = ['./captures.css'];

const MOST = 20;
/** Marks what has just come, ms. */
const NEW_MS = 6_000;

/** Beside the live pictures: the newest captures as they come, of all cameras or of `params.channel`. */
export default function Strip(page: PageProps) {
  const { api, i18n, ui, params } = page;
  const { t } = i18n;
  const channel = Number(params['channel']) || undefined;
  const query = channel === undefined ? {} : { channel };
  const found = ui.useData((signal) => api.get<CapturePage>('/captures', { ...query, limit: MOST }, { signal }), {
    deps: [channel],
    changed: ['captures'],
  });
  /** Captures that came while the page is open, newest first, each with when it came. */
  const [arrived, setArrived] = useState<{ capture: Capture; at: number }[]>([]);
  const held = useRef<typeof arrived>([]);
  const holding = useRef(false);
  ui.useLive<Capture>('captures.new', query, (capture) => {
    const one = { capture, at: Date.now() };
    // What somebody is about to press must not slip away from under the pointer.
    if (holding.current) held.current = [one, ...held.current].slice(0, MOST);
    else setArrived((before) => [one, ...before].slice(0, MOST));
  });
  // Some were deleted, perhaps of somebody who was erased: once those that are left are read, they stand for what had come.
  const erasedAt = useRef(0);
  useEffect(
    () =>
      page.live.onChanged('captures', () => {
        erasedAt.current = Date.now();
      }),
    [],
  );
  useEffect(() => {
    const isLater = ({ at }: { at: number }) => at > erasedAt.current;
    held.current = held.current.filter(isLater);
    setArrived((before) => (before.every(isLater) ? before : before.filter(isLater)));
  }, [found.data]);
  const hold = () => {
    holding.current = true;
  };
  const release = () => {
    holding.current = false;
    const waiting = held.current;
    held.current = [];
    if (waiting.length > 0) setArrived((before) => [...waiting, ...before].slice(0, MOST));
  };
  const now = ui.useNow(2_000);

  const link = html`<${ui.IconButton} icon="records" label=${t('strip.all')} href=${ui.href('records', query)} />`;
  return html`<${ui.Card} title=${t('strip.title')} actions=${link} flush>
    <${ui.Loaded} of=${found} what=${t('newest.notRead')} skeleton=${html`<div class="g-pad"><${ui.Skeleton} lines=${6} /></div>`}>
      ${({ records }: CapturePage) => {
        const shown = merged(
          arrived.filter(({ capture }) => channel === undefined || capture.channel === channel),
          records,
        );
        if (shown.length === 0) return html`<p class="g-pad g-quiet">${t('strip.none')}</p>`;
        return html`<ul class="captures-strip" onPointerEnter=${hold} onPointerLeave=${release} onFocusIn=${hold} onFocusOut=${release}>
          ${shown.map(
            ({ capture, at }) => html`<li key=${capture.id} data-new=${now - at < NEW_MS || undefined}>
              <a href=${ui.href('records', { id: capture.id })} aria-label=${[pictureWord(i18n, capture), plateWord(i18n, capture), whoWord(i18n, capture)].filter(Boolean).join(', ')}>
                <span class="captures-thumb"><${ui.Picture} path=${capture.cropPath} width=${160} alt="" ratio=${'1'} fit="contain" eager small /></span>
                <span class="captures-strip-facts">
                  <b><${ui.Time} at=${capture.time} as="clock" /></b>
                  <span>${cameraWord(i18n, capture)}</span>
                  <small><${ui.Icon} name=${kindIcon(capture)} size=${14} />${whoIs(capture) === 'known' || whoIs(capture) === 'stranger' ? whoWord(i18n, capture) : capture.plate?.text || kindWord(i18n, capture)}</small>
                </span>
              </a>
            </li>`,
          )}
        </ul>`;
      }}
    </${ui.Loaded}>
  </${ui.Card}>`;
}

/** Arrived and read ones, each once, newest first. */
function merged(arrived: readonly { capture: Capture; at: number }[], records: readonly Capture[]) {
  const known = new Set(arrived.map(({ capture }) => capture.id));
  const read = records.filter(({ id }) => !known.has(id)).map((capture) => ({ capture, at: 0 }));
  return [...arrived, ...read].sort((a, b) => b.capture.time - a.capture.time).slice(0, MOST);
}
