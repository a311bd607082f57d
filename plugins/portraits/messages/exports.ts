import { z } from 'zod';
import { instantToLocal } from '../../../core/clock.ts';
import { csvFile } from '../../../core/csv.ts';
import { CODE, ContractError } from '../../../core/gateway/errors.ts';
import { list, paging } from '../../../core/gateway/lenient.ts';
import { type MessageDefinition, message } from '../../../core/plugin/contract.ts';
import { type ExportEntry, exportKey } from '../../../core/plugin/face-services.ts';
import { masked } from '../person.ts';
import type { Portrait } from '../shapes.ts';
import { libId, type MessageParts, SEE_PICTURES } from './fields.ts';

/** Hundreds of pictures are packed and encrypted one by one, ms. */
const PACKING_MS = 3 * 60 * 1000;

const COLUMNS = ['file', 'img_id', 'name', 'gender', 'age', 'idcard', 'address', 'create_time'];

/** Messages 1038 and 1041: people with their pictures as an archive. What is sensitive stays masked. */
export function exportMessages({ library, clock, exports }: MessageParts): MessageDefinition[] {
  const packed = async (portraits: readonly Portrait[]) => {
    const maker = exports();
    if (!maker)
      throw new ContractError(CODE.unknownError, 'nothing can be exported: the plugin exports is not running');
    const failed: string[] = [];
    const shows = portraits.map(({ libId, imgId }) => exportKey(libId, imgId));
    const { path, password } = await maker.archive('face', 'people', entries(portraits, failed), shows);
    return { export_url: path, zippasswd: password, failed, result_num: portraits.length - failed.length };
  };

  async function* entries(portraits: readonly Portrait[], failed: string[]): AsyncGenerator<ExportEntry> {
    const rows: string[][] = [];
    for (const portrait of portraits) {
      const data = await library.picture(portrait);
      // Erased since it was looked up, or damaged.
      if (!data || !library.get(portrait.libId, portrait.imgId)) {
        failed.push(portrait.imgId);
        continue;
      }
      // The characters of an id are safe in every name of a file.
      const name = `${portrait.imgId}.jpg`;
      rows.push(exportRow(name, portrait, clock.zone));
      yield { name, data };
    }
    if (rows.length === 0) throw new ContractError(CODE.nothingToExport);
    yield { name: 'index.csv', data: csvFile([COLUMNS, ...rows]) };
  }

  return [
    message({
      id: 1038,
      name: 'export face images page by page',
      access: SEE_PICTURES,
      patience: PACKING_MS,
      request: z.object({ lib_id: libId, ...paging(500) }),
      handle: async ({ lib_id, start_no, qry_len }) => {
        const { rows, total } = await library.page({ libId: lib_id, limit: qry_len, offset: start_no - 1 });
        if (total === 0) throw new ContractError(CODE.databaseHoldsNoImage);
        if (rows.length === 0) throw new ContractError(CODE.nothingToExport);
        const { failed: _, ...answer } = await packed(rows);
        return { ...answer, total_num: total };
      },
    }),
    message({
      id: 1041,
      name: 'export chosen face images',
      access: SEE_PICTURES,
      patience: PACKING_MS,
      request: z.object({ lib_id: libId, img_ids: list({ min: 1, max: 50 }) }),
      handle: async ({ lib_id, img_ids }) => {
        library.needDatabase(lib_id);
        const wanted = [...new Set(img_ids)];
        const found = library.byImgIds(lib_id, wanted);
        if (found.length === 0) throw new ContractError(CODE.noSuchImage);
        const there = new Set(found.map(({ imgId }) => imgId));
        const { failed, ...answer } = await packed(found);
        const missing = [...wanted.filter((imgId) => !there.has(imgId)), ...failed];
        return { ...answer, failed_img_ids: missing.join(','), total_num: wanted.length };
      },
    }),
  ];
}

function exportRow(file: string, portrait: Portrait, zone: string): string[] {
  const { imgId, name, gender, age, hasIdcard, hasAddress, createTime } = portrait;
  return [file, imgId, name, gender, age, masked(hasIdcard), masked(hasAddress), instantToLocal(createTime, zone)];
}
