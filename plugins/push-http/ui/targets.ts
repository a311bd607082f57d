import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { Column, PageProps } from '../../../ui/contract.ts';
import type { TargetView } from '../shapes.ts';
import { ImageSwitches } from './image-switches.ts';
import { TargetForm } from './target-form.ts';
import { TargetState } from './target-state.ts';
import { type Targets, wishesOf } from './words.ts';

export const styles = ['./push-http.css'];

/** Where captures are sent, how that goes, and what is sent. */
export default function PushTargets(props: PageProps) {
  const { api, i18n, ui, me } = props;
  const { t } = i18n;
  const [open, setOpen] = useState<TargetView | 'new'>();
  const found = ui.useData((signal) => api.get<Targets>('/targets', {}, { signal }), {
    changed: ['push-http'],
    every: 5_000,
  });
  const mayChange = me.can('people', 'change');

  async function remove({ id, name, waiting }: TargetView): Promise<void> {
    const sure = await ui.confirm({
      title: t('remove.title', { name }),
      text: t('remove.text'),
      lose: [...(waiting > 0 ? [t('remove.loseWaiting', { n: waiting })] : []), t('remove.loseKey')],
      confirm: t('remove.confirm'),
    });
    if (!sure) return;
    await api.delete(`/targets/${id}`);
    ui.toast(t('remove.done', { name }));
    await found.reload();
  }

  async function retry({ id }: TargetView): Promise<void> {
    await api.post(`/targets/${id}/retry`);
    ui.toast(t('push.retried'));
    await found.reload();
  }

  async function done(): Promise<void> {
    setOpen(undefined);
    await found.reload();
  }

  const columns: Column<TargetView>[] = [
    {
      id: 'name',
      title: t('push.name'),
      primary: true,
      cell: ({ name, url, wire }) => html`<span class="push-http-who">
        <span><b>${name}</b>${wire && html` <${ui.Badge} tone="accent"><span title=${t('push.wireHint')}>${t('push.wire')}</span></${ui.Badge}>`}</span>
        <small>${url}</small>
      </span>`,
    },
    { id: 'state', title: t('push.state'), cell: (target) => html`<${TargetState} page=${props} target=${target} />` },
    { id: 'what', title: t('push.what'), cell: (target) => wishesOf(i18n, target) },
    {
      id: 'delivered',
      title: t('push.delivered'),
      align: 'end',
      cell: ({ delivered }) => html`<span class="g-num">${i18n.number(delivered)}</span>`,
    },
    {
      id: 'waiting',
      title: t('push.waiting'),
      align: 'end',
      cell: ({ waiting, oldest }) =>
        html`<span class="g-num push-http-count" title=${oldest === null ? undefined : t('push.waitingSince', { time: i18n.time(oldest) })}>${i18n.number(waiting)}</span>`,
    },
    {
      id: 'dead',
      title: t('push.dead'),
      align: 'end',
      cell: ({ dead }) => html`<span class="g-num">${i18n.number(dead)}</span>`,
    },
    {
      id: 'actions',
      title: t('push.actions'),
      hideTitle: true,
      align: 'end',
      cell: (target) =>
        mayChange &&
        html`<span class="push-http-actions">
        ${target.enabled && target.failures > 0 && html`<${ui.IconButton} icon="refresh" label=${t('push.retry', { name: target.name })} onClick=${() => retry(target)} />`}
        <${ui.IconButton} icon="edit" label=${t('push.edit', { name: target.name })} onClick=${() => setOpen(target)} />
        <${ui.IconButton} icon="delete" label=${t('push.remove', { name: target.name })} onClick=${() => remove(target)} />
      </span>`,
    },
  ];

  const full = found.data !== undefined && found.data.targets.length >= found.data.max;
  const add =
    mayChange &&
    html`<${ui.Button} kind="primary" icon="add" disabled=${full} title=${full ? t('push.full') : undefined} onClick=${() => setOpen('new')}>${t('push.add')}</${ui.Button}>`;
  const empty = html`<${ui.Empty} icon="upload" title=${t('push.none')}>${t('push.noneHow')}</${ui.Empty}>`;
  const list = ({ targets, images }: Targets) => html`
    <${ui.Card} flush>
      <${ui.Table} caption=${t('push.title')} columns=${columns} rows=${targets} rowKey=${(target: TargetView) => target.id} empty=${empty} />
    </${ui.Card}>
    <${ImageSwitches} page=${props} images=${images} mayChange=${mayChange} onDone=${found.reload} />`;

  return html`<${ui.Page} title=${t('push.title')} lead=${t('push.lead')} actions=${add}>
    <${ui.Loaded} of=${found} what=${t('push.notRead')}>${list}</${ui.Loaded}>
    ${open && html`<${TargetForm} page=${props} target=${open === 'new' ? undefined : open} onClose=${() => setOpen(undefined)} onDone=${done} />`}
  </${ui.Page}>`;
}
