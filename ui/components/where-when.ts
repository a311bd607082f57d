import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { call } from '../api.ts';
import { useData } from '../hooks.ts';
import { t } from '../i18n.ts';
import type { ParamChange } from '../router.ts';
import { boot, me } from '../session.ts';
import { SPANS, type Span, type WhereWhen } from '../where-when.ts';
import { type Camera, cameraLabel } from '../words.ts';
import { type Option, SelectField } from './choices.ts';
import { TimeField } from './fields.ts';

export interface WhereWhenFieldsProps {
  /** Of the address, by `ui.whereWhenOf(params)`. */
  filter: WhereWhen;
  /** What is shown: cameras that are gone are offered by what they left. */
  seen: readonly { channel: number; cameraName: string }[];
  /** Gets what changes in the address. */
  onChange: (change: ParamChange) => void;
}

/** Camera and time, to stand in a `FilterBar`. */
export function WhereWhenFields({ filter: { channel, span, from, to }, seen, onChange }: WhereWhenFieldsProps) {
  // A span of one's own is chosen before it has an end.
  const [own, setOwn] = useState(false);
  const shown: Span = own ? 'own' : span;
  const chooseSpan = (value: Span) => {
    setOwn(value === 'own');
    onChange({ span: value === 'own' ? undefined : value, from: undefined, to: undefined });
  };
  const spans: Option<Span>[] = SPANS.map((value) => ({ value, label: t(`kit.span.${value || 'any'}`) }));
  return html`
    <${SelectField} label=${t('kit.filter.camera')} value=${channel} options=${useCameras(channel, seen)}
      onChange=${(value: number) => onChange({ channel: value || undefined })} />
    <${SelectField} label=${t('kit.filter.time')} value=${shown} options=${spans} onChange=${chooseSpan} />
    ${
      shown === 'own' &&
      html`<${TimeField} label=${t('kit.filter.from')} value=${from} onChange=${(value: number | undefined) => onChange({ from: value, span: undefined })} />
        <${TimeField} label=${t('kit.filter.to')} value=${to} onChange=${(value: number | undefined) => onChange({ to: value, span: undefined })}
          error=${from !== undefined && to !== undefined && from >= to ? t('kit.filter.backwards') : undefined} />`
    }`;
}

/** Cameras of the box where this account may see them, with those of what is shown. */
function useCameras(chosen: number, seen: WhereWhenFieldsProps['seen']): Option<number>[] {
  const there = boot.value?.plugins.includes('cameras') && me.value?.can('devices', 'see');
  const known = useData((signal) => call<{ cameras: Camera[] }>('/p/cameras/cameras', { signal }), {
    changed: ['cameras'],
    when: there === true,
  });
  const names = new Map<number, string>();
  if (chosen > 0) names.set(chosen, cameraLabel({ channel: chosen, name: '' }));
  for (const { channel, cameraName } of seen) names.set(channel, cameraLabel({ channel, name: cameraName }));
  for (const { channel, name } of known.data?.cameras ?? []) names.set(channel, name);
  return [
    { value: 0, label: t('kit.filter.anyCamera') },
    ...[...names].sort(([a], [b]) => a - b).map(([value, name]) => ({ value, label: `${value} · ${name}` })),
  ];
}
