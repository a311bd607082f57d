import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import type { Option, PageProps } from '../../../ui/contract.ts';
import { boxClock } from './box-clock.ts';
import { ChooseCameras } from './choose-cameras.ts';
import { useTabVisible } from './on-screen.ts';
import type { Camera, CameraList } from './shapes.ts';
import { useStatuses } from './statuses.ts';
import { Tile } from './tile.ts';
import { arrange, type Views } from './views.ts';

export const styles = ['./cameras.css', './live.css'];

/** Cameras live, one, four or nine at a time; which ones is in the address. */
export default function Live(page: PageProps) {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const found = ui.useData((signal) => api.get<CameraList>('/cameras', {}, { signal }), { changed: ['cameras'] });
  return html`<${ui.Page} title=${t('live.title')} wide>
    <${ui.Loaded} of=${found} what=${t('list.notRead')} skeleton=${html`<${ui.Skeleton} height="60vh" />`}>
      ${(data: CameraList) =>
        data.cameras.length === 0
          ? html`<${NoCameras} page=${page} />`
          : html`<${Wall} page=${page} cameras=${data.cameras} />`}
    </${ui.Loaded}>
  </${ui.Page}>`;
}

function NoCameras({ page }: { page: PageProps }) {
  const { i18n, ui, me } = page;
  const { t } = i18n;
  const add =
    me.can('devices', 'change') &&
    html`<${ui.Button} kind="primary" icon="add" href=${ui.href('camera', { new: 1 })}>${t('list.add')}</${ui.Button}>`;
  return html`<${ui.Card}><${ui.Empty} icon="cameras" title=${t('list.none')} action=${add}>${t('live.noneNow')}</${ui.Empty}></${ui.Card}>`;
}

/** How often it is asked whether the box's clock is to be read again, which it is every ten minutes. */
const CLOCK_MS = 60_000;
const VIEW_ICONS = { 1: 'grid1', 4: 'grid4', 9: 'grid9' } as const;

function Wall({ page, cameras }: { page: PageProps; cameras: Camera[] }) {
  const { i18n, ui, params } = page;
  const { t } = i18n;
  const statuses = useStatuses(page);
  const watching = useTabVisible();
  const [choosing, setChoosing] = useState(false);
  const { views, chosen, shown, first, previous, next } = arrange(cameras, params);
  const strip = params['strip'] !== 'off';

  useEffect(() => {
    if (!watching) return;
    void boxClock.read();
    // On a wall the page stays for weeks, and the clocks of box and browser drift apart or are set.
    const again = setInterval(() => void boxClock.read(), CLOCK_MS);
    return () => clearInterval(again);
  }, [watching]);
  const showFrom = (camera: Camera | undefined) => camera && ui.setParams({ at: camera.channel });
  useArrowKeys(
    () => showFrom(previous),
    () => showFrom(next),
  );

  const viewOptions: Option<Views>[] = ([1, 4, 9] as const).map((value) => ({
    value,
    label: t('live.views', { n: value }),
    icon: VIEW_ICONS[value],
  }));
  const alone = views === 1 ? shown[0] : undefined;
  return html`
    <div class="cameras-live-bar">
      <${ui.Segmented} label=${t('live.howMany')} iconsOnly value=${views} options=${viewOptions} onChange=${(n: Views) => ui.setParams({ views: n })} />
      <div class="cameras-live-where">
      ${
        alone &&
        chosen.length > 1 &&
        html`<div class="cameras-live-which"><${ui.SelectField}
          label=${t('live.camera')} hideLabel value=${alone.channel}
          options=${chosen.map(({ channel, name }) => ({ value: channel, label: `${channel} · ${name}` }))}
          onChange=${(channel: number) => ui.setParams({ at: channel })}
        /></div>`
      }
      ${
        (previous || next) &&
        html`<div class="cameras-live-pages">
          <${ui.IconButton} kind="secondary" icon="left" label=${t('live.previous')} disabled=${!previous} onClick=${() => showFrom(previous)} />
          <span class="g-num">${views === 1 ? t('live.one', { at: first + 1, all: chosen.length }) : t('live.some', { from: first + 1, to: first + shown.length, all: chosen.length })}</span>
          <${ui.IconButton} kind="secondary" icon="right" label=${t('live.next')} disabled=${!next} onClick=${() => showFrom(next)} />
        </div>`
      }
      </div>
      <span class="cameras-live-gap"></span>
      ${
        cameras.length > 1 &&
        html`<span class="cameras-live-choose"><${ui.Button} kind="quiet" icon="filter" label=${t('live.choose')} onClick=${() => setChoosing(true)}>
          ${chosen.length < cameras.length ? t('live.chosen', { n: chosen.length, all: cameras.length }) : t('live.choose')}
        </${ui.Button}></span>`
      }
      <${ui.IconButton}
        icon="records" label=${t('live.strip')} pressed=${strip} onClick=${() => ui.setParams({ strip: strip ? 'off' : undefined })}
      />
    </div>
    <div class="cameras-live">
      <div class="cameras-live-grid" data-views=${views}>
        ${shown.map(
          (camera) => html`<${Tile}
            key=${camera.channel} page=${page} camera=${camera} status=${statuses.get(camera.channel) ?? camera.status} watching=${watching}
            alone=${views === 1 ? undefined : ui.href('live', { ...params, views: 1, at: camera.channel })}
          />`,
        )}
      </div>
      <div class="cameras-live-strip">${strip && html`<${ui.Widgets} place="live-strip" params=${alone ? { channel: String(alone.channel) } : {}} />`}</div>
    </div>
    ${
      choosing &&
      html`<${ChooseCameras} page=${page} cameras=${cameras} chosen=${chosen} onClose=${() => setChoosing(false)}
        onChoose=${(channels: number[] | undefined) => ui.setParams({ channels: channels?.join(','), at: undefined })} />`
    }`;
}

/** Left and right turn the pages, unless a field or a choice uses the keys itself. */
function useArrowKeys(left: () => void, right: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      if ((event.target as Element).closest('input, select, textarea, dialog')) return;
      if (event.key === 'ArrowLeft') left();
      else if (event.key === 'ArrowRight') right();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });
}
