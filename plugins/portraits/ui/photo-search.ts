import { html } from 'htm/preact';
import type { Option, PageProps } from '../../../ui/contract.ts';
import { InCaptures } from './in-captures.ts';
import { IndexNote } from './index-note.ts';
import { OneToMany } from './one-to-many.ts';
import { OneToOne } from './one-to-one.ts';
import type { Databases } from './shapes.ts';
import { useDatabases } from './use-databases.ts';

export const styles = ['./portraits.css'];

type How = 'many' | 'captures' | 'pair';

/**
 * Who is this? Where was he? And: are these two the same? The way of asking is in the address, the pictures are nowhere.
 */
export default function PhotoSearch(page: PageProps) {
  const { i18n, ui, me, params } = page;
  const { t } = i18n;
  const mayAskCaptures = me.can('records', 'see');
  const how: How =
    params['how'] === 'pair' ? 'pair' : params['how'] === 'captures' && mayAskCaptures ? 'captures' : 'many';
  const ways: Option<How>[] = [
    { value: 'many', label: t('search.many'), icon: 'people' },
    ...(mayAskCaptures ? [{ value: 'captures' as const, label: t('search.captures'), icon: 'records' as const }] : []),
    { value: 'pair', label: t('search.pair'), icon: 'face' },
  ];
  const leads: Record<How, string> = {
    many: t('search.manyLead'),
    captures: t('search.capturesLead'),
    pair: t('search.pairLead'),
  };
  return html`<${ui.Page} title=${t('search.title')} lead=${leads[how]}>
    ${
      me.imageRight
        ? html`<${ui.Segmented} label=${t('search.how')} value=${how} options=${ways} onChange=${(way: How) => ui.setParams({ how: way === 'many' ? undefined : way })} />
            <${Way} page=${page} how=${how} />`
        : html`<${ui.Card}><${ui.Empty} icon="eye-off" title=${t('kit.noImageRight')}>${t('search.noRight')}</${ui.Empty}></${ui.Card}>`
    }
  </${ui.Page}>`;
}

function Way({ page, how }: { page: PageProps; how: How }) {
  const { i18n, ui } = page;
  const found = useDatabases(page);
  if (how === 'pair') return html`<${OneToOne} page=${page} />`;
  if (how === 'captures') return html`<${InCaptures} page=${page} />`;
  return html`<${ui.Loaded} of=${found} what=${i18n.t('databases.notRead')}>
    ${(data: Databases) => html`<${IndexNote} page=${page} index=${data.index} /><${OneToMany} page=${page} data=${data} />`}
  </${ui.Loaded}>`;
}
