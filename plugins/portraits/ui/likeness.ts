import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { Near } from './shapes.ts';
import { likeWord } from './words.ts';

interface LikenessProps {
  page: PageProps;
  near: readonly Near[];
  /** Why nobody was compared with. */
  fault: string | null;
}

/** Who is enrolled already and looks much like the person: perhaps this would be the second time. */
export function Likeness({ page, near, fault }: LikenessProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  if (fault !== null) return html`<${ui.Notice} tone="idle" title=${t('near.notCompared')}>${fault}</${ui.Notice}>`;
  if (near.length === 0) return null;
  return html`<${ui.Notice} tone="warn" title=${t('near.title')}>
    <ul class="portraits-near">
      ${near.map(
        (one) => html`<li key=${`${one.portrait.database}/${one.portrait.imageId}`}>
          <span class="portraits-thumb"><${ui.Picture} path=${one.portrait.path} width=${160} alt="" eager small /></span>
          <span>${likeWord(i18n, one)}</span>
        </li>`,
      )}
    </ul>
  </${ui.Notice}>`;
}
