import { html } from 'htm/preact';
import type { PageProps, ParamChange } from '../../../ui/contract.ts';
import { type Filter, NO_FILTER, partsSet } from './query.ts';
import type { Capture } from './shapes.ts';

interface FiltersProps {
  page: PageProps;
  filter: Filter;
  /** Cameras that are gone are offered by the records they left. */
  records: readonly Capture[];
}

const QUALITIES = [0, 50, 70, 80, 90];

/** What to look for; every change is in the address at once. */
export function Filters({ page, filter, records }: FiltersProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const put = (change: ParamChange) => ui.setParams({ ...change, before: undefined });
  return html`<${ui.FilterBar} active=${partsSet(filter)} onReset=${() => ui.setParams(NO_FILTER)}>
    <${ui.SelectField} label=${t('filter.kind')} value=${filter.kind} onChange=${(kind: string) => put({ kind })} options=${[
      { value: '', label: t('filter.anyKind') },
      { value: 'face', label: t('kind.faces') },
      { value: 'body', label: t('kind.bodies') },
      { value: 'vehicle', label: t('kind.vehicles') },
    ]} />
    <${ui.TextField} type="search" label=${t('filter.plate')} value=${filter.plate} maxLength=${32} onChange=${(plate: string) => put({ plate: plate || undefined })} />
    <${ui.WhereWhenFields} filter=${filter} seen=${records} onChange=${put} />
    <${ui.SelectField} label=${t('filter.quality')} value=${filter.minQuality} onChange=${(quality: number) => put({ quality: quality || undefined })}
      options=${[...new Set([...QUALITIES, filter.minQuality])]
        .sort((a, b) => a - b)
        .map((value) => ({
          value,
          label: value === 0 ? t('filter.anyQuality') : t('filter.atLeast', { n: value }),
        }))} />
  </${ui.FilterBar}>`;
}
