import { z } from 'zod';
import { startOfDay } from '../../core/clock.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { int, list } from '../../core/gateway/lenient.ts';
import { type Clock, type MessageDefinition, message } from '../../core/plugin/contract.ts';
import { alarmFilter, alarmQuestion, captureFields, faceFilter, faceQuestion, range } from './questions.ts';
import type { CaptureFilter, Records } from './records.ts';
import type { CaptureRow } from './tables.ts';
import { alarmRow, bodyRow, faceRow } from './wire-rows.ts';

const SEE = { area: 'records', action: 'see' } as const;
const CHANGE = { area: 'records', action: 'change' } as const;

/** Rows of a page. */
const MOST_ROWS = 50;

/** `type` of message 2129, as far as there are records of it. */
const KINDS = ['face', 'body'] as const;

export interface MessageParts {
  records: Records;
  clock: Clock;
  remove(ids: readonly string[], kind: 'face' | 'body'): Promise<string[]>;
  removeAll(): Promise<unknown>;
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
      id: 1036,
      name: 'query face alarms',
      access: SEE,
      request: alarmQuestion(MOST_ROWS),
      handle: (asked) => answer(alarmFilter(asked, clock.zone), asked, (row) => alarmRow(row, clock.zone)),
    }),
    message({
      id: 1037,
      name: 'query face captures',
      access: SEE,
      request: faceQuestion(MOST_ROWS),
      handle: (asked) => answer(faceFilter(asked, clock.zone), asked, (row) => faceRow(row, clock.zone)),
    }),
    message({
      id: 1046,
      name: 'query body captures',
      access: SEE,
      request: z.object(captureFields(MOST_ROWS)),
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
      handle: async () => {
        await removeAll();
      },
    }),
  ];
}
