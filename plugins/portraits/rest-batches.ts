import { z } from 'zod';
import { type RouteDefinition, route } from '../../core/plugin/contract.ts';
import type { Batch } from './batch-notes.ts';
import { SEE } from './rest-fields.ts';
import { type BatchView, batchesView } from './rest-shapes.ts';
import type { RouteParts } from './routes.ts';

/** More than a day of batches of the largest size. */
const MOST = 100;

/** Batches that were sent by message. */
export function batchRoutes({ batches }: Pick<RouteParts, 'batches'>): RouteDefinition[] {
  return [
    route({
      method: 'GET',
      path: '/batches',
      summary:
        'Batches sent by message in the last day, the newest first, with their lists; also those a restart interrupted',
      access: SEE,
      response: batchesView,
      query: z.object({}),
      handle: () => ({ batches: batches.recent(MOST).map(viewOfBatch) }),
    }),
  ];
}

function viewOfBatch({ libId, uuid, pictures, enrolled, began, ended, interrupted, listPath }: Batch): BatchView {
  return { database: libId, uuid, pictures, enrolled, began, ended, interrupted, list: listPath || null };
}
