import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { CameraStatus } from '../../../core/vision/keys.ts';
import type { PageProps } from '../../../ui/contract.ts';
import { CompareFields } from './compare-fields.ts';
import { checkedAddress, Found, LookProgress, NotFound, useLook } from './probe.ts';
import { changesOf, checkSettings, settingsOf } from './settings.ts';
import { AdvancedFields, NameFields, TaskFields, TransportField, useSettingsForm } from './settings-fields.ts';
import type { Camera, CameraList } from './shapes.ts';
import { Snapshot } from './snapshot.ts';
import { useStatuses } from './statuses.ts';
import { stateTone, stateWord } from './words.ts';

/** One camera: how it does, its settings, and taking it away. */
export function Editing({ page, channel }: { page: PageProps; channel: number }) {
  const { api, i18n, ui } = page;
  const { t } = i18n;
  const found = ui.useData((signal) => api.get<CameraList>('/cameras', {}, { signal }), {
    changed: ['cameras', 'system'],
  });
  const status = useStatuses(page).get(channel);
  return html`<${ui.Loaded} of=${found} what=${t('list.notRead')} skeleton=${html`<${ui.Page} title=${t('camera.title')} back=${ui.href('cameras')}><${ui.Skeleton} lines=${8} /></${ui.Page}>`}>
    ${(data: CameraList) => {
      const camera = data.cameras.find((one) => one.channel === channel);
      if (!camera) return html`<${Gone} page=${page} channel=${channel} />`;
      if (camera.origin) return html`<${Scene} page=${page} camera=${camera} />`;
      return html`<${Settings} key=${channel} page=${page} camera=${camera} status=${status ?? camera.status} />`;
    }}
  </${ui.Loaded}>`;
}

/** A scene of the demo site stands in the lists like a camera, but is managed elsewhere. */
function Scene({ page, camera }: { page: PageProps; camera: Camera }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const manage = html`<${ui.Button} kind="primary" href=${ui.href('demo-site')}>${t('demo.manage')}</${ui.Button}>`;
  return html`<${ui.Page} title=${camera.name} back=${ui.href('cameras')}>
    <${ui.Card}><${ui.Empty} icon="cameras" title=${t('demo.title', { n: 1 })} action=${manage}>${t('demo.what')}</${ui.Empty}></${ui.Card}>
  </${ui.Page}>`;
}

function Gone({ page, channel }: { page: PageProps; channel: number }) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const back = html`<${ui.Button} kind="primary" href=${ui.href('cameras')}>${t('edit.toList')}</${ui.Button}>`;
  return html`<${ui.Page} title=${t('camera.title')} back=${ui.href('cameras')}>
    <${ui.Card}><${ui.Empty} icon="cameras" title=${t('edit.gone', { channel })} action=${back}>${t('edit.goneWhy')}</${ui.Empty}></${ui.Card}>
  </${ui.Page}>`;
}

