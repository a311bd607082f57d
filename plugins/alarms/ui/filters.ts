import { html } from 'htm/preact';
import type { ComponentChildren, PageProps, ParamChange } from '../../../ui/contract.ts';
import { type Filter, NO_FILTER, partsSet } from './query.ts';
import type { Alarm } from './shapes.ts';
import { kindWord } from './words.ts';

interface FiltersProps {
  page: PageProps;
  filter: Filter;
  /** There are, or were not long ago. */
  kinds: readonly string[];
  /** Cameras that are gone are offered by the alarms they left. */
  alarms: readonly Alarm[];
  actions?: ComponentChildren;
}

/** What to look for; every change is in the address at once. */
export function Filters({ page, filter, kinds, alarms, actions }: FiltersProps) {
  const { i18n, ui } = page;
  const { t } = i18n;
  const put = (change: ParamChange) => ui.setParams({ ...change, before: undefined, id: undefined });
  const known = [...new Set([...kinds, ...(filter.kind ? [filter.kind] : [])])];
  return html`<${ui.FilterBar} active=${partsSet(filter)} onReset=${() => ui.setParams({ ...NO_FILTER, id: undefined })} actions=${actions}>
    <${ui.TextField} type="search" label=${t('filter.text')} value=${filter.text} maxLength=${100} onChange=${(text: string) => put({ text })} />
    ${
      (known.length > 1 || filter.kind !== '') &&
      html`<${ui.SelectField} label=${t('filter.kind')} value=${filter.kind} onChange=${(kind: string) => put({ kind })} options=${[
        { value: '', label: t('filter.anyKind') },
        ...known.map((kind) => ({ value: kind, label: kindWord(i18n, kind) })),
      ]} />`
    }
    <${ui.WhereWhenFields} filter=${filter} seen=${alarms} onChange=${put} />
  </${ui.FilterBar}>`;
}
