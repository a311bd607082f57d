import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { noticeRule } from '../../core/events/notice-rule.ts';
import { checkInput } from '../../core/gateway/dispatch.ts';
import { captureKey } from '../../core/plugin/capture-services.ts';
import type { Call } from '../../core/plugin/contract.ts';
import type { OutMessage } from '../../core/plugin/push-services.ts';
import type { Account } from '../../core/plugin/services.ts';
import { tableDrift } from '../../core/store/table-drift.ts';
import { until } from '../../tests/kit/wait.ts';
import { openTestStore, PushService, TestBrowser, vapidClaims } from './fixture.ts';
import { serverKeys } from './keys.ts';
import { alarmNotification, testNotification } from './notification.ts';
import { routes } from './routes.ts';
import { Sender } from './sending.ts';
import { Subscriptions } from './subscriptions.ts';
import * as tables from './tables.ts';
import { Teller } from './telling.ts';

const viewer: Account = {
  userId: 1,
  userName: 'a',
  role: 'viewer',
  imageRight: true,
  mustChangePassword: false,
  passwordVersion: 1,
};

interface View {
  id: number;
  own: boolean;
  sent: number;
  held: number;
  dropped: number;
  lastFault?: { why: string; status?: number };
}

async function start(t: TestContext, deadline = 10_000) {
  const service = await PushService.start(t);
  const store = await openTestStore(t);
  const accounts = new Map([1, 2].map((id) => [id, { ...viewer, userId: id }]));
  const subscriptions = new Subscriptions(store, store.keys.for('web-push'), (id) => accounts.get(id));
  const keys = await serverKeys(store, async () => {});
  const rules = { allowLoopback: true };
  const subject = () => 'mailto:me@site.example';
  const sender = new Sender({ keys, subject, rules, authority: service.authority, deadline });
  const clock = { now: Date.UTC(2026, 10, 21, 2, 9, 21), steady: 1e7 };
  const counts: Record<string, number> = {};
  const teller = new Teller({
    ...{ subscriptions, sender },
    account: (id) => accounts.get(id),
    zone: () => 'Asia/Shanghai',
    now: () => clock.now,
    steady: () => clock.steady,
    count: (result) => {
      counts[result] = (counts[result] ?? 0) + 1;
    },
    failed: (error) => assert.fail(error),
    gone: () => {},
  });
  t.after(async () => {
    await teller.stop();
    sender.close();
  });
  const remarks: string[] = [];
  const all = routes({ keys, rules, subscriptions, teller, sender, cameras: () => [], now: () => clock.now });
  const call = async <T>(userId: number, method: string, path: string, body: object = {}) => {
    const id = /^\/browsers\/(\d+)/.exec(path)?.[1];
    const found = all.find((one) => one.method === method && one.path === path.replace(/\d+/, ':id'))!;
    const input = {
      params: found.params && checkInput(found.params, { id }),
      query: found.query && checkInput(found.query, body),
      body: found.body && checkInput(found.body, body),
    };
    const remark = (text: string) => found.logged && remarks.push(`${method} ${text}`);
    const answer = await found.handle(input as never, { caller: { userId }, remark } as unknown as Call);
    if (found.response) found.response.parse(answer);
    return answer as T;
  };
  const subscribe = async (userId: number, path: string, wishes: object = {}) => {
    const browser = new TestBrowser();
    const endpoint = service.url(path);
    await call(userId, 'POST', '/browsers', { endpoint, keys: browser.keys, name: 'Test', ...wishes });
    return { browser, endpoint };
  };
  const overview = async (userId: number, endpoint?: string) =>
    (await call<{ browsers: View[] }>(userId, 'GET', '/overview', endpoint ? { endpoint } : {})).browsers;
  return { remarks, service, store, keys, teller, accounts, clock, counts, call, subscribe, overview, subscriptions };
}

