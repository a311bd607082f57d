import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { PageProps } from '../../../ui/contract.ts';
import type { TargetView, TestResult } from '../shapes.ts';
import { TrustFields } from './trust-fields.ts';
import { reasonOf } from './words.ts';

interface TargetFormProps {
  page: PageProps;
  /** Undefined: a new one. */
  target: TargetView | undefined;
  onClose: () => void;
  onDone: () => Promise<void>;
}

interface CameraList {
  cameras: { channel: number; name: string }[];
}

/** Sets up a receiver, and tries it out before it is saved. */
export function TargetForm({ page, target, onClose, onDone }: TargetFormProps) {
  const { api, i18n, ui, me } = page;
  const { t } = i18n;
  const [tested, setTested] = useState<TestResult>();
  const form = ui.useForm({
    url: target?.url ?? '',
    name: target?.name ?? '',
    key: '',
    noKey: false,
    trust: target?.trust ?? ('system' as const),
    fingerprint: target?.fingerprint ?? null,
    kinds: target?.kinds ?? (['face', 'body', 'vehicle'] as const).slice(),
    recognisedOnly: target?.recognisedOnly ?? false,
    channels: target?.channels ?? [],
    demo: target?.demo ?? true,
    enabled: target?.enabled ?? true,
  });
  const seesCameras = me.can('devices', 'see');
  const cameras = ui.useData((signal) => api.core<CameraList>('/p/cameras/cameras', { signal }), {
    when: seesCameras,
  });
  const secure = /^https:/i.test(form.values.url.trim());

  /** As the box takes it: a key nobody entered stays, and what belongs to https goes with it. */
  function values() {
    const { key, noKey, trust, fingerprint, ...rest } = form.values;
    const kept = key === '' && target?.key && !noKey;
    const pinned = secure && trust === 'pinned';
    return {
      ...rest,
      ...(kept ? {} : { key: noKey ? '' : key }),
      trust: pinned ? trust : ('system' as const),
      fingerprint: pinned ? fingerprint : null,
    };
  }

  const check = () => ({
    url: form.values.url.trim() === '' ? t('form.urlNeeded') : undefined,
    fingerprint: secure && form.values.trust === 'pinned' && !form.values.fingerprint ? t('trust.needed') : undefined,
  });

  async function save(): Promise<void> {
    const { name } = target
      ? await api.patch<TargetView>(`/targets/${target.id}`, values())
      : await api.post<TargetView>('/targets', values());
    ui.toast(t('form.saved', { name }));
    await onDone();
  }

  async function test(): Promise<void> {
    setTested(undefined);
    const errors = check();
    form.setErrors(errors);
    if (Object.values(errors).some(Boolean)) return;
    const { url, key, trust, fingerprint } = { key: undefined, ...values() };
    const body = { url, trust, fingerprint, ...(key === undefined ? { id: target?.id } : { key }) };
    setTested(await api.post<TestResult>('/test', body));
  }

  const known = new Set((cameras.data?.cameras ?? []).map(({ channel }) => channel));
  const options = [
    ...(cameras.data?.cameras ?? []).map(({ channel, name }) => ({ value: channel, label: `${channel} · ${name}` })),
    ...form.values.channels.filter((one) => !known.has(one)).map((one) => ({ value: one, label: String(one) })),
  ];
  const kinds = [
    { value: 'face', label: t('what.face') },
    { value: 'body', label: t('what.body') },
    { value: 'vehicle', label: t('what.vehicle') },
  ];
  return html`<${ui.Dialog} title=${target ? target.name : t('form.add')} onClose=${onClose}>
    <${ui.Form} form=${form} check=${check} submit=${t('form.save')} onCancel=${onClose} onSubmit=${save}
      extra=${html`<${ui.Button} kind="quiet" icon="upload" onClick=${test}>${t('test.send')}</${ui.Button}>`}>
      <${ui.TextField} label=${t('form.url')} hint=${t('form.urlHint')} required autofocus mono maxLength=${500} ...${form.bind('url')} />
      <${TrustFields} page=${page} form=${form} secure=${secure} />
      <${ui.PasswordField} label=${t('form.key')} hint=${t(target?.key ? 'form.keyKept' : 'form.keyHint')} placeholder=${target?.key ?? ''} autocomplete="off" disabled=${form.values.noKey} ...${form.bind('key')} />
      ${target?.key && html`<${ui.SwitchField} label=${t('form.noKey')} ...${form.bind('noKey')} />`}
      <${ui.TextField} label=${t('form.name')} hint=${t('form.nameHint')} maxLength=${60} ...${form.bind('name')} />
      <${ui.ChecksField} label=${t('form.kinds')} options=${kinds} ...${form.bind('kinds')} />
      ${form.values.kinds.includes('face') && html`<${ui.SwitchField} label=${t('form.recognisedOnly')} hint=${t('form.recognisedOnlyHint')} ...${form.bind('recognisedOnly')} />`}
      ${options.length > 0 && html`<${ui.ChecksField} label=${t('form.cameras')} hint=${t('form.camerasHint')} options=${options} ...${form.bind('channels')} />`}
      <${ui.SwitchField} label=${t('form.demo')} ...${form.bind('demo')} />
      <${ui.SwitchField} label=${t('form.enabled')} hint=${t('form.enabledHint')} ...${form.bind('enabled')} />
      ${
        tested &&
        (tested.ok
          ? html`<${ui.Notice} tone="ok">${t('test.ok', { ms: tested.milliseconds, status: tested.status ?? 0 })}</${ui.Notice}>`
          : html`<${ui.Notice} tone="bad">${t('test.failed', { message: reasonOf(i18n, tested.message) })}</${ui.Notice}>`)
      }
    </${ui.Form}>
  </${ui.Dialog}>`;
}
