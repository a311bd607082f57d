import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { startNonsense } from '../../tests/kit/rtsp-server.nonsense.ts';
import { type RtspServer, type RtspServerOptions, startRtspServer } from '../../tests/kit/rtsp-server.ts';
import { suite } from '../../tests/kit/suite.ts';
import { until } from '../../tests/kit/wait.ts';
import type { Fault, FaultCode } from './fault.ts';
import { type BackendName, type Feed, type FeedState, feedsOpened, openFeed } from './feed.ts';

/** What every backend has to survive, and show, of cameras that are in trouble. */

const ball = { codec: 'h264', pattern: 'ball', width: 160, height: 120, fps: 10 } as const;
const user = { user: 'admin', password: 'p@ss/w:1' };
const healthy = [{ path: '/one', ...ball }];
const BACK_MS = 10_000;

interface Change {
  state: FeedState;
  reason?: Fault;
  at: number;
}

/** One camera under test. */
interface Watched {
  server: RtspServer;
  feed: Feed;
  changes: Change[];
  /** Times in the stream, nanoseconds, and widths of the frames that came. */
  times: number[];
  widths: number[];
  /** Waits for a change to this state after `since`; how long that took, ms. */
  became(state: FeedState, since?: number): Promise<number>;
  /** Waits until it is offline for this reason; how long that took, ms. */
  failed(codes: FaultCode[], since?: number): Promise<number>;
}

interface Fixture {
  /** The camera from the start on; a healthy one by default. */
  options?: Partial<RtspServerOptions>;
  transport?: 'tcp' | 'udp';
  /** Done before the feed is opened. */
  prepare?(server: RtspServer): void | Promise<void>;
  url?(server: RtspServer): string;
}

/** Declares the tests of one backend; `atOnce` of them run at a time. */
export function cameraDriverConforms(backend: BackendName, { atOnce, skip }: { atOnce: number; skip: string | false }) {
  let feeds = 0;

  function feedOf(url: string, transport: 'tcp' | 'udp', on: Pick<Watched, 'changes' | 'times' | 'widths'>): Feed {
    feeds += 1;
    return openFeed({
      url,
      transport,
      backend,
      pictures: [{ id: 'a', width: 96, height: 96 }],
      rate: { perSecond: 5 },
      onFrame: (frame) => {
        on.times.push(frame.pts);
        on.widths.push(frame.width);
        const { width, height } = frame.pictures.get('a')!;
        assert.deepEqual([width, height], [96, Math.round((96 * frame.height) / frame.width)]);
      },
      onState: (state, reason) => void on.changes.push({ state, at: performance.now(), ...(reason ? { reason } : {}) }),
    });
  }

  async function watch(t: TestContext, { options, transport = 'tcp', prepare, url }: Fixture): Promise<Watched> {
    const server = await startRtspServer({ streams: healthy, ...user, ...options });
    t.after(() => server.stop());
    await prepare?.(server);
    const seen = { changes: [] as Change[], times: [] as number[], widths: [] as number[] };
    const feed = feedOf(url?.(server) ?? server.url('/one'), transport, seen);
    t.after(() => feed.stop());
    const started = performance.now();
    const change = async (what: string, since: number, fits: (change: Change) => boolean): Promise<number> => {
      const found = await until(what, () => seen.changes.find((one) => one.at >= since && fits(one)), 30_000);
      return found.at - since;
    };
    return {
      server,
      feed,
      ...seen,
      became: (state, since = started) => change(`the feed to be ${state}`, since, (one) => one.state === state),
      failed: (codes, since = started) =>
        change(`the feed to fail with ${codes}`, since, ({ state, reason }) => {
          return state === 'offline' && reason !== undefined && codes.includes(reason.code);
        }),
    };
  }

  /** The trouble is over: the camera has to give pictures again. */
  async function isBack({ became, times, changes }: Watched, since: number): Promise<void> {
    const took = await became('online', since);
    assert.ok(took < BACK_MS, `back after ${took} ms`);
    const seen = times.length;
    await until('frames', () => times.length >= seen + 3);
    for (let index = 1; index < times.length; index += 1) {
      assert.ok(times[index]! > times[index - 1]!, 'times grow, over reconnections too');
    }
    assert.doesNotMatch(JSON.stringify(changes), /p@ss|p%40ss|wr0ng/);
  }

  suite(`cameras in trouble, with ${backend}`, { atOnce, skip }, ({ before, after, test }) => {
    /** Beside all the others, in the same process: what happens to them must not reach it. */
    let neighbour: RtspServer;
    let steady: Feed;
    const seen = { changes: [] as Change[], times: [] as number[], widths: [] as number[] };
    before(async () => {
      neighbour = await startRtspServer({ streams: healthy });
      steady = feedOf(neighbour.url('/one'), 'tcp', seen);
    });
    after(async () => {
      const { state, reconnects, decoding } = steady.stats();
      await steady.stop();
      await neighbour.stop();
      assert.deepEqual([state, reconnects, decoding?.backend], ['online', 0, backend]);
      assert.deepEqual(
        seen.changes.map((change) => change.state),
        ['online'],
      );
      const longest = Math.max(...seen.times.slice(1).map((time, index) => time - seen.times[index]!)) / 1e6;
      assert.ok(longest < 2000, `the steady camera had no frame for ${longest} ms`);
      assert.ok(feedsOpened() <= (backend === 'addon' ? feeds : 0), `${feedsOpened()} pipelines for ${feeds} feeds`);
    });

    for (const transport of ['tcp', 'udp'] as const) {
      test(`over ${transport}: killed and started twice, it is offline within 3 s and back within 10 s`, async (t) => {
        const watched = await watch(t, { transport });
        const { server, feed, became, failed, times } = watched;
        assert.equal(feed.stats().state, 'connecting');
        await became('online');
        await until('frames', () => times.length >= 3);
        for (const round of [1, 2]) {
          const killed = performance.now();
          await server.kill();
          const took = await failed(['lost'], killed);
          assert.ok(took < 3000, `offline after ${took} ms`);
          await failed(['refused'], killed);
          await server.restart();
          await isBack(watched, performance.now());
          assert.equal(feed.stats().reconnects, round);
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
          reconnects: 2,
          decoding: { backend, reason: { code: 'setting', message: 'it is set so' } },
        });
      });

      test(`over ${transport}: frozen while it plays, it is offline within 5 s and back within 10 s`, async (t) => {
        const watched = await watch(t, { transport });
        await watched.became('online');
        const frozen = performance.now();
        watched.server.freeze();
        const took = await watched.failed(['stalled'], frozen);
        assert.ok(took < 5000, `offline after ${took} ms`);
        watched.server.thaw();
        await isBack(watched, performance.now());
      });
    }

    for (const { what, codes, withinMs = 3000, fixture, mend } of troubles) {
      test(`${what}: told as ${codes.join(' or ')}${mend ? ', and back within 10 s once it is mended' : ''}`, async (t) => {
        const ends: (() => Promise<void>)[] = [];
        const watched = await watch(t, fixture(ends));
        t.after(async () => {
          for (const end of ends) await end();
        });
        const took = await watched.failed(codes);
        assert.ok(took < withinMs, `told after ${took} ms`);
        assert.equal(watched.times.length > 0, codes.includes('lost'), 'frames only where there were any');
        if (!mend) return;
        for (const end of ends.splice(0)) await end();
        await mend(watched.server);
        await isBack(watched, performance.now());
      });
    }

    test('noise for pictures in a real stream: frames or a fault, and well again once it is mended', async (t) => {
      const watched = await watch(t, { options: { streams: [{ path: '/one', ...ball, garbage: 'pictures' }] } });
      await until('something', () => watched.times.length >= 5 || watched.changes.some(({ reason }) => reason));
      await watched.server.restart({ streams: healthy });
      await isBack(watched, performance.now());
    });

    test('a size that changes in the stream: frames of both sizes, without a new connection', async (t) => {
      const changesTo = { width: 320, height: 180, afterFrames: 15 };
      const { feed, widths } = await watch(t, {
        options: { streams: [{ path: '/one', ...ball, changesTo, loop: true }] },
      });
      await until('both sizes, twice', () => {
        const turns = widths.filter((width, index) => width !== widths[index - 1]);
        return turns.length >= 4;
      });
      assert.deepEqual([...new Set(widths)], [160, 320]);
      assert.equal(feed.stats().reconnects, 0);
    });
  });
}

