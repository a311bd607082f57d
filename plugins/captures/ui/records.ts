import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import { Detail } from './detail.ts';
import { eraseAll, eraseChosen } from './erase.ts';
import { Filters } from './filters.ts';
import { CaptureGrid } from './grid.ts';
import { filterOf, isAwaited, NO_FILTER, partsSet, queryOf } from './query.ts';
import { SelectionBar } from './selection.ts';
import type { Capture, CapturePage } from './shapes.ts';

export const styles = ['./captures.css'];

const PER_PAGE = 48;

/** A page with what it answers: until the next one is there, the last one stays. */
type ShownPage = CapturePage & { of: string };

/**
 * Captures, newest first. New ones are counted, not put in: what somebody looks at must not move away under them.
 * Filter, page and the opened capture are in the address.
 */
export default function Records(page: PageProps) {
  const { api, i18n, ui, live, params, me } = page;
  const { t } = i18n;
  const filter = filterOf(params, ui);
  const { kind, channel, span, from, to, minQuality, plate } = filter;
  const before = params['before'];
  const opened = params['id'];
  const [chosen, setChosen] = useState<ReadonlySet<string> | undefined>(undefined);
  const [fresh, setFresh] = useState(0);
  const [missed, setMissed] = useState(false);
  /** For each page gone to from another, the cursor of that other: a cursor itself only leads onward. */
  const cameFrom = useRef(new Map<string, string | undefined>());

  const question = [kind, channel, span, from, to, minQuality, plate].join();
  const wanted = `${question} ${before ?? ''}`;
  const found = ui.useData(
    async (signal): Promise<ShownPage> => {
      const query = { ...queryOf(filter, ui, Date.now()), before, limit: PER_PAGE };
      return { ...(await api.get<CapturePage>('/captures', query, { signal })), of: wanted };
    },
    { deps: [wanted] },
  );
  const renew = async () => {
    setFresh(0);
    setMissed(false);
    await found.reload();
  };
  useEffect(() => {
    setFresh(0);
    setMissed(false);
    setChosen(undefined);
  }, [wanted]);

  ui.useLive<Capture>('captures.new', { ...(kind && { kind }), ...(channel ? { channel } : {}) }, (capture) => {
    if (isAwaited(filter, capture)) setFresh((count) => count + 1);
  });
  // Captures that came while the connection was down were told to nobody.
  useEffect(() => live.onChanged('captures', (what) => what === '*' && setMissed(true)), []);

  const data = found.data;
  const records = data?.records ?? [];
  const may = me.can('records', 'change');
  const forget = (ids: ReadonlySet<string>) => {
    if (!data) return;
    const left = records.filter(({ id }) => !ids.has(id));
    found.set({ ...data, records: left, total: Math.max(0, data.total - (records.length - left.length)) });
    setChosen(undefined);
    // An emptied page is no end of the list.
    if (left.length === 0) void renew();
  };
  const open = (id: string | undefined, push = false) => ui.setParams({ id }, { push });
  const toNewest = async () => {
    if (before === undefined) await renew();
    else ui.setParams({ before: undefined }, { push: true });
    scrollTo({ top: 0 });
  };
  const toOlder = (id?: string) => {
    if (!data?.next) return;
    cameFrom.current.set(data.next, before);
    ui.setParams({ before: data.next, id }, { push: id === undefined });
    if (id === undefined) scrollTo({ top: 0 });
  };
  const toNewer =
    before !== undefined && cameFrom.current.has(before)
      ? () => ui.setParams({ before: cameFrom.current.get(before), id: 'last' })
      : undefined;

  return html`<${ui.Page}
    title=${t('records.title')} wide
    lead=${data && data.total > 0 && t('records.found', { n: data.total })}
    actions=${
      may &&
      records.length > 0 &&
      html`
      <${ui.Button} icon="check" pressed=${chosen !== undefined} onClick=${() => setChosen(chosen ? undefined : new Set())}>${t('records.choose')}</${ui.Button}>
      <${ui.Button} kind="quiet" icon="delete" onClick=${() => eraseAll(page, () => ui.setParams({ ...NO_FILTER, id: undefined }), renew)}>${t('eraseAll.button')}</${ui.Button}>`
    }
  >
    <${Filters} page=${page} filter=${filter} records=${records} />
    <${Fresh} page=${page} count=${fresh} missed=${missed} onShow=${toNewest} />
    ${
      data &&
      found.error !== undefined &&
      html`<${ui.Notice} tone="bad" title=${t('records.notRead')} action=${html`<${ui.Button} icon="refresh" onClick=${renew}>${t('kit.retry')}</${ui.Button}>`}>${i18n.error(found.error)}</${ui.Notice}>`
    }
    <${ui.Loaded} of=${found} what=${t('records.notRead')} skeleton=${html`<${ui.Skeleton} height="60vh" />`}>
      ${(shown: ShownPage) =>
        shown.records.length === 0
          ? html`<${Nothing} page=${page} filtered=${partsSet(filter) > 0 || before !== undefined} />`
          : html`
            <${CaptureGrid} page=${page} records=${shown.records} chosen=${chosen} stale=${found.loading || shown.of !== wanted} onChoose=${setChosen} onOpen=${(id: string) => open(id, true)} />
            <${ui.Card} flush><${ui.Pager} onFirst=${before === undefined ? undefined : toNewest} onNext=${shown.next ? () => toOlder() : undefined}>
              ${t('records.onPage', { n: shown.records.length, all: shown.total })}
            </${ui.Pager}></${ui.Card}>`}
    </${ui.Loaded}>
    ${
      chosen &&
      html`<${SelectionBar} page=${page} records=${records} chosen=${chosen} onChoose=${setChosen}
        onErase=${() => eraseChosen(page, [...chosen], forget)} />`
    }
    ${
      opened !== undefined &&
      data &&
      html`<${Detail}
        page=${page} records=${records} id=${opened} loading=${data.of !== wanted} onOpen=${(id: string) => open(id)} onClose=${() => open(undefined)}
        onOlder=${data.next ? () => toOlder('first') : undefined} onNewer=${toNewer}
        onErased=${(id: string) => forget(new Set([id]))}
      />`
    }
  </${ui.Page}>`;
}

