import { z } from 'zod';
import { instantToLocal } from '../../../core/clock.ts';
import { given, intOf, paging, text } from '../../../core/gateway/lenient.ts';
import { type MessageDefinition, message } from '../../../core/plugin/contract.ts';
import type { PortraitDatabase } from '../shapes.ts';
import { CHANGE, libId, type MessageParts, SEE } from './fields.ts';

/** Emptying a database of hundreds of thousands takes so long, ms. */
const ERASING_MS = 10 * 60 * 1000;

const libName = text({ min: 1, max: 100 });
const libType = intOf([1, 2]);

/** Messages 1025 to 1028 and 1034: the databases. */
export function databaseMessages({ library, clock }: MessageParts): MessageDefinition[] {
  const row = (database: PortraitDatabase) => ({
    create_time: instantToLocal(database.createTime, clock.zone),
    lib_id: database.libId,
    lib_name: database.libName,
    lib_type: database.libType,
    picture_no: database.pictures,
    update_time: instantToLocal(database.updateTime, clock.zone),
  });
  const named = ({ libId: lib_id, libName: lib_name }: PortraitDatabase) => ({ lib_id, lib_name });

  return [
    message({
      id: 1028,
      name: 'list portrait databases',
      access: SEE,
      request: z.object({}),
      handle: () => library.databases().map(row),
    }),
    message({
      id: 1025,
      name: 'create a portrait database',
      access: CHANGE,
      request: z.object({ lib_name: libName, lib_type: libType }),
      handle: async (asked, call) => {
        const database = await library.createDatabase(asked.lib_name, asked.lib_type);
        call.remark(`database ${database.libId}`);
        return named(database);
      },
    }),
    message({
      id: 1027,
      name: 'modify a portrait database',
      access: CHANGE,
      request: z.object({ lib_id: libId, lib_name: libName, lib_type: libType }),
      handle: async (asked, call) => {
        call.remark(`database ${asked.lib_id}`);
        const change = { libName: asked.lib_name, libType: asked.lib_type };
        return named(await library.modifyDatabase(asked.lib_id, change));
      },
    }),
    message({
      id: 1026,
      name: 'delete a portrait database',
      access: CHANGE,
      patience: ERASING_MS,
      request: z.object({ lib_id: libId }),
      handle: async (asked, call) => {
        call.remark(`database ${asked.lib_id}`);
        const { pictures, captures, exports } = await library.removeDatabase(asked.lib_id);
        call.remark(`${pictures} pictures, ${captures} captures, ${exports} exports erased`);
      },
    }),
    message({
      id: 1034,
      name: 'query portrait databases',
      access: SEE,
      request: z.object({ ...paging(50), lib_id: given(libId), lib_name: given(text()), lib_type: given(libType) }),
      handle: ({ start_no, qry_len, ...asked }) => {
        const wanted = { libId: asked.lib_id, libName: asked.lib_name, libType: asked.lib_type };
        const { rows, total } = library.queryDatabases({ ...wanted, limit: qry_len, offset: start_no - 1 });
        return { record: rows.map(row), result_num: rows.length, total_num: total };
      },
    }),
  ];
}
