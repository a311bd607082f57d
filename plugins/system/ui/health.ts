import { html } from 'htm/preact';
import type { WorkerReport } from '../../../core/plugin/services.ts';
import type { Column, PageProps } from '../../../ui/contract.ts';
import { Deliveries } from './deliveries.ts';
import { type BoxFacts, commandIn, makeshiftText, stageName, WORKER_TONE } from './facts.ts';
import { Load } from './load.ts';
import { Plugins } from './plugins.ts';
import { SafeMode } from './safe-mode.ts';
import { Stages } from './stages.ts';
import { StorageMeter } from './storage.ts';

export const styles = ['./system.css'];

/** The box looking at itself: plugins, vision, models, storage, and why something is not running. */
export default function Health(props: PageProps) {
  const { api, i18n, ui } = props;
  const { t } = i18n;
  const found = ui.useData((signal) => api.get<BoxFacts>('/overview', {}, { signal }), {
    changed: ['system', 'cameras'],
    every: 5_000,
  });
  const body = (facts: BoxFacts) => html`<${ui.Split} aside=${html`<${Box} ...${props} facts=${facts} />`}>
    <${SafeMode} ...${props} facts=${facts} />
    <${Models} ...${props} facts=${facts} />
    <${Plugins} ...${props} facts=${facts} onChanged=${found.reload} />
    <${Deliveries} ...${props} now=${facts.now} />
    <${ui.Widgets} place="deliveries" />
    <${Workers} ...${props} facts=${facts} />
    <${Load} i18n=${i18n} ui=${ui} facts=${facts} />
    <${Stages} i18n=${i18n} ui=${ui} facts=${facts} />
  </${ui.Split}>`;
  return html`<${ui.Page} title=${t('health.title')} lead=${t('health.lead')}>
    <${ui.Loaded} of=${found} what=${t('overview.notRead')}>${body}</${ui.Loaded}>
  </${ui.Page}>`;
}

interface PartProps extends PageProps {
  facts: BoxFacts;
}

function Box({ i18n, ui, facts }: PartProps) {
  const { t } = i18n;
  const items = [
    {
      label: t('box.state'),
      value: html`<${ui.Status} tone=${facts.state === 'ok' ? 'ok' : 'warn'}>${t(`box.${facts.state}`)}</${ui.Status}>`,
    },
    { label: t('box.version'), value: facts.version },
    { label: t('box.started'), value: i18n.time(facts.startedAt) },
    { label: t('box.clock'), value: i18n.time(facts.now) },
    { label: t('box.zone'), value: facts.zone },
  ];
  return html`
    <${ui.Card} title=${t('box.title')} icon="system"><${ui.Facts} items=${items} /></${ui.Card}>
    <${ui.Card} title=${t('storage.title')} icon="storage"><${StorageMeter} i18n=${i18n} ui=${ui} facts=${facts} /></${ui.Card}>`;
}

/** Only there while something is missing: what, and the command that brings it. */
function Models({ i18n, ui, facts }: PartProps) {
  const { t } = i18n;
  const wanting = facts.problems.filter(({ kind }) => kind === 'makeshift' || kind === 'file');
  if (facts.missingModels.length === 0 && wanting.length === 0) return null;
  return html`<${ui.Card} title=${t('models.title')} icon="model" tone="warn">
    <${ui.Stack} gap=${4}>
      <p class="g-quiet">${t('models.lead')}</p>
      ${facts.missingModels.map(({ task, message }) => {
        const command = commandIn(message);
        return html`<div key=${task} class="g-stack" style="--gap:var(--s2)">
          <${ui.Status} tone="warn">${t('problem.model', { what: i18n.or(`task.${task}`, task) })}</${ui.Status}>
          ${command ? html`<${ui.Code} text=${command} label=${t('problem.command')} />` : html`<p class="g-quiet">${message}</p>`}
        </div>`;
      })}
      ${wanting.map(({ kind, what, message }) => {
        const command = commandIn(message);
        const title = kind === 'file' ? t('problem.file') : t('problem.makeshift', { what: stageName(i18n, what) });
        return html`<div key=${message} class="g-stack" style="--gap:var(--s2)">
          <${ui.Status} tone="warn">${title}</${ui.Status}>
          <p class="g-quiet">${kind === 'file' ? message : makeshiftText(i18n, message)}</p>
          ${command && html`<${ui.Code} text=${command} label=${t('problem.command')} />`}
        </div>`;
      })}
    </${ui.Stack}>
  </${ui.Card}>`;
}

function Workers({ i18n, ui, facts }: PartProps) {
  const { t } = i18n;
  const columns: Column<WorkerReport>[] = [
    {
      id: 'state',
      title: t('workers.state'),
      primary: true,
      cell: ({ state, nextStartAt }) =>
        html`<${ui.Status} tone=${WORKER_TONE[state]}>${t(`worker.${state}`)}${
          nextStartAt === undefined ? '' : ` · ${t('worker.next', { time: i18n.clock(nextStartAt) })}`
        }</${ui.Status}>`,
    },
    { id: 'pid', title: t('workers.pid'), hideOnPhone: true, cell: ({ pid }) => pid },
    {
      id: 'memory',
      title: t('workers.memory'),
      align: 'end',
      cell: ({ residentBytes }) => residentBytes !== undefined && i18n.bytes(residentBytes),
    },
    { id: 'restarts', title: t('workers.restarts'), align: 'end', cell: (worker) => i18n.number(worker.restarts) },
    {
      id: 'error',
      title: t('workers.error'),
      cell: ({ lastError }) => lastError,
    },
    {
      id: 'renewals',
      title: t('workers.renewals'),
      hideOnPhone: true,
      cell: ({ renewals, lastRenewal }) => [i18n.number(renewals), lastRenewal].filter(Boolean).join(' · '),
    },
  ];
  return html`<${ui.Card} title=${t('workers.title')} icon="chip" flush>
    <${ui.Table}
      caption=${t('workers.title')} columns=${columns} rows=${facts.workers} rowKey=${(worker: WorkerReport) => worker.name}
      empty=${html`<${ui.Empty} icon="chip" title=${t('workers.none')}>${t('workers.noneWhy')}</${ui.Empty}>`}
    />
  </${ui.Card}>`;
}
