import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { DeadLetter, DestinationReport } from '../../../core/plugin/push-services.ts';
import type { Column, I18n, PageProps, Tone } from '../../../ui/contract.ts';

export type DeliveryState = 'well' | 'refusing' | 'paused' | 'failing' | 'closed';
const TONE: Record<DeliveryState, Tone> = {
  well: 'ok',
  refusing: 'bad',
  paused: 'warn',
  failing: 'warn',
  closed: 'idle',
};

/** How a destination fares at a moment (ms, the box's clock). */
export function stateOf({ open, failures, refused, pausedUntil }: DestinationReport, now: number): DeliveryState {
  if (!open) return 'closed';
  if (failures === 0) return refused ? 'refusing' : 'well';
  return pausedUntil !== undefined && pausedUntil > now ? 'paused' : 'failing';
}

/** Where pushes go, what waits, and what to do about it; nothing while there is no destination. */
export function Deliveries(props: PageProps & { now: number }) {
  const { api, i18n, ui, me, now } = props;
  const { t } = i18n;
  const sees = me.can('people', 'see');
  const found = ui.useData((signal) => api.get<{ destinations: DestinationReport[] }>('/deliveries', {}, { signal }), {
    changed: ['system'],
    every: 5_000,
    when: sees,
  });
  const [shown, show] = useState<DestinationReport>();
  const rows = found.data?.destinations ?? [];
  if (rows.length === 0) return null;
  return html`<${ui.Card} title=${t('deliveries.title')} icon="upload" flush>
    <${ui.Table}
      caption=${t('deliveries.title')} columns=${columns(props, now, { reload: found.reload, show })} rows=${rows}
      rowKey=${(row: DestinationReport) => row.id}
      empty=${html`<${ui.Empty} icon="upload" title=${t('deliveries.none')} />`}
    />
    ${shown && html`<${Dead} ...${props} of=${shown} onClose=${() => show(undefined)} />`}
  </${ui.Card}>`;
}

function columns(
  props: PageProps,
  now: number,
  { reload, show }: { reload(): Promise<void>; show(row: DestinationReport): void },
): Column<DestinationReport>[] {
  const { i18n, ui, me } = props;
  const { t } = i18n;
  return [
    {
      id: 'name',
      title: t('deliveries.name'),
      primary: true,
      cell: (row) => {
        const state = stateOf(row, now);
        return html`<${ui.Stack} gap=${1}>
          <span>${row.name}</span>
          <${ui.Status} tone=${TONE[state]}>${stateText(i18n, row, state)}</${ui.Status}>
          ${row.aside !== undefined && html`<span class="g-small-text">${t('deliveries.aside', { n: row.aside })}</span>`}
          ${(state !== 'well' || row.aside) && row.lastError && html`<span class="g-quiet g-small-text">${row.lastError}</span>`}
        </${ui.Stack}>`;
      },
    },
    {
      id: 'waiting',
      title: t('deliveries.waiting'),
      align: 'end',
      cell: ({ waiting, oldest }) =>
        oldest === undefined
          ? i18n.number(waiting)
          : html`<span>${i18n.number(waiting)}<br /><span class="g-quiet g-small-text">${t('deliveries.oldest', { ago: i18n.ago(oldest) })}</span></span>`,
    },
    {
      id: 'delivered',
      title: t('deliveries.delivered'),
      align: 'end',
      cell: ({ delivered, lastDelivered }) =>
        lastDelivered === undefined
          ? i18n.number(delivered)
          : html`<span>${i18n.number(delivered)}<br /><span class="g-quiet g-small-text">${i18n.ago(lastDelivered)}</span></span>`,
    },
    {
      id: 'dead',
      title: t('deliveries.dead'),
      align: 'end',
      cell: (row) =>
        row.dead === 0
          ? i18n.number(0)
          : html`<${ui.Button} kind="quiet" small onClick=${() => show(row)}>${i18n.number(row.dead)}</${ui.Button}>`,
    },
    ...(me.can('people', 'change')
      ? [
          {
            id: 'act',
            title: t('deliveries.act'),
            align: 'end' as const,
            cell: (row: DestinationReport) => html`<${Acts} ...${props} row=${row} reload=${reload} />`,
          },
        ]
      : []),
  ];
}

