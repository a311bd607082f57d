import { z } from 'zod';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { given, int, intOf, text } from '../../core/gateway/lenient.ts';
import { type RouteDefinition, route } from '../../core/plugin/contract.ts';
import { PACKING_MS } from '../../core/plugin/export-services.ts';
import { MOST_IN_ARCHIVE, packPeople } from './packing.ts';
import { receiptInTime, receiptWords } from './receipts.ts';
import { CHANGE, databaseId, renamed, SEARCH, SEE } from './rest-fields.ts';
import { databasesView, databaseView, erasedView, exportView, indexView } from './rest-shapes.ts';
import { boundTo, viewOfDatabase, viewOfIndex } from './rest-views.ts';
import type { RouteParts } from './routes.ts';

/** Routes for the databases as a whole. */

const byId = z.object({ id: databaseId });
const name = text({ min: 1, max: 200 });
const type = intOf([1, 2]);

export function databaseRoutes(parts: RouteParts): RouteDefinition[] {
  const { library, index, cameras } = parts;
  return [
    route({
      method: 'GET',
      path: '/databases',
      summary: 'Portrait databases with the cameras that compare with them, and whether faces can be compared',
      access: SEE,
      response: databasesView,
      handle: () => {
        const all = cameras();
        return { databases: library.databases().map((one) => viewOfDatabase(one, all)), index: viewOfIndex(index()) };
      },
    }),
    route({
      method: 'GET',
      path: '/index',
      summary: 'Whether faces can be compared, and how far the index is loaded',
      access: SEE,
      response: indexView,
      handle: () => viewOfIndex(index()),
    }),
    route({
      method: 'POST',
      path: '/databases',
      summary: 'Make a portrait database',
      access: CHANGE,
      body: z.object({ name, type }),
      response: databaseView,
      handle: async ({ body }, call) => {
        const made = await renamed(() => library.createDatabase(body.name, body.type));
        call.remark(`database ${made.libId}`);
        return viewOfDatabase(made, cameras());
      },
    }),
    route({
      method: 'PATCH',
      path: '/databases/:id',
      summary: 'Rename a portrait database or change its kind',
      access: CHANGE,
      params: byId,
      body: z.object({ name: name.optional(), type: type.optional() }),
      response: databaseView,
      handle: async ({ params, body }, call) => {
        const change = {
          ...(body.name === undefined ? {} : { libName: body.name }),
          ...(body.type === undefined ? {} : { libType: body.type }),
        };
        const changed = await renamed(() => library.modifyDatabase(params.id, change));
        call.remark(`database ${changed.libId}, kind ${changed.libType}`);
        return viewOfDatabase(changed, cameras());
      },
    }),
    route({
      method: 'DELETE',
      path: '/databases/:id',
      summary: 'Delete a portrait database with everybody in it; refused while a camera compares with it',
      access: CHANGE,
      params: byId,
      response: erasedView,
      handle: async ({ params: { id } }, call) => {
        call.remark(`database ${id}`);
        const bound = boundTo(id, cameras());
        if (bound.length > 0) {
          const names = bound.map((camera) => `"${camera.name}"`).join(', ');
          throw new ContractError(CODE.databaseBoundToCamera, `bound to ${names}`, { cameras: bound });
        }
        const receipt = await receiptInTime((noted) => library.removeDatabase(id, { noted }));
        call.remark(receiptWords(receipt));
        return { receipt };
      },
    }),
    route({
      method: 'POST',
      path: '/databases/:id/export',
      summary: `People with their pictures as an encrypted zip, ${MOST_IN_ARCHIVE} from \`offset\` on, the oldest first; the operation log keeps who asked`,
      access: SEARCH,
      logged: true,
      patience: PACKING_MS,
      params: byId,
      body: z.object({ offset: given(int({ min: 0, max: 10_000_000 })) }),
      response: exportView,
      handle: async ({ params: { id }, body: { offset = 0 } }, call) => {
        const { rows, total } = await library.page({ libId: id, limit: MOST_IN_ARCHIVE, offset });
        if (rows.length === 0) throw new ContractError(CODE.nothingToExport);
        const { path, password, count } = await packPeople(parts, rows);
        call.remark(`database ${id}: ${count} of ${total} people`);
        return { path, password, count, total };
      },
    }),
  ];
}
