import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import { ExaminedPicture } from './examined.ts';
import { PictureSource } from './picture-source.ts';
import { base64Of, release } from './pictures.ts';
import type { Chosen, Compared } from './shapes.ts';
import { SimilarityBar } from './similarity-bar.ts';
import { useExamined } from './use-examined.ts';
import { similarityWord } from './words.ts';

/** How alike the faces of two pictures are. */
export function OneToOne({ page }: { page: PageProps }) {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const first = useSide(page);
  const second = useSide(page);
  const ready = first.ready && second.ready;
  const found = ui.useData(
    async (signal): Promise<Compared & { of: readonly [Chosen, Chosen] }> => {
      const of = [first.chosen!, second.chosen!] as const;
      const body = { first: await base64Of(of[0].blob!), second: await base64Of(of[1].blob!) };
      return { ...(await api.post<Compared>('/compare', body, { signal })), of };
    },
    { deps: [first.chosen, second.chosen], when: ready },
  );
  const [one, two] = found.data?.of ?? [];
  const answer = ready && one === first.chosen && two === second.chosen ? found.data : undefined;
  return html`<div class="portraits-searching">
    <${ui.Card} title=${t('search.first')}><${Side} page=${page} side=${first} label=${t('search.first')} pasted=${first.chosen === undefined} /></${ui.Card}>
    <${ui.Card} title=${t('search.second')}><${Side} page=${page} side=${second} label=${t('search.second')} pasted=${first.chosen !== undefined} /></${ui.Card}>
    ${
      ready &&
      html`<${ui.Card} title=${t('search.answer')} class="portraits-results">
        ${
          answer
            ? html`<div class="portraits-alike">
                <${ui.Stat} label=${t('search.alike')} value=${similarityWord(i18n, answer.similarity)} unit=${t('search.of100')} hint=${t('search.alikeHint')} />
                <${SimilarityBar} similarity=${answer.similarity} />
              </div>`
            : found.error !== undefined && !found.loading
              ? html`<${ui.ErrorState} what=${t('search.failed')} error=${found.error} onRetry=${found.reload} />`
              : html`<${ui.Progress} label=${t('search.comparing')} />`
        }
      </${ui.Card}>`
    }
  </div>`;
}

type SideState = ReturnType<typeof useSide>;

function useSide(page: PageProps) {
  const [chosen, choose] = useState<Chosen>();
  useEffect(() => () => release(chosen), [chosen]);
  const look = useExamined(page, chosen, false);
  return { chosen, choose, look, ready: chosen !== undefined && look.examined?.faces.length === 1 };
}

function Side({ page, side, label, pasted }: { page: PageProps; side: SideState; label: string; pasted: boolean }) {
  const { chosen, choose, look } = side;
  return chosen
    ? html`<${ExaminedPicture} page=${page} chosen=${chosen} look=${look} onChoose=${choose} onRemove=${() => choose(undefined)} />`
    : html`<${PictureSource} page=${page} label=${label} pasted=${pasted} onChoose=${choose} />`;
}
