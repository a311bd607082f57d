import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import { Attention } from './attention.ts';
import { type BoxFacts, CAMERA_TONE, cameraLine, cameraPage, captureDays, isOff, type NamedStatus } from './facts.ts';
import { StorageMeter } from './storage.ts';

export const styles = ['./system.css'];

/** Most urgent first. */
const STATE_ORDER = { offline: 0, connecting: 1, online: 2 };
const SHOWN = 8;

/** The start page: what is happening now, what needs somebody, one click to it. */
export default function Overview(props: PageProps) {
  const { api, i18n, ui, me, config } = props;
  const { t } = i18n;
  const found = ui.useData((signal) => api.get<BoxFacts>('/overview', {}, { signal }), {
    changed: ['system', 'cameras'],
    every: 10_000,
  });
  const cameras = found.data?.cameras ?? [];
  const followed = config.plugins.includes('cameras') && cameras.length > 0;
  ui.useLive<NamedStatus>('cameras.status', followed ? {} : undefined, (status) => {
    const known = cameras.find(({ channel }) => channel === status.channel);
    if (known && known.state !== status.state) void found.reload();
  });

  // To those who may not see them the box tells nothing of its cameras, not even that there are any.
  const seesCameras = me.can('devices', 'see');
  const mayAdd = config.plugins.includes('cameras') && me.can('devices', 'change');
  const actions =
    mayAdd && html`<${ui.Button} icon="add" href="#/camera?new=1">${t('overview.addCamera')}</${ui.Button}>`;
  const body = (facts: BoxFacts) => html`
    <${Figures} ...${props} facts=${facts} />
    <${ui.Split}
      aside=${html`${seesCameras && html`<${Cameras} ...${props} facts=${facts} mayAdd=${mayAdd} />`}
        <${ui.Card} title=${t('storage.title')} icon="storage"><${StorageMeter} i18n=${i18n} ui=${ui} facts=${facts} /></${ui.Card}>`}
    >
      <${Attention} i18n=${i18n} ui=${ui} me=${me} facts=${facts} />
      <${ui.Widgets} place="overview" />
    </${ui.Split}>`;
  const skeleton = html`<${ui.Card}><${ui.Skeleton} lines=${2} /></${ui.Card}><${ui.Card}><${ui.Skeleton} lines=${6} /></${ui.Card}>`;
  return html`<${ui.Page} title=${t('overview.title')} lead=${found.data && verdict(props, found.data)} actions=${actions}>
    <${ui.Loaded} of=${found} what=${t('overview.notRead')} skeleton=${skeleton}>${body}</${ui.Loaded}>
  </${ui.Page}>`;
}

/** The whole box in a sentence. */
function verdict({ i18n, me }: PageProps, { problems, cameras }: BoxFacts): string {
  if (problems.length > 0) return i18n.t('overview.needs', { n: problems.length });
  if (cameras.length === 0 && me.can('devices', 'see')) return i18n.t('overview.noCameras');
  return i18n.t('overview.allWell');
}

interface PartProps extends PageProps {
  facts: BoxFacts;
}

function Figures({ i18n, ui, me, facts }: PartProps) {
  const { t } = i18n;
  const { storage, startedAt, now } = facts;
  const cameras = facts.cameras.filter((camera) => !isOff(camera));
  const none = facts.cameras.length === 0 ? t('figure.noCameras') : t('figure.allOff');
  const online = cameras.filter((camera) => camera.state === 'online');
  const rate = online.reduce((sum, camera) => sum + (camera.analysedFps ?? 0), 0);
  const free = storage.diskTotal > 0 ? storage.diskFree / storage.diskTotal : 0;
  const down = cameras.length - online.length;
  const days = captureDays(facts);
  const ofCameras = html`
    <${ui.Stat}
      label=${t('figure.online')} value=${i18n.number(online.length)} unit=${t('figure.of', { n: cameras.length })} href="#/cameras"
      tone=${cameras.length === 0 ? 'idle' : down > 0 ? 'bad' : 'ok'}
      hint=${cameras.length === 0 ? none : down > 0 ? t('figure.down', { n: down }) : t('figure.allOnline')}
    />
    <${ui.Stat} label=${t('figure.analysed')} value=${i18n.number(rate, { maximumFractionDigits: 1 })} unit=${t('figure.perSecond')} hint=${t('figure.analysedHint')} />`;
  return html`<${ui.Card} class="system-figures">
    ${me.can('devices', 'see') && ofCameras}
    <${ui.Stat} label=${t('figure.free')} value=${i18n.percent(free)} unit=${i18n.bytes(storage.diskFree)} hint=${days === undefined ? undefined : days === 0 ? t('figure.freeForever') : t('figure.freeHint', { days })} />
    <${ui.Stat} label=${t('figure.running')} value=${i18n.duration(now - startedAt)} hint=${t('figure.version', { version: facts.version })} />
  </${ui.Card}>`;
}

function Cameras({ i18n, ui, me, facts, mayAdd }: PartProps & { mayAdd: boolean }) {
  const { t } = i18n;
  const sorted = [...facts.cameras].sort(
    (a, b) => STATE_ORDER[a.state] - STATE_ORDER[b.state] || a.channel - b.channel,
  );
  const shown = sorted.slice(0, SHOWN);
  const all =
    me.can('devices', 'see') &&
    html`<${ui.Button} kind="quiet" small href="#/cameras" iconEnd="right">${t('overview.allCameras')}</${ui.Button}>`;
  const add =
    mayAdd &&
    html`<${ui.Button} kind="primary" icon="add" href="#/camera?new=1">${t('overview.addCamera')}</${ui.Button}>`;
  return html`<${ui.Card} title=${t('overview.cameras')} icon="cameras" actions=${facts.cameras.length > 0 && all} flush>
    ${
      shown.length === 0
        ? html`<${ui.Empty} icon="cameras" title=${t('overview.noCamera')} action=${add}>${t(mayAdd ? 'overview.noCameraHow' : 'overview.noCameraAsk')}</${ui.Empty}>`
        : html`<ul class="system-list">${shown.map(
            (camera) =>
              html`<li key=${camera.channel}><${CameraRow} i18n=${i18n} ui=${ui} me=${me} camera=${camera} /></li>`,
          )}</ul>`
    }
    ${sorted.length > SHOWN && html`<p class="g-pad g-quiet g-small-text">${t('overview.moreCameras', { n: sorted.length - SHOWN })}</p>`}
  </${ui.Card}>`;
}

/** One camera; leads to its live picture, or to where it is mended. */
function CameraRow({ i18n, ui, me, camera }: Pick<PageProps, 'i18n' | 'ui' | 'me'> & { camera: NamedStatus }) {
  const { channel, name, state } = camera;
  const off = isOff(camera);
  const target =
    state === 'online' && me.can('records', 'see')
      ? ui.href('live', { views: 1, at: channel })
      : cameraPage(me, channel);
  const text = html`
    <span class="system-list-text"><b>${name}</b><small>${cameraLine(i18n, camera)}</small></span>
    <${ui.Status} tone=${off ? 'idle' : CAMERA_TONE[state]} size=${16}>${i18n.t(off ? 'camera.off' : `camera.${state}`)}</${ui.Status}>`;
  return target ? html`<a class="system-row" href=${target}>${text}</a>` : html`<div class="system-row">${text}</div>`;
}
