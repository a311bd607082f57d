import { z } from 'zod';
import { instantToLocal } from '../../core/clock.ts';
import { given, int, oneOf, text } from '../../core/gateway/lenient.ts';
import { type PluginContext, type RouteDefinition, route } from '../../core/plugin/contract.ts';
import { logCsv } from './csv.ts';
import { page, search } from './search.ts';

/** REST routes under `/p/operation-log`. */

const SEE = { area: 'accounts', action: 'see' } as const;
const PIECE = 500;

const filters = {
  from: given(int({ min: 0 })),
  to: given(int({ min: 0 })),
  user: given(text({ max: 49 })),
  module: given(text({ max: 40 })),
  result: given(oneOf(['ok', 'failed'])),
  text: given(text({ max: 100 })),
};

export function routes(ctx: Pick<PluginContext, 'store' | 'clock'>): RouteDefinition[] {
  return [
    route({
      method: 'GET',
      path: '/entries',
      summary: 'What was done on the box, the newest first; `next` goes into `before` for the next page',
      access: SEE,
      query: z.object({
        ...filters,
        before: given(int({ min: 1 })),
        limit: given(int({ min: 1, max: 200 })),
      }),
      handle: ({ query: { before, limit, ...filter } }) => page(ctx.store.read, filter, limit ?? 50, before),
    }),
    route({
      method: 'GET',
      path: '/export.csv',
      summary: 'The same entries as a CSV file',
      access: SEE,
      logged: true,
      query: z.object(filters),
      handle: ({ query }, call) => {
        call.remark(described(query));
        const day = instantToLocal(ctx.clock.now(), ctx.clock.zone).slice(0, 10);
        return new Response(logCsv(search(ctx.store.read, query, PIECE), ctx.clock.zone), {
          headers: {
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': `attachment; filename="operation-log-${day}.csv"`,
            'cache-control': 'no-store',
            'x-content-type-options': 'nosniff',
          },
        });
      },
    }),
  ];
}

function described(filter: object): string {
  const parts = Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : `${name} ${value}`));
  return parts.join(', ') || 'everything';
}
