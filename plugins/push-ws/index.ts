import { z } from 'zod';
import { storedSwitches } from '../../core/events/push-images.ts';
import { decide } from '../../core/gateway/authorization.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { text } from '../../core/gateway/lenient.ts';
import { captureRecorded, capturesErased } from '../../core/plugin/capture-services.ts';
import {
  definePlugin,
  message,
  on,
  optional,
  route,
  socketMessage,
  type WireSocket,
} from '../../core/plugin/contract.ts';
import { captureCounts, pushImages } from '../../core/plugin/push-services.ts';
import { accountChanged, accounts, deviceIdentity } from '../../core/plugin/services.ts';
import { CountFeed } from './counts.ts';
import { DropLog } from './drops.ts';
import { SubscriptionKeys } from './keys.ts';
import { Outbox } from './outbox.ts';
import { RECORDS, refuse, Subscribers } from './subscribers.ts';
import * as tables from './tables.ts';

const keyed = z.object({ key: text({ min: 1, max: 100 }) });

export default definePlugin({
  use: {
    accounts,
    identity: optional(deviceIdentity),
    images: optional(pushImages),
    counts: optional(captureCounts),
  },
  tables,
  ui: {
    pages: [],
    widgets: [
      {
        id: 'push-ws-subscribers',
        place: 'deliveries',
        module: 'subscribers.ts',
        access: { area: 'devices', action: 'see' },
      },
    ],
  },
  setup: (ctx) => {
    const { clock, store, secrets } = ctx;
    const keys = new SubscriptionKeys({ store, secrets, now: () => clock.now() });
    const droppedFrames = ctx.metrics.counter('dropped_total', 'Captures not pushed because a client read too slowly');
    const account = (userId: number) => ctx.use.accounts.find(userId);
    const drops = new DropLog({ warn: (fields, words) => ctx.log.warn(fields, words), steady: () => clock.steady() });
    const subscribers = new Subscribers({
      account,
      // Whoever switched pictures off meant it of both ways, and the plugin of the switches may be off or at fault.
      images: (part) => ctx.use.images?.wanted(part) ?? storedSwitches(store.settings)[part],
      now: () => clock.now(),
      changed: () => ctx.changed('subscribers'),
      dropped: (socket, userId) => {
        droppedFrames.inc();
        drops.add(socket, userId);
      },
      left: (socket) => drops.end(socket),
    });
    const outbox = new Outbox({
      wanted: () => subscribers.wantsEnrolled(),
      read: async (path) => (await store.blobs.open(path))?.bytes(),
      send: (record, enrolled) =>
        subscribers.push(record, { deviceId: ctx.use.identity?.deviceId ?? '', zone: clock.zone }, enrolled),
      failed: (error) => ctx.log.warn({ err: error }, 'the picture of a person could not be read for a push'),
    });
    const counts = new CountFeed({
      account,
      today: async () => ctx.use.counts?.today(),
      failed: (error) => ctx.log.warn({ err: error }, 'the counts of today could not be read for a push'),
    });
    /** The user a key stands for, who may see records; otherwise the client is answered and let go. */
    const subscriberOf = (key: string, socket: WireSocket): number | undefined => {
      const owner = keys.ownerOf(key.trim());
      const found = owner && account(owner.userId);
      const valid = found && found.passwordVersion === owner?.passwordVersion;
      if (valid && decide(RECORDS, found) === 'allowed') return found.userId;
      refuse(socket, 'the key is not valid: ask for it with message 1286');
      return undefined;
    };
    ctx.metrics.gauge('subscribers', 'Clients subscribed to captures', () => subscribers.list().length);

    return {
      messages: [
        message({
          id: 1286,
          name: 'query the WebSocket key',
          access: RECORDS,
          request: z.object({}),
          handle: async (_, { caller }) => {
            const found = account(caller!.userId);
            if (!found) throw new ContractError(CODE.notLoggedIn);
            return { key: await keys.keyOf(found) };
          },
        }),
      ],
      socketMessages: [
        socketMessage({
          id: 776,
          name: 'subscribe to captures and alarms',
          request: keyed,
          handle: ({ key }, socket) => {
            const userId = subscriberOf(key, socket);
            if (userId === undefined) return;
            subscribers.add(socket, userId);
            // Clients take any frame with `data` for a capture, so this one has none.
            socket.send({ code: CODE.ok, msg: '' });
          },
        }),
        socketMessage({
          id: 778,
          name: 'subscribe to counts',
          request: keyed,
          handle: ({ key }, socket) => {
            const userId = subscriberOf(key, socket);
            if (userId === undefined) return;
            socket.send({ code: CODE.ok, msg: '' });
            counts.add(socket, userId);
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
                pictures: z.array(z.enum(['snap', 'frame', 'library'])),
              }),
            ),
            /** Since the start, also of clients that are gone. */
            dropped: z.int(),
          }),
          handle: () => ({ subscribers: subscribers.list(), dropped: subscribers.dropped }),
        }),
      ],
      on: [
        on(captureRecorded, (record) => {
          outbox.push(record);
          if (record.compared) counts.changed();
        }),
        on(capturesErased, () => counts.changed()),
        on(accountChanged, async ({ userId, change }) => {
          // Rights are looked up at every push.
          if (change === 'rights') return;
          // First the subscriptions: they must end even when the disk is full.
          subscribers.endAllOf(userId);
          counts.endAllOf(userId);
          await keys.remove(userId);
        }),
      ],
      start: () => counts.start(),
      stop: () => {
        counts.endAll();
        subscribers.endAll();
      },
    };
  },
});
