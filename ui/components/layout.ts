import { html } from 'htm/preact';
import type { ComponentChildren } from 'preact';
import { useEffect, useId } from 'preact/hooks';
import { t } from '../i18n.ts';
import { Icon, type IconName } from './icon.ts';
import type { Tone } from './status.ts';

export interface PageFrameProps {
  title: string;
  /** One line under the title: what this page answers right now. */
  lead?: ComponentChildren;
  /** Buttons at the title. */
  actions?: ComponentChildren;
  /** Address of the page this one belongs to. */
  back?: string;
  /** Uses the whole width: pictures and wide tables. */
  wide?: boolean;
  children?: ComponentChildren;
}

/** The frame of every page: title, what can be done, content. Sets the tab's title. */
export function Page({ title, lead, actions, back, wide, children }: PageFrameProps) {
  useEffect(() => {
    document.title = `${title} · ${t('shell.product')}`;
  }, [title]);
  return html`<div class="g-page" data-wide=${wide || undefined}>
    <header class="g-page-head">
      ${back && html`<a class="g-button g-only-icon" data-kind="quiet" href=${back} aria-label=${t('kit.back')} title=${t('kit.back')}><${Icon} name="left" /></a>`}
      <div class="g-page-title"><h1 tabindex="-1">${title}</h1>${lead && html`<p class="g-lead">${lead}</p>`}</div>
      ${actions && html`<div class="g-page-actions">${actions}</div>`}
    </header>
    ${children}
  </div>`;
}

export interface CardProps {
  title?: string;
  icon?: IconName;
  /** Colours the left edge; say the state in words too. */
  tone?: Tone;
  /** At the end of the title line. */
  actions?: ComponentChildren;
  /** No padding inside: tables, pictures. */
  flush?: boolean;
  children?: ComponentChildren;
  class?: string;
}

export function Card({ title, icon, tone, actions, flush, children, class: extra = '' }: CardProps) {
  const id = useId();
  return html`<section class="g-card ${extra}" data-tone=${tone} aria-labelledby=${title ? id : undefined}>
    ${
      title &&
      html`<header class="g-card-head">
        ${icon && html`<${Icon} name=${icon} size=${18} />`}<h2 id=${id}>${title}</h2>
        ${actions && html`<div class="g-card-actions">${actions}</div>`}
      </header>`
    }
    <div class=${flush ? 'g-card-flush' : 'g-card-body'}>${children}</div>
  </section>`;
}

export interface StackProps {
  /** Steps of 4 px, 4 by default. */
  gap?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 8;
  children?: ComponentChildren;
  class?: string;
}

/** Things under one another. */
export function Stack({ gap = 4, children, class: extra = '' }: StackProps) {
  return html`<div class="g-stack ${extra}" style=${`--gap:var(--s${gap})`}>${children}</div>`;
}

export interface RowProps extends StackProps {
  align?: 'start' | 'center' | 'end' | 'baseline' | 'stretch';
  justify?: 'start' | 'end' | 'space-between' | 'center';
  /** Stays on one line. */
  nowrap?: boolean;
}

/** Things beside one another; wraps where there is no room. */
export function Row({ gap = 3, align = 'center', justify = 'start', nowrap, children, class: extra = '' }: RowProps) {
  const style = `--gap:var(--s${gap});align-items:${align};justify-content:${justify};flex-wrap:${nowrap ? 'nowrap' : 'wrap'}`;
  return html`<div class="g-row ${extra}" style=${style}>${children}</div>`;
}

export interface GridProps extends StackProps {
  /** Least width of a cell in px; as many columns as fit. */
  min?: number;
}

export function Grid({ min = 280, gap = 4, children, class: extra = '' }: GridProps) {
  return html`<div class="g-grid ${extra}" style=${`--gap:var(--s${gap});--min:${min}px`}>${children}</div>`;
}

export interface SplitProps {
  /** The narrow column; under the main one on a small screen (or above it with `asideFirst`). */
  aside: ComponentChildren;
  asideFirst?: boolean;
  /** px of the narrow column, 340 by default. */
  width?: number;
  children?: ComponentChildren;
}

/** A main column with a narrow one beside it. */
export function Split({ aside, asideFirst, width = 340, children }: SplitProps) {
  return html`<div class="g-split" data-aside-first=${asideFirst || undefined} style=${`--aside:${width}px`}>
    <div class="g-split-main">${children}</div><div class="g-split-aside">${aside}</div>
  </div>`;
}

export interface FactsProps {
  /** Rows without a value are left out. */
  items: ({ label: string; value: ComponentChildren } | undefined | false)[];
}

/** Names and values, one under another. */
export function Facts({ items }: FactsProps) {
  return html`<dl class="g-facts">
    ${items.map(
      (item) =>
        item &&
        item.value !== undefined &&
        item.value !== null &&
        item.value !== '' &&
        html`<div key=${item.label}><dt>${item.label}</dt><dd>${item.value}</dd></div>`,
    )}
  </dl>`;
}
