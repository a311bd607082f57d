import type { Params, Query, Ui } from '../../../ui/contract.ts';
import type { Alarm } from './shapes.ts';

/** What the page shows, from the query of its address. */

/** Without a word in the address: open ones, which is what somebody comes for. */
export const STATES = ['', 'acknowledged', 'all'] as const;
export type State = (typeof STATES)[number];

/** Spans of time most questions are about; `own` has a beginning and an end of its own. */
export const SPANS = ['', 'hour', 'today', 'yesterday', 'week', 'own'] as const;
export type Span = (typeof SPANS)[number];

export interface Filter {
  state: State;
  kind: string;
  /** 0: any. */
  channel: number;
  span: Span;
  /** ms; of span `own` only. */
  from: number | undefined;
  to: number | undefined;
  text: string;
}

export function filterOf(params: Params): Filter {
  return {
    state: STATES.find((one) => one === params['state']) ?? '',
    kind: params['kind'] ?? '',
    channel: whole(params['channel']) ?? 0,
    span: params['from'] || params['to'] ? 'own' : (SPANS.find((one) => one === params['span']) ?? ''),
    from: whole(params['from']),
    to: whole(params['to']),
    text: (params['text'] ?? '').slice(0, 100),
  };
}

/** How many of its parts are set, beside the state. */
export function partsSet({ kind, channel, span, text }: Filter): number {
  return [kind !== '', channel > 0, span !== '', text !== ''].filter(Boolean).length;
}

export const NO_FILTER = {
  kind: undefined,
  channel: undefined,
  span: undefined,
  from: undefined,
  to: undefined,
  text: undefined,
  before: undefined,
} as const;

const HOUR_MS = 3_600_000;

/** The question to the box. */
export function queryOf(filter: Filter, startOfDay: Ui['startOfDay'], now: number): Query {
  const { state, kind, channel, text } = filter;
  return {
    state: state === '' ? 'open' : state === 'all' ? undefined : state,
    kind,
    channel: channel || undefined,
    text,
    ...timesOf(filter, startOfDay, now),
  };
}

function timesOf({ span, from, to }: Filter, startOfDay: Ui['startOfDay'], now: number): Query {
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

/** Whether an alarm that has just come in belongs to what is shown; it is newer than everything. */
export function isAwaited({ state, kind, channel, span, from, to, text }: Filter, alarm: Alarm): boolean {
  if (state === 'acknowledged' || span === 'yesterday') return false;
  if (kind !== '' && kind !== alarm.kind) return false;
  if (channel > 0 && channel !== alarm.channel) return false;
  if (text !== '' && !alarm.title.toLowerCase().includes(text.toLowerCase())) return false;
  return span !== 'own' || ((from === undefined || alarm.time >= from) && (to === undefined || alarm.time < to));
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}
