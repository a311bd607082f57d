import { html } from 'htm/preact';
import type { ComponentChildren } from 'preact';
import type { DataState } from '../hooks.ts';
import { shellTexts, t } from '../i18n.ts';
import { Button } from './button.ts';
import { Icon, type IconName } from './icon.ts';

export interface EmptyProps {
  icon?: IconName;
  title: string;
  /** How to fill it. */
  children?: ComponentChildren;
  action?: ComponentChildren;
}

/** A list with nothing in it: says why, and how to fill it. */
export function Empty({ icon = 'info', title, children, action }: EmptyProps) {
  return html`<div class="g-empty">
    <span class="g-empty-icon"><${Icon} name=${icon} size=${28} /></span>
    <h3>${title}</h3>${children && html`<p>${children}</p>`}${action && html`<div class="g-empty-action">${action}</div>`}
  </div>`;
}

export interface ErrorStateProps {
  /** What failed: "The cameras could not be read". */
  what?: string;
  /** Why: what a call rejected with, or a text. */
  error?: unknown;
  /** What to do now, where trying again is not the answer. */
  now?: ComponentChildren;
  onRetry?: () => unknown;
}

export function ErrorState({ what, error, now, onRetry }: ErrorStateProps) {
  const i18n = shellTexts();
  return html`<div class="g-empty" data-tone="bad" role="alert">
    <span class="g-empty-icon"><${Icon} name="bad" size=${28} /></span>
    <h3>${what ?? i18n.t('kit.failed')}</h3>
    ${error !== undefined && html`<p>${typeof error === 'string' ? error : i18n.error(error)}</p>`}
    ${now && html`<p>${now}</p>`}
    ${onRetry && html`<div class="g-empty-action"><${Button} icon="refresh" onClick=${onRetry}>${i18n.t('kit.retry')}</${Button}></div>`}
  </div>`;
}

export interface SkeletonProps {
  /** Lines of text, or one block. */
  lines?: number;
  /** CSS height of a block. */
  height?: string;
}

/** Stands where content will be. */
export function Skeleton({ lines = 3, height }: SkeletonProps) {
  const bars = height
    ? html`<span style=${`height:${height}`}></span>`
    : Array.from(
        { length: lines },
        (_, i) => html`<span key=${i} style=${`width:${[92, 74, 84, 58][i % 4]}%`}></span>`,
      );
  return html`<div class="g-skeleton" role="status" aria-label=${t('kit.loading')}>${bars}</div>`;
}

export interface LoadedProps<T> {
  /** What `useData` gave. */
  of: DataState<T>;
  /** What could not be read, for the error. */
  what?: string;
  /** Stands in while nothing is there yet. */
  skeleton?: ComponentChildren;
  children: (data: T) => ComponentChildren;
}

/** Shows what `useData` read; a skeleton before, an error with a retry instead. */
export function Loaded<T>({ of, what, skeleton, children }: LoadedProps<T>) {
  if (of.data !== undefined) return children(of.data);
  if (of.error !== undefined) return html`<${ErrorState} what=${what} error=${of.error} onRetry=${of.reload} />`;
  return skeleton ?? html`<${Skeleton} lines=${5} />`;
}

export interface ProgressProps {
  label: string;
  /** Without `value` it only says that something goes on. */
  value?: number;
  max?: number;
  onCancel?: () => unknown;
}

/** A long action: how far it is, and a way to stop it. */
export function Progress({ label, value, max = 1, onCancel }: ProgressProps) {
  const i18n = shellTexts();
  const part = value === undefined ? undefined : Math.max(0, Math.min(1, max > 0 ? value / max : 0));
  return html`<div class="g-progress">
    <div class="g-progress-text"><span>${label}</span>${part !== undefined && html`<span class="g-num">${i18n.percent(part)}</span>`}</div>
    <div
      class="g-progress-bar" role="progressbar" aria-label=${label} aria-valuemin="0" aria-valuemax="100"
      aria-valuenow=${part === undefined ? undefined : Math.round(part * 100)} data-open=${part === undefined || undefined}
    ><span style=${part === undefined ? '' : `width:${part * 100}%`}></span></div>
    ${onCancel && html`<${Button} small onClick=${onCancel}>${i18n.t('kit.cancel')}</${Button}>`}
  </div>`;
}
