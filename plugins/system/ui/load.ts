import { html } from 'htm/preact';
import type { CameraLoad } from '../../../core/vision/keys.ts';
import type { Column, I18n, PageProps } from '../../../ui/contract.ts';
import { type BoxFacts, type NamedStatus, stageName } from './facts.ts';

/** A camera the worker analyses, with how it keeps up. */
type Loaded = NamedStatus & { load: CameraLoad };

export function loadedCameras({ cameras }: BoxFacts): Loaded[] {
  return cameras.filter((camera): camera is Loaded => camera.load !== undefined);
}

export const msText = (i18n: I18n, ms: number) =>
  i18n.t('load.ms', { ms: i18n.number(ms, { maximumFractionDigits: ms < 10 ? 1 : 0 }) });
const rate = (i18n: I18n, fps: number) => i18n.number(fps, { maximumFractionDigits: 1 });

/** Which stage, of which camera, takes the time this one would need; undefined while it sheds nothing to speak of. */
export function blameText(i18n: I18n, { channel, load }: Loaded, cameras: NamedStatus[]): string | undefined {
  if (!load.blame) return undefined;
  const { stage, ms, channel: of } = load.blame;
  const values = { stage: stageName(i18n, stage), ms: msText(i18n, ms) };
  const other = cameras.find((one) => one.channel === of)?.name ?? String(of);
  return of === channel ? i18n.t('load.own', values) : i18n.t('load.other', { ...values, other });
}

/** Where processors are short altogether, that makes every stage slow; it is the same for all cameras of a worker. */
function waitingText(i18n: I18n, cameras: Loaded[]): string | undefined {
  const waiting = Math.max(0, ...cameras.map(({ load }) => load.blame?.waiting ?? 0));
  return waiting > 0 ? i18n.t('load.waiting', { percent: i18n.percent(waiting) }) : undefined;
}

/** The worst of those that shed, in a sentence. */
export function sheddingText(i18n: I18n, facts: BoxFacts): string | undefined {
  const [worst] = loadedCameras(facts)
    .filter(({ load }) => load.blame)
    .sort((a, b) => b.load.shedFps - a.load.shedFps);
  if (!worst) return undefined;
  const { name, load } = worst;
  const sheds = i18n.t('load.sheds', { name, shed: rate(i18n, load.shedFps), wanted: rate(i18n, load.wantedFps) });
  return [sheds, blameText(i18n, worst, facts.cameras), waitingText(i18n, [worst])].filter(Boolean).join(' ');
}

const TONES = ['accent', 'second', 'warn'] as const;
const NAMED = TONES.length;

/** Where the worker's time goes, by stage over all cameras; the small ones in one part. */
function timeParts(i18n: I18n, cameras: Loaded[]) {
  const shares = new Map<string, number>();
  for (const { load } of cameras) {
    for (const { stage, share } of load.stages) shares.set(stage, (shares.get(stage) ?? 0) + share);
  }
  const sorted = [...shares].sort(([, a], [, b]) => b - a);
  const named = sorted.slice(0, NAMED).map(([stage, share]) => ({ label: stageName(i18n, stage), share }));
  const others = sorted.slice(NAMED).reduce((sum, [, share]) => sum + share, 0);
  const all = others > 0 ? [...named, { label: i18n.t('load.others'), share: others }] : named;
  return all.map(({ label, share }, i) => ({
    label,
    value: share,
    text: i18n.percent(share),
    tone: TONES[i] ?? ('quiet' as const),
  }));
}

/** How the analysis keeps up with each camera, what each stage costs, and which one is to blame where frames are shed. */
export function Load({ i18n, ui, facts }: Pick<PageProps, 'i18n' | 'ui'> & { facts: BoxFacts }) {
  const { t } = i18n;
  const rows = loadedCameras(facts).sort((a, b) => b.load.shedFps - a.load.shedFps || a.channel - b.channel);
  if (rows.length === 0) return null;
  const parts = timeParts(i18n, rows);
  const short = waitingText(i18n, rows);
  const busy = parts.reduce((sum, { value }) => sum + value, 0);
  const columns: Column<Loaded>[] = [
    { id: 'camera', title: t('stages.camera'), primary: true, cell: ({ name }) => html`<b>${name}</b>` },
    {
      id: 'rate',
      title: t('load.rate'),
      cell: ({ analysedFps = 0, load }) =>
        html`<span class="g-num">${t('load.of', { done: rate(i18n, analysedFps), wanted: rate(i18n, load.wantedFps) })}</span>`,
    },
    {
      id: 'shed',
      title: t('load.shed'),
      width: '34%',
      cell: (row) => {
        const why = blameText(i18n, row, facts.cameras);
        const word = why ? t('load.perSecond', { n: rate(i18n, row.load.shedFps) }) : t('load.none');
        return html`<div class="system-load-shed">
          <${ui.Status} tone=${why ? 'warn' : 'ok'}>${word}</${ui.Status}>
          ${why && html`<small>${why}</small>`}
        </div>`;
      },
    },
    { id: 'stages', title: t('load.stages'), cell: (row) => html`<${StageTimes} i18n=${i18n} row=${row} />` },
  ];
  return html`<${ui.Card} title=${t('load.title')} icon="chip" flush>
    <div class="g-pad system-load-time">
      <p class="g-small-text">${t('load.busy', { percent: i18n.percent(Math.min(1, busy)) })}</p>
      <${ui.Meter} label=${t('load.time')} parts=${parts} max=${Math.max(1, busy)} />
      ${short && html`<p class="system-load-short"><${ui.Icon} name="warn" size=${16} /><span>${short}</span></p>`}
    </div>
    <${ui.Table}
      caption=${t('load.title')} columns=${columns} rows=${rows} rowKey=${(row: Loaded) => row.channel}
      rowTone=${(row: Loaded) => (row.load.blame ? 'warn' : undefined)}
    />
  </${ui.Card}>`;
}

/** Stages that take less than this part of a frame's time are left out here; all stand in the list of steps. */
const NOTABLE = 0.05;

/** Time of a frame in the stages that count; the one to blame stands out. */
function StageTimes({ i18n, row }: { i18n: I18n; row: Loaded }) {
  const { channel, load } = row;
  const blamed = load.blame?.channel === channel ? load.blame.stage : undefined;
  const ofFrames = load.stages.filter(({ per }) => per === undefined);
  const whole = ofFrames.reduce((sum, { ms }) => sum + ms, 0);
  const shown = ofFrames.filter(({ ms }) => ms > whole * NOTABLE);
  return html`<ul class="system-load-stages">${shown.map(
    ({ stage, ms }) => html`<li key=${stage} data-blamed=${stage === blamed || undefined}>
      <span>${stageName(i18n, stage)}</span><span class="g-num">${msText(i18n, ms)}</span>
    </li>`,
  )}</ul>`;
}
