import { html } from 'htm/preact';
import type { ComponentChildren } from 'preact';
import { t } from '../i18n.ts';
import { IconButton } from './button.ts';
import { Icon, type IconName } from './icon.ts';

/** How something stands. Each tone has a shape of its own, so that colour is never alone in saying it. */
export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'idle' | 'busy';

export interface StatusProps {
  tone: Tone;
  /** What it is: "Online", "Offline". */
  children?: ComponentChildren;
  size?: number;
}

/** Icon and word of a state, for table cells and headings. */
export function Status({ tone, children, size = 18 }: StatusProps) {
  return html`<span class="g-status" data-tone=${tone}>
    <${Icon} name=${tone} size=${size} class=${tone === 'busy' ? 'g-spin' : ''} /><span>${children}</span>
  </span>`;
}

export interface BadgeProps {
  tone?: Tone | 'plain' | 'accent';
  icon?: IconName;
  children?: ComponentChildren;
}

/** A small label: a count, a kind, a role. */
export function Badge({ tone = 'plain', icon, children }: BadgeProps) {
  return html`<span class="g-badge" data-tone=${tone}>${icon && html`<${Icon} name=${icon} size=${14} />`}${children}</span>`;
}

export interface NoticeProps {
  tone?: Tone;
  title?: string;
  children?: ComponentChildren;
  /** A button or link at its end. */
  action?: ComponentChildren;
  onClose?: () => void;
}

/** A message inside a page. `bad` and `warn` are read out at once by screen readers. */
export function Notice({ tone = 'info', title, children, action, onClose }: NoticeProps) {
  return html`<div class="g-notice" data-tone=${tone} role=${tone === 'bad' || tone === 'warn' ? 'alert' : 'status'}>
    <${Icon} name=${tone} class=${tone === 'busy' ? 'g-spin' : ''} />
    <div class="g-notice-body">${title && html`<strong>${title}</strong>`}${children && html`<div>${children}</div>`}</div>
    ${action && html`<div class="g-notice-action">${action}</div>`}
    ${onClose && html`<${IconButton} icon="close" label=${t('kit.close')} onClick=${onClose} />`}
  </div>`;
}
