import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import { Acknowledge, type Subject } from './acknowledge.ts';
import { useAttention, useKeys, useRoomy } from './attention.ts';
import { DetailDialog, DetailPane } from './detail.ts';
import { Filters } from './filters.ts';
import { AlarmList } from './list.ts';
import { Nothing } from './nothing.ts';
import { filterOf, isAwaited, partsSet, queryOf, STATES, type State } from './query.ts';
import { type Arrived, merged, neighbour, placesOf } from './rows.ts';
import type { Alarm, AlarmPage, Summary } from './shapes.ts';
import { useSummary } from './summary.ts';

export const styles = ['./alarms.css'];

const PER_PAGE = 50;
/** Marks what has just come, ms. */
const NEW_MS = 8_000;
/** Alarms that came in and are shown before the list is read again. */
const MOST_ARRIVED = 100;

/** A page with what it answers: until the next one is there, the last one stays. */
type ShownPage = AlarmPage & { of: string };

/**
 * What is open now, newest first; new ones come in by themselves, but nothing moves while somebody points at the list or
 * reads further down. Filter, page and the alarm that is shown are in the address.
 */
export default function Alarms(page: PageProps) {
  const { api, i18n, ui, params, me } = page;
  const { t } = i18n;
  const filter = filterOf(params, ui);
  const before = Number(params['before']) || undefined;
  const shownId = Number(params['id']) || undefined;
  const roomy = useRoomy();
  const attention = useAttention();
  const [subject, setSubject] = useState<Subject>();
  const summary = useSummary(page);

  const { id: _, before: __, ...asked } = params;
  const question = JSON.stringify(asked);
  const wanted = `${question} ${before ?? ''}`;
  const [arrived, setArrived] = useState<readonly Arrived[]>([]);
  const order = useRef(0);
  const found = ui.useData(
    async (signal): Promise<ShownPage> => {
      const from = order.current;
      const query = { ...queryOf(filter, ui, Date.now()), before, limit: PER_PAGE };
      const answer = await api.get<AlarmPage>('/alarms', query, { signal });
      // What came before the question is in the answer, or is no longer what was asked for.
      setArrived((held) => held.filter((one) => one.order >= from));
      return { ...answer, of: wanted };
    },
    { deps: [wanted], changed: ['alarms'] },
  );
  ui.useLive<Alarm>('alarms.new', {}, (alarm) => {
    if (before !== undefined || !isAwaited(filter, alarm)) return;
    const one = { alarm, order: order.current++, at: Date.now() };
    setArrived((held) => [one, ...held].slice(0, MOST_ARRIVED));
    if (arrived.length >= MOST_ARRIVED) void found.reload();
  });

  const data = found.data;
  const alarms = merged(data?.alarms ?? [], before === undefined ? arrived : []);
  const held = useHeld(data?.of, alarms, attention.held || subject !== undefined);
  const { places, waiting } = placesOf(alarms, held.ids);
  const known = (id: number | undefined) => alarms.find((alarm) => alarm.id === id);
  const total = (data?.total ?? 0) + alarms.length - (data?.alarms.length ?? 0);
  const now = ui.useNow(2_000);
  const fresh = new Set(arrived.filter(({ at }) => now - at < NEW_MS).map(({ alarm }) => alarm.id));

  const open = (id: number | undefined, push = false) => ui.setParams({ id }, { push });
  // Beside the list something is always shown: what came first to the eye, and it stays when others come in.
  const first = places.find((place) => place.alarm)?.id;
  useEffect(() => {
    if (roomy && shownId === undefined && first !== undefined && data?.of === wanted) open(first);
  }, [roomy, shownId, first, data?.of, wanted]);

  const may = me.can('records', 'change');
  const acknowledge = may ? (alarm: Alarm) => setSubject({ one: alarm }) : undefined;
  const step = (by: 1 | -1) => () => {
    const next = neighbour(places, shownId, by);
    if (next !== undefined) open(next);
  };
  const current = known(shownId);
  useKeys({
    j: step(1),
    k: step(-1),
    ArrowDown: step(1),
    ArrowUp: step(-1),
    Enter: first === undefined ? undefined : () => open(shownId ?? first),
    a: current?.state === 'open' && acknowledge ? () => acknowledge(current) : undefined,
  });

  const done = (count: number) => {
    const next = filter.state === '' && subject && 'one' in subject ? neighbour(places, subject.one.id, 1) : undefined;
    setSubject(undefined);
    ui.toast(count === 0 ? t('acknowledge.before') : t('acknowledge.done', { n: count }));
    if (roomy && next !== undefined) open(next);
    else if (!roomy) open(undefined);
    // What somebody does themselves may move.
    void found.reload().then(held.release);
  };
  const toNewest = async () => {
    held.release();
    scrollTo({ top: 0 });
    if (before !== undefined) ui.setParams({ before: undefined, id: undefined }, { push: true });
    else await found.reload();
  };
  const toOlder = () => {
    ui.setParams({ before: data?.next ?? undefined, id: undefined }, { push: true });
    scrollTo({ top: 0 });
  };

  const counts = summary.data;
  const stateOptions = STATES.map((value) => ({ value, label: stateWord(page, value, counts?.open) }));
  // Those that wait to be shown were seen by nobody yet.
  const seen = total - waiting;
  // On an older page nobody has seen those before it.
  const isNewest = before === undefined && filter.state === '';
  const last = isNewest && may && seen > 1 ? places[0]?.id : undefined;
  const actions = html`
    ${
      last !== undefined &&
      html`<${ui.Button} icon="check" onClick=${() => setSubject({ fits: queryOf(filter, ui, Date.now()), last, count: seen })}>${t('acknowledge.allButton', { n: seen })}</${ui.Button}>`
    }
    ${total > 0 && html`<${ui.Button} kind="quiet" icon="download" href=${api.url('/export.csv', queryOf(filter, ui, Date.now()))} download>${t('alarms.export')}</${ui.Button}>`}`;
  const list = (shown: ShownPage) => html`
    <${AlarmList} page=${page} places=${places} current=${roomy ? shownId : undefined} fresh=${fresh} stale=${found.loading && shown.of !== wanted}
      watch=${attention.watch} onOpen=${(id: number) => open(id, !roomy)} />
    ${
      (before !== undefined || shown.next !== null) &&
      html`<${ui.Pager} onFirst=${before === undefined ? undefined : toNewest} onNext=${shown.next === null ? undefined : toOlder}>
        ${t('list.onPage', { n: alarms.length, all: total })}
      </${ui.Pager}>`
    }`;
  return html`<${ui.Page} title=${t('alarms.title')} wide actions=${actions}
    lead=${counts && leadWord(page, counts)}
  >
    <div class="alarms-bar">
      <${ui.Segmented} label=${t('filter.state')} value=${filter.state} options=${stateOptions}
        onChange=${(state: State) => ui.setParams({ state, before: undefined, id: undefined })} />
      <${Filters} page=${page} filter=${filter} alarms=${alarms} kinds=${counts?.kinds.map(({ kind }) => kind) ?? []} />
    </div>
    ${
      data &&
      found.error !== undefined &&
      html`<${ui.Notice} tone="bad" title=${t('list.notRead')} action=${html`<${ui.Button} icon="refresh" onClick=${found.reload}>${t('kit.retry')}</${ui.Button}>`}>${i18n.error(found.error)}</${ui.Notice}>`
    }
    <${ui.Loaded} of=${found} what=${t('list.notRead')} skeleton=${html`<${ui.Skeleton} height="50vh" />`}>
      ${(shown: ShownPage) =>
        places.length === 0
          ? html`<${ui.Card}><${Nothing} page=${page} filtered=${partsSet(filter) > 0 || before !== undefined} others=${(counts?.kinds.length ?? 0) > 0} /></${ui.Card}>`
          : html`<div class="alarms-split" data-roomy=${roomy || undefined}>
            <div>
              <div class="alarms-fresh" aria-live="polite">
                ${waiting > 0 && html`<${ui.Button} kind="primary" icon="up" onClick=${toNewest}>${t('list.fresh', { n: waiting })}</${ui.Button}>`}
              </div>
              <${ui.Card} flush>${list(shown)}</${ui.Card}>
              ${roomy && html`<p class="alarms-keys">${t('list.keys')}</p>`}</div>
            ${roomy && shownId !== undefined && html`<${DetailPane} page=${page} id=${shownId} known=${current} onAcknowledge=${acknowledge} />`}
          </div>`}
    </${ui.Loaded}>
    ${
      !roomy &&
      shownId !== undefined &&
      !subject &&
      html`<${DetailDialog} page=${page} id=${shownId} known=${current} onAcknowledge=${acknowledge} onClose=${() => open(undefined)} />`
    }
    ${subject && html`<${Acknowledge} page=${page} subject=${subject} onClose=${() => setSubject(undefined)} onDone=${done} />`}
  </${ui.Page}>`;
}

/** Ids that keep their places while something holds the list; another page or question has places of its own. */
function useHeld(of: string | undefined, alarms: readonly Alarm[], holds: boolean) {
  const kept = useRef<{ of: string; ids: number[] }>(undefined);
  const [, draw] = useState(0);
  if (!holds || of === undefined) kept.current = undefined;
  else if (kept.current?.of !== of) kept.current = { of, ids: alarms.map(({ id }) => id) };
  const release = () => {
    kept.current = undefined;
    draw((times) => times + 1);
  };
  return { ids: kept.current?.ids, release };
}

function leadWord({ i18n: { t } }: PageProps, { open, openToday }: Summary): string {
  if (open === 0) return t('alarms.noneOpen');
  return open === openToday ? t('alarms.openToday', { n: open }) : t('alarms.open', { n: open, today: openToday });
}

function stateWord({ i18n: { t } }: PageProps, state: State, open: number | undefined): string {
  if (state === 'all') return t('filter.all');
  if (state === 'acknowledged') return t('state.acknowledged');
  return open ? t('filter.open', { n: open }) : t('state.open');
}
