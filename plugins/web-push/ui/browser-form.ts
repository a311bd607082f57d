import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { Browser, Overview } from './shapes.ts';

export interface BrowserFormProps extends PageProps {
  overview: Overview;
  browser: Browser;
  onClose: () => void;
  onDone: () => Promise<void>;
}

/** What a browser is told, when, and how often. */
export function BrowserForm({ api, i18n, ui, overview, browser, onClose, onDone }: BrowserFormProps) {
  const { t } = i18n;
  const { id, name, language, details, rule } = browser;
  const form = ui.useForm({ name, language, details, ...rule });
  const { values } = form;
  const check = () => ({
    name: values.name.trim() === '' ? t('form.nameNeeded') : undefined,
    ...ui.noticeRuleErrors(values),
  });

  async function save(): Promise<void> {
    const { name: called, language: spoken, details: named, ...newRule } = values;
    await api.put(`/browsers/${id}`, { name: called.trim(), language: spoken, details: named, rule: newRule });
    await onDone();
  }

  const languages = [
    { value: 'en', label: 'English' },
    { value: 'zh', label: '中文' },
  ];
  return html`<${ui.Dialog} title=${name} onClose=${onClose}>
    <${ui.Form} form=${form} check=${check} submit=${t('form.save')} onCancel=${onClose} onSubmit=${save}>
      <${ui.TextField} label=${t('form.name')} required maxLength=${60} ...${form.bind('name')} />
      <${ui.SelectField} label=${t('form.language')} options=${languages} ...${form.bind('language')} />
      <${ui.SwitchField} label=${t('form.details')} hint=${t('form.detailsHint')} ...${form.bind('details')} />
      <${ui.NoticeRuleFields} form=${form} kinds=${overview.kinds} cameras=${overview.cameras} perHour=${t('form.perHour')} perHourHint=${t('form.perHourHint')} />
    </${ui.Form}>
  </${ui.Dialog}>`;
}
