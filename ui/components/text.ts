import { html } from 'htm/preact';
import { useNow } from '../hooks.ts';
import { shellTexts, t } from '../i18n.ts';
import { IconButton } from './button.ts';
import { toast } from './toast.ts';

export interface TimeProps {
  /** ms */
  at: number;
  /** `full` by default. */
  as?: 'full' | 'date' | 'clock' | 'ago';
}

/** A moment in the box's zone; the full time is its tooltip. */
export function Time({ at, as = 'full' }: TimeProps) {
  useNow(as === 'ago' ? 15_000 : 3_600_000);
  const i18n = shellTexts();
  const text = { full: i18n.time, date: i18n.date, clock: i18n.clock, ago: i18n.ago }[as](at);
  return html`<time class="g-num" datetime=${new Date(at).toISOString()} title=${as === 'full' ? undefined : i18n.time(at)}>${text}</time>`;
}

/** Puts text on the clipboard and says so; without HTTPS the browser may refuse, then the text is selected instead. */
export async function copy(text: string, element?: HTMLElement | null): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(t('kit.copied'));
  } catch {
    if (!element) throw new Error(t('kit.copyRefused'));
    getSelection()?.selectAllChildren(element);
    // The one way left on plain HTTP, which is how most boxes are first reached.
    if (document.execCommand('copy')) toast(t('kit.copied'));
    else toast(t('kit.copyRefused'), { tone: 'info' });
  }
}

export interface CodeProps {
  /** A command, a key, a password: shown as it is, with a button that copies it. */
  text: string;
  label?: string;
}

export function Code({ text, label }: CodeProps) {
  const press = (event: MouseEvent) =>
    copy(text, (event.currentTarget as HTMLElement).parentElement?.querySelector('code'));
  return html`<span class="g-code" role="group" aria-label=${label}><code>${text}</code><${IconButton} icon="copy" label=${t('kit.copy')} onClick=${press} /></span>`;
}
