import { html } from 'htm/preact';
import type { Column, PageProps } from '../../../ui/contract.ts';
import type { SubscriberView } from '../subscribers.ts';

interface Answer {
  subscribers: SubscriberView[];
  dropped: number;
}

/** Beside the other deliveries: who is subscribed over WebSocket, and what got lost; nothing while there is nobody. */
export default function Subscribers({ api, i18n, ui }: PageProps) {
  const { t } = i18n;
  const found = ui.useData((signal) => api.get<Answer>('/subscribers', {}, { signal }), {
    changed: ['push-ws'],
    every: 5_000,
  });
  const { subscribers = [], dropped = 0 } = found.data ?? {};
  if (subscribers.length === 0 && dropped === 0) return null;
  const columns: Column<SubscriberView>[] = [
    {
      id: 'who',
      title: t('subscribers.who'),
      primary: true,
      cell: ({ userName, source, dropped: lost }) => html`<${ui.Stack} gap=${1}>
        <span>${userName} <span class="g-quiet g-small-text">${source}</span></span>
        <${ui.Status} tone=${lost > 0 ? 'warn' : 'ok'}>${t(lost > 0 ? 'subscribers.slow' : 'subscribers.well')}</${ui.Status}>
      </${ui.Stack}>`,
    },
    { id: 'pictures', title: t('subscribers.pictures'), cell: ({ pictures }) => picturesOf(i18n, pictures) },
    { id: 'since', title: t('subscribers.since'), cell: ({ since }) => html`<${ui.Time} at=${since} as="ago" />` },
    { id: 'sent', title: t('subscribers.sent'), align: 'end', cell: ({ sent }) => i18n.number(sent) },
    { id: 'dropped', title: t('subscribers.dropped'), align: 'end', cell: (row) => i18n.number(row.dropped) },
  ];
  return html`<${ui.Card} title=${t('subscribers.title')} icon="upload" flush>
    <${ui.Table}
      caption=${t('subscribers.title')} columns=${columns} rows=${subscribers}
      rowKey=${({ id }: SubscriberView) => String(id)}
      empty=${html`<${ui.Empty} icon="upload" title=${t('subscribers.none')} />`}
    />
    ${dropped > 0 && html`<p class="g-pad g-quiet g-small-text">${t('subscribers.lost', { n: dropped })}</p>`}
  </${ui.Card}>`;
}

function picturesOf(i18n: PageProps['i18n'], pictures: SubscriberView['pictures']): string {
  if (pictures.length === 0) return i18n.t('subscribers.noPictures');
  return pictures.map((part) => i18n.t(`subscribers.part.${part}`)).join(' · ');
}
