import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { ComponentChildren, Option, PageProps } from '../../../ui/contract.ts';
import { type Filter, NO_FILTER, partsSet, SPANS, type Span } from './query.ts';
import type { Alarm } from './shapes.ts';
import { cameraWord, kindWord } from './words.ts';

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
  // A span of one's own is chosen before it has an end.
  const [own, setOwn] = useState(false);
  const span: Span = own ? 'own' : filter.span;
  const put = (change: Record<string, string | number | undefined>) =>
    ui.setParams({ ...change, before: undefined, id: undefined });
  const chooseSpan = (value: Span) => {
    setOwn(value === 'own');
    put({ span: value === 'own' ? undefined : value, from: undefined, to: undefined });
  };
  const spans: Option<Span>[] = SPANS.map((value) => ({ value, label: t(`span.${value || 'any'}`) }));
  const known = [...new Set([...kinds, ...(filter.kind ? [filter.kind] : [])])];
  const reset = () => {
    setOwn(false);
    ui.setParams({ ...NO_FILTER, id: undefined });
  };
  return html`<${ui.FilterBar} active=${partsSet(filter)} onReset=${reset} actions=${actions}>
    <${ui.TextField} type="search" label=${t('filter.text')} value=${filter.text} maxLength=${100} onChange=${(text: string) => put({ text })} />
    ${
      (known.length > 1 || filter.kind !== '') &&
      html`<${ui.SelectField} label=${t('filter.kind')} value=${filter.kind} onChange=${(kind: string) => put({ kind })} options=${[
        { value: '', label: t('filter.anyKind') },
        ...known.map((kind) => ({ value: kind, label: kindWord(i18n, kind) })),
      ]} />`
    }
    <${ui.SelectField} label=${t('filter.camera')} value=${filter.channel} options=${useCameras(page, filter.channel, alarms)}
      onChange=${(channel: number) => put({ channel: channel || undefined })} />
    <${ui.SelectField} label=${t('filter.time')} value=${span} options=${spans} onChange=${chooseSpan} />
    ${
      span === 'own' &&
      html`<${ui.TimeField} label=${t('filter.from')} value=${filter.from} onChange=${(from: number | undefined) => put({ from, span: undefined })} />
        <${ui.TimeField} label=${t('filter.to')} value=${filter.to} onChange=${(to: number | undefined) => put({ to, span: undefined })}
          error=${filter.from !== undefined && filter.to !== undefined && filter.from >= filter.to ? t('filter.backwards') : undefined} />`
    }
  </${ui.FilterBar}>`;
}

/** Cameras of the box where this account may see them, with those of the alarms shown. */
function useCameras(
  { api, i18n, ui, me, config }: PageProps,
  chosen: number,
  alarms: readonly Alarm[],
): Option<number>[] {
  const { t } = i18n;
  const known = ui.useData(
    (signal) => api.core<{ cameras: { channel: number; name: string }[] }>('/p/cameras/cameras', { signal }),
    { changed: ['cameras'], when: config.plugins.includes('cameras') && me.can('devices', 'see') },
  );
  const names = new Map<number, string>();
  if (chosen > 0) names.set(chosen, t('channel', { n: chosen }));
  for (const alarm of alarms) names.set(alarm.channel, cameraWord(i18n, alarm));
  for (const { channel, name } of known.data?.cameras ?? []) names.set(channel, name);
  return [
    { value: 0, label: t('filter.anyCamera') },
    ...[...names].sort(([a], [b]) => a - b).map(([value, name]) => ({ value, label: `${value} · ${name}` })),
  ];
}
