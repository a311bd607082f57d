import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import { ExaminedPicture } from './examined.ts';
import { LimitFields, limitsOf } from './limits.ts';
import { PictureSource } from './picture-source.ts';
import { bodyOf, release } from './pictures.ts';
import type { Chosen, Databases, Found, Near } from './shapes.ts';
import { SimilarityBar } from './similarity-bar.ts';
import { useExamined } from './use-examined.ts';
import { personWord, similarityWord, typeWord } from './words.ts';

const USUAL_MOST = 10;
const MOST = [1, 5, 10, 20, 50];

/** One picture against the people of some databases; it is asked again with every change. */
export function OneToMany({ page, data }: { page: PageProps; data: Databases }) {
  const { api, i18n, ui, params } = page;
  const { t } = i18n;
  const [chosen, setChosen] = useState<Chosen>();
  useEffect(() => () => release(chosen), [chosen]);
  const look = useExamined(page, chosen, false);

  const all = data.databases.map(({ id }) => id);
  const named = (params['databases'] ?? '').split(',').map(Number);
  const wanted = all.filter((id) => params['databases'] === undefined || named.includes(id));
  const limits = limitsOf(params, USUAL_MOST, MOST);
  const { threshold, most } = limits;

  const ready = chosen !== undefined && look.examined?.faces.length === 1 && wanted.length > 0;
  const asked = `${wanted.join()} ${threshold} ${most}`;
  const found = ui.useData(
    async (signal): Promise<Found & { of: Chosen }> => {
      const body = { ...(await bodyOf(chosen!)), databases: wanted, threshold, most };
      return { ...(await api.post<Found>('/search', body, { signal })), of: chosen! };
    },
    { deps: [chosen, asked], when: ready },
  );
  const answer = found.data?.of === chosen ? found.data : undefined;

  return html`<div class="portraits-asking">
    
    <${ui.Card} title=${t('search.picture')}>
      ${
        chosen
          ? html`<${ExaminedPicture} page=${page} chosen=${chosen} look=${look} onChoose=${setChosen} onRemove=${() => setChosen(undefined)} />`
          : html`<${PictureSource} page=${page} label=${t('search.choose')} pasted onChoose=${setChosen} />`
      }
    </${ui.Card}>
    <${ui.Card} title=${t('search.where')} class="portraits-where">
      <div class="g-fields">
        ${
          all.length > 0
            ? html`<${ui.ChecksField} label=${t('databases.title')} value=${wanted}
                error=${wanted.length === 0 ? t('search.noDatabase') : undefined}
                onChange=${(ids: number[]) => ui.setParams({ databases: ids.length === all.length ? undefined : ids.length === 0 ? '0' : ids.join() })}
                options=${data.databases.map((one) => ({ value: one.id, label: one.name, hint: `${typeWord(i18n, one.type)} · ${t('databases.people', { n: one.pictures })}` }))} />`
            : html`<${ui.Notice} action=${html`<${ui.Button} small href=${ui.href('people')}>${t('search.toLibrary')}</${ui.Button}>`}>${t('databases.none')}</${ui.Notice}>`
        }
        <${LimitFields} page=${page} limits=${limits} usualMost=${USUAL_MOST} choices=${MOST} />
      </div>
    </${ui.Card}>
    
    <${ui.Card} title=${t('search.hits')} class="portraits-answer">
      ${
        ready
          ? answer
            ? html`<${Hits} page=${page} hits=${answer.hits} threshold=${threshold} stale=${found.loading} />`
            : found.error !== undefined && !found.loading
              ? html`<${ui.ErrorState} what=${t('search.failed')} error=${found.error} onRetry=${found.reload} />`
              : html`<${ui.Progress} label=${t('search.searching')} />`
          : html`<${ui.Empty} icon="face" title=${t('search.nothing')}>${t('search.nothingNow')}</${ui.Empty}>`
      }
    </${ui.Card}>
  </div>`;
}

interface HitsProps {
  page: PageProps;
  hits: readonly Near[];
  threshold: number;
  stale: boolean;
}

/** Who it may be, the most alike first. */
function Hits({ page, hits, threshold, stale }: HitsProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  if (hits.length === 0)
    return html`<${ui.Empty} icon="search" title=${t('search.nobody', { n: threshold })}>${t('search.nobodyNow')}</${ui.Empty}>`;
  return html`<ol class="g-tiles portraits-hits" aria-busy=${stale || undefined}>
    ${hits.map(
      ({
        portrait,
        databaseName,
        databaseType,
        similarity,
      }) => html`<li key=${`${portrait.database}/${portrait.imageId}`}>
        <a class="g-tile portraits-tile" href=${ui.href('people', { database: portrait.database, id: portrait.imageId })}>
          <${ui.Picture} path=${portrait.path} width=${320} alt="" ratio="4 / 5" eager />
          <span class="g-tile-facts portraits-facts">
            <b>${personWord(portrait)}</b>
            <span class="portraits-similarity">${t('search.similarity', { n: similarityWord(i18n, similarity) })}</span>
            <${SimilarityBar} similarity=${similarity} />
            <small>${databaseName} · ${typeWord(i18n, databaseType)}</small>
          </span>
        </a>
      </li>`,
    )}
  </ol>`;
}
