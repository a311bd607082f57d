import { html } from 'htm/preact';
import type { ApiFailure, PageProps } from '../../../ui/contract.ts';
import type { Alarm } from './shapes.ts';
import { cameraWord, factsOf, kindWord } from './words.ts';

interface DetailProps {
  page: PageProps;
  id: number;
  /** As the list knows it. */
  known: Alarm | undefined;
  /** Undefined where this account may not. */
  onAcknowledge: ((alarm: Alarm) => void) | undefined;
  onClose: () => void;
}

/** One alarm, read where the list does not hold it: behind a link, or acknowledged a moment ago. */
function useAlarm({ api, ui }: PageProps, id: number, known: Alarm | undefined) {
  const found = ui.useData((signal) => api.get<Alarm>(`/alarms/${id}`, {}, { signal }), {
    deps: [id],
    changed: ['alarms'],
    when: known === undefined,
  });
  const gone = known === undefined && (found.error as ApiFailure | undefined)?.status === 404;
  return { alarm: gone ? undefined : (known ?? (found.data?.id === id ? found.data : undefined)), gone, found };
}

/** Beside the list. */
export function DetailPane({ page, id, known, onAcknowledge }: Omit<DetailProps, 'onClose'>) {
  const { ui } = page;
  const { alarm, gone, found } = useAlarm(page, id, known);
  return html`<${ui.Card} class="alarms-pane">
    ${
      alarm
        ? html`<div class="alarms-pane-head"><h2>${alarm.title}</h2><${State} page=${page} alarm=${alarm} /></div>
          <div class="alarms-whole">
            <${Pictures} page=${page} alarm=${alarm} />
            <div class="alarms-acts"><${Acts} page=${page} alarm=${alarm} onAcknowledge=${onAcknowledge} /></div>
            <${Known} page=${page} alarm=${alarm} />
          </div>`
        : html`<${NotThere} page=${page} gone=${gone} found=${found} />`
    }
  </${ui.Card}>`;
}

/** Over the list, where there is no room beside it. */
export function DetailDialog({ page, id, known, onAcknowledge, onClose }: DetailProps) {
  const { i18n, ui } = page;
  const { alarm, gone, found } = useAlarm(page, id, known);
  const title = alarm?.title ?? i18n.t('detail.title');
  const footer = alarm && html`<${Acts} page=${page} alarm=${alarm} onAcknowledge=${onAcknowledge} />`;
  return html`<${ui.Dialog} wide title=${title} onClose=${onClose} footer=${footer}>
    ${
      alarm
        ? html`<div class="alarms-whole">
            <${State} page=${page} alarm=${alarm} />
            <${Pictures} page=${page} alarm=${alarm} />
            <${Known} page=${page} alarm=${alarm} />
          </div>`
        : html`<${NotThere} page=${page} gone=${gone} found=${found} />`
    }
  </${ui.Dialog}>`;
}

interface NotThereProps {
  page: PageProps;
  gone: boolean;
  found: ReturnType<typeof useAlarm>['found'];
}

function NotThere({ page: { i18n, ui }, gone, found }: NotThereProps) {
  const { t } = i18n;
  if (gone) return html`<${ui.Empty} icon="alarms" title=${t('detail.gone')}>${t('detail.goneWhy')}</${ui.Empty}>`;
  if (found.error === undefined) return html`<${ui.Skeleton} lines=${8} />`;
  return html`<${ui.ErrorState} what=${t('detail.notRead')} error=${found.error} onRetry=${found.reload} />`;
}

function State({ page: { i18n, ui }, alarm }: { page: PageProps; alarm: Alarm }) {
  const { t } = i18n;
  if (alarm.state === 'open') return html`<${ui.Badge} tone="bad" icon="alarms">${t('state.open')}</${ui.Badge}>`;
  return html`<${ui.Badge} tone="ok" icon="check">${t('state.acknowledged')}</${ui.Badge}>`;
}

function Pictures({ page, alarm }: { page: PageProps; alarm: Alarm }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const faces = alarm.pictures.filter(({ label }) => label !== 'frame');
  const frames = alarm.pictures.filter(({ label }) => label === 'frame');
  const caption = (label: Alarm['pictures'][number]['label']) =>
    label === 'seen' ? t('picture.seen') : label === 'library' ? t('picture.library') : t('picture.frame');
  return html`<div class="alarms-pictures">
    ${
      faces.length > 0 &&
      html`<div class="alarms-faces" data-alone=${faces.length === 1 || undefined}>${faces.map(
        ({ path, label }) => html`<figure key=${path}>
          <${ui.Picture} path=${path} alt=${caption(label)} ratio=${'1'} fit="contain" eager />
          <figcaption>${caption(label)}</figcaption>
        </figure>`,
      )}</div>`
    }
    ${frames.map(
      ({ path }) => html`<figure key=${path}>
        <${ui.Picture} path=${path} alt=${caption('frame')} ratio=${'16 / 9'} fit="contain" eager />
        <figcaption>${caption('frame')}</figcaption>
      </figure>`,
    )}
  </div>`;
}

/** What was said of it, and everything known. */
function Known({ page, alarm }: { page: PageProps; alarm: Alarm }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  return html`
    ${
      alarm.acknowledgedAt !== null &&
      html`<div class="alarms-said"><${ui.Icon} name="check" size=${18} /><div>
        ${alarm.note ? html`<p>${alarm.note}</p>` : html`<p class="g-quiet">${t('detail.noNote')}</p>`}
        <small>${alarm.acknowledgedBy} · <${ui.Time} at=${alarm.acknowledgedAt} /></small>
      </div></div>`
    }
    <${ui.Facts} items=${[
      { label: t('detail.kind'), value: kindWord(i18n, alarm.kind) },
      { label: t('detail.time'), value: html`<${ui.Time} at=${alarm.time} />` },
      { label: t('detail.camera'), value: cameraWord(i18n, alarm) },
      ...factsOf(i18n, alarm),
      alarm.origin === 'demo' && { label: t('detail.origin'), value: t('detail.demo') },
      { label: t('detail.number'), value: alarm.id },
    ]} />`;
}

interface ActsProps {
  page: PageProps;
  alarm: Alarm;
  onAcknowledge: ((alarm: Alarm) => void) | undefined;
}

function Acts({ page, alarm, onAcknowledge }: ActsProps) {
  const { i18n, ui, me, config } = page;
  const { t } = i18n;
  const record = alarm.captureId !== null && config.plugins.includes('captures');
  const live = config.plugins.includes('cameras') && me.can('records', 'see');
  return html`
    ${
      alarm.state === 'open' &&
      onAcknowledge &&
      html`<${ui.Button} kind="primary" icon="check" onClick=${() => onAcknowledge(alarm)}>${t('acknowledge.button')}</${ui.Button}>`
    }
    ${record && html`<${ui.Button} icon="records" href=${ui.href('records', { id: alarm.captureId })}>${t('detail.record')}</${ui.Button}>`}
    ${live && html`<${ui.Button} icon="live" href=${ui.href('live', { channels: alarm.channel })}>${t('detail.live')}</${ui.Button}>`}`;
}
