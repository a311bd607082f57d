import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import { CapturedNote } from './captured-note.ts';
import { addressOf } from './erase.ts';
import { ExaminedPicture } from './examined.ts';
import { LimitFields, limitsOf } from './limits.ts';
import { PictureSource } from './picture-source.ts';
import { bodyOf, release } from './pictures.ts';
import type { CapturedState, Chosen, FoundCaptures, Portrait, SimilarCapture } from './shapes.ts';
import { SimilarityBar } from './similarity-bar.ts';
import { useExamined } from './use-examined.ts';
import { personWord, similarityWord } from './words.ts';

const USUAL_MOST = 20;
const MOST = [5, 10, 20, 50, 100];
/** How often the box is asked whether captures can be searched; while they are read in, it changes by itself. ms */
const EVERY = { ready: 60_000, loading: 2_000 } as const;

/**
 * Where somebody was: the captures that show the one of a picture. `#/face-search?how=captures&capture=<id>` and
 * `…&portrait=<database>/<image id>` begin with what the box has.
 */
export function InCaptures({ page }: { page: PageProps }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const captured = useCaptured(page);
  return html`<${ui.Loaded} of=${captured} what=${t('captured.notRead')}>
    ${(state: CapturedState) => html`<${CapturedNote} page=${page} captured=${state} />
      ${(state.state === 'ready' || state.state === 'loading') && html`<${Asking} page=${page} waiting=${state.state === 'loading'} />`}`}
  </${ui.Loaded}>`;
}

function useCaptured({ api, ui }: PageProps) {
  const [loading, setLoading] = useState(false);
  return ui.useData(
    async (signal) => {
      const answer = await api.get<CapturedState>('/captured-faces', {}, { signal });
      setLoading(answer.state === 'loading');
      return answer;
    },
    { changed: ['system'], every: loading ? EVERY.loading : EVERY.ready },
  );
}

/** @param waiting captures are being read in: nobody can be looked for yet */
function Asking({ page, waiting }: { page: PageProps; waiting: boolean }) {
  const { api, i18n, ui, params } = page;
  const { t } = i18n;
  const known = useKnown(page);
  const [chosen, setChosen] = useState<Chosen>();
  useEffect(() => () => release(chosen), [chosen]);
  const look = useExamined(page, chosen, false);
  const filter = ui.whereWhenOf(params);
  const limits = limitsOf(params, USUAL_MOST, MOST);

  const wanted = known.named ? known.data : look.examined?.faces.length === 1 ? chosen : undefined;
  const asked = JSON.stringify([filter, limits]);
  const found = ui.useData(
    async (signal): Promise<FoundCaptures & { of: typeof wanted }> => {
      const whom = known.data ? known.data.body : await bodyOf(chosen!);
      const where = { channel: filter.channel || undefined, ...ui.spanTimes(filter, Date.now()) };
      const body = { ...whom, ...where, ...limits };
      return { ...(await api.post<FoundCaptures>('/search-captures', body, { signal, timeout: 60_000 })), of: wanted };
    },
    { deps: [wanted, asked], when: wanted !== undefined && !waiting },
  );
  const answer = wanted && found.data?.of === wanted ? found.data : undefined;

  return html`<div class="portraits-asking">
    <${ui.Card} title=${t('search.picture')}>
      ${
        known.named
          ? html`<${ui.Loaded} of=${known} what=${t('captured.whomNotRead')} skeleton=${html`<${ui.Skeleton} height="240px" />`}>
              ${(one: Known) => html`<${KnownPicture} page=${page} known=${one} />`}
            </${ui.Loaded}>`
          : chosen
            ? html`<${ExaminedPicture} page=${page} chosen=${chosen} look=${look} onChoose=${setChosen} onRemove=${() => setChosen(undefined)} />`
            : html`<${PictureSource} page=${page} label=${t('search.choose')} pasted onChoose=${setChosen} />`
      }
    </${ui.Card}>
    <${ui.Card} title=${t('search.where')} class="portraits-where">
      <div class="g-fields">
        <${ui.WhereWhenFields} filter=${filter} seen=${answer?.hits ?? []} onChange=${ui.setParams} />
        <${LimitFields} page=${page} limits=${limits} usualMost=${USUAL_MOST} choices=${MOST} />
        <p class="g-quiet g-small-text">${t('captured.logged')}</p>
      </div>
    </${ui.Card}>
    <${ui.Card} title=${t('captured.hits')} class="portraits-answer">
      ${
        wanted && !waiting
          ? answer
            ? html`<${Captures} page=${page} hits=${answer.hits} threshold=${limits.threshold} stale=${found.loading} />`
            : found.error !== undefined && !found.loading
              ? html`<${ui.ErrorState} what=${t('search.failed')} error=${found.error} onRetry=${found.reload} />`
              : html`<${ui.Progress} label=${t('search.searching')} />`
          : html`<${ui.Empty} icon="records" title=${t('search.nothing')}>${t('captured.nothingNow')}</${ui.Empty}>`
      }
    </${ui.Card}>
  </div>`;
}

