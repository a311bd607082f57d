import type { Params, Query, Ui, WhereWhen } from '../../../ui/contract.ts';
import type { Alarm } from './shapes.ts';

/** What the page shows, from the query of its address. */

/** Without a word in the address: open ones, which is what somebody comes for. */
export const STATES = ['', 'acknowledged', 'all'] as const;
export type State = (typeof STATES)[number];

export interface Filter extends WhereWhen {
  state: State;
  kind: string;
  text: string;
}

export function filterOf(params: Params, ui: Pick<Ui, 'whereWhenOf'>): Filter {
  return {
    ...ui.whereWhenOf(params),
    state: STATES.find((one) => one === params['state']) ?? '',
    kind: params['kind'] ?? '',
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

/** The question to the box. */
export function queryOf(filter: Filter, ui: Pick<Ui, 'spanTimes'>, now: number): Query {
  const { state, kind, channel, text } = filter;
  return {
    state: state === '' ? 'open' : state === 'all' ? undefined : state,
    kind,
    channel: channel || undefined,
    text,
    ...ui.spanTimes(filter, now),
  };
}

/** Whether an alarm that has just come in belongs to what is shown; it is newer than everything. */
export function isAwaited({ state, kind, channel, span, from, to, text }: Filter, alarm: Alarm): boolean {
  if (state === 'acknowledged' || span === 'yesterday') return false;
  if (kind !== '' && kind !== alarm.kind) return false;
  if (channel > 0 && channel !== alarm.channel) return false;
  if (text !== '' && !alarm.title.toLowerCase().includes(text.toLowerCase())) return false;
  return span !== 'own' || ((from === undefined || alarm.time >= from) && (to === undefined || alarm.time < to));
}
