import { z } from 'zod';
import { instantToLocal, localToInstant, startOfDay } from '../../core/clock.ts';
import { wireAttributes } from '../../core/events/push-body.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { given, int, intOf, list, localTime, paging, text } from '../../core/gateway/lenient.ts';
import { type Clock, type MessageDefinition, message } from '../../core/plugin/contract.ts';
import type { CaptureFilter, Records } from './records.ts';
import type { CaptureRow } from './tables.ts';

const SEE = { area: 'records', action: 'see' } as const;
const CHANGE = { area: 'records', action: 'change' } as const;

/** `type` of message 2129, as far as there are records of it. */
const KINDS = ['face', 'body'] as const;

const timeRange = {
  start_time: given(localTime()),
  stop_time: given(localTime()),
};

const search = {
  channel: given(int({ min: 1, max: 32 })),
  ...timeRange,
  ...paging(50),
};

const aliveTypes = list({ min: 1, max: 20 })
  .pipe(z.array(z.enum(['0', '1', '2'])))
  .transform((types) => types.map((type) => Number(type) as 0 | 1 | 2));

export interface MessageParts {
  records: Records;
  clock: Clock;
  remove(ids: readonly string[], kind: 'face' | 'body'): Promise<string[]>;
  removeAll(): Promise<void>;
}

export function messages({ records, clock, remove, removeAll }: MessageParts): MessageDefinition[] {
  const answer = async <Row>(
    filter: CaptureFilter,
    paged: { start_no: number; qry_len: number },
    row: (r: CaptureRow) => Row,
  ) => {
    const { rows, total } = await records.page(filter, paged.qry_len, paged.start_no - 1);
    return { record: rows.map(row), result_num: rows.length, total_num: total };
  };

  return [
    message({
      id: 1037,
      name: 'query face captures',
      access: SEE,
      request: z.object({
        ...search,
        lib_name: given(text({ max: 100 })),
        lib_type: given(intOf([1, 2])),
        alive_type: given(aliveTypes),
      }),
      handle: (asked) =>
        answer(
          {
            kind: 'face',
            channel: asked.channel,
            ...range(asked, clock.zone),
            libName: asked.lib_name,
            libType: asked.lib_type,
            aliveTypes: narrowed(asked.alive_type),
          },
          asked,
          (row) => faceRow(row, clock.zone),
        ),
    }),
    message({
      id: 1046,
      name: 'query body captures',
      access: SEE,
      request: z.object(search),
      handle: (asked) =>
        answer({ kind: 'body', channel: asked.channel, ...range(asked, clock.zone) }, asked, (row) =>
          bodyRow(row, clock.zone),
        ),
    }),
    message({
      id: 1050,
      name: "query today's counts",
      access: SEE,
      request: z.object({}),
      handle: async () => {
        const { keyPersons, whiteList, strangers } = await records.today(startOfDay(clock.now(), clock.zone));
        return { key_person_cnt: keyPersons, white_list_cnt: whiteList, stranger_cnt: strangers };
      },
    }),
    message({
      id: 2129,
      name: 'delete chosen captures',
      access: CHANGE,
      request: z.object({ catch_ids: list({ min: 1, max: 50 }), type: int({ min: 0, max: 4 }) }),
      handle: async ({ catch_ids, type }, call) => {
        const kind = KINDS[type];
        const removed = kind ? await remove(catch_ids, kind) : [];
        call.remark(`${removed.length} deleted`);
        if (removed.length === 0) throw new ContractError(CODE.noSuchData);
      },
    }),
    message({
      id: 1045,
      name: 'delete all captures and alarms',
      access: CHANGE,
      request: z.object({}),
      handle: async () => removeAll(),
    }),
  ];
}

/** The range in ms; the second of `stop_time` is part of it. */
function range(asked: { start_time?: string | undefined; stop_time?: string | undefined }, zone: string) {
  const { start_time: start, stop_time: stop } = asked;
  if (start !== undefined && stop === undefined) {
    throw new ContractError(CODE.wrongParameter, 'stop_time must be given when start_time is given');
  }
  const from = start === undefined ? undefined : localToInstant(start, zone);
  const to = stop === undefined ? undefined : localToInstant(stop, zone) + 1000;
  if (from !== undefined && to !== undefined && from >= to) {
    throw new ContractError(CODE.wrongParameter, 'stop_time lies before start_time');
  }
  return { from, to };
}

/** All three types are no restriction. */
function narrowed(types: (0 | 1 | 2)[] | undefined): (0 | 1 | 2)[] | undefined {
  return types === undefined || new Set(types).size === 3 ? undefined : types;
}

function faceRow(row: CaptureRow, zone: string) {
  return {
    camera_name: row.cameraName,
    channel: row.channel,
    lib_id: row.libId ?? 0,
    lib_name: row.libName ?? '',
    lib_type: row.libType ?? 0,
    position: row.position,
    ranking: row.ranking ?? 0,
    similarity: row.similarity === null ? -1 : Math.round(row.similarity),
    snap_id: row.id,
    snap_path: row.cropPath,
    threshold: row.threshold,
    trigger: instantToLocal(row.time, zone),
    alive_type: row.aliveType,
    face_attr: wireAttributes('face', row.attributes),
  };
}

function bodyRow(row: CaptureRow, zone: string) {
  return {
    camera_name: row.cameraName,
    channel: row.channel,
    position: row.position,
    quality: row.quality,
    snap_id: row.id,
    snap_path: row.cropPath,
    trigger: instantToLocal(row.time, zone),
    body_attr: wireAttributes('body', row.attributes),
  };
}
