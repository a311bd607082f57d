import type { Params, Query, Ui, WhereWhen } from '../../../ui/contract.ts';
import type { Capture } from './shapes.ts';

/** What the records page shows, from the query of its address. */

export interface Filter extends WhereWhen {
  kind: '' | Capture['kind'];
  minQuality: number;
}

export function filterOf(params: Params, ui: Pick<Ui, 'whereWhenOf' | 'wholeParam'>): Filter {
  const { kind = '' } = params;
  return {
    ...ui.whereWhenOf(params),
    kind: kind === 'face' || kind === 'body' || kind === 'vehicle' ? kind : '',
    minQuality: Math.min(100, ui.wholeParam(params['quality']) ?? 0),
  };
}

/** How many of its parts are set. */
export function partsSet({ kind, channel, span, minQuality }: Filter): number {
  return [kind !== '', channel > 0, span !== '', minQuality > 0].filter(Boolean).length;
}

export const NO_FILTER = {
  kind: undefined,
  channel: undefined,
  span: undefined,
  from: undefined,
  to: undefined,
  quality: undefined,
  before: undefined,
} as const;

/** The question to the box. */
export function queryOf(filter: Filter, ui: Pick<Ui, 'spanTimes'>, now: number): Query {
  return {
    kind: filter.kind,
    channel: filter.channel || undefined,
    minQuality: filter.minQuality || undefined,
    ...ui.spanTimes(filter, now),
  };
}

/** Whether a capture that has just come in belongs to what is shown; it is newer than everything. */
export function isAwaited({ span, from, to, minQuality }: Filter, capture: Capture): boolean {
  if (capture.quality < minQuality || span === 'yesterday') return false;
  return span !== 'own' || ((from === undefined || capture.time >= from) && (to === undefined || capture.time < to));
}