let last = 0;
const alarm = (change: Partial<OutMessage> = {}, body: object = {}): OutMessage => ({
  id: String((last += 1)),
  topic: 'alarm',
  time: Date.UTC(2026, 10, 21, 2, 9, 21),
  channel: 3,
  pictures: [],
  shows: [],
  ...change,
  body: { kind: 'key-person', title: 'Ada', cameraName: 'Gate', channel: 3, ...body },
});

test('the tables are those of the migration', async (t) => {
  const store = await openTestStore(t);
  assert.deepEqual(tableDrift(store, tables), []);
});

test('the keys of the box are made once, and lie sealed', async (t) => {
  const { store, keys } = await start(t);
  assert.deepEqual(await serverKeys(store, () => assert.fail()), keys);
  const [row] = store.settings.rows('web-push.keys');
  assert.ok(row?.sealed && !row.value.includes(keys.privateKey));
});

test('a push is encrypted for its browser alone, and signed by the box', async (t) => {
  const { service, keys, teller, subscribe, overview } = await start(t);
  const { browser, endpoint } = await subscribe(1, '/one');
  const told = await subscribe(1, '/two', { details: true, language: 'zh' });
  assert.ok(teller.wants(alarm()));
  teller.take(alarm());
  const [first, second] = await until(
    'two pushes',
    () => service.pushes.length === 2 && [...service.pushes].sort((a, b) => a.path.localeCompare(b.path)),
  );
  assert.deepEqual(browser.open(first!.body), {
    title: 'Key person',
    body: 'Gate · 10:09:21',
    tag: 'key-person-3',
    page: '#/alarms',
    time: Date.UTC(2026, 10, 21, 2, 9, 21),
  });
  assert.deepEqual((told.browser.open(second!.body) as { body: string }).body, 'Ada · Gate · 10:09:21');
  assert.throws(() => browser.open(second!.body));
  assert.ok(!first!.body.includes('Gate'));
  assert.equal(first!.headers['content-encoding'], 'aes128gcm');
  assert.equal(first!.headers['ttl'], '3600');
  const claims = vapidClaims(first!.headers.authorization ?? '', keys.publicKey);
  assert.deepEqual([claims.aud, claims.sub], [new URL(service.url('/')).origin, 'mailto:me@site.example']);
  const [own, other] = await until('both noted', async () => {
    const found = await overview(1, endpoint);
    return found.every(({ sent }) => sent === 1) && found;
  });
  assert.deepEqual([own?.own, other?.own], [true, false]);
});

test('the longest alarm fits into a push', async () => {
  const long = { kind: 'key-person', title: '人'.repeat(1000), cameraName: '门'.repeat(1000), channel: 1 };
  const setting = { time: 0, zone: 'UTC', demo: true, held: 9999, language: 'zh', details: true } as const;
  assert.ok(Buffer.byteLength(JSON.stringify(alarmNotification(long, setting))) < 2000);
});

test('a browser that is gone goes, what fails is counted, and the rest is told', async (t) => {
  const { service, teller, subscribe, overview, counts } = await start(t, 500);
  for (const path of ['/gone', '/missing', '/busy', '/silent', '/fine']) await subscribe(1, path);
  service.answers.set('/gone', 410).set('/missing', 404).set('/busy', 429).set('/silent', 0);
  teller.take(alarm());
  await until('all five', () => (counts['gone'] ?? 0) + (counts['sent'] ?? 0) + (counts['dropped'] ?? 0) === 5);
  assert.deepEqual({ ...counts }, { gone: 2, sent: 1, dropped: 2 });
  const left = await until('two to go', async () => {
    const found = await overview(1);
    return found.length === 3 && found;
  });
  assert.deepEqual(
    left.map(({ lastFault }) => [lastFault?.why, lastFault?.status]),
    [
      ['refused', 429],
      ['silent', undefined],
      [undefined, undefined],
    ],
  );
  // A push that failed is not counted against the browser: the next alarm is told at once.
  service.answers.clear();
  teller.take(alarm());
  await until('the two that had failed', () => counts['sent'] === 3 && counts['held'] === 1);
});

