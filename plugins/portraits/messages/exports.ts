import { z } from 'zod';
import { CODE, ContractError } from '../../../core/gateway/errors.ts';
import { list, paging } from '../../../core/gateway/lenient.ts';
import { type Call, type MessageDefinition, message } from '../../../core/plugin/contract.ts';
import { PACKING_MS } from '../../../core/plugin/export-services.ts';
import { MOST_IN_ARCHIVE, packPeople } from '../packing.ts';
import type { Portrait } from '../shapes.ts';
import { libId, type MessageParts, SEE_PICTURES } from './fields.ts';

/** Messages 1038 and 1041: people with their pictures as an archive. */
export function exportMessages(parts: MessageParts): MessageDefinition[] {
  const { library } = parts;
  const packed = async (portraits: readonly Portrait[], database: number, call: Call) => {
    const { path, password, count, failed } = await packPeople(parts, portraits);
    call.remark(`database ${database}: ${count} people`);
    return { export_url: path, zippasswd: password, failed, result_num: count };
  };

  return [
    message({
      id: 1038,
      name: 'export face images page by page',
      access: SEE_PICTURES,
      logged: true,
      patience: PACKING_MS,
      request: z.object({ lib_id: libId, ...paging(MOST_IN_ARCHIVE) }),
      handle: async ({ lib_id, start_no, qry_len }, call) => {
        const { rows, total } = await library.page({ libId: lib_id, limit: qry_len, offset: start_no - 1 });
        if (total === 0) throw new ContractError(CODE.databaseHoldsNoImage);
        if (rows.length === 0) throw new ContractError(CODE.nothingToExport);
        const { failed: _, ...answer } = await packed(rows, lib_id, call);
        return { ...answer, total_num: total };
      },
    }),
    message({
      id: 1041,
      name: 'export chosen face images',
      access: SEE_PICTURES,
      logged: true,
      patience: PACKING_MS,
      request: z.object({ lib_id: libId, img_ids: list({ min: 1, max: 50 }) }),
      handle: async ({ lib_id, img_ids }, call) => {
        library.needDatabase(lib_id);
        const wanted = [...new Set(img_ids)];
        const found = library.byImgIds(lib_id, wanted);
        if (found.length === 0) throw new ContractError(CODE.noSuchImage);
        const there = new Set(found.map(({ imgId }) => imgId));
        const { failed, ...answer } = await packed(found, lib_id, call);
        const missing = [...wanted.filter((imgId) => !there.has(imgId)), ...failed];
        return { ...answer, failed_img_ids: missing.join(','), total_num: wanted.length };
      },
    }),
  ];
}
