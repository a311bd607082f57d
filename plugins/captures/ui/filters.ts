import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import type { Option, PageProps } from '../../../ui/contract.ts';
import { type Filter, NO_FILTER, partsSet, SPANS, type Span } from './query.ts';
import type { Capture } from './shapes.ts';
import { cameraWord } from './words.ts';

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
  // A span of one's own is chosen before it has an end.
  const [own, setOwn] = useState(false);
  const span: Span = own ? 'own' : filter.span;
  const put = (change: Record<string, string | number | undefined>) => ui.setParams({ ...change, before: undefined });
  const chooseSpan = (value: Span) => {
    setOwn(value === 'own');
    put({ span: value === 'own' ? undefined : value, from: undefined, to: undefined });
  };
  const spans: Option<Span>[] = SPANS.map((value) => ({ value, label: spanWord(page, value) }));
  return html`<${ui.FilterBar} active=${partsSet(filter)} onReset=${() => {
    setOwn(false);
    ui.setParams(NO_FILTER);
  }}>
    <${ui.SelectField} label=${t('filter.kind')} value=${filter.kind} onChange=${(kind: string) => put({ kind })} options=${[
      { value: '', label: t('filter.anyKind') },
      { value: 'face', label: t('kind.faces') },
      { value: 'body', label: t('kind.bodies') },
    ]} />
    <${ui.SelectField} label=${t('filter.camera')} value=${filter.channel} options=${useCameras(page, filter.channel, records)}
      onChange=${(channel: number) => put({ channel: channel || undefined })} />
    <${ui.SelectField} label=${t('filter.time')} value=${span} options=${spans} onChange=${chooseSpan} />
    ${
      span === 'own' &&
      html`<${ui.TimeField} label=${t('filter.from')} value=${filter.from} onChange=${(from: number | undefined) => put({ from, span: undefined })} />
        <${ui.TimeField} label=${t('filter.to')} value=${filter.to} onChange=${(to: number | undefined) => put({ to, span: undefined })}
          error=${filter.from !== undefined && filter.to !== undefined && filter.from >= filter.to ? t('filter.backwards') : undefined} />`
    }
    <${ui.SelectField} label=${t('filter.quality')} value=${filter.minQuality} onChange=${(quality: number) => put({ quality: quality || undefined })}
      options=${[...new Set([...QUALITIES, filter.minQuality])]
        .sort((a, b) => a - b)
        .map((value) => ({
          value,
          label: value === 0 ? t('filter.anyQuality') : t('filter.atLeast', { n: value }),
        }))} />
  </${ui.FilterBar}>`;
}

function spanWord({ i18n: { t } }: PageProps, span: Span): string {
  switch (span) {
    case '':
      return t('span.any');
    case 'hour':
      return t('span.hour');
    case 'today':
      return t('span.today');
    case 'yesterday':
      return t('span.yesterday');
    case 'week':
      return t('span.week');
    case 'own':
      return t('span.own');
  }
}

/** Cameras of the box where this account may see them, with those of the records shown. */
function useCameras(
  { api, i18n, ui, me, config }: PageProps,
  chosen: number,
  records: readonly Capture[],
): Option<number>[] {
  const { t } = i18n;
  const known = ui.useData(
    (signal) => api.core<{ cameras: { channel: number; name: string }[] }>('/p/cameras/cameras', { signal }),
    { changed: ['cameras'], when: config.plugins.includes('cameras') && me.can('devices', 'see') },
  );
  const names = new Map<number, string>();
  if (chosen > 0) names.set(chosen, t('channel', { n: chosen }));
  for (const record of records) names.set(record.channel, cameraWord(i18n, record));
  for (const { channel, name } of known.data?.cameras ?? []) names.set(channel, name);
  return [
    { value: 0, label: t('filter.anyCamera') },
    ...[...names].sort(([a], [b]) => a - b).map(([value, name]) => ({ value, label: `${value} · ${name}` })),
  ];
}
