import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { noticeRule } from '../../core/events/notice-rule.ts';
import { type OutMessage, RefusedError } from '../../core/plugin/push-services.ts';
import type { Account } from '../../core/plugin/services.ts';
import { openTestStore, PushService, TestBrowser } from './fixture.ts';
import { serverKeys } from './keys.ts';
import { browserReactions } from './reactions.ts';
import { Sender } from './sending.ts';
import { Subscriptions } from './subscriptions.ts';
import { Teller } from './telling.ts';

/** Notifications that rules send. */

const TIME = Date.UTC(2026, 10, 21, 2, 9, 21);
const account = (userId: number, role: Account['role'] = 'viewer'): Account => ({
  ...{ userId, userName: `user-${userId}`, role },
  ...{ imageRight: true, mustChangePassword: false, passwordVersion: 1 },
});

const message = (topic: string, body: object, change: Partial<OutMessage> = {}): OutMessage => ({
  ...{ id: 'm', topic, time: TIME, channel: 3, pictures: [], shows: [] },
  ...change,
  body: { cameraName: 'Gate', channel: 3, ...body },
});
const ada = { similarity: 91, libraryType: 1, personName: 'Ada' };
const face = (body: object = {}) => message('capture', { kind: 'face', threshold: 80, compared: true, ...body });

async function start(t: TestContext) {
  const service = await PushService.start(t);
  const store = await openTestStore(t);
  const accounts = new Map([1, 2].map((id) => [id, account(id)]));
  const subscriptions = new Subscriptions(store, store.keys.for('web-push'), (id) => accounts.get(id));
  const keys = await serverKeys(store, async () => {});
  const rules = { allowLoopback: true };
  const sender = new Sender({ keys, subject: () => 'mailto:me@site.example', rules, authority: service.authority });
  const options = {
    subscriptions,
    sender,
    account: (id: number) => accounts.get(id),
    now: () => TIME,
    zone: () => 'UTC',
  };
  const failed = (error: Error) => assert.fail(error);
  const teller = new Teller({ ...options, steady: () => 0, count: () => {}, failed, gone: () => {} });
  t.after(() => sender.close());
  const subscribe = async (userId: number, path: string, details = false) => {
    const browser = new TestBrowser();
    // Of its own choice it would be told of nothing: neither of captures nor at this hour.
    const rule = noticeRule.parse({ kinds: ['none'], from: '01:00', to: '01:01' });
    const wishes = { name: path, language: 'en' as const, details, rule };
    await subscriptions.add(userId, { endpoint: service.url(path), keys: browser.keys }, wishes, TIME);
    return browser;
  };
  const offered = () => browserReactions({ ...options, teller });
  const tell = async (what: OutMessage) => {
    service.pushes.length = 0;
    const context = {
      signal: AbortSignal.timeout(10_000),
      lane: 'live',
      attempt: 1,
      rule: { id: 1, name: '' },
    } as const;
    await offered()[0]!.deliver(what, async () => undefined, context);
  };
  return { service, subscriptions, accounts, subscribe, offered, tell };
}

test('whoever has a browser here is offered, by name', async (t) => {
  const { subscribe, offered, accounts } = await start(t);
  await subscribe(2, '/a');
  await subscribe(1, '/b');
  await subscribe(2, '/c');
  const names = () => offered().map(({ id, name }) => [id, name]);
  assert.deepEqual(names(), [
    ['web-push/2', 'user-2'],
    ['web-push/1', 'user-1'],
  ]);
  accounts.delete(2);
  assert.deepEqual(names(), [['web-push/1', 'user-1']]);
});

test('all their browsers show it; only one that may names the person', async (t) => {
  const { service, subscribe, tell } = await start(t);
  const [plain, telling] = [await subscribe(1, '/plain'), await subscribe(1, '/telling', true)];
  const shown = (path: string, browser: TestBrowser) => {
    const { title, body, page } = browser.open(service.pushes.find((one) => one.path === path)!.body) as Record<
      string,
      string
    >;
    return [title, body, page];
  };
  await tell(face({ match: ada }));
  assert.deepEqual(shown('/plain', plain), ['Key person', 'Gate · 02:09:21', '#/records']);
  assert.deepEqual(shown('/telling', telling), ['Key person', 'Ada · Gate · 02:09:21', '#/records']);
  await tell(face({ match: { ...ada, similarity: 70 } }));
  assert.deepEqual(shown('/telling', telling), ['Stranger', 'Gate · 02:09:21', '#/records']);
  await tell(message('capture', { kind: 'body', threshold: 80 }, { origin: 'demo' }));
  assert.deepEqual(shown('/plain', plain), ['Person', 'Gate · 02:09:21 · Demo', '#/records']);
  await tell(message('alarm', { kind: 'key-person', title: 'Ada' }));
  assert.deepEqual(shown('/plain', plain), ['Key person', 'Gate · 02:09:21', '#/alarms']);
  await tell(message('test', {}));
  assert.equal(shown('/plain', plain)[0], 'Notifications work');
});

test('one browser that has it is enough; where none has, it is tried again or given up', async (t) => {
  const { service, subscriptions, accounts, subscribe, tell } = await start(t);
  await subscribe(1, '/a');
  await subscribe(1, '/b');
  service.answers.set('/a', 503);
  await tell(face());
  service.answers.set('/b', 503);
  await assert.rejects(
    tell(face()),
    (error) => !(error instanceof RefusedError) && /503/.test((error as Error).message),
  );
  // A browser that is gone is forgotten.
  service.answers.set('/a', 410).set('/b', 410);
  const [first] = [subscriptions.list().length];
  await assert.rejects(tell(face()), RefusedError);
  assert.deepEqual([first, subscriptions.list().length], [2, 0]);
  await subscribe(1, '/c');
  accounts.set(1, account(1, 'device-admin'));
  await assert.rejects(tell(face()), /may not see records/);
});