test('repeats and more than the hour allows are kept quiet; old news is none', async (t) => {
  const { service, teller, subscribe, counts, clock } = await start(t);
  const { browser } = await subscribe(1, '/one', { rule: { perHour: 2 } });
  for (const title of ['A', 'A', 'B', 'C']) teller.take(alarm({}, { title }));
  await until('four', () => (counts['sent'] ?? 0) + (counts['held'] ?? 0) === 4);
  assert.deepEqual({ ...counts }, { sent: 2, held: 2 });
  clock.steady += 3_700_000;
  service.pushes.length = 0;
  teller.take(alarm({}, { title: 'D' }));
  const push = await until('the next', () => service.pushes[0]);
  assert.match((browser.open(push.body) as { body: string }).body, /[12] more kept quiet/);
  clock.now += 3_600_000;
  teller.take(alarm());
  assert.equal(counts['dropped'], 1);
});

test('what waits is bounded', async (t) => {
  const { service, teller, subscribe, counts } = await start(t);
  await subscribe(1, '/silent', { rule: { perHour: 60, repeatMinutes: 0 } });
  service.answers.set('/silent', 0);
  for (let i = 0; i < 2000; i += 1) teller.take(alarm());
  assert.equal(teller.waiting, 500);
  assert.ok((counts['dropped'] ?? 0) >= 1490, `${counts['dropped']}`);
});

test('whoever is erased is told of no more, also where the push service was slow', async (t) => {
  const { service, teller, subscribe, counts } = await start(t);
  await subscribe(1, '/silent', { rule: { perHour: 60, repeatMinutes: 0 } });
  service.answers.set('/silent', 0);
  for (let i = 0; i < 20; i += 1) teller.take(alarm({ shows: [i % 2 === 0 ? '4/img' : '4/other'] }));
  const before = teller.waiting;
  teller.erase(['4/img', '9/nobody']);
  assert.equal(teller.waiting, before / 2);
  teller.erase(['4/other']);
  for (const id of ['a', 'b', 'c', 'd']) teller.take(alarm({ shows: [captureKey(id)] }));
  teller.eraseCaptures(['a', 'b', 'x']);
  assert.equal(teller.waiting, 2);
  teller.eraseCaptures('all');
  assert.equal(teller.waiting, 0);
  await until('those under way have ended', () => counts['dropped'] === 20 - before);
  assert.ok(service.pushes.length <= 20 - before);
});

test('everybody has their own browsers, and only for what they may see', async (t) => {
  const { service, teller, accounts, call, subscribe, overview, subscriptions } = await start(t);
  await subscribe(1, '/one');
  await subscribe(2, '/two');
  assert.equal((await overview(2)).length, 1);
  const [{ id } = { id: 0 }] = await overview(1);
  for (const [method, path] of [
    ['DELETE', `/browsers/${id}`],
    ['PUT', `/browsers/${id}`],
    ['POST', `/browsers/${id}/test`],
  ] as const) {
    await assert.rejects(call(2, method, path, { name: 'x' }), /no such browser/);
  }
  accounts.set(1, { ...viewer, role: 'device-admin' });
  accounts.set(2, { ...viewer, userId: 2, mustChangePassword: true });
  assert.equal(teller.wants(alarm()), false);
  accounts.delete(1);
  teller.take(alarm());
  assert.equal(service.pushes.length, 0);
  // Somebody else signed in at the same browser: it is theirs now.
  await subscribe(2, '/one');
  assert.equal((await overview(1)).length, 0);
  for (let i = 0; i < 8; i += 1) await subscribe(2, `/more${i}`);
  await assert.rejects(subscribe(2, '/many'), /at most 10/);
  await subscriptions.removeAllOf(2);
  assert.equal(subscriptions.list().length, 0);
});

test('the operation log has who subscribed, changed and removed a browser, by its name', async (t) => {
  const { call, subscribe, remarks } = await start(t);
  await subscribe(1, '/one', { name: 'Phone' });
  await call(1, 'PUT', '/browsers/1', { name: 'Telephone' });
  await call(1, 'DELETE', '/browsers/1');
  assert.deepEqual(remarks, ['POST added Phone', 'PUT changed Telephone', 'DELETE removed Telephone']);
});

