import type { Params } from './contract.ts';
import { startOfDay as startOfDayHere } from './zone.ts';

/** At which camera and when: what lists of things seen are asked for in the query of their address. */

/** Spans of time most questions are about; `own` has a beginning and an end of its own. */
export const SPANS = ['', 'hour', 'today', 'yesterday', 'week', 'own'] as const;
export type Span = (typeof SPANS)[number];

export interface WhereWhen {
  /** 0: any. */
  channel: number;
  span: Span;
  /** ms; of span `own` only. */
  from: number | undefined;
  to: number | undefined;
}

/** What makes no sense in the address is left out. */
export function whereWhenOf(params: Params): WhereWhen {
  return {
    channel: wholeParam(params['channel']) ?? 0,
    span: params['from'] || params['to'] ? 'own' : (SPANS.find((one) => one === params['span']) ?? ''),
    from: wholeParam(params['from']),
    to: wholeParam(params['to']),
  };
}

const HOUR_MS = 3_600_000;

/** Beginning and end of a span, ms; an end that is not given is open. */
export function spanTimes(
  { span, from, to }: Pick<WhereWhen, 'span' | 'from' | 'to'>,
  now: number,
  startOfDay = startOfDayHere,
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

/** A whole number from an address; undefined where there is none. */
export function wholeParam(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}