function Settings({ page, camera, status }: { page: PageProps; camera: Camera; status: CameraStatus }) {
  const { api, i18n, ui, me } = page;
  const { t } = i18n;
  const { channel } = camera;
  // As it was when the form was opened: what others change meanwhile is not undone by saving.
  const [before, setBefore] = useState(() => ({ settings: settingsOf(camera), url: camera.url }));
  const [url, setUrl] = useState(before.url);
  const [urlError, setUrlError] = useState<string>();
  const form = useSettingsForm(page, before.settings);
  const look = useLook(page);
  const probe = look.result?.probe;
  const seen = probe?.width ? probe : status;
  const size = seen.width && seen.height ? { width: seen.width, height: seen.height } : undefined;
  const snapshot =
    status.state === 'online' && me.can('records', 'see') ? api.url(`/cameras/${channel}/snapshot.jpg`) : undefined;
  const changes = {
    ...changesOf(before.settings, form.values),
    ...(url.trim() === before.url ? {} : { url: url.trim() }),
  };
  const changed = Object.keys(changes).length > 0;

  const save = async () => {
    const saved = await api.patch<Camera>(`/cameras/${channel}`, changes);
    const now = { settings: settingsOf(saved), url: saved.url };
    setBefore(now);
    setUrl(now.url);
    form.reset(now.settings);
    look.forget();
    ui.toast(t('edit.saved', { name: saved.name }));
  };
  const remove = async () => {
    const sure = await ui.confirm({
      title: t('delete.title', { name: camera.name }),
      text: t('delete.stays'),
      lose: [t('delete.settings'), t('delete.picture')],
      confirm: t('delete.confirm'),
    });
    if (!sure) return;
    await api.delete(`/cameras/${channel}`);
    ui.toast(t('delete.done', { name: camera.name }));
    ui.go('cameras');
  };
  const check = () => ({
    ...checkSettings(i18n, form.values, size),
    ...(url === before.url ? {} : checkedAddress(page, url)),
  });
  const showErrors = (errors: Record<string, string | undefined>) => {
    form.setErrors(errors);
    setUrlError(errors['url']);
  };

  return html`<${ui.Page}
    title=${camera.name} back=${ui.href('cameras')}
    lead=${html`<${ui.Status} tone=${stateTone(status)}>${stateWord(i18n, status)}</${ui.Status}>`}
    actions=${html`
      ${me.can('records', 'see') && html`<${ui.Button} icon="live" href=${ui.href('live', { views: 1, at: channel })}>${t('edit.live')}</${ui.Button}>`}
      <${ui.Button} icon="delete" onClick=${remove}>${t('edit.delete')}</${ui.Button}>`}
  >
    <div class="cameras-edit" data-changed=${changed || undefined}><${ui.Split} asideFirst aside=${html`<${Snapshot} page=${page} camera=${camera} status=${status} src=${snapshot} />`}>
      <${ui.Form}
        form=${{ setErrors: showErrors }} check=${check} onSubmit=${save} submit=${t('edit.save')} disabled=${!changed}
        extra=${!changed && html`<span class="g-quiet">${t('edit.nothing')}</span>`}
      >
        <${ui.Card} title=${t('add.name')}><${ui.Stack}>
          <${NameFields} page=${page} form=${form} />
          <${ui.SwitchField} label=${t('field.enabled')} hint=${t('field.enabledHint')} ...${form.bind('enabled')} />
        </${ui.Stack}></${ui.Card}>
        <${ui.Card} title=${t('add.what')}><${ui.Stack}>
          <${TaskFields} page=${page} form=${form} />
          <${CompareFields} page=${page} form=${form} />
          <${AdvancedFields} page=${page} form=${form} size=${size} picture=${probe?.picture ?? snapshot} />
        </${ui.Stack}></${ui.Card}>
        <${ui.Card} title=${t('edit.address')}><${ui.Stack}>
          <${ui.TextField}
            label=${t('field.url')} hint=${before.url === '' ? t('fault.address-unreadable.now') : t('field.urlMasked')} name="url" mono required value=${url} error=${urlError}
            maxLength=${1000} onChange=${(value: string) => {
              setUrl(value);
              setUrlError(undefined);
              look.forget();
            }}
          />
          <${TransportField} page=${page} form=${form} />
          <div><${ui.Button} icon="eye" busy=${look.since !== undefined} disabled=${url.trim() === ''} onClick=${() => look.at(url, form.values.transport, channel)}>${t('edit.try')}</${ui.Button}></div>
          <${LookProgress} page=${page} look=${look} url=${url} />
          ${probe && (probe.ok ? html`<${Found} page=${page} probe=${probe} name=${camera.name} />` : html`<${NotFound} page=${page} probe=${probe} />`)}
        </${ui.Stack}></${ui.Card}>
      </${ui.Form}>
    </${ui.Split}></div>
  </${ui.Page}>`;
}
