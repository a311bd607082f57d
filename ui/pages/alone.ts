import { html } from 'htm/preact';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Mark } from '../brand.ts';
import { t } from '../i18n.ts';
import { LanguageSwitch, ThemeSwitch } from '../switches.ts';

/** The frame of what stands alone: signing in, the first password, a box that does not answer. */
export function Alone({ children }: { children?: ComponentChildren }) {
  useEffect(() => {
    document.title = t('shell.product');
  }, []);
  return html`<main class="s-alone">
    <div class="s-alone-brand"><${Mark} size=${36} />${t('shell.product')}</div>
    <div class="s-alone-card">${children}</div>
    <div class="s-alone-foot"><${LanguageSwitch} /><${ThemeSwitch} /></div>
  </main>`;
}
