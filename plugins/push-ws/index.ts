import { z } from 'zod';
import { decide } from '../../core/gateway/authorization.ts';
import { CODE } from '../../core/gateway/errors.ts';
import { text } from '../../core/gateway/lenient.ts';
import { definePlugin, message, on, optional, route, socketMessage } from '../../core/plugin/contract.ts';
import { accountChanged, accounts, captureRecorded, deviceIdentity } from '../../core/plugin/services.ts';
import { SubscriptionKeys } from './keys.ts';
import { Outbox } from './outbox.ts';
import { RECORDS, refuse, Subscribers } from './subscribers.ts';
import * as tables from './tables.ts';

export default definePlugin({
  use: { accounts, identity: optional(deviceIdentity) },
  tables,
  setup: (ctx) => {
    const { clock, store, secrets } = ctx;
    const keys = new SubscriptionKeys({ store, secrets, now: () => clock.now() });
    const droppedFrames = ctx.metrics.counter('dropped_total', 'Captures not pushed because a client read too slowly');
    const subscribers = new Subscribers({
      account: (userId) => ctx.use.accounts.find(userId),
      now: () => clock.now(),
      changed: () => ctx.changed('subscribers'),
      dropped: () => droppedFrames.inc(),
    });
    const outbox = new Outbox({
      wanted: () => subscribers.wantsPictures(),
      read: async (path) => (await store.blobs.open(path))?.bytes(),
      send: (record, enrolled) =>
        subscribers.push(record, { deviceId: ctx.use.identity?.deviceId ?? '', zone: clock.zone }, enrolled),
      failed: (error) => ctx.log.warn({ err: error }, 'the picture of a person could not be read for a push'),
    });
    ctx.metrics.gauge('subscribers', 'Clients subscribed to captures', () => subscribers.list().length);

    return {
      messages: [
        message({
          id: 1286,
          name: 'query the WebSocket key',
          access: RECORDS,
          request: z.object({}),
          handle: async (_, { caller }) => ({ key: await keys.keyOf(caller!.userId) }),
        }),
      ],
      socketMessages: [
        socketMessage({
          id: 776,
          name: 'subscribe to captures and alarms',
          request: z.object({ key: text({ min: 1, max: 100 }) }),
          handle: ({ key }, socket) => {
            const userId = keys.userOf(key.trim());
            const account = userId === undefined ? undefined : ctx.use.accounts.find(userId);
            if (!account || decide(RECORDS, account) !== 'allowed') {
              refuse(socket, 'the key is not valid: ask for it with message 1286');
              return;
            }
            subscribers.add(socket, account.userId);
            // Clients take any frame with `data` for a capture, so this one has none.
            socket.send({ code: CODE.ok, msg: '' });
          },
        }),
      ],
      routes: [
        route({
          method: 'GET',
          path: '/subscribers',
          summary: 'Clients subscribed to captures',
          access: { area: 'devices', action: 'see' },
          response: z.object({
            subscribers: z.array(
              z.object({
                id: z.int(),
                source: z.string(),
                userName: z.string(),
                since: z.number(),
                sent: z.int(),
                dropped: z.int(),
              }),
            ),
          }),
          handle: () => ({ subscribers: subscribers.list() }),
        }),
      ],
      on: [
        on(captureRecorded, (record) => outbox.push(record)),
        on(accountChanged, async ({ userId, change }) => {
          // Rights are looked up at every push.
          if (change === 'rights') return;
          // First the subscriptions: they must end even when the disk is full.
          subscribers.endAllOf(userId);
          await keys.remove(userId);
        }),
      ],
      stop: () => subscribers.endAll(),
    };
  },
});