/** Somebody the address names, and how the box is asked for him. */
interface Known {
  path: string;
  alt: string;
  body: { captureId: string } | { portrait: { database: number; imageId: string } };
}

/** A capture or somebody enrolled, as the address names one. */
function useKnown({ api, i18n, ui, params, config }: PageProps) {
  const { t } = i18n;
  const capture = params['capture'] ?? '';
  const [, database = '', imageId = ''] = /^(\d+)\/(.+)$/.exec(params['portrait'] ?? '') ?? [];
  const named = imageId !== '' || (capture !== '' && config.plugins.includes('captures'));
  const found = ui.useData(
    async (signal): Promise<Known> => {
      if (imageId === '') {
        const address = `/p/captures/captures/${encodeURIComponent(capture)}`;
        const { cropPath } = await api.core<{ cropPath: string }>(address, { signal });
        return { path: cropPath, alt: t('captured.ofCapture'), body: { captureId: capture } };
      }
      const portrait = { database: Number(database), imageId };
      const person = await api.get<Portrait>(addressOf(portrait), {}, { signal });
      return { path: person.path, alt: personWord(person), body: { portrait } };
    },
    { deps: [capture, database, imageId], when: named },
  );
  return { ...found, data: named ? found.data : undefined, named };
}

function KnownPicture({ page, known: { path, alt } }: { page: PageProps; known: Known }) {
  const { i18n, ui } = page;
  const another = () => ui.setParams({ capture: undefined, portrait: undefined });
  return html`<div class="portraits-examined">
    <div class="portraits-examined-picture">
      <${ui.Picture} path=${path} alt=${alt} ratio="4 / 5" fit="contain" eager />
      <${ui.IconButton} icon="close" kind="secondary" label=${i18n.t('examined.other')} onClick=${another} />
    </div>
    <div class="portraits-verdict">${alt}</div>
  </div>`;
}

interface CapturesProps {
  page: PageProps;
  hits: readonly SimilarCapture[];
  threshold: number;
  stale: boolean;
}

/** Where and when it may have been, the most alike first. */
function Captures({ page, hits, threshold, stale }: CapturesProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  if (hits.length === 0)
    return html`<${ui.Empty} icon="search" title=${t('captured.nobody', { n: threshold })}>${t('captured.nobodyNow')}</${ui.Empty}>`;
  return html`<ol class="g-tiles portraits-hits" aria-busy=${stale || undefined}>
    ${hits.map(
      ({ id, cropPath, name, similarity, time, channel, cameraName }) => html`<li key=${id}>
        <a class="g-tile portraits-tile" href=${ui.href('records', { id })}>
          <${ui.Picture} path=${cropPath} width=${320} alt="" ratio="4 / 5" fit="contain" eager />
          <span class="g-tile-facts portraits-facts">
            <b><${ui.Time} at=${time} as="clock" /></b>
            <small><${ui.Time} at=${time} as="date" /></small>
            <span>${ui.cameraLabel({ channel, name: cameraName })}</span>
            <span class="portraits-similarity">${t('search.similarity', { n: similarityWord(i18n, similarity) })}</span>
            <${SimilarityBar} similarity=${similarity} />
            ${name !== null && html`<small>${t('captured.recognised', { name })}</small>`}
          </span>
        </a>
      </li>`,
    )}
  </ol>`;
}
