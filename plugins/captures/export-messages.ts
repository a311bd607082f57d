import { z } from 'zod';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { list } from '../../core/gateway/lenient.ts';
import { type Call, type Clock, type MessageDefinition, message } from '../../core/plugin/contract.ts';
import { type Exports, PACKING_MS } from '../../core/plugin/export-services.ts';
import type { Store } from '../../core/store/database.ts';
import { type DownloadKind, download } from './download.ts';
import { alarmFilter, alarmQuestion, faceFilter, faceQuestion } from './questions.ts';
import type { CaptureFilter, Records } from './records.ts';
import type { CaptureRow } from './tables.ts';

/** Messages that answer with an archive: captures and alarms of faces, page by page or chosen ones. */

const SEE_PICTURES = { area: 'records', action: 'see', images: true } as const;

/** Rows of a page. */
const MOST_ROWS = 500;
const MOST_CHOSEN = 50;

export interface ExportMessageParts {
  records: Records;
  clock: Clock;
  store: Pick<Store, 'blobs'>;
  exports(): Exports | undefined;
  /** Whether there is such a database; undefined while nobody can say. */
  isDatabase(id: number): boolean | undefined;
}

export function exportMessages({
  records,
  clock,
  store,
  exports,
  isDatabase,
}: ExportMessageParts): MessageDefinition[] {
  const make = async (kind: DownloadKind, rows: readonly CaptureRow[], call: Call) => {
    const made = await download(kind, rows, { store, zone: clock.zone, exports: exports() });
    call.remark(`${made.exported.length} exported`);
    return made;
  };

  const page = async (kind: DownloadKind, filter: CaptureFilter, paged: Paged, call: Call) => {
    const { rows, total } = await records.page(filter, paged.qry_len, paged.start_no - 1);
    const { path, password, exported } = await make(kind, rows, call);
    return { export_url: path, result_num: exported.length, total_num: total, zippasswd: password };
  };

  const chosen = async (kind: DownloadKind, ids: readonly string[], fits: (row: CaptureRow) => boolean, call: Call) => {
    const asked = [...new Set(ids)];
    const found = records.findAll(asked).filter((row) => row.kind === 'face');
    if (found.length === 0) throw new ContractError(CODE.noSuchData);
    const { path, password, exported } = await make(kind, found.filter(fits), call);
    const failed = asked.filter((id) => !exported.includes(id));
    return {
      export_url: path,
      failed_img_ids: failed.join(),
      result_num: exported.length,
      total_num: asked.length,
      zippasswd: password,
    };
  };

  return [
    message({
      id: 1039,
      name: 'export face alarms',
      access: SEE_PICTURES,
      logged: true,
      patience: PACKING_MS,
      request: alarmQuestion(MOST_ROWS),
      handle: (asked, call) => {
        if (asked.lib_ids?.some((id) => isDatabase(id) === false)) throw new ContractError(CODE.noSuchDatabase);
        return page('alarm', alarmFilter(asked, clock.zone), asked, call);
      },
    }),
    message({
      id: 1040,
      name: 'export face captures',
      access: SEE_PICTURES,
      logged: true,
      patience: PACKING_MS,
      request: faceQuestion(MOST_ROWS),
      handle: (asked, call) => page('catch', faceFilter(asked, clock.zone), asked, call),
    }),
    message({
      id: 1042,
      name: 'export chosen face alarms',
      access: SEE_PICTURES,
      logged: true,
      patience: PACKING_MS,
      request: chosenQuestion,
      handle: ({ snap_ids }, call) => chosen('alarm', snap_ids, isRecognisedRow, call),
    }),
    message({
      id: 1043,
      name: 'export chosen face captures',
      access: SEE_PICTURES,
      logged: true,
      patience: PACKING_MS,
      request: chosenQuestion,
      handle: ({ snap_ids }, call) => chosen('catch', snap_ids, () => true, call),
    }),
  ];
}

interface Paged {
  start_no: number;
  qry_len: number;
}

const chosenQuestion = z.object({ snap_ids: list({ min: 1, max: MOST_CHOSEN }) });

function isRecognisedRow({ similarity, threshold }: CaptureRow): boolean {
  return similarity !== null && similarity >= threshold;
}
