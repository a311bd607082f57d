import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { Option, PageProps } from '../../../ui/contract.ts';
import type { SiteView } from './shapes.ts';

/** What this page needs to know of the databases of the plugin `portraits`, where it is installed. */
interface Databases {
  databases: { id: number; name: string; pictures: number; origin: string | null }[];
}

interface CompareWithProps {
  page: PageProps;
  site: SiteView;
  take: (site: SiteView) => void;
  may: boolean;
}

/** With whom the faces in the scenes are compared: the people drawn for them, or whom somebody chose. */
export function CompareWith({ page, site, take, may }: CompareWithProps) {
  const { api, i18n, ui, me, config } = page;
  const { t } = i18n;
  /** The choice that is on its way: the next begins with what the box made of it. */
  const [saving, setSaving] = useState<number[]>();
  const found = ui.useData((signal) => api.core<Databases>('/p/portraits/databases', { signal }), {
    changed: ['portraits'],
    when: config.plugins.includes('portraits') && me.can('people', 'see'),
  });
  const known = found.data?.databases ?? [];
  if (known.length === 0) return null;
  const options: Option<number>[] = known.map(({ id, name, pictures }) => ({
    value: id,
    label: name,
    hint: t('compare.pictures', { n: pictures }),
    disabled: !may || saving !== undefined,
  }));
  const own = known.filter(({ origin }) => origin === 'demo').map(({ id }) => id);
  const chosen = (saving ?? site.databases ?? own).filter((id) => known.some((one) => one.id === id));
  const choose = async (ids: number[]) => {
    const usual = ids.length === own.length && own.every((id) => ids.includes(id));
    setSaving(ids);
    try {
      take(await api.put<SiteView>('/databases', { databases: usual ? null : ids }));
    } catch (error) {
      ui.toast(i18n.error(error), { tone: 'bad' });
    } finally {
      setSaving(undefined);
    }
  };
  return html`<${ui.Card} title=${t('compare')} icon="people">
    <${ui.ChecksField} label=${t('compare.with')} hint=${t('compare.hint')} options=${options} value=${chosen} onChange=${choose} />
  </${ui.Card}>`;
}
