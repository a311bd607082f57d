import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { StageReport } from '../../../core/plugin/services.ts';
import type { Column, PageProps } from '../../../ui/contract.ts';
import { type BoxFacts, stageName } from './facts.ts';
import { msText } from './load.ts';

/** A step that waits for the same reason on several cameras is one line. */
interface Waiting {
  stage: string;
  reason: string;
  channels: number[];
}

const NAMES = 4;

function waitingOf(stages: StageReport[]): Waiting[] {
  const found = new Map<string, Waiting>();
  for (const { stage, channel, running, load, reason = load?.failing ?? '' } of stages) {
    if (running && !load?.failing) continue;
    const key = `${stage} ${reason}`;
    const known = found.get(key);
    if (known) known.channels.push(channel);
    else found.set(key, { stage, reason, channels: [channel] });
  }
  return [...found.values()];
}

/** Which steps of the analysis do not run and why; on demand every step of every camera. */
export function Stages({ i18n, ui, facts }: Pick<PageProps, 'i18n' | 'ui'> & { facts: BoxFacts }) {
  const { t } = i18n;
  const [all, setAll] = useState(false);
  const options = [
    { value: 'waiting', label: t('stages.onlyWaiting') },
    { value: 'all', label: t('stages.all') },
  ];
  const choice = html`<${ui.Segmented}
    label=${t('stages.title')} value=${all ? 'all' : 'waiting'} options=${options} onChange=${(value: string) => setAll(value === 'all')}
  />`;
  const list = all ? EveryStage : WaitingStages;
  return html`<${ui.Card} title=${t('stages.title')} icon="chip" actions=${facts.stages.length > 0 && choice} flush>
    ${
      facts.stages.length === 0
        ? html`<${ui.Empty} icon="chip" title=${t('stages.none')}>${t('stages.noneWhy')}</${ui.Empty}>`
        : html`<${list} i18n=${i18n} ui=${ui} facts=${facts} />`
    }
  </${ui.Card}>`;
}

type ListProps = Pick<PageProps, 'i18n' | 'ui'> & { facts: BoxFacts };

const cameraName = (facts: BoxFacts, channel: number) =>
  facts.cameras.find((camera) => camera.channel === channel)?.name ?? String(channel);

function WaitingStages({ i18n, ui, facts }: ListProps) {
  const { t } = i18n;
  const names = ({ channels }: Waiting) => {
    const shown = channels.slice(0, NAMES).map((channel) => cameraName(facts, channel));
    const list = shown.join(t('stages.comma'));
    return channels.length > NAMES ? t('stages.andMore', { list, n: channels.length - NAMES }) : list;
  };
  const columns: Column<Waiting>[] = [
    {
      id: 'stage',
      title: t('stages.stage'),
      primary: true,
      cell: ({ stage }) => html`<${ui.Status} tone="warn"><b>${stageName(i18n, stage)}</b></${ui.Status}>`,
    },
    { id: 'reason', title: t('stages.reason'), cell: ({ reason }) => reason },
    { id: 'cameras', title: t('stages.cameras'), cell: names },
  ];
  const empty = html`<div class="g-pad"><${ui.Status} tone="ok">${t('stages.allRun', { n: facts.stages.length })}</${ui.Status}></div>`;
  return html`<${ui.Table}
    caption=${t('stages.title')} columns=${columns} rows=${waitingOf(facts.stages)} rowKey=${(row: Waiting) => `${row.stage} ${row.reason}`} empty=${empty}
  />`;
}

function EveryStage({ i18n, ui, facts }: ListProps) {
  const { t } = i18n;
  const columns: Column<StageReport>[] = [
    {
      id: 'camera',
      title: t('stages.camera'),
      primary: true,
      cell: ({ channel }) => html`<b>${cameraName(facts, channel)}</b>`,
    },
    { id: 'stage', title: t('stages.stage'), cell: ({ stage }) => stageName(i18n, stage) },
    {
      id: 'state',
      title: t('stages.state'),
      cell: ({ running, load }) =>
        html`<${ui.Status} tone=${running && !load?.failing ? 'ok' : 'warn'}>${t(load?.failing ? 'stages.failing' : running ? 'stages.running' : 'stages.waiting')}</${ui.Status}>`,
    },
    {
      id: 'ms',
      title: t('load.stages'),
      align: 'end',
      cell: ({ load }) => load && html`<span class="g-num">${msText(i18n, load.ms)}</span>`,
    },
    { id: 'reason', title: t('stages.reason'), cell: ({ reason, load }) => reason ?? load?.failing },
  ];
  return html`<${ui.Table}
    caption=${t('stages.title')} columns=${columns} rows=${facts.stages} rowKey=${(row: StageReport) => `${row.channel} ${row.stage}`}
  />`;
}
