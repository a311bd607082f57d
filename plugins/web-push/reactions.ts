import { alarmTold, captureTold } from '../../core/events/told.ts';
import { decide } from '../../core/gateway/authorization.ts';
import { type OutMessage, type Reaction, RefusedError } from '../../core/plugin/push-services.ts';
import type { Account } from '../../core/plugin/services.ts';
import { alarmNotification, captureNotification, type Notification, testNotification } from './notification.ts';
import type { Sender } from './sending.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';
import { ACCESS, type Teller, TOO_OLD_MS } from './telling.ts';

export interface ReactionOptions {
  subscriptions: Subscriptions;
  sender: Sender;
  teller: Pick<Teller, 'note'>;
  account(userId: number): Account | undefined;
  zone(): string;
  now(): number;
}

/** A notification to all browsers of somebody, for rules: whatever they are told otherwise. */
export function browserReactions(options: ReactionOptions): Reaction[] {
  const { subscriptions, account } = options;
  const users = [...new Set(subscriptions.list().map(({ userId }) => userId))];
  return users.flatMap((userId): Reaction[] => {
    const user = account(userId);
    if (!user) return [];
    return [
      {
        id: `web-push/${userId}`,
        kind: 'web-push',
        name: user.userName,
        topics: ['capture', 'alarm', 'test'],
        keep: TOO_OLD_MS,
        deliver: (message, _, { signal }) => tellBrowsers(userId, message, signal, options),
      },
    ];
  });
}

/** Arrived is what one of the browsers has got: the others' push services may be out of reach for long. */
async function tellBrowsers(userId: number, message: OutMessage, signal: AbortSignal, options: ReactionOptions) {
  const { subscriptions, sender, teller, account } = options;
  const browsers = subscriptions.list().filter((one) => one.userId === userId);
  if (browsers.length === 0) throw new RefusedError('no browser of this account is subscribed any more');
  if (decide(ACCESS, account(userId)) !== 'allowed')
    throw new RefusedError('this account may not see records any more');
  const outcomes = await Promise.all(
    browsers.map(async (one) => {
      const outcome = await sender.send(one.browser, notificationOf(message, one, options), signal);
      await teller.note(one, outcome);
      return outcome;
    }),
  );
  if (outcomes.some(({ result }) => result === 'sent')) return;
  const failed = outcomes.find((one) => one.result === 'failed');
  if (!failed) throw new RefusedError('no browser of this account is subscribed any more');
  throw new Error(`no push service took it: ${failed.why}${failed.status === undefined ? '' : ` (${failed.status})`}`);
}

/** @throws RefusedError where there is nothing in it that a browser could show */
function notificationOf(
  { topic, body, time, origin }: OutMessage,
  { language, details }: Subscription,
  { zone, now }: ReactionOptions,
): Notification {
  if (topic === 'test') return testNotification(language, now());
  const telling = { time, zone: zone(), demo: origin === 'demo', held: 0, language, details };
  if (topic === 'alarm') {
    const parsed = alarmTold.safeParse(body);
    if (parsed.success) return alarmNotification(parsed.data, telling);
  } else {
    const parsed = captureTold.safeParse(body);
    if (parsed.success) return captureNotification(parsed.data, telling);
  }
  throw new RefusedError('there is nothing in it that a browser could show');
}
