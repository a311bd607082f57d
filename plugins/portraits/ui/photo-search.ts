import { html } from 'htm/preact';
import type { PageProps } from '../../../ui/contract.ts';
import { IndexNote } from './index-note.ts';
import { OneToMany } from './one-to-many.ts';
import { OneToOne } from './one-to-one.ts';
import type { Databases } from './shapes.ts';
import { useDatabases } from './use-databases.ts';

export const styles = ['./portraits.css'];

/** Who is this? And: are these two the same? The way of asking is in the address, the pictures are nowhere. */
export default function PhotoSearch(page: PageProps) {
  const { i18n, ui, me, params } = page;
  const { t } = i18n;
  const pair = params['how'] === 'pair';
  const found = useDatabases(page);
  const ways = [
    { value: 'many', label: t('search.many'), icon: 'people' },
    { value: 'pair', label: t('search.pair'), icon: 'face' },
  ];
  return html`<${ui.Page} title=${t('search.title')} lead=${pair ? t('search.pairLead') : t('search.manyLead')}>
    ${
      me.imageRight
        ? html`<${ui.Segmented} label=${t('search.how')} value=${pair ? 'pair' : 'many'} options=${ways} onChange=${(how: string) => ui.setParams({ how: how === 'pair' ? how : undefined })} />
            ${
              pair
                ? html`<${OneToOne} page=${page} />`
                : html`<${ui.Loaded} of=${found} what=${t('databases.notRead')}>
                    ${(data: Databases) => html`<${IndexNote} page=${page} index=${data.index} /><${OneToMany} page=${page} data=${data} />`}
                  </${ui.Loaded}>`
            }`
        : html`<${ui.Card}><${ui.Empty} icon="eye-off" title=${t('kit.noImageRight')}>${t('search.noRight')}</${ui.Empty}></${ui.Card}>`
    }
  </${ui.Page}>`;
}
