import { html } from 'htm/preact';
import type { CameraStatus } from '../../../core/vision/keys.ts';
import type { Column, PageProps } from '../../../ui/contract.ts';
import { type Camera, type CameraList, UNITS_PER_CAMERA } from './shapes.ts';
import { useStatuses } from './statuses.ts';
import {
  codecName,
  decodingWhy,
  faultNow,
  faultText,
  loadText,
  makeshiftText,
  rateText,
  sizeText,
  stageText,
  stateTone,
  stateWord,
  taskName,
} from './words.ts';

export const styles = ['./cameras.css'];

/** A camera with the newest that is known of its state. */
type Row = Camera & { status: CameraStatus };

/** The cameras of the box at a glance: which need somebody, and what the others do. */
export default function Cameras(page: PageProps) {
  const { api, i18n, ui, me } = page;
  const { t } = i18n;
  const found = ui.useData((signal) => api.get<CameraList>('/cameras', {}, { signal }), {
    // The system tells when stages start, stop or miss a model.
    changed: ['cameras', 'system'],
  });
  const statuses = useStatuses(page);
  const own = found.data?.cameras.filter(({ origin }) => !origin).length ?? 0;
  const rows = found.data?.cameras.map((camera) => ({
    ...camera,
    status: statuses.get(camera.channel) ?? camera.status,
  }));
  const full = found.data && found.data.units.used + UNITS_PER_CAMERA > found.data.units.total;
  const add = html`<${ui.Button} kind="primary" icon="add" href=${ui.href('camera', { new: 1 })}>${t('list.add')}</${ui.Button}>`;
  return html`<${ui.Page}
    title=${t('cameras.title')} lead=${rows && rows.length > 0 && leadText(page, rows)}
    actions=${me.can('devices', 'change') && rows && rows.length > 0 && !full && add}
  >
    <${ui.Loaded} of=${found} what=${t('list.notRead')}>
      ${(data: CameraList) =>
        rows && rows.length > 0
          ? html`${rows.length > own && html`<${Demo} page=${page} n=${rows.length - own} />`}<${Figures} page=${page} list=${data} rows=${rows} /><${Cards} page=${page} rows=${rows} />`
          : html`<${First} page=${page} add=${add} />`}
    </${ui.Loaded}>
  </${ui.Page}>`;
}

function leadText({ i18n }: PageProps, rows: Row[]): string {
  const wanted = rows.filter(({ enabled }) => enabled);
  const offline = wanted.filter(({ status }) => status.state === 'offline');
  const allWell = wanted.length > 0 && wanted.every(({ status }) => status.state === 'online');
  // Some still connect, or all are switched off.
  if (offline.length === 0) return allWell ? i18n.t('list.allWell') : '';
  return i18n.t('list.needYou', { n: offline.length, names: offline.map(({ name }) => name).join(i18n.t('comma')) });
}

/** Some of the list are no cameras: what they are, and where they are managed. */
function Demo({ page, n }: { page: PageProps; n: number }) {
  const { i18n, ui } = page;
  const manage = html`<${ui.Button} small href=${ui.href('demo-site')}>${i18n.t('demo.manage')}</${ui.Button}>`;
  return html`<${ui.Notice} tone="info" title=${i18n.t('demo.title', { n })} action=${manage}>${i18n.t('demo.what')}</${ui.Notice}>`;
}

/** Nothing there yet: how the first camera gets in. */
function First({ page, add }: { page: PageProps; add: unknown }) {
  const { i18n, ui, me } = page;
  const { t } = i18n;
  const may = me.can('devices', 'change');
  return html`<${ui.Card}><${ui.Empty} icon="cameras" title=${t('list.none')} action=${may && add}>
    ${may ? t('list.firstHow') : t('list.firstAsk')}
    <span class="cameras-example"><code>rtsp://user:password@host:554/path</code></span>
    ${may && t('list.firstWhere')}
  </${ui.Empty}></${ui.Card}>`;
}

