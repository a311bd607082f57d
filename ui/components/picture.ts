import { html } from 'htm/preact';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../i18n.ts';
import { me } from '../session.ts';
import { Icon, type IconName } from './icon.ts';

export interface PictureBox {
  /** Left, top, right, bottom in pixels of `frame`. */
  box: readonly [number, number, number, number];
  label?: string;
}

export interface PictureProps {
  /** Path of a stored picture, read from `/ws/<path>`. */
  path?: string | undefined;
  /** Of a stored picture, where a smaller one is enough: at least as many pixels as it is shown at on a phone. */
  width?: 160 | 320;
  /** Any other address: a snapshot, a data or blob URL. */
  src?: string | undefined;
  alt: string;
  /** CSS aspect ratio, `1` by default; with `frame` the frame's own. */
  ratio?: string;
  fit?: 'cover' | 'contain';
  /** Native size, needed for boxes. */
  frame?: { width: number; height: number };
  boxes?: readonly PictureBox[];
  /** Shows people, so it needs the image right. Default true. */
  people?: boolean;
  /** What to show where there is no picture at all. */
  missing?: string;
  /** Loads at once, not when scrolled near. */
  eager?: boolean;
  /** Too small for words: where there is none to see the icon says so, and the words are for screen readers. */
  small?: boolean;
}

/** A picture with its placeholders: no right to see it, gone, not there, on its way. */
export function Picture(props: PictureProps) {
  const { path, width, alt, fit = 'cover', frame, boxes = [], people = true, missing, eager, small } = props;
  const stored = path && `/ws/${encodeURI(path.replace(/^\/+/, '').replace(/^ws\//, ''))}`;
  const src = stored ? `${stored}${width ? `?width=${width}` : ''}` : props.src;
  // What became of a picture is kept with its address: one out of the cache is shown before any effect has run.
  const [outcome, setOutcome] = useState<{ src: string; state: 'shown' | 'gone' }>();
  const state = outcome && outcome.src === src ? outcome.state : 'loading';
  const ratio = props.ratio ?? (frame && frame.height > 0 ? `${frame.width} / ${frame.height}` : '1');
  const allowed = !people || me.value?.imageRight === true;

  const none = (icon: IconName, text: string) =>
    html`<span class="g-picture-none"><${Icon} name=${icon} size=${24} /><span class=${small ? 'g-hidden' : ''}>${text}</span></span>`;
  let inside: ComponentChildren;
  if (!allowed) inside = none('eye-off', t('kit.noImageRight'));
  else if (!src) inside = none('picture', missing ?? t('kit.noPicture'));
  else if (state === 'gone') inside = none('picture', t('kit.pictureGone'));
  else
    inside = html`<img
        key=${src} src=${src} alt=${alt} loading=${eager ? 'eager' : 'lazy'} decoding="async" style=${`object-fit:${fit}`}
        onLoad=${() => setOutcome({ src, state: 'shown' })} onError=${() => setOutcome({ src, state: 'gone' })}
      />
      ${frame && boxes.map(({ box, label }, i) => html`<span key=${i} class="g-picture-box" style=${place(box, frame)}>${label && html`<span class="g-picture-name">${label}</span>`}</span>`)}`;
  return html`<div class="g-picture" data-state=${allowed && src ? state : 'none'} style=${`aspect-ratio:${ratio}`}>${inside}</div>`;
}

function place(box: PictureBox['box'], frame: { width: number; height: number }): string {
  const x = (value: number) => (value / frame.width) * 100;
  const y = (value: number) => (value / frame.height) * 100;
  return `left:${x(box[0])}%;top:${y(box[1])}%;width:${x(box[2] - box[0])}%;height:${y(box[3] - box[1])}%`;
}