interface FreshProps {
  page: PageProps;
  count: number;
  missed: boolean;
  onShow: () => Promise<void>;
}

/** That there is more now than is shown. */
function Fresh({ page, count, missed, onShow }: FreshProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  return html`<div class="captures-fresh" aria-live="polite">
    ${
      (count > 0 || missed) &&
      html`<${ui.Button} kind="primary" icon="up" onClick=${onShow}>${missed ? t('records.lookAgain') : t('records.fresh', { n: count })}</${ui.Button}>`
    }
  </div>`;
}

function Nothing({ page, filtered }: { page: PageProps; filtered: boolean }) {
  const { i18n, ui, me, config } = page;
  const { t } = i18n;
  if (filtered)
    return html`<${ui.Card}><${ui.Empty} icon="search" title=${t('records.noneSuch')}
      action=${html`<${ui.Button} onClick=${() => ui.setParams(NO_FILTER)}>${t('records.showAll')}</${ui.Button}>`}>${t('records.noneSuchNow')}</${ui.Empty}></${ui.Card}>`;
  const cameras = config.plugins.includes('cameras') && me.can('devices', 'see');
  return html`<${ui.Card}><${ui.Empty} icon="records" title=${t('records.none')}
    action=${cameras && html`<${ui.Button} kind="primary" icon="cameras" href=${ui.href('cameras')}>${t('records.toCameras')}</${ui.Button}>`}>${t('records.noneHow')}</${ui.Empty}></${ui.Card}>`;
}
