import { signal } from '@preact/signals';
import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n.ts';
import { Icon } from './icon.ts';
import type { Tone } from './status.ts';

/** Short messages that something happened; what needs an answer is a dialog or a notice. */

interface Toast {
  id: number;
  text: string;
  tone: Tone;
}

const toasts = signal<Toast[]>([]);
const MOST = 4;
let nextId = 1;

export function dismissToast(id: number): void {
  toasts.value = toasts.peek().filter((shown) => shown.id !== id);
}

/** Shows a message for five seconds, a failure for twelve. */
export function toast(text: string, options: { tone?: Tone } = {}): void {
  const id = nextId++;
  const tone = options.tone ?? 'ok';
  toasts.value = [...toasts.peek().slice(-(MOST - 1)), { id, text, tone }];
  setTimeout(() => dismissToast(id), tone === 'bad' || tone === 'warn' ? 12_000 : 5_000);
}

/** Mounted once by the shell. A popover, so that it stands above open dialogs. */
export function ToastHost() {
  const place = useRef<HTMLDivElement>(null);
  const shown = toasts.value;
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    // Opened anew for each message: the last one opened is on top.
    if (element.matches(':popover-open')) element.hidePopover();
    if (shown.length > 0) element.showPopover();
  }, [shown]);
  return html`<div class="g-toasts" popover="manual" ref=${place} role="status" aria-live="polite">
    ${shown.map(
      ({ id, text, tone }) => html`<div class="g-toast" key=${id} data-tone=${tone}>
        <${Icon} name=${tone} /><span>${text}</span>
        <button type="button" class="g-button g-only-icon" data-kind="quiet" aria-label=${t('kit.close')} onClick=${() => dismissToast(id)}>
          <${Icon} name="close" size=${18} />
        </button>
      </div>`,
    )}
  </div>`;
}
