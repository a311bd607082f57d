import { html } from 'htm/preact';
import type { Option, PageProps } from '../../../ui/contract.ts';
import { LIMITS } from './settings.ts';
import type { SettingsForm } from './settings-fields.ts';

/** What this page needs to know of the databases of the plugin `portraits`, where it is installed. */
interface Databases {
  databases: { id: number; name: string; pictures: number }[];
}

/** With whom the faces of a camera are compared, and from which similarity on it is that person. */
export function CompareFields({ page, form }: { page: PageProps; form: SettingsForm }) {
  const { api, i18n, ui, me, config } = page;
  const { t } = i18n;
  const { libraryIds } = form.values;
  const there = config.plugins.includes('portraits');
  const found = ui.useData((signal) => api.core<Databases>('/p/portraits/databases', { signal }), {
    changed: ['portraits'],
    when: there && me.can('people', 'see'),
  });
  const known = found.data?.databases;
  const options: Option<number>[] = (known ?? []).map(({ id, name, pictures }) => ({
    value: id,
    label: name,
    hint: t('field.databasePictures', { n: pictures }),
  }));
  // One that is gone stays in sight, so that it can be taken off.
  for (const id of libraryIds)
    if (!options.some(({ value }) => value === id)) options.push({ value: id, label: t('field.databaseGone', { id }) });
  return html`
    ${
      known
        ? options.length > 0
          ? html`<${ui.ChecksField} label=${t('field.databases')} hint=${t('field.databasesHint')} options=${options} ...${form.bind('libraryIds')} />`
          : html`<${ui.Notice} action=${html`<${ui.Button} small href=${ui.href('people')}>${t('field.toDatabases')}</${ui.Button}>`}>${t('field.noDatabases')}</${ui.Notice}>`
        : libraryIds.length > 0 && html`<p class="g-quiet">${t('field.comparedWith', { n: libraryIds.length })}</p>`
    }
    <div class="cameras-pair"><${ui.NumberField} label=${t('field.threshold')} hint=${t('field.thresholdHint')} step=${1} min=${LIMITS.threshold.least} max=${LIMITS.threshold.most} ...${form.bind('threshold')} /></div>
    <${ui.SwitchField} label=${t('field.liveness')} hint=${t('field.livenessHint')} ...${form.bind('liveness')} />`;
}