interface Trouble {
  what: string;
  /** As what it may be told. */
  codes: FaultCode[];
  /** How long it may take to be told. */
  withinMs?: number;
  /** `ends`: what is to be ended before the camera is mended. */
  fixture(ends: (() => Promise<void>)[]): Fixture;
  mend?(server: RtspServer): void | Promise<void>;
}

const troubles: Trouble[] = [
  {
    what: 'a closed port',
    codes: ['refused'],
    fixture: () => ({ prepare: (server) => server.kill() }),
    mend: (server) => server.restart(),
  },
  {
    what: 'a wrong password',
    codes: ['unauthorized'],
    fixture: () => ({ options: { password: 'wr0ng', scheme: 'basic' }, url: withRightPassword }),
    mend: (server) => server.restart({ password: user.password }),
  },
  {
    what: 'no password',
    codes: ['unauthorized'],
    fixture: () => ({ url: (server) => server.url('/one').replace(/\/\/.*@/, '//') }),
  },
  {
    what: 'an unknown path',
    codes: ['not-found'],
    fixture: () => ({ options: { streams: [{ ...ball, path: '/other' }] } }),
    mend: (server) => server.restart({ streams: healthy }),
  },
  {
    what: 'an address that is none of a camera',
    codes: ['bad-url'],
    fixture: () => ({ url: () => 'http://127.0.0.1/one' }),
  },
  {
    what: 'a camera that takes the connection and says nothing',
    codes: ['timeout'],
    withinMs: 8000,
    fixture: () => ({ prepare: (server) => server.freeze() }),
    mend: (server) => server.thaw(),
  },
  {
    what: 'noise instead of RTSP',
    codes: ['protocol'],
    fixture: (ends) => ({
      prepare: async (server) => {
        await server.kill();
        ends.push(await startNonsense(server.port));
      },
    }),
    mend: (server) => server.restart(),
  },
  {
    what: 'noise instead of H.264',
    codes: ['stalled', 'decode'],
    withinMs: 15_000,
    fixture: () => ({ options: { streams: [{ path: '/one', ...ball, garbage: 'all' }] } }),
    mend: (server) => server.restart({ streams: healthy }),
  },
  {
    what: 'a stream that ends',
    codes: ['lost'],
    withinMs: 5000,
    fixture: () => ({
      options: { streams: [{ path: '/one', ...ball, changesTo: { width: 160, height: 120, afterFrames: 5 } }] },
    }),
    mend: (server) => server.restart({ streams: healthy }),
  },
];

function withRightPassword(server: RtspServer): string {
  return server.url('/one').replace('wr0ng', encodeURIComponent(user.password));
}
