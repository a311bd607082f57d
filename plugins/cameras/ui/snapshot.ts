import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { CameraStatus } from '../../../core/vision/keys.ts';
import type { PageProps } from '../../../ui/contract.ts';
import type { Camera } from './shapes.ts';
import { codecName, decodingName, decodingWhy, faultNow, faultText, rateText, sizeText, stageText } from './words.ts';

interface SnapshotProps {
  page: PageProps;
  camera: Camera;
  status: CameraStatus;
  /** Address of the newest picture; undefined while the camera is not online, or this account may see none. */
  src: string | undefined;
}

/** The field most offline cameras are mended in. */
function toAddress(): void {
  document.querySelector<HTMLInputElement>('.cameras-edit input[name="url"]')?.focus();
}

/** The field that mends a camera the worker cannot sign in to; it lies among the settings few need. */
function toDecoding(): void {
  const fold = document.querySelector<HTMLDetailsElement>('.cameras-edit .cameras-fold');
  if (fold) fold.open = true;
  document.querySelector<HTMLInputElement>('.cameras-edit input[name="decoding"]:checked')?.focus();
}

/** What the camera sees now and how it does. */
export function Snapshot({ page, camera, status, src }: SnapshotProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const [taken, setTaken] = useState(0);
  const { reason } = status;
  const ratio = status.width && status.height ? `${status.width} / ${status.height}` : '16 / 9';
  const again =
    src && html`<${ui.IconButton} icon="refresh" label=${t('snapshot.again')} onClick=${() => setTaken(taken + 1)} />`;
  const why = decodingWhy(i18n, status);
  const idle = camera.stages.filter(({ running }) => !running);
  return html`
    <${ui.Card} title=${t('snapshot.title')} flush actions=${again}>
      <${ui.Picture} src=${src && `${src}?n=${taken}`} alt=${t('snapshot.of', { name: camera.name })} ratio=${ratio} fit="contain" eager missing=${status.state === 'online' ? undefined : t('snapshot.offline')} />
      <div class="g-pad"><${ui.Stack} gap=${3}>
        ${
          reason &&
          html`<${ui.Notice} tone=${status.state === 'offline' ? 'bad' : 'busy'} title=${faultText(i18n, reason)}>
            <${ui.Stack} gap=${2}>
              <span>${faultNow(i18n, reason)}</span>
              ${
                status.state === 'offline' &&
                html`<div>${
                  reason.code === 'sign-in'
                    ? html`<${ui.Button} small icon="edit" onClick=${toDecoding}>${t('edit.toDecoding')}</${ui.Button}>`
                    : html`<${ui.Button} small icon="edit" onClick=${toAddress}>${t('edit.toAddress')}</${ui.Button}>`
                }</div>`
              }
            </${ui.Stack}>
          </${ui.Notice}>`
        }
        ${idle.map(
          (stage) => html`<${ui.Notice} key=${stage.stage} tone="warn">${stageText(i18n, stage)}</${ui.Notice}>`,
        )}
        <${ui.Facts} items=${[
          { label: t('fact.channel'), value: camera.channel },
          { label: t('fact.size'), value: sizeText(status) },
          { label: t('fact.codec'), value: codecName(status.codec) },
          {
            label: t('field.decoding'),
            value:
              status.backend &&
              html`${decodingName(i18n, status)}${why && html`<br /><small class="g-quiet">${why}</small>`}`,
          },
          { label: t('fact.analysed'), value: status.state === 'online' ? rateText(i18n, status.analysedFps) : '' },
          { label: t('fact.dropped'), value: i18n.number(status.framesDropped) },
          { label: t('fact.reconnects'), value: i18n.number(status.reconnects) },
          { label: t('fact.since'), value: html`<${ui.Time} at=${status.since} as="ago" />` },
        ]} />
      </${ui.Stack}></div>
    </${ui.Card}>`;
}
