import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../i18n.ts';
import { Button, IconButton } from './button.ts';
import { TextField } from './fields.ts';
import { Icon } from './icon.ts';

export interface DialogProps {
  title: string;
  /** Escape, the cross, the Back of the form. */
  onClose: () => void;
  wide?: boolean;
  /** Buttons at the lower edge; a `Form` inside brings its own. */
  footer?: ComponentChildren;
  children?: ComponentChildren;
}

/** A modal dialog: the focus stays inside and goes back to where it came from. On a phone it is a sheet from below. */
export function Dialog({ title, onClose, wide, footer, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const dialog = element.current;
    const opener = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // The browser gives the focus back only to what it can still see from a dialog that is drawn.
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return html`<dialog
    class="g-dialog" data-wide=${wide || undefined} ref=${element} aria-labelledby=${id}
    onCancel=${(event: Event) => {
      if (event.target !== element.current) return; // a file or colour chooser inside was cancelled
      event.preventDefault();
      onClose();
    }}
  >
    <header class="g-dialog-head"><h2 id=${id}>${title}</h2><${IconButton} icon="close" label=${t('kit.close')} onClick=${onClose} /></header>
    <div class="g-dialog-body">${children}</div>
    ${footer && html`<footer class="g-dialog-foot">${footer}</footer>`}
  </dialog>`;
}

export interface ConfirmOptions {
  title: string;
  text?: string;
  /** What will be lost, point by point. */
  lose?: string[];
  /** Text of the button that does it: "Delete 3 captures". */
  confirm: string;
  /** A word that must be typed first, for what is very much or cannot be had again. */
  typed?: string;
  /** Default true. */
  danger?: boolean;
}

const question = signal<(ConfirmOptions & { answer: (yes: boolean) => void }) | undefined>(undefined);

/** The second step of a destructive act: says what will be lost and waits. Resolves to what was answered. */
export function confirm(options: ConfirmOptions): Promise<boolean> {
  question.peek()?.answer(false);
  return new Promise((resolve) => {
    question.value = {
      ...options,
      answer: (yes) => {
        question.value = undefined;
        resolve(yes);
      },
    };
  });
}

function Confirmation({
  title,
  text,
  lose = [],
  confirm: action,
  typed,
  danger = true,
  answer,
}: ConfirmOptions & { answer: (yes: boolean) => void }) {
  const [word, setWord] = useState('');
  const ready = typed === undefined || word.trim() === typed;
  return html`<${Dialog}
    title=${title} onClose=${() => answer(false)}
    footer=${html`
      <${Button} kind=${danger ? 'danger' : 'primary'} disabled=${!ready} onClick=${() => answer(true)}>${action}</${Button}>
      <${Button} autofocus=${typed === undefined} onClick=${() => answer(false)}>${t('kit.cancel')}</${Button}>`}
  >
    <div class="g-stack">
      ${text && html`<p>${text}</p>`}
      ${
        lose.length > 0 &&
        html`<div class="g-lose"><strong>${t('kit.willBeLost')}</strong>
          <ul>${lose.map((item) => html`<li key=${item}><${Icon} name="close" size=${16} /><span>${item}</span></li>`)}</ul></div>`
      }
      ${typed !== undefined && html`<${TextField} label=${t('kit.typeToConfirm', { word: typed })} value=${word} onChange=${setWord} autofocus />`}
    </div>
  </${Dialog}>`;
}

/** Mounted once by the shell; shows what `confirm` asks. */
export function ConfirmHost() {
  const open = question.value;
  return open ? html`<${Confirmation} key=${open.title} ...${open} />` : null;
}
