import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openSignInDoor } from '../../tests/kit/rtsp-server.door.ts';
import { type RtspServer, type RtspStream, startRtspServer } from '../../tests/kit/rtsp-server.ts';
import { addonMissing } from '../../tests/kit/runtime.ts';
import { until } from '../../tests/kit/wait.ts';
import { type BackendChoice, type FeedOptions, feedsOpened, openFeed, probeStream } from './feed.ts';

const ball = { codec: 'h264', pattern: 'ball', width: 160, height: 120, fps: 10 } as const;
const healthy: RtspStream = { path: '/one', ...ball };
/** Ends by itself after a second. */
const short: RtspStream = { path: '/one', ...ball, changesTo: { width: 160, height: 120, afterFrames: 5 } };

async function serve(t: TestContext, stream: RtspStream): Promise<RtspServer> {
  const server = await startRtspServer({ streams: [stream] });
  t.after(() => server.stop());
  return server;
}

/** A feed with what it tells of its backends. */
function open(t: TestContext, url: string, options: Partial<FeedOptions> = {}) {
  const choices: BackendChoice[] = [];
  const feed = openFeed({
    url,
    pictures: [],
    rate: { perSecond: 5 },
    onFrame: () => {},
    onState: () => {},
    onBackend: (choice) => void choices.push(choice),
    ...options,
  });
  t.after(() => feed.stop());
  const online = () => until('the feed to be online', () => feed.stats().state === 'online');
  return { feed, choices, online };
}

test('a camera that flaps moves to a process of its own, says so once, and comes back after a steady time', {
  skip: addonMissing(),
}, async (t) => {
  const server = await serve(t, short);
  const flapLimits = { connections: 2, withinMs: 60_000, steadyMs: 1500 };
  const { feed, choices, online } = open(t, server.url('/one'), { flapLimits });
  await online();
  assert.deepEqual(feed.stats().decoding?.reason.code, 'usual');
  await until('the move', () => choices.length > 0);
  assert.deepEqual(feed.stats().decoding, choices[0]);
  assert.deepEqual([choices[0]?.backend, choices[0]?.reason.code], ['process', 'flapping']);
  assert.match(choices[0]!.reason.message, /^it connected 2 times within 1 min/);
  const { reconnects } = feed.stats();
  await until('two more connections', () => feed.stats().reconnects >= reconnects + 2);
  assert.equal(choices.length, 1);
  assert.equal(feedsOpened(), 1);

  await server.restart({ streams: [healthy] });
  await until('a steady connection', () => feed.stats().frames > 40 && feed.stats().state === 'online');
  assert.equal(feed.stats().decoding?.backend, 'process', 'nothing moves while it runs');
  await server.restart();
  await until('the way back', () => choices.length > 1);
  assert.deepEqual([choices[1]?.backend, choices[1]?.reason.code], ['addon', 'usual']);
  await online();
});

test('a camera that takes SHA-256 only is decoded by a process of its own', { skip: addonMissing() }, async (t) => {
  const server = await serve(t, healthy);
  const door = await openSignInDoor(server.port);
  t.after(() => door.close());
  const { choices, online } = open(t, door.url('/one'));
  await online();
  assert.deepEqual(
    choices.map(({ backend, reason }) => [backend, reason.code]),
    [['process', 'sign-in']],
  );
  assert.equal((await probeStream({ url: door.url('/one') })).ok, true);

  const inWorker = open(t, door.url('/one'), { backend: 'addon' });
  const fault = await until('the refusal', () => inWorker.feed.stats().reason);
  assert.equal(fault.code, 'sign-in');
  assert.doesNotMatch(JSON.stringify([fault, choices]), /secret/);

  const either = await openSignInDoor(server.port, { alsoMd5: true });
  t.after(() => either.close());
  const usual = open(t, either.url('/one'));
  await usual.online();
  assert.equal(usual.feed.stats().decoding?.backend, 'addon');
  assert.deepEqual(usual.choices, []);
});

test('a feed that never comes up tells a reason once, and stops at once', async (t) => {
  let attempts = 0;
  const hangsUp = createServer((socket) => {
    attempts += 1;
    socket.destroy();
  });
  hangsUp.listen(0, '127.0.0.1');
  await once(hangsUp, 'listening');
  t.after(() => hangsUp.close());
  const changes: unknown[] = [];
  const feed = openFeed({
    url: `rtsp://127.0.0.1:${(hangsUp.address() as AddressInfo).port}/one`,
    pictures: [],
    rate: { perSecond: 5 },
    onFrame: () => assert.fail('there is no picture'),
    onState: (state, reason) => void changes.push([state, reason?.code]),
  });
  t.after(() => feed.stop());
  await until('three attempts', () => attempts >= 3);
  assert.deepEqual(changes, [['offline', 'protocol']]);
  const stopping = performance.now();
  await feed.stop();
  assert.ok(performance.now() - stopping < 1000);
});

test('a feed may be stopped from its own callbacks', async (t) => {
  const server = await serve(t, healthy);
  for (const when of ['frame', 'state'] as const) {
    let calls = 0;
    await new Promise<void>((resolve) => {
      const stop = (kind: string): void => {
        if (kind !== when) return;
        calls += 1;
        void feed.stop().then(resolve);
      };
      const feed = openFeed({
        url: server.url('/one'),
        pictures: [],
        rate: { perSecond: 5 },
        onFrame: () => stop('frame'),
        onState: () => stop('state'),
      });
    });
    assert.equal(calls, 1);
  }
});
