import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Track } from '../../core/vision/keys.ts';
import type { CameraContext, StageFrame } from '../../core/vision/stage.ts';
import { startBox, type TestBox } from '../../tests/kit/box.ts';
import count from './stages/count.ts';

let box: TestBox;
before(async () => {
  box = await startBox();
  await box.login();
});
after(() => box?.stop());

test('the plugin is running', async () => {
  const { body } = await box.rest<{ plugins: { id: string; state: string; reason?: string }[] }>('GET', '/healthz');
  const report = body.plugins.find(({ id }) => id === 'greeter');
  assert.equal(report?.state, 'RUNNING', report?.reason);
});

test('message 9000 greets, the table keeps it, the route shows the newest first', async () => {
  const began = Date.now();
  assert.deepEqual(await box.call(9000, { name: 'Ada' }), { code: 0, data: { text: 'Hello, Ada' }, msg: '' });
  assert.equal((await box.call(9000, { name: 'Grace' })).code, 0);
  const { status, body } = await box.rest<{ greetings: { name: string; time: number }[] }>(
    'GET',
    '/p/greeter/greetings',
  );
  assert.equal(status, 200);
  assert.deepEqual(
    body.greetings.map(({ name }) => name),
    ['Grace', 'Ada'],
  );
  assert.ok(body.greetings.every(({ time }) => time >= began && time <= Date.now()));
  const one = await box.rest<{ greetings: unknown[] }>('GET', '/p/greeter/greetings?limit=1');
  assert.equal(one.body.greetings.length, 1);
});

test('bad input and strangers are refused', async () => {
  assert.equal((await box.call(9000, { name: '' })).code, -3596);
  assert.equal((await box.call(9000, { name: 'x'.repeat(41) })).code, -3596);
  assert.equal((await box.call(9000, { name: 'Eve' }, '')).code, -141);
  assert.equal((await box.rest('GET', '/p/greeter/greetings', undefined, '')).status, 401);
});

test('the page is in the navigation, and its files are served', async () => {
  const { body } = await box.rest<{ pages: { id: string; module: string }[] }>('GET', '/ui/boot.json');
  const page = body.pages.find(({ id }) => id === 'greeter');
  assert.equal(page?.module, '/p/greeter/ui/page.ts');
  const served = await fetch(`${box.url}${page.module}`);
  assert.equal(served.status, 200);
  assert.match(served.headers.get('content-type') ?? '', /^text\/javascript/);
  assert.match(await served.text(), /export default function|export \{/);
  for (const language of ['en', 'zh']) {
    assert.equal((await fetch(`${box.url}/p/greeter/ui/locales/${language}.json`)).status, 200);
  }
});

test('greetings are counted in the metrics', async () => {
  const { body } = await box.rest<string>('GET', '/metrics');
  assert.match(body, /^gatehouse_greeter_greetings_total 2$/m);
});

test('the stage tells when a camera sees another number of people', async () => {
  const told: unknown[] = [];
  const log = { info: () => {}, warn: () => {} };
  const camera = {
    plan: { channel: 3 },
    tell: (event: { id: string }, payload: unknown) => told.push([event.id, payload]),
  };
  const stage = (await count.create({ id: 'count', options: {}, threads: 1, log })).camera(
    camera as unknown as CameraContext,
  );
  const frame = (people: number, passing = 0) => {
    const active = Array.from({ length: people + passing }, (_, i) => ({ confirmed: i < people }) as Track);
    return stage.process({ get: () => ({ active, ended: [] }) } as unknown as StageFrame);
  };
  for (const [people, passing] of [
    [0, 1],
    [2, 1],
    [2, 0],
  ] as const)
    await frame(people, passing);
  assert.deepEqual(told, [['greeter.people-counted@1', { channel: 3, people: 2 }]]);
  await stage.streamEnded?.();
  await stage.streamEnded?.();
  assert.deepEqual(told.slice(1), [['greeter.people-counted@1', { channel: 3, people: 0 }]]);
});
