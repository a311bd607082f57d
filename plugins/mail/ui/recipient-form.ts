import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import type { Overview, Recipient } from './shapes.ts';

export interface RecipientFormProps extends PageProps {
  overview: Overview;
  /** Undefined for a new one. */
  recipient: Recipient | undefined;
  onClose: () => void;
  onDone: () => Promise<void>;
}

/** Who, about what, when, and how often. */
export function RecipientForm({ api, i18n, ui, me, overview, recipient, onClose, onDone }: RecipientFormProps) {
  const { t } = i18n;
  const { address = '', enabled = true, alarms = true, accounts = false, rule = ui.newNoticeRule } = recipient ?? {};
  const form = ui.useForm({ address, enabled, alarms, accounts, ...rule });
  const mayAccounts = me.can('accounts', 'change');
  const { values } = form;

  const check = () => ({
    address: values.address.trim() === '' ? t('form.addressNeeded') : undefined,
    ...ui.noticeRuleErrors(values),
  });

  async function save(): Promise<void> {
    const { address: to, enabled: on, alarms: ofAlarms, accounts: ofAccounts, ...newRule } = values;
    const body = { address: to.trim(), enabled: on, alarms: ofAlarms, accounts: ofAccounts, rule: newRule };
    if (recipient) await api.put(`/recipients/${recipient.id}`, body);
    else await api.post('/recipients', body);
    ui.toast(t('form.saved', { address: body.address }));
    await onDone();
  }

  return html`<${ui.Dialog} title=${recipient ? recipient.address : t('form.new')} onClose=${onClose}>
    <${ui.Form} form=${form} check=${check} submit=${t('form.save')} onCancel=${onClose} onSubmit=${save}>
      <${ui.TextField} type="email" label=${t('form.address')} required maxLength=${254} autocomplete="off" ...${form.bind('address')} />
      <${ui.SwitchField} label=${t('form.enabled')} ...${form.bind('enabled')} />
      <${ui.SwitchField} label=${t('form.accounts')} hint=${t(mayAccounts ? 'form.accountsHint' : 'form.accountsWho')} disabled=${!mayAccounts} ...${form.bind('accounts')} />
      <${ui.SwitchField} label=${t('form.alarms')} ...${form.bind('alarms')} />
      ${
        values.alarms &&
        html`<${ui.NoticeRuleFields} form=${form} kinds=${overview.kinds} cameras=${overview.cameras} perHour=${t('form.perHour')} perHourHint=${t('form.perHourHint')} />`
      }
    </${ui.Form}>
  </${ui.Dialog}>`;
}
