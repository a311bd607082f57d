import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type RtspServer, type RtspServerOptions, startRtspServer } from '../../tests/kit/rtsp-server.ts';
import { until } from '../../tests/kit/wait.ts';
import type { Fault } from './fault.ts';
import { type Feed, type FeedState, feedsOpened, openFeed } from './feed.ts';
import { openGstLaunch } from './gst-launch.ts';
import type { Backend } from './source.ts';
import { openSuperficial } from './superficial.ts';

interface Change {
  state: FeedState;
  reason?: Fault;
  at: number;
}

interface Watched {
  server: RtspServer;
  feed: Feed;
  changes: Change[];
  times: number[];
  /** Waits for the next change to a state, from the given number of changes on; returns how long it took in ms. */
  became(state: FeedState, from: { at: number; count: number }): Promise<number>;
  mark(): { at: number; count: number };
}

async function watch(
  t: TestContext,
  transport: 'tcp' | 'udp',
  options: Partial<RtspServerOptions> = {},
  backend: Backend = openSuperficial,
): Promise<Watched> {
  const server = await startRtspServer({
    streams: [{ path: '/one', codec: 'h264', pattern: 'ball', width: 160, height: 120, fps: 10 }],
    ...options,
  });
  t.after(() => server.stop());
  const changes: Change[] = [];
  const times: number[] = [];
  const feed = openFeed({
    url: server.url('/one'),
    transport,
    pictures: [{ id: 'a', width: 96, height: 96 }],
    rate: { perSecond: 5 },
    backend,
    onFrame: (frame) => void times.push(frame.pts),
    onState: (state, reason) => void changes.push({ state, at: performance.now(), ...(reason ? { reason } : {}) }),
  });
  t.after(() => feed.stop());
  return {
    server,
    feed,
    changes,
    times,
    mark: () => ({ at: performance.now(), count: changes.length }),
    async became(state, from) {
      const change = await until(`the feed to be ${state}`, () =>
        changes.slice(from.count).find((one) => one.state === state),
      );
      return change.at - from.at;
    },
  };
}

const start = { at: 0, count: 0 };

const backends = { addon: openSuperficial, process: openGstLaunch };

for (const [transport, backend] of [
  ['tcp', 'addon'],
  ['udp', 'addon'],
  ['tcp', 'process'],
  ['udp', 'process'],
] as const) {
  const user = { user: 'admin', password: 'secret' };

  test(`over ${transport} with ${backend}: a camera that dies is offline within 3 s, and back within 10 s`, async (t) => {
    const { server, feed, changes, times, became, mark } = await watch(t, transport, user, backends[backend]);
    assert.equal(feed.stats().state, 'connecting');
    await became('online', start);
    await until('frames', () => times.length >= 3);

    const killed = mark();
    await server.kill();
    const offlineAfter = await became('offline', killed);
    assert.ok(offlineAfter < 3000, `offline after ${offlineAfter} ms`);
    assert.equal(changes.at(-1)?.reason?.code, 'lost');
    await until('a refused attempt', () => changes.at(-1)?.reason?.code === 'refused');

    const framesBefore = times.length;
    await server.restart();
    const restarted = mark();
    const backAfter = await became('online', restarted);
    assert.ok(backAfter < 10_000, `back after ${backAfter} ms`);
    await until('more frames', () => times.length >= framesBefore + 3);
    for (let index = 1; index < times.length; index += 1) {
      assert.ok(times[index]! > times[index - 1]!, 'times grow, over the reconnect too');
    }

    const { lastFrameTime, streamFps: _, fps: __, ...stats } = feed.stats();
    assert.ok(lastFrameTime && Date.now() - lastFrameTime < 5000);
    assert.deepEqual(stats, {
      state: 'online',
      codec: 'h264',
      width: 160,
      height: 120,
      frames: times.length,
      dropped: 0,
      reconnects: 1,
    });
    if (backend === 'addon')
      assert.equal(feedsOpened(), transport === 'tcp' ? 1 : 2, 'a reconnect uses the pipeline there is');
  });

  test(`over ${transport} with ${backend}: a camera that freezes is offline within 5 s, and back within 10 s of waking`, async (t) => {
    const { server, changes, became, mark } = await watch(t, transport, user, backends[backend]);
    await became('online', start);
    const frozen = mark();
    server.freeze();
    const offlineAfter = await became('offline', frozen);
    assert.ok(offlineAfter < 5000, `offline after ${offlineAfter} ms`);
    assert.equal(changes.at(-1)?.reason?.code, 'stalled');
    const woken = mark();
    server.thaw();
    const backAfter = await became('online', woken);
    assert.ok(backAfter < 10_000, `back after ${backAfter} ms`);
  });
}

test('a password that changes is told, tried rarely, and found right again', async (t) => {
  const { server, changes, became, mark } = await watch(t, 'tcp', {
    user: 'admin',
    password: 'first',
    scheme: 'basic',
  });
  await became('online', start);
  await server.restart({ password: 'second' });
  await until('the refusal', () => changes.at(-1)?.reason?.code === 'unauthorized');
  assert.doesNotMatch(JSON.stringify(changes), /first/);
  await server.restart({ password: 'first' });
  const mended = mark();
  const backAfter = await became('online', mended);
  assert.ok(backAfter < 12_000, `back after ${backAfter} ms`);
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
  const { server } = await watch(t, 'tcp');
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
