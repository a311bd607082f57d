import { html } from 'htm/preact';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { shellTexts } from '../i18n.ts';
import { Icon, type IconName } from './icon.ts';
import { toast } from './toast.ts';

export interface ButtonProps {
  /** `primary`: the one thing to do here. `danger`: destroys. `quiet`: without a frame. */
  kind?: 'primary' | 'secondary' | 'quiet' | 'danger';
  icon?: IconName;
  /** Icon behind the text. */
  iconEnd?: IconName;
  /** A link that looks like a button. */
  href?: string;
  download?: boolean | string;
  type?: 'button' | 'submit';
  disabled?: boolean;
  busy?: boolean;
  small?: boolean;
  /** Over the whole width. */
  block?: boolean;
  label?: string;
  title?: string;
  pressed?: boolean;
  autofocus?: boolean;
  children?: ComponentChildren;
  /** May give a promise: the button is busy until it settles, and what it rejects with is shown as a toast. */
  onClick?: (event: MouseEvent) => unknown;
}

export function Button(props: ButtonProps) {
  const { kind = 'secondary', icon, iconEnd, type = 'button', small, block, label, title, pressed, children } = props;
  const [running, setRunning] = useState(false);
  const busy = running || props.busy === true;

  async function click(event: MouseEvent): Promise<void> {
    if (busy) {
      event.preventDefault();
      return;
    }
    const outcome = props.onClick?.(event);
    if (!(outcome instanceof Promise)) return;
    setRunning(true);
    try {
      await outcome;
    } catch (error) {
      toast(shellTexts().error(error), { tone: 'bad' });
    } finally {
      setRunning(false);
    }
  }

  const content = html`
    ${busy ? html`<${Icon} name="busy" size=${18} class="g-spin" />` : icon && html`<${Icon} name=${icon} size=${18} />`}
    ${children !== undefined && html`<span class="g-button-text">${children}</span>`}
    ${iconEnd && html`<${Icon} name=${iconEnd} size=${18} />`}`;
  const look = `g-button${small ? ' g-small' : ''}${block ? ' g-block' : ''}${children === undefined ? ' g-only-icon' : ''}`;
  if (props.href !== undefined)
    return html`<a
      class=${look} data-kind=${kind} href=${props.href} download=${props.download} aria-label=${label} title=${title}
      onClick=${click}
    >${content}</a>`;
  return html`<button
    class=${look} data-kind=${kind} type=${type} disabled=${props.disabled} aria-busy=${busy || undefined}
    aria-label=${label} title=${title} aria-pressed=${pressed} autofocus=${props.autofocus} onClick=${click}
  >${content}</button>`;
}

export interface IconButtonProps extends Omit<ButtonProps, 'children' | 'label'> {
  icon: IconName;
  /** Says what it does; shown as a tooltip too. */
  label: string;
}

export function IconButton({ kind = 'quiet', ...props }: IconButtonProps) {
  return html`<${Button} ...${props} kind=${kind} title=${props.title ?? props.label} />`;
}