function Figures({ page, list, rows }: { page: PageProps; list: CameraList; rows: Row[] }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const online = rows.filter(({ status }) => status.state === 'online');
  const fps = online.reduce((sum, { status }) => sum + status.analysedFps, 0);
  const { used, total } = list.units;
  const room = Math.max(0, Math.floor((total - used) / UNITS_PER_CAMERA));
  const wanted = rows.filter(({ enabled }) => enabled).length;
  const offline = wanted - online.length;
  return html`<${ui.Card}><div class="cameras-figures">
    <${ui.Stat}
      label=${t('list.online')} value=${i18n.number(online.length)} unit=${t('list.ofAll', { all: wanted })}
      tone=${wanted === 0 ? 'idle' : offline > 0 ? 'warn' : 'ok'} hint=${wanted === 0 ? t('list.allOff') : offline > 0 ? t('list.notOnline', { n: offline }) : t('list.allOnline')}
    />
    <${ui.Stat} label=${t('list.analysed')} value=${i18n.number(fps, { maximumFractionDigits: 1 })} unit=${t('list.picturesPerSecond')} hint=${t('list.analysedHint')} />
    <div class="cameras-units">
      <${ui.Stat}
        label=${t('list.units')} value=${i18n.number(used)} unit=${t('list.ofUnits', { all: total })}
        tone=${room === 0 ? 'info' : undefined} hint=${room > 0 ? t('list.room', { n: room }) : t('list.noRoom')}
      />
      <${ui.Meter} label=${t('list.units')} max=${total} legend=${false} parts=${[{ label: t('list.used'), value: used, text: String(used) }]} />
    </div>
  </div></${ui.Card}>`;
}

/** Those that need somebody come first, those that were switched off last. */
const URGENCY = { offline: 0, connecting: 1, online: 2 } as const;
const urgency = ({ enabled, status }: Row) => (enabled ? URGENCY[status.state] : 3);

function Cards({ page, rows }: { page: PageProps; rows: Row[] }) {
  const { i18n, ui, params, me } = page;
  const { t } = i18n;
  const may = me.can('devices', 'change');
  const text = (params['text'] ?? '').trim().toLowerCase();
  const state = params['state'] ?? '';
  const shown = rows
    .filter((row) => state === '' || (row.status.state === 'online') === (state === 'online'))
    .filter((row) => `${row.channel} ${row.name} ${row.position} ${row.url}`.toLowerCase().includes(text))
    .sort((a, b) => urgency(a) - urgency(b) || a.channel - b.channel);
  const live = (row: Row) => ui.href('live', { views: 1, at: row.channel });
  // A scene has no settings of a camera.
  const edit = (row: Row) => (row.origin ? ui.href('demo-site') : ui.href('camera', { channel: row.channel }));

  const columns: Column<Row>[] = [
    {
      id: 'name',
      title: t('list.camera'),
      primary: true,
      width: '20%',
      cell: (row) =>
        html`<div class="cameras-name"><b>${row.name}</b>${row.origin && html` <${ui.Badge} tone="info">${t('demo.badge')}</${ui.Badge}>`}<small>${[t('list.channel', { n: row.channel }), row.position].filter(Boolean).join(' · ')}</small></div>`,
    },
    {
      id: 'state',
      title: t('list.state'),
      width: '32%',
      cell: (row) => html`<${State} page=${page} row=${row} rows=${rows} />`,
    },
    {
      id: 'picture',
      title: t('list.stream'),
      hideOnPhone: true,
      cell: ({ status }) =>
        html`<span class="cameras-stream">${sizeText(status) || '–'} <small>${[codecName(status.codec), status.backend === 'process' && t('list.ownProcess')].filter(Boolean).join(' · ')}</small></span>`,
    },
    {
      id: 'fps',
      title: t('list.analysis'),
      hideOnPhone: true,
      cell: ({ status }) =>
        html`<span class="cameras-stream">${status.state === 'online' ? rateText(i18n, status.analysedFps) : '–'}
          ${status.load?.blame && html` <small>${t('list.wanted', { fps: i18n.number(status.load.wantedFps, { maximumFractionDigits: 1 }) })}</small>`}</span>`,
    },
    { id: 'tasks', title: t('list.tasks'), cell: (row) => html`<${Tasks} page=${page} camera=${row} />` },
    {
      id: 'acts',
      title: t('list.acts'),
      hideTitle: true,
      align: 'end',
      cell: (row) => html`<${ui.Row} class="cameras-acts" gap=${1} nowrap justify="end">
        ${me.can('records', 'see') && html`<${ui.IconButton} icon="live" label=${t('list.watch', { name: row.name })} href=${live(row)} />`}
        ${may && html`<${ui.IconButton} icon="edit" label=${t('list.edit', { name: row.name })} href=${edit(row)} />`}
      </${ui.Row}>`,
    },
  ];
  return html`
    ${
      // A bookmark may filter a short list: then it has to show that.
      (rows.length > 5 || text !== '' || state !== '') &&
      html`<${ui.FilterBar} active=${Number(text !== '') + Number(state !== '')} onReset=${() => ui.setParams({ text: undefined, state: undefined })}>
        <${ui.TextField} type="search" label=${t('list.find')} value=${params['text'] ?? ''} onChange=${(value: string) => ui.setParams({ text: value })} />
        <${ui.SelectField} label=${t('list.state')} value=${state} onChange=${(value: string) => ui.setParams({ state: value })}
          options=${[
            { value: '', label: t('list.anyState') },
            { value: 'online', label: t('state.online') },
            { value: 'other', label: t('list.notOnlineState') },
          ]} />
      </${ui.FilterBar}>`
    }
    <${ui.Card} flush><${ui.Table}
      caption=${t('cameras.title')} columns=${columns} rows=${shown} rowKey=${(row: Row) => row.channel}
      rowTone=${(row: Row) => (row.enabled && row.status.state === 'offline' ? 'bad' : undefined)}
      onRow=${may ? (row: Row) => ui.go(edit(row)) : me.can('records', 'see') ? (row: Row) => ui.go(live(row)) : undefined}
      empty=${html`<${ui.Empty} icon="search" title=${t('list.noneSuch')} action=${html`<${ui.Button} onClick=${() => ui.setParams({ text: undefined, state: undefined })}>${t('list.showAll')}</${ui.Button}>`} />`}
    /></${ui.Card}>`;
}

