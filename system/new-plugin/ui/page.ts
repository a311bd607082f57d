import { html } from 'htm/preact';
import type { Column, PageProps } from '../../../ui/contract.ts';

interface Greeting {
  id: number;
  /** ms */
  time: number;
  name: string;
}

/** Who was greeted, the newest first. */
export default function Greetings({ api, i18n, ui }: PageProps) {
  const { t } = i18n;
  const found = ui.useData((signal) => api.get<{ greetings: Greeting[] }>('/greetings', {}, { signal }), {
    changed: ['greeter'],
  });
  const columns: Column<Greeting>[] = [
    { id: 'name', title: t('name'), cell: (row) => row.name, primary: true },
    { id: 'time', title: t('time'), cell: (row) => html`<${ui.Time} at=${row.time} />` },
  ];
  const empty = html`<${ui.Empty} icon="info" title=${t('none')}>${t('howToFill')}</${ui.Empty}>`;
  const table = ({ greetings }: { greetings: Greeting[] }) => html`<${ui.Table}
    caption=${t('title')} columns=${columns} rows=${greetings} rowKey=${(row: Greeting) => row.id} empty=${empty}
  />`;
  return html`<${ui.Page} title=${t('title')} lead=${t('lead')}>
    <${ui.Card} flush><${ui.Loaded} of=${found} what=${t('notRead')}>${table}</${ui.Loaded}></${ui.Card}>
  </${ui.Page}>`;
}
