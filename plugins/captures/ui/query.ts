import type { Params, Query, Ui } from '../../../ui/contract.ts';
import type { Capture } from './shapes.ts';

/** What the records page shows, from the query of its address. */

/** Spans of time most questions are about; `own` has a beginning and an end of its own. */
export const SPANS = ['', 'hour', 'today', 'yesterday', 'week', 'own'] as const;
export type Span = (typeof SPANS)[number];

export interface Filter {
  kind: '' | 'face' | 'body';
  /** 0: any. */
  channel: number;
  span: Span;
  /** ms; of span `own` only. */
  from: number | undefined;
  to: number | undefined;
  minQuality: number;
}

export function filterOf(params: Params): Filter {
  const { kind = '', span = '' } = params;
  return {
    kind: kind === 'face' || kind === 'body' ? kind : '',
    channel: whole(params['channel']) ?? 0,
    span: params['from'] || params['to'] ? 'own' : (SPANS.find((one) => one === span) ?? ''),
    from: whole(params['from']),
    to: whole(params['to']),
    minQuality: Math.min(100, whole(params['quality']) ?? 0),
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

const HOUR_MS = 3_600_000;

/** From and to of a span, ms; an end that is not given is open. */
export function timesOf(
  { span, from, to }: Filter,
  startOfDay: Ui['startOfDay'],
  now: number,
): { from?: number | undefined; to?: number | undefined } {
  switch (span) {
    case 'hour':
      return { from: now - HOUR_MS };
    case 'today':
      return { from: startOfDay(now) };
    case 'yesterday':
      return { from: startOfDay(now, 1), to: startOfDay(now) };
    case 'week':
      return { from: startOfDay(now, 6) };
    case 'own':
      return { from, to };
    case '':
      return {};
  }
}

/** The question to the box. */
export function queryOf(filter: Filter, startOfDay: Ui['startOfDay'], now: number): Query {
  return {
    kind: filter.kind,
    channel: filter.channel || undefined,
    minQuality: filter.minQuality || undefined,
    ...timesOf(filter, startOfDay, now),
  };
}

/** Whether a capture that has just come in belongs to what is shown; it is newer than everything. */
export function isAwaited({ span, to, minQuality }: Filter, capture: Capture): boolean {
  if (capture.quality < minQuality || span === 'yesterday') return false;
  return span !== 'own' || to === undefined || capture.time < to;
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}
