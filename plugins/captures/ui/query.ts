import type { Params, Query, Ui, WhereWhen } from '../../../ui/contract.ts';
import type { Capture } from './shapes.ts';

/** What the records page shows, from the query of its address. */

export interface Filter extends WhereWhen {
  kind: '' | Capture['kind'];
  minQuality: number;
  /** Part of a number plate, as it was entered. */
  plate: string;
}

export function filterOf(params: Params, ui: Pick<Ui, 'whereWhenOf' | 'wholeParam'>): Filter {
  const { kind = '' } = params;
  return {
    ...ui.whereWhenOf(params),
    kind: kind === 'face' || kind === 'body' || kind === 'vehicle' ? kind : '',
    minQuality: Math.min(100, ui.wholeParam(params['quality']) ?? 0),
    plate: (params['plate'] ?? '').slice(0, 32),
  };
}

/** How many of its parts are set. */
export function partsSet({ kind, channel, span, minQuality, plate }: Filter): number {
  return [kind !== '', channel > 0, span !== '', minQuality > 0, plate !== ''].filter(Boolean).length;
}

export const NO_FILTER = {
  kind: undefined,
  channel: undefined,
  span: undefined,
  from: undefined,
  to: undefined,
  quality: undefined,
  plate: undefined,
  before: undefined,
} as const;

/** The question to the box. */
export function queryOf(filter: Filter, ui: Pick<Ui, 'spanTimes'>, now: number): Query {
  return {
    kind: filter.kind,
    channel: filter.channel || undefined,
    minQuality: filter.minQuality || undefined,
    plate: filter.plate || undefined,
    ...ui.spanTimes(filter, now),
  };
}

/** Whether a capture that has just come in belongs to what is shown; it is newer than everything. */
export function isAwaited({ span, from, to, minQuality, plate }: Filter, capture: Capture): boolean {
  if (plate !== '' && !capture.plate?.text.includes(lettersOf(plate))) return false;
  if (capture.quality < minQuality || span === 'yesterday') return false;
  return span !== 'own' || ((from === undefined || capture.time >= from) && (to === undefined || capture.time < to));
}

/** Letters and digits of a plate, as the box keeps them. */
function lettersOf(plate: string): string {
  return plate.toUpperCase().replace(/[^\p{L}\p{N}]/gu, '');
}