function stateText(i18n: I18n, { pausedUntil }: DestinationReport, state: DeliveryState): string {
  const text = i18n.t(`deliveries.state.${state}`);
  return state === 'paused' && pausedUntil !== undefined
    ? `${text} · ${i18n.t('deliveries.next', { time: i18n.clock(pausedUntil) })}`
    : text;
}

function Acts({ api, i18n, ui, row, reload }: PageProps & { row: DestinationReport; reload(): Promise<void> }) {
  const { t } = i18n;
  const { id, name, open, waiting, failures, aside = 0 } = row;
  const retry = async () => {
    await api.post('/deliveries/retry', { id });
    await reload();
  };
  const forget = async () => {
    const sure = await ui.confirm({
      title: t('deliveries.forgetSure', { name }),
      lose: [t('deliveries.forgetLose', { n: waiting })],
      confirm: t('deliveries.forget'),
    });
    if (!sure) return;
    const { gone } = await api.post<{ gone: number }>('/deliveries/forget', { id });
    ui.toast(t('deliveries.forgotten', { n: gone }));
    await reload();
  };
  const remove = async () => {
    const sure = await ui.confirm({
      title: t('deliveries.removeSure', { name }),
      lose: [t('deliveries.forgetLose', { n: waiting }), t('deliveries.removeLose')],
      confirm: t('deliveries.remove'),
    });
    if (!sure) return;
    await api.post('/deliveries/remove', { id });
    await reload();
  };
  return html`<${ui.Row} gap=${2} justify="end">
    ${open && failures + aside > 0 && html`<${ui.Button} small onClick=${retry}>${t('deliveries.retry')}</${ui.Button}>`}
    ${open && waiting > 0 && html`<${ui.Button} small kind="quiet" onClick=${forget}>${t('deliveries.forget')}</${ui.Button}>`}
    ${!open && html`<${ui.Button} small kind="quiet" onClick=${remove}>${t('deliveries.remove')}</${ui.Button}>`}
  </${ui.Row}>`;
}

/** The last of what was given up, and why. */
function Dead({ api, i18n, ui, of, onClose }: PageProps & { of: DestinationReport; onClose(): void }) {
  const { t } = i18n;
  const found = ui.useData((signal) => api.get<{ dead: DeadLetter[] }>('/deliveries/dead', { id: of.id }, { signal }));
  const columns: Column<DeadLetter>[] = [
    { id: 'reason', title: t('deliveries.why'), primary: true, cell: ({ reason }) => reason },
    { id: 'topic', title: t('deliveries.topic'), cell: ({ topic }) => i18n.or(`deliveries.topic.${topic}`, topic) },
    { id: 'time', title: t('deliveries.of'), cell: ({ time }) => i18n.time(time) },
    { id: 'ended', title: t('deliveries.givenUp'), cell: ({ endedAt }) => i18n.time(endedAt) },
  ];
  return html`<${ui.Dialog} title=${t('deliveries.deadOf', { name: of.name })} onClose=${onClose} wide>
    <${ui.Loaded} of=${found} what=${t('deliveries.notRead')}>
      ${({ dead }: { dead: DeadLetter[] }) => html`<${ui.Table}
        caption=${t('deliveries.deadOf', { name: of.name })} columns=${columns} rows=${dead}
        rowKey=${({ id, endedAt }: DeadLetter) => `${id} ${endedAt}`}
        empty=${html`<${ui.Empty} icon="upload" title=${t('deliveries.deadNone')}>${t('deliveries.deadNoneWhy')}</${ui.Empty}>`}
      />`}
    </${ui.Loaded}>
  </${ui.Dialog}>`;
}
