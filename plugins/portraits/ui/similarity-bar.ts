import { html } from 'htm/preact';

/** A similarity of 0 to 100 as a length; the number stands beside it. */
export function SimilarityBar({ similarity }: { similarity: number }) {
  const part = Math.max(0, Math.min(100, similarity));
  return html`<span class="portraits-bar" aria-hidden="true"><span class="portraits-bar-part" style=${`width:${part}%`}></span></span>`;
}