/** Online or not, since when, why, and what to do. */
function State({ page, row, rows }: { page: PageProps; row: Row; rows: Row[] }) {
  const { i18n, ui } = page;
  const { status } = row;
  const now = ui.useNow(10_000);
  const apart = status.backendReason?.code === 'flapping' && decodingWhy(i18n, status);
  const help = status.reason ? faultNow(i18n, status.reason) : '';
  const sheds = status.load && loadText(i18n, row.channel, status.load, rows);
  return html`<div class="cameras-state">
    <${ui.Status} tone=${stateTone(status)}>${stateWord(i18n, status)}</${ui.Status}>
    ${
      status.state !== 'online' &&
      html`<div class="cameras-why">
        ${status.reason && html`<span>${faultText(i18n, status.reason)}</span>`}
        ${help && html`<span class="g-quiet">${help}</span>`}
        <span class="g-quiet">${i18n.t('list.lasting', { time: i18n.duration(Math.max(0, now - status.since)) })}</span>
      </div>`
    }
    ${sheds && html`<div class="cameras-why"><span class="cameras-sheds"><${ui.Icon} name="warn" size=${16} />${sheds}</span></div>`}
    ${apart && html`<div class="cameras-why"><span class="g-quiet">${apart}</span></div>`}
  </div>`;
}

/** What it looks for, and what of that does not run. */
function Tasks({ page, camera }: { page: PageProps; camera: Camera }) {
  const { i18n, ui } = page;
  const idle = camera.stages.filter(({ running }) => !running);
  const makeshift = makeshiftText(i18n, camera);
  return html`<div class="cameras-tasks">
    <span class="cameras-badges">${camera.tasks.map((task) => html`<${ui.Badge} key=${task}>${taskName(i18n, task)}</${ui.Badge}>`)}</span>
    ${makeshift && html`<span class="cameras-idle"><${ui.Icon} name="warn" size=${16} /><span>${makeshift}</span></span>`}
    ${idle.map(
      (stage) =>
        html`<span class="cameras-idle" key=${stage.stage}><${ui.Icon} name="warn" size=${16} /><span>${stageText(i18n, stage)}</span></span>`,
    )}
  </div>`;
}
