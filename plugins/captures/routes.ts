import { z } from 'zod';
import { instantToLocal, startOfDay } from '../../core/clock.ts';
import type { Access } from '../../core/gateway/authorization.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { given, int, oneOf, text } from '../../core/gateway/lenient.ts';
import { type Clock, type RouteDefinition, route } from '../../core/plugin/contract.ts';
import { CAPTURE_KINDS, type CaptureKind } from '../../core/vision/keys.ts';
import { type CaptureFilter, plateQuery, type Records } from './records.ts';
import { captureView, viewOfRow } from './view.ts';

/** `/p/captures`: what the pages read and delete. Pictures are fetched from `/ws/`, which has rights of its own. */

const SEE: Access = { area: 'records', action: 'see' };
const CHANGE: Access = { area: 'records', action: 'change' };

const MOST_DELETED = 200;
const HOURS = 24;
const HOUR_MS = 60 * 60 * 1000;
const NEWEST = 12;
/** Largest time a browser can show, ms. */
const LAST_INSTANT = 8.64e15;

const instant = int({ min: 0, max: LAST_INSTANT });

/** `moment` of the last capture of the answer before; longer than what `int` takes for a number. */
const cursor = text({ pattern: /^\d{1,16}$/ }).transform(Number);

export interface RouteParts {
  records: Records;
  clock: Clock;
  remove(ids: readonly string[]): Promise<string[]>;
  /** @returns whether all of it is done; otherwise it goes on */
  removeAll(): Promise<boolean>;
}

export function routes({ records, clock, remove, removeAll }: RouteParts): RouteDefinition[] {
  return [
    route({
      method: 'GET',
      path: '/captures',
      summary: 'Captures, newest first; `next` of one answer is `before` of the next question',
      access: SEE,
      query: z.object({
        kind: given(oneOf(CAPTURE_KINDS)),
        channel: given(int({ min: 1, max: 32 })),
        from: given(instant),
        to: given(instant),
        minQuality: given(int({ min: 0, max: 100 })),
        plate: given(text({ max: 32 })),
        before: given(cursor),
        limit: given(int({ min: 1, max: 200 })),
      }),
      response: z.object({ records: z.array(captureView), total: z.int(), next: z.string().nullable() }),
      handle: async ({ query }) => {
        const { before, limit = 50, minQuality, plate = '', ...rest } = query;
        // 0 lets everything through, so it is no filter.
        const filter: CaptureFilter = {
          ...rest,
          minQuality: minQuality || undefined,
          plate: plateQuery(plate) || undefined,
        };
        const { rows, total } = await records.after(filter, limit + 1, before);
        const shown = rows.slice(0, limit);
        const last = shown.at(-1);
        return {
          records: shown.map(viewOfRow),
          total,
          next: rows.length > limit && last ? String(last.moment) : null,
        };
      },
    }),
    route({
      method: 'GET',
      path: '/captures/:id',
      summary: 'One capture',
      access: SEE,
      params: z.object({ id: text({ max: 100 }) }),
      response: captureView,
      handle: ({ params }) => {
        const row = records.find(params.id);
        if (!row) throw new ContractError(CODE.noSuchData, 'no such capture');
        return viewOfRow(row);
      },
    }),
    route({
      method: 'POST',
      path: '/captures/delete',
      summary: 'Delete chosen captures with their pictures',
      access: CHANGE,
      body: z.object({
        ids: z
          .array(text({ min: 1, max: 100 }))
          .min(1)
          .max(MOST_DELETED),
      }),
      response: z.object({ deleted: z.int() }),
      handle: async ({ body }, call) => {
        const removed = await remove(body.ids);
        call.remark(`${removed.length} deleted`);
        if (removed.length === 0) throw new ContractError(CODE.noSuchData, 'none of the captures exists');
        return { deleted: removed.length };
      },
    }),
    route({
      method: 'POST',
      path: '/captures/delete-all',
      summary: 'Delete every capture with its pictures',
      access: CHANGE,
      body: z.object({ confirm: z.literal(true) }),
      response: z.object({ complete: z.boolean().describe('false: it takes long, and goes on') }),
      handle: async () => ({ complete: await removeAll() }),
    }),
    route({
      method: 'GET',
      path: '/summary',
      summary: 'Captures of today, in all and hour by hour, and the newest ones',
      access: SEE,
      response: z.object({
        today: z.object({ face: z.int(), body: z.int(), vehicle: z.int() }),
        hours: z.array(z.int()).length(HOURS),
        newest: z.array(captureView),
      }),
      handle: () => summary(records, clock),
    }),
  ];
}

/** Counts of the local day; `hours` by the clock on the wall, which skips or repeats an hour when it is changed. */
async function summary(records: Records, clock: Clock) {
  const start = startOfDay(clock.now(), clock.zone);
  const date = instantToLocal(start, clock.zone).slice(0, 10);
  const passed = Array.from({ length: HOURS + 1 }, (_, hour) => instantToLocal(start + hour * HOUR_MS, clock.zone));
  const length = passed.filter((local) => local.startsWith(date)).length;
  const { hourly, newest } = await records.summary(start, length, NEWEST);
  const hours = new Array<number>(HOURS).fill(0);
  for (let passedHours = 0; passedHours < length; passedHours += 1) {
    const hour = Number(passed[passedHours]!.slice(11, 13));
    for (const kind of CAPTURE_KINDS) hours[hour] = hours[hour]! + hourly[kind][passedHours]!;
  }
  const today: Record<CaptureKind, number> = {
    face: sum(hourly.face),
    body: sum(hourly.body),
    vehicle: sum(hourly.vehicle),
  };
  return { today, hours, newest: newest.map(viewOfRow) };
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