test('a browser hears nothing once the password it was subscribed with has changed, also where nobody listened', async (t) => {
  const { teller, accounts, subscribe, overview, store } = await start(t);
  await subscribe(1, '/one');
  await subscribe(2, '/two', { rule: { cameras: [9] } });
  assert.ok(teller.wants(alarm()));
  accounts.set(1, { ...viewer, passwordVersion: 2 });
  assert.equal(teller.wants(alarm()), false);
  assert.deepEqual(await overview(1), []);
  // With the next start they go.
  const again = new Subscriptions(store, store.keys.for('web-push'), (id) => accounts.get(id));
  await again.removeVoid();
  accounts.set(1, viewer);
  assert.deepEqual(
    again.list().map(({ userId }) => userId),
    [2],
  );
});

test('a test says how it went', async (t) => {
  const { service, call, subscribe } = await start(t);
  const { browser } = await subscribe(1, '/one');
  assert.deepEqual(await call(1, 'POST', '/browsers/1/test'), { result: 'sent' });
  assert.equal((browser.open(service.pushes[0]!.body) as { title: string }).title, testNotification('en', 0).title);
  service.answers.set('/one', 403);
  assert.deepEqual(await call(1, 'POST', '/browsers/1/test'), { result: 'failed', why: 'refused', status: 403 });
});

test('addresses and keys of a browser are checked', async (t) => {
  const { store, call } = await start(t);
  const { keys } = new TestBrowser();
  const strict = routes({ ...({} as Parameters<typeof routes>[0]), rules: { allowLoopback: false }, now: () => 0 });
  const add = strict.find(({ path }) => path === '/browsers')!;
  for (const endpoint of [
    'http://push.example/x',
    'https://127.0.0.1/x',
    'https://192.168.1.4/x',
    'https://10.0.0.1/x',
    'https://[fd00::1]/x',
    'https://[::ffff:192.168.1.4]/x',
    'https://169.254.169.254/latest',
    'https://push.example:8443/x',
    'https://me:secret@push.example/x',
    'file:///etc/passwd',
  ]) {
    const body = checkInput(add.body!, { endpoint, keys, name: 'x' });
    await assert.rejects(async () => add.handle({ body } as never, {} as Call), { name: 'ContractError' }, endpoint);
  }
  const endpoint = 'https://push.example/x';
  for (const bad of [
    { p256dh: 'x', auth: keys.auth },
    { p256dh: keys.p256dh, auth: 'x' },
    { p256dh: `A${keys.p256dh.slice(1)}`, auth: keys.auth },
  ]) {
    await assert.rejects(call(1, 'POST', '/browsers', { endpoint, keys: bad, name: 'x' }));
  }
  // A point that is not on the curve cannot be encrypted for: it is a push that fails, and nothing more.
  const sender = new Sender({
    keys: await serverKeys(store, async () => {}),
    subject: () => 'mailto:a@b.c',
    rules: { allowLoopback: true },
  });
  const browser = { endpoint: 'https://localhost:9/x', keys: { p256dh: `B${'A'.repeat(86)}`, auth: keys.auth } };
  const outcome = await sender.send(browser, testNotification('en', 0), AbortSignal.timeout(5000));
  assert.equal(outcome.result, 'failed');
  sender.close();
});

test('a name that leads into a local network is not pushed to', async (t) => {
  const { keys } = await start(t);
  const sender = new Sender({ keys, subject: () => 'mailto:a@b.c', rules: { allowLoopback: false } });
  const browser = { endpoint: 'https://localhost/x', keys: new TestBrowser().keys };
  assert.deepEqual(await sender.send(browser, testNotification('en', 0), AbortSignal.timeout(5000)), {
    result: 'failed',
    why: 'forbidden',
  });
  sender.close();
});

test('a rule has defaults that fit', () => {
  assert.deepEqual(noticeRule.parse({}), {
    kinds: [],
    cameras: [],
    from: '00:00',
    to: '00:00',
    perHour: 10,
    repeatMinutes: 5,
    demo: false,
  });
});
