import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { type RtspServer, startRtspServer } from '../../tests/kit/rtsp-server.ts';
import { addonMissing } from '../../tests/kit/runtime.ts';
import { suite } from '../../tests/kit/suite.ts';
import { until } from '../../tests/kit/wait.ts';
import { cropI420 } from './crop.ts';
import type { Fault } from './fault.ts';
import { fitInside, type PictureSpec, type RgbPicture, type VideoFrame } from './frame.ts';
import { openGstLaunch } from './gst-launch.ts';
import { probeStream } from './probe-stream.ts';
import { type Backend, type FrameSource, openSource, type SourceOptions } from './source.ts';
import { openSuperficial } from './superficial.ts';

const small = { width: 320, height: 240, fps: 10 };
let server: RtspServer;

before(async () => {
  server = await startRtspServer({
    user: 'admin',
    password: 'p@ss/w:1',
    streams: [
      { path: '/h264', codec: 'h264', pattern: 'ball', ...small },
      { path: '/h265', codec: 'h265', pattern: 'ball', ...small },
      { path: '/mjpeg', codec: 'mjpeg', pattern: 'ball', ...small },
      { path: '/fast', codec: 'h264', pattern: 'ball', width: 160, height: 120, fps: 25 },
      { path: '/odd', codec: 'h264', pattern: 'smpte', width: 322, height: 242, fps: 10 },
    ],
  });
});
after(() => server.stop());

interface Opened {
  frames: VideoFrame[];
  source: FrameSource;
  end(): Fault | undefined;
}

function open(t: TestContext, backend: Backend, url: string, options: Partial<SourceOptions> = {}): Opened {
  const frames: VideoFrame[] = [];
  let ended: Fault | undefined;
  const source = openSource(
    {
      url,
      pictures: [{ id: 'wide', width: 160, height: 160 }],
      rate: { perSecond: 5 },
      onFrame: (frame) => void frames.push(frame),
      onEnd: (reason) => {
        assert.equal(ended, undefined, 'a source ends once');
        ended = reason;
      },
      ...options,
    },
    backend,
  );
  t.after(() => source.stop());
  return { frames, source, end: () => ended };
}

async function framesOf(opened: Opened, count: number): Promise<VideoFrame[]> {
  await until(`${count} frames`, () => {
    assert.equal(opened.end(), undefined);
    return opened.frames.length >= count;
  });
  return opened.frames;
}

/** Mean difference of two pictures, in levels. */
function difference(a: RgbPicture, b: RgbPicture): number {
  assert.deepEqual([a.width, a.height], [b.width, b.height]);
  let sum = 0;
  for (let at = 0; at < a.data.length; at += 1) sum += Math.abs(a.data[at]! - b.data[at]!);
  return sum / a.data.length;
}

const shrunk = (frame: VideoFrame): RgbPicture =>
  cropI420(frame.full, { x: 0, y: 0, width: frame.width, height: frame.height }, { maxSize: 160 });

