import { html } from 'htm/preact';

/** The mark of the product: a gatehouse. */
export function Mark({ size = 28 }: { size?: number }) {
  return html`<svg class="s-mark" width=${size} height=${size} viewBox="0 0 32 32" fill="none" stroke="currentColor"
    stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"
  ><path d="M6 27V12.5L16 4.5l10 8V27M12.5 27v-8a3.5 3.5 0 0 1 7 0v8" /></svg>`;
}
