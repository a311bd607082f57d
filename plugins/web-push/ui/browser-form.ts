import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { Browser, Overview } from './shapes.ts';

export interface BrowserFormProps extends PageProps {
  overview: Overview;
  browser: Browser;
  onClose: () => void;
  onDone: () => Promise<void>;
}

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;

/** What a browser is told, when, and how often. */
export function BrowserForm({ api, i18n, ui, overview, browser, onClose, onDone }: BrowserFormProps) {
  const { t } = i18n;
  const { id, name, language, details, rule } = browser;
  const form = ui.useForm({ name, language, details, ...rule });
  const { values } = form;
  const clock = (value: string) => (CLOCK.test(value) ? undefined : t('form.clock'));
  const check = () => ({
    name: values.name.trim() === '' ? t('form.nameNeeded') : undefined,
    from: clock(values.from),
    to: clock(values.to),
    perHour: values.perHour === undefined ? t('form.number') : undefined,
    repeatMinutes: values.repeatMinutes === undefined ? t('form.number') : undefined,
  });

  async function save(): Promise<void> {
    const { name: called, language: spoken, details: named, ...newRule } = values;
    await api.put(`/browsers/${id}`, { name: called.trim(), language: spoken, details: named, rule: newRule });
    await onDone();
  }

  const kinds = overview.kinds.map((kind) => ({
    value: kind,
    label: i18n.of('alarms').or(`alarm.kind.${kind}`, kind),
  }));
  const cameras = overview.cameras.map((camera) => ({
    value: camera.channel,
    label: camera.name || t('channel', { n: camera.channel }),
  }));
  const languages = [
    { value: 'en', label: 'English' },
    { value: 'zh', label: '中文' },
  ];
  return html`<${ui.Dialog} title=${name} onClose=${onClose}>
    <${ui.Form} form=${form} check=${check} submit=${t('form.save')} onCancel=${onClose} onSubmit=${save}>
      <${ui.TextField} label=${t('form.name')} required maxLength=${60} ...${form.bind('name')} />
      <${ui.SelectField} label=${t('form.language')} options=${languages} ...${form.bind('language')} />
      <${ui.SwitchField} label=${t('form.details')} hint=${t('form.detailsHint')} ...${form.bind('details')} />
      <${ui.ChecksField} label=${t('form.kinds')} hint=${t('form.allIfNone')} options=${kinds} ...${form.bind('kinds')} />
      ${cameras.length > 0 && html`<${ui.ChecksField} label=${t('form.cameras')} hint=${t('form.allIfNone')} options=${cameras} ...${form.bind('cameras')} />`}
      <${ui.Grid} min=${140}>
        <${ui.TextField} label=${t('form.from')} mono maxLength=${5} placeholder="18:00" ...${form.bind('from')} />
        <${ui.TextField} label=${t('form.to')} mono maxLength=${5} placeholder="07:00" ...${form.bind('to')} />
      </${ui.Grid}>
      <p class="g-field-hint">${t('form.hoursHint')}</p>
      <${ui.NumberField} label=${t('form.perHour')} hint=${t('form.perHourHint')} min=${1} max=${60} step=${1} ...${form.bind('perHour')} />
      <${ui.NumberField} label=${t('form.repeat')} hint=${t('form.repeatHint')} min=${0} max=${1440} step=${1} unit=${t('form.minutes')} ...${form.bind('repeatMinutes')} />
      <${ui.SwitchField} label=${t('form.demo')} ...${form.bind('demo')} />
    </${ui.Form}>
  </${ui.Dialog}>`;
}
