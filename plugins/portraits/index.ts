import { z } from 'zod';
import { instantToLocal } from '../../core/clock.ts';
import { definePlugin, message } from '../../core/plugin/contract.ts';
import * as tables from './tables.ts';

export default definePlugin({
  tables,
  setup: (ctx) => ({
    messages: [
      message({
        id: 1028,
        name: 'list portrait databases',
        access: { area: 'people', action: 'see' },
        request: z.object({}),
        handle: () =>
          ctx.store.read
            .select()
            .from(tables.portraitDatabases)
            .orderBy(tables.portraitDatabases.libId)
            .all()
            .map((row) => ({
              create_time: instantToLocal(row.createTime, ctx.clock.zone),
              lib_id: row.libId,
              lib_name: row.libName,
              lib_type: row.libType,
              picture_no: row.pictures,
              update_time: instantToLocal(row.updateTime, ctx.clock.zone),
            })),
      }),
    ],
  }),
});