for (const [name, backend] of [
  ['addon', openSuperficial],
  ['process', openGstLaunch],
] as const) {
  suite(name, { skip: name === 'addon' && addonMissing() }, ({ test }) => {
    for (const [path, transport] of [
      ['/h264', 'tcp'],
      ['/h264', 'udp'],
      ['/h265', 'tcp'],
      ['/mjpeg', 'udp'],
    ] as const) {
      test(`${path} over ${transport}: whole frames whose pictures show the same moment`, async (t) => {
        const pictures: PictureSpec[] = [
          { id: 'wide', width: 160, height: 160 },
          { id: 'odd', width: 101, height: 101 },
          { id: 'large', width: 640, height: 640 },
        ];
        const frames = await framesOf(open(t, backend, server.url(path), { transport, pictures }), 8);
        for (const [index, frame] of frames.entries()) {
          assert.deepEqual([frame.width, frame.height], [320, 240]);
          assert.equal(frame.full.data.length, frame.full.layout.size);
          for (const spec of pictures) {
            const picture = frame.pictures.get(spec.id)!;
            assert.deepEqual({ width: picture.width, height: picture.height }, fitInside(frame, spec));
            assert.equal(picture.data.length, picture.width * picture.height * 3);
          }
          assert.ok(Math.abs(Date.now() - frame.time) < 60_000);
          if (index === 0) continue;
          assert.ok(frame.pts > frames[index - 1]!.pts);
          // The ball moves: a picture is like its own full frame, and unlike the one before.
          const picture = frame.pictures.get('wide')!;
          const own = difference(picture, shrunk(frame));
          const other = difference(picture, shrunk(frames[index - 1]!));
          assert.ok(own < 3 && own < other, `own ${own}, frame before ${other}`);
        }
      });
    }

    test('frames keep their bytes while others are decoded', async (t) => {
      const opened = open(t, backend, server.url('/h264'));
      const [first] = await framesOf(opened, 1);
      const [picture, full] = [Buffer.from(first!.pictures.get('wide')!.data), Buffer.from(first!.full.data)];
      await framesOf(opened, 6);
      assert.ok(picture.equals(first!.pictures.get('wide')!.data));
      assert.ok(full.equals(first!.full.data));
    });

    for (const [path, rate, gap] of [
      ['/fast', { perSecond: 5 }, 200],
      ['/fast', { everyNth: 5 }, 200],
      ['/fast', { everyNth: 10 }, 400],
      ['/h264', { everyNth: 2 }, 200],
      ['/h264', { perSecond: 50 }, 100],
    ] as const) {
      test(`${JSON.stringify(rate)} of ${path}: a frame each ${gap} ms`, async (t) => {
        const opened = open(t, backend, server.url(path), { rate });
        // The rate of the stream has to be learned first.
        await until('the rate', () => opened.source.stats().streamFps);
        await framesOf(opened, opened.frames.length + 2);
        const from = opened.frames.length;
        const frames = (await framesOf(opened, from + Math.ceil(2400 / gap))).slice(from - 1);
        const mean = (frames.at(-1)!.pts - frames[0]!.pts) / (frames.length - 1) / 1e6;
        assert.ok(Math.abs(mean / gap - 1) < 0.12, `a frame each ${mean} ms`);
      });
    }

    test('whoever takes frames slowly loses the old ones, and only those', async (t) => {
      const times: { pts: number; at: number }[] = [];
      const { source, end } = open(t, backend, server.url('/fast'), {
        rate: { perSecond: 25 },
        pictures: [
          { id: 'a', width: 160, height: 160 },
          { id: 'b', width: 96, height: 96 },
        ],
        onFrame: ({ pts }) => {
          times.push({ pts, at: performance.now() });
          const busyUntil = performance.now() + 250;
          while (performance.now() < busyUntil);
        },
      });
      await until('frames', () => times.length >= 16);
      assert.equal(end(), undefined);
      const [first, last] = [times[0]!, times.at(-1)!];
      const [streamMs, wallMs] = [(last.pts - first.pts) / 1e6, last.at - first.at];
      assert.ok(wallMs - streamMs < 1000, `${streamMs} ms of the stream in ${wallMs} ms`);
      const { dropped, delivered } = source.stats();
      assert.equal(delivered, times.length);
      assert.ok(dropped > delivered, `${dropped} dropped of some ${delivered * 6}`);
    });

    test('an error thrown by whoever takes a frame does not end the stream', async (t) => {
      let frames = 0;
      const thrown: unknown[] = [];
      const listeners = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.on('uncaughtException', (error) => thrown.push(error));
      t.after(() => {
        process.removeAllListeners('uncaughtException');
        for (const listener of listeners) process.on('uncaughtException', listener);
      });
      open(t, backend, server.url('/h264'), {
        onFrame: () => {
          frames += 1;
          if (frames === 2) throw new Error('not my frame');
        },
      });
      await until('more frames', () => frames >= 4);
      assert.deepEqual(
        thrown.map((error) => (error as Error).message),
        ['not my frame'],
      );
    });

    test('a source that is stopped before it is open never calls back', async (t) => {
      for (const wait of [0, 5, 60, 150]) {
        const opened = open(t, backend, server.url('/h264'));
        await new Promise((resolve) => setTimeout(resolve, wait));
        await opened.source.stop();
        const count = opened.frames.length;
        await opened.source.stop();
        await new Promise((resolve) => setTimeout(resolve, 300));
        assert.equal(opened.frames.length, count);
        assert.equal(opened.end(), undefined);
      }
    });
  });
}

test('pictures and rates that cannot be are refused at once', () => {
  const url = server.url('/h264');
  const rest = { url, onFrame: () => {}, onEnd: () => {} };
  const spec = { id: 'a', width: 160, height: 160 };
  for (const wrong of [
    { pictures: [{ ...spec, width: 8 }], rate: { perSecond: 5 } },
    { pictures: [{ ...spec, height: 160.5 }], rate: { perSecond: 5 } },
    { pictures: [spec, spec], rate: { perSecond: 5 } },
    { pictures: Array.from({ length: 9 }, (_, id) => ({ ...spec, id: `${id}` })), rate: { perSecond: 5 } },
    { pictures: [spec], rate: { perSecond: 0 } },
    { pictures: [spec], rate: { everyNth: Number.NaN } },
  ]) {
    assert.throws(() => openSource({ ...rest, ...wrong }), RangeError);
  }
});

test('a trial connection tells what it found, or why not', async () => {
  const { frame, message, fps = 0, ...found } = await probeStream({ url: server.url('/h264') });
  assert.deepEqual(found, { ok: true, code: 'ok', codec: 'h264', width: 320, height: 240 });
  // Counted over a second or two, and a busy machine sends the frames of a pause together.
  assert.ok(fps >= 7 && fps <= 14, `${fps} frames a second of 10`);
  assert.equal(message, `H.264, 320 x 240, ${fps} frames a second`);
  assert.equal(frame?.full.width, 320);
  assert.equal((await probeStream({ url: server.url('/none') })).code, 'not-found');
});
