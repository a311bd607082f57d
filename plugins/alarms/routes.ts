import { z } from 'zod';
import { instantToLocal, startOfDay } from '../../core/clock.ts';
import type { Access } from '../../core/gateway/authorization.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { given, int, oneOf, text } from '../../core/gateway/lenient.ts';
import { type Call, type PluginContext, type RouteDefinition, route } from '../../core/plugin/contract.ts';
import { alarmsCsv } from './csv.ts';
import { type Acknowledgement, type AlarmList, acknowledge, acknowledgeAll } from './list.ts';
import { printable } from './new-alarm.ts';
import { alarmView, viewOf } from './view.ts';

/** `/p/alarms`: what the pages read and acknowledge. Pictures are fetched from `/ws/`, which has rights of its own. */

const SEE: Access = { area: 'records', action: 'see' };
const CHANGE: Access = { area: 'records', action: 'change' };

const MOST_AT_ONCE = 200;
const NEWEST = 6;
const LONGEST_NOTE = 500;
/** Largest time a browser can show, ms. */
const LAST_INSTANT = 8.64e15;

const number = int({ min: 1 });
const instant = int({ min: 0, max: LAST_INSTANT });

const filters = {
  state: given(oneOf(['open', 'acknowledged'])),
  kind: given(text({ max: 40 })),
  channel: given(int({ min: 0, max: 100_000 })),
  from: given(instant),
  to: given(instant),
  text: given(text({ max: 100 })),
};

const note = given(text({ max: LONGEST_NOTE }));

export interface RouteParts {
  ctx: Pick<PluginContext, 'store' | 'clock' | 'emit' | 'changed'>;
  list: AlarmList;
}

export function routes({ ctx, list }: RouteParts): RouteDefinition[] {
  const { store, clock } = ctx;
  const said = (call: Call, words: string | undefined): Acknowledgement => ({
    by: call.caller?.userName ?? '',
    at: clock.now(),
    note: printable(words ?? '', LONGEST_NOTE),
  });

  return [
    route({
      method: 'GET',
      path: '/alarms',
      summary: 'Alarms, newest first; `next` of one answer is `before` of the next question',
      access: SEE,
      query: z.object({ ...filters, before: given(number), limit: given(int({ min: 1, max: 200 })) }),
      response: z.object({ alarms: z.array(alarmView), total: z.int(), next: z.int().nullable() }),
      handle: async ({ query: { before, limit = 50, ...filter } }) => {
        const { rows, total } = await list.page(filter, limit + 1, before);
        const shown = rows.slice(0, limit);
        return { alarms: shown.map(viewOf), total, next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
      },
    }),
    route({
      method: 'GET',
      path: '/alarms/:id',
      summary: 'One alarm',
      access: SEE,
      params: z.object({ id: number }),
      response: alarmView,
      handle: ({ params }) => {
        const row = list.find(params.id);
        if (!row) throw new ContractError(CODE.noSuchData, 'no such alarm');
        return viewOf(row);
      },
    }),
    route({
      method: 'GET',
      path: '/summary',
      summary: 'How many alarms are open, of today and in all, and the newest open ones',
      access: SEE,
      response: z.object({
        open: z.int(),
        openToday: z.int(),
        today: z.int(),
        kinds: z.array(z.object({ kind: z.string(), open: z.int(), total: z.int() })),
        newest: z.array(alarmView),
      }),
      handle: async () => {
        const found = await list.summary(startOfDay(clock.now(), clock.zone), NEWEST);
        return { ...found, newest: found.newest.map(viewOf) };
      },
    }),
    route({
      method: 'POST',
      path: '/acknowledge',
      summary: 'Acknowledge chosen alarms; those that somebody acknowledged before keep what was said then',
      access: CHANGE,
      body: z.object({ ids: z.array(number).min(1).max(MOST_AT_ONCE), note }),
      response: z.object({ acknowledged: z.int() }),
      handle: async ({ body }, call) => {
        const ids = [...new Set(body.ids)];
        const acknowledged = await acknowledge(store, ids, said(call, body.note));
        call.remark(`${acknowledged} acknowledged, of ${numbers(ids)}`);
        if (acknowledged === 0 && !ids.some((id) => list.find(id))) {
          throw new ContractError(CODE.noSuchData, 'none of the alarms exists');
        }
        if (acknowledged > 0) ctx.changed('alarms');
        return { acknowledged };
      },
    }),
    route({
      method: 'POST',
      path: '/acknowledge-all',
      summary:
        'Acknowledge every open alarm that fits the filter, up to the number `last`: what came later was not seen',
      access: CHANGE,
      body: z.object({ ...filters, last: number, note }),
      response: z.object({ acknowledged: z.int() }),
      handle: async ({ body: { last, note: words, state: _, ...filter } }, call) => {
        const acknowledged = await acknowledgeAll(store, filter, last, said(call, words));
        call.remark(`${acknowledged} acknowledged: ${described(filter)}, up to ${last}`);
        if (acknowledged > 0) ctx.changed('alarms');
        return { acknowledged };
      },
    }),
    route({
      method: 'GET',
      path: '/export.csv',
      summary: 'The alarms that fit the filter as a CSV file, without pictures',
      access: SEE,
      logged: true,
      query: z.object(filters),
      handle: ({ query }, call) => {
        call.remark(described(query));
        const day = instantToLocal(clock.now(), clock.zone).slice(0, 10);
        return new Response(alarmsCsv(list.all(query), clock.zone), {
          headers: {
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': `attachment; filename="alarms-${day}.csv"`,
            'cache-control': 'no-store',
            'x-content-type-options': 'nosniff',
          },
        });
      },
    }),
  ];
}

/** For the operation log: what was looked for, but no text, which may be somebody's name. */
function described({ text: part, ...filter }: object & { text?: string | undefined }): string {
  const parts = Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : `${name} ${value}`));
  if (part !== undefined) parts.push('by a text');
  return parts.join(', ') || 'everything';
}

function numbers(ids: readonly number[]): string {
  const shown = ids.slice(0, 20).join(', ');
  return ids.length > 20 ? `${shown} and ${ids.length - 20} more` : shown;
}
