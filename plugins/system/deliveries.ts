import { z } from 'zod';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { type RouteDefinition, route } from '../../core/plugin/contract.ts';
import type { DestinationReport, Outbox } from '../../core/plugin/push-services.ts';

const id = z.string().min(1).max(200);
const moment = z.number().describe('ms since 1970 UTC');

const destination = z.object({
  id,
  name: z.string(),
  open: z.boolean().describe('false: nothing reaches it now, and what waits is kept'),
  waiting: z.int(),
  aside: z.int().optional().describe('of these, messages that alone fail: set aside, so that they hold up nobody'),
  oldest: moment.optional(),
  delivered: z.int(),
  dead: z.int().describe('given up: refused, too old, or too many waited'),
  failures: z.int().describe('in a row'),
  refused: z.int().optional().describe('for good, in a row: it is there, and takes nothing'),
  lastError: z.string().optional(),
  lastDelivered: moment.optional(),
  pausedUntil: moment.optional(),
});
const deadLetter = z.object({ id: z.string(), topic: z.string(), time: moment, endedAt: moment, reason: z.string() });

const SEE = { area: 'people', action: 'see' } as const;
const CHANGE = { area: 'people', action: 'change' } as const;

/** What leaves the box, for whoever looks after it. */
export function deliveryRoutes(outbox: Outbox): RouteDefinition[] {
  const known = (asked: string): DestinationReport => {
    const found = outbox.reports().find((one) => one.id === asked);
    if (found) return found;
    throw new ContractError(CODE.noSuchData, 'there is no such destination');
  };
  return [
    route({
      method: 'GET',
      path: '/deliveries',
      summary: 'Destinations of pushes: what waits for each, what arrived, what was given up, and why',
      access: SEE,
      response: z.object({ destinations: z.array(destination) }),
      handle: () => ({ destinations: outbox.reports() }),
    }),
    route({
      method: 'GET',
      path: '/deliveries/dead',
      summary: 'The last messages that were given up for a destination, newest first',
      access: SEE,
      query: z.object({ id }),
      response: z.object({ dead: z.array(deadLetter) }),
      handle: ({ query }) => ({ dead: outbox.deadLetters(known(query.id).id) }),
    }),
    route({
      method: 'POST',
      path: '/deliveries/retry',
      summary: 'Tries a destination at once again, instead of after its pause',
      access: CHANGE,
      body: z.object({ id }),
      handle: ({ body }, call) => {
        call.remark(known(body.id).id);
        if (!outbox.retry(body.id)) throw new ContractError(CODE.wrongParameter, 'the destination is not open');
        return {};
      },
    }),
    route({
      method: 'POST',
      path: '/deliveries/forget',
      summary: 'Gives up what waits for a destination',
      access: CHANGE,
      body: z.object({ id }),
      response: z.object({ gone: z.int() }),
      handle: async ({ body }, call) => {
        const gone = await outbox.forget(known(body.id).id);
        call.remark(`${body.id}: ${gone} given up`);
        return { gone };
      },
    }),
    route({
      method: 'POST',
      path: '/deliveries/remove',
      summary: 'Forgets a destination that nobody uses any more, with what waits for it and its figures',
      access: CHANGE,
      body: z.object({ id }),
      handle: async ({ body }, call) => {
        if (known(body.id).open) throw new ContractError(CODE.wrongParameter, 'the destination is in use');
        await outbox.remove(body.id);
        call.remark(body.id);
        return {};
      },
    }),
  ];
}
