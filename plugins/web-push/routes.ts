import { z } from 'zod';
import { noticeRule } from '../../core/events/notice-rule.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { given, int, oneOf, text } from '../../core/gateway/lenient.ts';
import { AddressError, type AddressRules } from '../../core/net/addresses.ts';
import { type RouteDefinition, route } from '../../core/plugin/contract.ts';
import type { CameraInfo } from '../../core/plugin/services.ts';
import { endpointUrl, LONGEST_ENDPOINT } from './endpoint.ts';
import type { ServerKeys } from './keys.ts';
import { testNotification } from './notification.ts';
import type { Sender } from './sending.ts';
import { MOST_OF_ONE, type Subscriptions } from './subscriptions.ts';
import { ACCESS, type Teller } from './telling.ts';

/** `/p/web-push`: everybody their own browsers. Seeing is right enough, and the operation log has what they change. */

const MOST_TESTS = 4;

/** An uncompressed point of P-256, and 16 bytes, base64url without padding. */
const p256dh = text({ pattern: /^B[A-Za-z0-9_-]{86}$/ });
const auth = text({ pattern: /^[A-Za-z0-9_-]{22}$/ });

const wishes = z.object({
  name: text({ min: 1, max: 60 }).transform((value) => value.replace(/\p{Cc}/gu, ' ')),
  language: oneOf(['en', 'zh']).default('en'),
  details: z.boolean().default(false).describe('name the person'),
  rule: noticeRule.prefault({}),
});

const endpoint = text({ min: 9, max: LONGEST_ENDPOINT });
const browser = wishes.extend({ endpoint, keys: z.object({ p256dh, auth }) });

const view = wishes.extend({
  id: z.int(),
  /** It is the one that asks. */
  own: z.boolean(),
  createdAt: z.number(),
  sent: z.int(),
  held: z.int(),
  dropped: z.int(),
  lastSent: z.number().optional(),
  lastFault: z.object({ at: z.number(), why: z.string(), status: z.int().optional() }).optional(),
});

export interface RouteParts {
  keys: ServerKeys;
  rules: AddressRules;
  subscriptions: Subscriptions;
  teller: Teller;
  sender: Sender;
  cameras(): CameraInfo[];
  now(): number;
}

export function routes({ keys, rules, subscriptions, teller, sender, cameras, now }: RouteParts): RouteDefinition[] {
  let tests = 0;
  const id = z.object({ id: int({ min: 1 }) });

  return [
    route({
      method: 'GET',
      path: '/overview',
      summary: 'One’s own browsers; with the endpoint of the one that asks, which of them it is',
      access: ACCESS,
      query: z.object({ endpoint: given(endpoint) }),
      response: z.object({
        publicKey: z.string(),
        browsers: z.array(view),
        most: z.int(),
        kinds: z.array(z.string()),
        cameras: z.array(z.object({ channel: z.int(), name: z.string() })),
      }),
      handle: ({ query }, { caller }) => {
        const asking = query.endpoint === undefined ? '' : subscriptions.hashOf(query.endpoint);
        const own = subscriptions.list().filter(({ userId }) => userId === caller?.userId);
        const kinds = new Set(['key-person', ...teller.kinds, ...own.flatMap(({ rule }) => rule.kinds)]);
        return {
          publicKey: keys.publicKey,
          browsers: own.map(({ browser: _, userId: __, endpointHash, ...one }) => ({
            ...one,
            own: endpointHash === asking,
            ...teller.state(one.id),
          })),
          most: MOST_OF_ONE,
          kinds: [...kinds].sort(),
          cameras: cameras().map(({ channel, name }) => ({ channel, name })),
        };
      },
    }),
    route({
      method: 'POST',
      path: '/browsers',
      summary: 'Push to a browser (PushSubscription)',
      access: ACCESS,
      logged: true,
      body: browser,
      handle: async ({ body: { endpoint: address, keys: browserKeys, ...chosen } }, call) => {
        try {
          endpointUrl(address, rules);
        } catch (error) {
          if (error instanceof AddressError) throw new ContractError(CODE.wrongParameter, error.message);
          throw error;
        }
        await subscriptions.add(call.caller?.userId ?? 0, { endpoint: address, keys: browserKeys }, chosen, now());
        call.remark(`added ${chosen.name}`);
        return {};
      },
    }),
    route({
      method: 'PUT',
      path: '/browsers/:id',
      summary: 'Change what a browser of one’s own is told',
      access: ACCESS,
      logged: true,
      params: id,
      body: wishes,
      handle: async ({ params, body }, call) => {
        await subscriptions.change(call.caller?.userId ?? 0, params.id, body);
        call.remark(`changed ${body.name}`);
        return {};
      },
    }),
    route({
      method: 'DELETE',
      path: '/browsers/:id',
      summary: 'Push to a browser of one’s own no more',
      access: ACCESS,
      logged: true,
      params: id,
      handle: async ({ params }, call) => {
        const { name } = subscriptions.of(call.caller?.userId ?? 0, params.id);
        await subscriptions.remove(call.caller?.userId ?? 0, params.id);
        call.remark(`removed ${name}`);
        teller.tidy();
        return {};
      },
    }),
    route({
      method: 'POST',
      path: '/browsers/:id/test',
      summary: 'Push something to a browser of one’s own now, and tell how it went',
      access: ACCESS,
      params: id,
      response: z.object({
        result: z.enum(['sent', 'gone', 'failed']),
        why: z.string().optional().describe('unreachable, silent, refused, forbidden'),
        status: z.int().optional().describe('what the push service answered'),
      }),
      handle: async ({ params }, { caller }) => {
        const one = subscriptions.of(caller?.userId ?? 0, params.id);
        if (tests >= MOST_TESTS) throw new ContractError(CODE.unknownError, 'tests are under way: wait for their end');
        tests += 1;
        try {
          const notification = testNotification(one.language, now());
          const outcome = await sender.send(one.browser, notification, AbortSignal.timeout(15_000));
          await teller.note(one, outcome);
          return outcome;
        } finally {
          tests -= 1;
        }
      },
    }),
  ];
}
