import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { Column, PageProps } from '../../../ui/contract.ts';
import { RecipientForm } from './recipient-form.ts';
import { ServerCard } from './server-card.ts';
import type { Overview, Recipient } from './shapes.ts';
import { aboutWords, hoursWords } from './words.ts';

/** Mail: whether it goes, and to whom. */
export default function Mail(props: PageProps) {
  const { api, i18n, ui } = props;
  const { t } = i18n;
  const [open, setOpen] = useState<Recipient | 'new'>();
  const found = ui.useData((signal) => api.get<Overview>('/overview', {}, { signal }), {
    changed: ['mail'],
    every: 15_000,
  });

  async function done(): Promise<void> {
    setOpen(undefined);
    await found.reload();
  }

  async function remove({ id, address }: Recipient): Promise<void> {
    const sure = await ui.confirm({
      title: t('remove.title', { address }),
      lose: [t('remove.lose')],
      confirm: t('remove.confirm'),
    });
    if (!sure) return;
    await api.delete(`/recipients/${id}`);
    ui.toast(t('remove.done', { address }));
    await found.reload();
  }

  const columns: Column<Recipient>[] = [
    { id: 'address', title: t('list.address'), primary: true, cell: ({ address }) => html`<b>${address}</b>` },
    { id: 'about', title: t('list.about'), cell: (one) => aboutWords(props, one, found.data?.cameras ?? []) },
    { id: 'hours', title: t('list.hours'), cell: (one) => (one.alarms ? hoursWords(i18n, one.rule) : '–') },
    {
      id: 'state',
      title: t('list.state'),
      cell: (one) => html`<${RecipientState} one=${one} i18n=${i18n} ui=${ui} />`,
    },
    {
      id: 'actions',
      title: t('list.actions'),
      hideTitle: true,
      align: 'end',
      cell: (one) => html`<${ui.Row} gap=${1} justify="end" nowrap>
        <${ui.IconButton} icon="edit" label=${t('list.edit', { address: one.address })} onClick=${() => setOpen(one)} />
        <${ui.IconButton} icon="delete" label=${t('list.remove', { address: one.address })} onClick=${() => remove(one)} />
      </${ui.Row}>`,
    },
  ];

  const body = (overview: Overview) => {
    const { recipients, most } = overview;
    const add = html`<${ui.Button} icon="add" disabled=${recipients.length >= most} onClick=${() => setOpen('new')}>${t('list.add')}</${ui.Button}>`;
    const empty = html`<${ui.Empty} icon="user" title=${t('list.none')} action=${add}>${t('list.noneHow')}</${ui.Empty}>`;
    return html`<${ui.Stack} gap=${4}>
      <${ServerCard} ...${props} overview=${overview} />
      <${ui.Card} title=${t('list.title')} icon="user" flush actions=${recipients.length > 0 && add}>
        <${ui.Table} caption=${t('list.title')} columns=${columns} rows=${recipients} rowKey=${({ id }: Recipient) => id} empty=${empty} stale=${found.loading && !found.data} />
      </${ui.Card}>
      ${open && html`<${RecipientForm} ...${props} overview=${overview} recipient=${open === 'new' ? undefined : open} onClose=${() => setOpen(undefined)} onDone=${done} />`}
    </${ui.Stack}>`;
  };

  return html`<${ui.Page} title=${t('mail.title')} lead=${t('mail.lead')}>
    <${ui.Loaded} of=${found} what=${t('mail.notRead')}>${body}</${ui.Loaded}>
  </${ui.Page}>`;
}

function RecipientState({ one, i18n, ui }: Pick<PageProps, 'i18n' | 'ui'> & { one: Recipient }) {
  const { t } = i18n;
  if (!one.enabled) return html`<${ui.Status} tone="idle">${t('state.off')}</${ui.Status}>`;
  if (one.lastFault)
    return html`<${ui.Stack} gap=${1}><${ui.Status} tone="bad">${t(`fault.${one.lastFault.code}`)}</${ui.Status}><small>${i18n.ago(one.lastFault.at)}</small></${ui.Stack}>`;
  if (one.sent === 0 && one.held === 0) return html`<${ui.Status} tone="idle">${t('state.nothing')}</${ui.Status}>`;
  const held = one.held > 0 && html`<small>${t('state.held', { n: one.held })}</small>`;
  const last = one.lastSent === undefined ? '' : html`<small>${i18n.ago(one.lastSent)}</small>`;
  return html`<${ui.Stack} gap=${1}><${ui.Status} tone="ok">${t('state.sent', { n: one.sent })}</${ui.Status}>${last}${held}</${ui.Stack}>`;
}
