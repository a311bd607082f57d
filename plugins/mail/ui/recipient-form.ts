import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import { NEW_RULE, type Overview, type Recipient } from './shapes.ts';
import { kindWord } from './words.ts';

export interface RecipientFormProps extends PageProps {
  overview: Overview;
  /** Undefined for a new one. */
  recipient: Recipient | undefined;
  onClose: () => void;
  onDone: () => Promise<void>;
}

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;

/** Who, about what, when, and how often. */
export function RecipientForm({ api, i18n, ui, me, overview, recipient, onClose, onDone }: RecipientFormProps) {
  const { t } = i18n;
  const { address = '', enabled = true, alarms = true, accounts = false, rule = NEW_RULE } = recipient ?? {};
  const form = ui.useForm({ address, enabled, alarms, accounts, ...rule });
  const mayAccounts = me.can('accounts', 'change');
  const { values } = form;

  const clock = (value: string) => (CLOCK.test(value) ? undefined : t('form.clock'));
  const check = () => ({
    address: values.address.trim() === '' ? t('form.addressNeeded') : undefined,
    from: clock(values.from),
    to: clock(values.to),
    perHour: values.perHour === undefined ? t('form.number') : undefined,
    repeatMinutes: values.repeatMinutes === undefined ? t('form.number') : undefined,
  });

  async function save(): Promise<void> {
    const { address: to, enabled: on, alarms: ofAlarms, accounts: ofAccounts, ...newRule } = values;
    const body = { address: to.trim(), enabled: on, alarms: ofAlarms, accounts: ofAccounts, rule: newRule };
    if (recipient) await api.put(`/recipients/${recipient.id}`, body);
    else await api.post('/recipients', body);
    ui.toast(t('form.saved', { address: body.address }));
    await onDone();
  }

  const kinds = overview.kinds.map((kind) => ({ value: kind, label: kindWord(i18n, kind) }));
  const cameras = overview.cameras.map(({ channel, name }) => ({
    value: channel,
    label: name || t('channel', { n: channel }),
  }));
  return html`<${ui.Dialog} title=${recipient ? recipient.address : t('form.new')} onClose=${onClose}>
    <${ui.Form} form=${form} check=${check} submit=${t('form.save')} onCancel=${onClose} onSubmit=${save}>
      <${ui.TextField} type="email" label=${t('form.address')} required maxLength=${254} autocomplete="off" ...${form.bind('address')} />
      <${ui.SwitchField} label=${t('form.enabled')} ...${form.bind('enabled')} />
      <${ui.SwitchField} label=${t('form.accounts')} hint=${t(mayAccounts ? 'form.accountsHint' : 'form.accountsWho')} disabled=${!mayAccounts} ...${form.bind('accounts')} />
      <${ui.SwitchField} label=${t('form.alarms')} ...${form.bind('alarms')} />
      ${
        values.alarms &&
        html`
        <${ui.ChecksField} label=${t('form.kinds')} hint=${t('form.allIfNone')} options=${kinds} ...${form.bind('kinds')} />
        ${cameras.length > 0 && html`<${ui.ChecksField} label=${t('form.cameras')} hint=${t('form.allIfNone')} options=${cameras} ...${form.bind('cameras')} />`}
        <${ui.Grid} min=${140}>
          <${ui.TextField} label=${t('form.from')} mono maxLength=${5} placeholder="18:00" ...${form.bind('from')} />
          <${ui.TextField} label=${t('form.to')} mono maxLength=${5} placeholder="07:00" ...${form.bind('to')} />
        </${ui.Grid}>
        <p class="g-field-hint">${t('form.hoursHint')}</p>
        <${ui.NumberField} label=${t('form.perHour')} hint=${t('form.perHourHint')} min=${1} max=${60} step=${1} ...${form.bind('perHour')} />
        <${ui.NumberField} label=${t('form.repeat')} hint=${t('form.repeatHint')} min=${0} max=${1440} step=${1} unit=${t('form.minutes')} ...${form.bind('repeatMinutes')} />
        <${ui.SwitchField} label=${t('form.demo')} ...${form.bind('demo')} />`
      }
    </${ui.Form}>
  </${ui.Dialog}>`;
}
