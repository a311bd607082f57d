import { html } from 'htm/preact';
import type { I18n, PageProps } from '../../../ui/contract.ts';
import type { Capture } from './shapes.ts';

/** Whom a face was recognised as, in words and as a badge. */

type Compared = Pick<Capture, 'kind' | 'compared' | 'match'>;

/** Somebody known, somebody who is compared and like nobody, or a face nobody can say that of; undefined for people. */
export function whoIs({ kind, compared, match }: Compared): 'known' | 'stranger' | 'not-compared' | undefined {
  if (kind !== 'face') return undefined;
  if (match && match.similarity >= match.threshold) return 'known';
  return compared ? 'stranger' : 'not-compared';
}

/** "Ada", or the id of the picture where the database has no name. */
export function nameWord({ personName, imageId }: NonNullable<Capture['match']>): string {
  return personName.trim() || imageId;
}

/** "Ada 91", "Stranger", "Not compared"; empty for people. */
export function whoWord(i18n: I18n, capture: Compared): string {
  const who = whoIs(capture);
  if (who === 'known' && capture.match) {
    return i18n.t('who.known', { name: nameWord(capture.match), n: similarityWord(i18n, capture.match.similarity) });
  }
  return who ? i18n.t(`who.${who}`) : '';
}

export function similarityWord(i18n: I18n, similarity: number): string {
  return i18n.number(similarity, { maximumFractionDigits: 1 });
}

/** A badge under a picture; of a long name the end is cut off, and not the number. */
export function Who({ page, capture }: { page: PageProps; capture: Capture }) {
  const { i18n, ui } = page;
  const who = whoIs(capture);
  if (!who) return null;
  if (who === 'known' && capture.match) {
    const { match } = capture;
    const wanted = match.libraryType === 1;
    return html`<${ui.Badge} tone=${wanted ? 'bad' : 'ok'} icon=${wanted ? 'warn' : 'check'}>
      <span class="captures-name">${nameWord(match)}</span><span>${similarityWord(i18n, match.similarity)}</span>
    </${ui.Badge}>`;
  }
  const text = whoWord(i18n, capture);
  return who === 'stranger'
    ? html`<${ui.Badge} icon="face">${text}</${ui.Badge}>`
    : html`<span class="g-quiet">${text}</span>`;
}
