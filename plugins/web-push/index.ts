import { z } from 'zod';
import { capturesErased } from '../../core/plugin/capture-services.ts';
import { definePlugin, on, optional } from '../../core/plugin/contract.ts';
import { portraitsErased } from '../../core/plugin/face-services.ts';
import { type OpenDestination, outbox, outgoing, reactions } from '../../core/plugin/push-services.ts';
import { accountChanged, accounts, cameraDirectory } from '../../core/plugin/services.ts';
import { serverKeys } from './keys.ts';
import { browserReactions } from './reactions.ts';
import { routes } from './routes.ts';
import { Sender } from './sending.ts';
import { Subscriptions } from './subscriptions.ts';
import * as tables from './tables.ts';
import { ACCESS, Teller } from './telling.ts';

const DESTINATION = 'web-push/alarms';
/** Whom push services may ask, where the settings name nobody. */
const NOBODY = 'https://gatehouse.example/';
const MAIL = /^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}$/;

/** Shows alarms on the telephones and computers of those who signed in there. */
export default definePlugin({
  config: z.object({
    contact: z
      .string()
      .max(254)
      .refine((value) => value === '' || MAIL.test(value), 'must be an address such as name@example.org')
      .default('')
      .describe('Mail address that push services are told, in case they have a question'),
  }),
  use: { outbox, outgoing, accounts, cameras: optional(cameraDirectory), reactions: optional(reactions) },
  tables,
  ui: {
    pages: [
      { id: 'web-push', slot: 'settings', title: 'push.title', module: 'push.ts', access: ACCESS, order: 7 },
      {
        id: 'web-push-certificate',
        slot: 'settings',
        title: 'certificate.title',
        module: 'certificate.ts',
        access: 'session',
        order: 8,
      },
    ],
  },
  setup: async (ctx) => {
    const { clock, store, use, log } = ctx;
    const offered = use.reactions?.by(ctx.id);
    let offer = () => {};
    const account = (userId: number) => use.accounts.find(userId);
    const subscriptions = new Subscriptions(store, ctx.secrets, account, () => {
      ctx.changed('browsers');
      offer();
    });
    const keys = await serverKeys(store, () => {
      log.warn('the keys of this box cannot be read: browsers have to be subscribed again');
      return subscriptions.removeAll();
    });
    const rules = { allowLoopback: use.outgoing.allowLoopback };
    const subject = () => (ctx.config.contact === '' ? NOBODY : `mailto:${ctx.config.contact}`);
    const sender = new Sender({ keys, subject, rules });
    const pushes = ctx.metrics.counter('pushes_total', 'Pushes: sent, held back, dropped, or to nobody any more', [
      'result',
    ]);
    const teller = new Teller({
      ...{ subscriptions, sender, account },
      zone: () => clock.zone,
      now: () => clock.now(),
      steady: () => clock.steady(),
      count: (result) => pushes.inc({ result }),
      failed: (error) => log.warn({ err: error }, 'a push could not be noted'),
      gone: ({ name, userId }) =>
        log.warn(
          { browser: name, user: account(userId)?.userName },
          'a browser is not subscribed any more: it is told of nothing',
        ),
    });
    ctx.metrics.gauge('browsers', 'Browsers that are pushed to', () => subscriptions.list().length);
    ctx.metrics.gauge('waiting', 'Pushes that wait', () => teller.waiting);
    let open: OpenDestination | undefined;
    offer = () =>
      offered?.offer(
        browserReactions({
          ...{ subscriptions, sender, teller, account },
          zone: () => clock.zone,
          now: () => clock.now(),
        }),
      );

    return {
      routes: routes({
        ...{ keys, rules, subscriptions, teller, sender },
        cameras: () => use.cameras?.list() ?? [],
        now: () => clock.now(),
      }),
      on: [
        // The outbox forgets them itself; what was taken from it already waits here.
        on(portraitsErased, ({ keys }) => teller.erase(keys)),
        on(capturesErased, ({ ids }) => teller.eraseCaptures(ids)),
        on(accountChanged, async ({ userId, change }) => {
          // They hear nothing any more as it is; of other changes only the rights count, which every alarm looks up.
          if (change !== 'removed' && change !== 'password') return;
          await subscriptions.removeAllOf(userId);
          teller.tidy();
        }),
      ],
      start: async () => {
        // They hear nothing either way: a full disk must not keep the others from hearing.
        await subscriptions
          .removeVoid()
          .catch((error: Error) => log.warn({ err: error }, 'browsers could not be removed'));
        open = use.outbox.open({
          id: DESTINATION,
          name: 'Web push',
          wants: (message) => teller.wants(message),
          // Best effort: it has arrived when it is taken, and what is lost after that is counted.
          deliver: async (message) => teller.take(message),
          keep: 600_000,
        });
        offer();
      },
      stop: async () => {
        await open?.close();
        await teller.stop();
        sender.close();
      },
      // Each push looks at the settings.
      reconfigure: () => {},
    };
  },
});
