import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { type Box, CAPTURE_KINDS, type CaptureKind, type Track } from '../../../core/vision/keys.ts';
import type { CameraStage, StageContext } from '../../../core/vision/stage.ts';
import { startPlugin } from '../fixture.ts';
import bestShot from './best-shot.ts';
import { cropFor } from './crop.ts';
import { HEIGHT, type Painted, seen, stageFrame, TestCamera, videoFrame, WALL, WIDTH } from './fixture.ts';
import { HeldMoments, MOST_FRAMES, Moment } from './moment.ts';
import { LONGEST_PRESENCE_MS, REALTIME_CAPTURES } from './policy.ts';
import { MOST_MOMENTS } from './track-shots.ts';

const SMALL: Box = [100, 80, 130, 140];
const LARGE: Box = [80, 40, 160, 200];

interface Street {
  camera: TestCamera;
  stage: CameraStage;
  warnings: string[];
  /** One frame at `at` ms with these tracks, painted where they are seen. */
  frame(at: number, tracks?: Track[], painted?: Painted[]): Promise<void>;
}

async function street(snapMode: 1 | 2 | 3, kind: CaptureKind = 'body'): Promise<Street> {
  const camera = new TestCamera({ snapMode });
  const warnings: string[] = [];
  const context = {
    id: `best-shot-${kind}`,
    options: { kind, interval: 3000 },
    threads: 1,
    log: { info: () => {}, warn: (_fields: object, message: string) => warnings.push(message) },
  } satisfies StageContext;
  const stage = (await bestShot.create(context)).camera(camera);
  return {
    camera,
    stage,
    warnings,
    frame: async (at, tracks = [], painted = tracks.map(({ box }) => ({ box }))) =>
      stage.process(stageFrame(videoFrame(at, painted), { active: tracks, ended: [] })),
  };
}

const times = ({ camera }: Street) => camera.captured.map(({ time }) => time - WALL);

test('accurate: one capture of one presence, at its end, of its best moment', async () => {
  const one = await street(1);
  await one.frame(0, [seen(1, SMALL, { confirmed: false })]);
  await one.frame(200, [seen(1, SMALL)]);
  await one.frame(400, [seen(1, LARGE)]);
  await one.frame(600, [seen(1, LARGE)], [{ box: LARGE, blurred: true }]);
  await one.frame(800, [seen(1, LARGE, { observed: false }, 0.9)]);
  assert.equal(one.camera.captured.length, 0);
  await one.frame(1000);
  await one.frame(1200);
  assert.deepEqual(times(one), [400]);
  const [capture] = one.camera.captured;
  assert.equal(capture?.kind, 'body');
  assert.equal(capture?.trackId, 1);
  assert.deepEqual(capture?.box, LARGE);
  assert.equal(capture?.score, 0.9);
  assert.ok(capture.quality > 40 && capture.quality <= 100, String(capture.quality));
});

test('accurate: who watches is shown a face at once and clearly better ones, and the capture is as before', async () => {
  const one = await street(1, 'face');
  const { camera } = one;
  await one.frame(0, [seen(1, SMALL)]);
  assert.equal(camera.glimpses.length, 0, 'nobody watches');
  camera.looking = true;
  camera.busy = true;
  await one.frame(200, [seen(1, SMALL)]);
  camera.busy = false;
  await one.frame(300, [
    seen(1, SMALL, { observed: false, detection: undefined } as object),
    seen(2, SMALL, { confirmed: false }),
  ]);
  await one.frame(400, [seen(1, SMALL)]);
  await one.frame(600, [seen(1, SMALL)]);
  await one.frame(800, [seen(1, LARGE)]);
  const shown = () => camera.glimpses.map(({ trackId, time }) => [trackId, time - WALL]);
  assert.deepEqual(shown(), [[1, 400]], 'a better one comes a second later');
  await one.frame(1_600, [seen(1, LARGE)]);
  assert.deepEqual(shown(), [
    [1, 400],
    [1, 1_600],
  ]);
  assert.ok(camera.glimpses[1]!.quality >= camera.glimpses[0]!.quality + 10);
  await one.frame(1_800);
  assert.equal(camera.captured.length, 1);

  for (const [mode, kind] of [
    [2, 'face'],
    [3, 'face'],
    [1, 'body'],
  ] as const) {
    const other = await street(mode, kind);
    other.camera.looking = true;
    await other.frame(0, [seen(1, LARGE)]);
    await other.frame(200, [seen(1, LARGE)]);
    assert.equal(other.camera.glimpses.length, 0, `${mode} ${kind}`);
  }
});

test('the pictures show the very moment: the whole frame, and the crop with the subject at boxInCrop', async () => {
  const one = await street(1);
  await one.frame(0, [seen(1, LARGE)], [{ box: LARGE, contrast: 100 }]);
  await one.frame(200, [], []);
  const [capture] = one.camera.captured;
  assert.ok(capture);
  const frame = await sharp(capture.frame).metadata();
  assert.deepEqual([frame.width, frame.height], [WIDTH, HEIGHT]);
  assert.deepEqual([capture.frameWidth, capture.frameHeight], [WIDTH, HEIGHT]);
  const crop = await sharp(capture.crop).greyscale().raw().toBuffer({ resolveWithObject: true });
  const [left, top, right, bottom] = capture.boxInCrop;
  assert.deepEqual([right - left, bottom - top], [LARGE[2] - LARGE[0], LARGE[3] - LARGE[1]]);
  assert.ok(right <= crop.info.width && bottom <= crop.info.height && left > 0 && top > 0);
  const spread = (x0: number, y0: number, x1: number, y1: number) => {
    const values: number[] = [];
    for (let y = y0; y < y1; y += 1) {
      for (let x = x0; x < x1; x += 1) values.push(crop.data[(y * crop.info.width + x) * crop.info.channels]!);
    }
    return Math.max(...values) - Math.min(...values);
  };
  // The subject is chequered to its very edge, the ground around it is flat.
  assert.ok(spread(left, top, left + 10, bottom) > 150 && spread(right - 10, top, right, bottom) > 150);
  assert.ok(spread(0, 0, left - 1, crop.info.height) < 40);
});

test('a track that was never confirmed gives nothing', async () => {
  const one = await street(1);
  for (const at of [0, 200, 400]) await one.frame(at, [seen(1, LARGE, { confirmed: false })]);
  await one.frame(600);
  await one.stage.streamEnded?.();
  assert.deepEqual(one.camera.captured, []);
  assert.equal(one.camera.encoded, 0);
});

test('a small or blurred subject is captured all the same, with a low quality', async () => {
  const one = await street(1);
  await one.frame(0, [seen(1, [10, 10, 26, 40])], [{ box: [10, 10, 26, 40], blurred: true, contrast: 10 }]);
  await one.frame(200);
  assert.equal(one.camera.captured.length, 1);
  assert.ok(one.camera.captured[0]!.quality < 40, String(one.camera.captured[0]!.quality));
});

test('accurate: who stays very long is captured once, after five minutes', async () => {
  const one = await street(1);
  for (let at = 0; at <= LONGEST_PRESENCE_MS + 60_000; at += 20_000) await one.frame(at, [seen(1, LARGE)]);
  assert.equal(one.camera.captured.length, 1);
  await one.frame(LONGEST_PRESENCE_MS + 90_000);
  assert.equal(one.camera.captured.length, 1);
});

test('the time between two captures may be any that the settings take', async (t) => {
  for (const timingSeconds of [3, 16.1, 1.0005]) {
    const { parts } = await startPlugin(t, { timingSeconds });
    for (const { id, options } of parts.stages ?? []) {
      const log = { info: () => {}, warn: () => {} };
      const stage = await bestShot.create({ id, options: options ?? {}, threads: 1, log });
      assert.ok(stage.camera(new TestCamera({ snapMode: 2 })), `${id}, ${timingSeconds} s`);
    }
  }
});

test('timing: the best of every interval', async () => {
  const one = await street(2);
  for (let at = 0; at <= 6500; at += 500) {
    await one.frame(at, [seen(1, at === 1000 || at === 4500 ? LARGE : SMALL), seen(2, [200, 100, 240, 200])]);
  }
  const first = one.camera.captured.filter(({ trackId }) => trackId === 1);
  assert.deepEqual(
    first.map(({ time }) => time - WALL),
    [1000, 4500],
  );
  assert.equal(one.camera.captured.length, 4);
  await one.frame(7000);
  assert.equal(one.camera.captured.length, 4);
});

test('realtime: at once, then clearly better ones with a pause between, and an end', async () => {
  const one = await street(3);
  const boxes: Box[] = Array.from({ length: 12 }, (_, i) => [150 - i * 10, 110 - i * 8, 166 + i * 10, 140 + i * 8]);
  for (const [i, box] of boxes.entries()) await one.frame(i * 400, [seen(1, box)]);
  const at = times(one);
  assert.equal(at[0], 0);
  assert.ok(at.length >= 3 && at.length <= REALTIME_CAPTURES, String(at));
  const { captured } = one.camera;
  for (let i = 1; i < captured.length; i += 1) {
    assert.ok(captured[i]!.quality >= captured[i - 1]!.quality + 10);
    assert.ok(at[i]! - at[i - 1]! >= 400);
  }
  const before = captured.length;
  for (let i = 0; i < 20; i += 1) await one.frame(10_000 + i * 400, [seen(1, boxes.at(-1)!)]);
  await one.frame(30_000);
  assert.ok(captured.length <= Math.min(before + 1, REALTIME_CAPTURES));
});

test('the end of the stream ends every presence', async () => {
  const one = await street(1);
  await one.frame(0, [seen(1, LARGE), seen(2, [200, 60, 260, 200]), seen(3, SMALL, { confirmed: false })]);
  await one.stage.streamEnded?.();
  assert.deepEqual(one.camera.captured.map(({ trackId }) => trackId).sort(), [1, 2]);
  await one.stage.streamEnded?.();
  await one.frame(200, [seen(4, LARGE)]);
  await one.frame(400);
  assert.equal(one.camera.captured.length, 3);
});

test('describers are shown the moment that was captured, also when its frame went early', async () => {
  const one = await street(1);
  await one.frame(0, [seen(1, LARGE)], [{ box: LARGE }]);
  await one.frame(200, [seen(1, SMALL)], [{ box: SMALL, blurred: true }]);
  await one.frame(400);
  const [shot] = one.camera.shots;
  assert.deepEqual([shot?.kind, shot?.frameBox, shot?.frameWidth], ['body', LARGE, WIDTH]);
  // The camera cuts out half as much again around the box, as far as the frame reaches.
  assert.deepEqual([shot?.picture.width, shot?.picture.height, shot?.box], [120, HEIGHT, [20, 40, 100, 200]]);
  const camera = new TestCamera();
  const moments = [0, 200, 400, 600, 800].map(momentAt);
  const held = new HeldMoments(camera);
  for (const moment of moments) held.add(moment);
  await held.makeRoom();
  const early = moments[0]!;
  assert.equal(early.frame, undefined);
  const late = await momentAt(0).pictures(camera);
  assert.deepEqual((await early.pictures(camera)).shot, late.shot);
});

test('faces keep their landmarks and get more surroundings', async () => {
  const one = await street(1, 'face');
  const box: Box = [100, 60, 180, 160];
  const landmarks: [number, number][] = [
    [125, 95],
    [155, 95],
    [140, 115],
    [128, 135],
    [152, 135],
  ];
  await one.frame(0, [seen(1, box, {}, 0.95, landmarks)]);
  await one.frame(200);
  const [capture] = one.camera.captured;
  assert.equal(capture?.kind, 'face');
  assert.deepEqual(capture.landmarks, landmarks);
  const { width, height } = await sharp(capture.crop).metadata();
  assert.deepEqual([width, height], [144, 180]);
  assert.deepEqual(capture.boxInCrop, [32, 40, 112, 140]);
});

test('crops stay inside the frame, on even pixels, with the box inside them', () => {
  for (const kind of CAPTURE_KINDS) {
    for (const [width, height] of [
      [320, 240],
      [321, 241],
    ] as const) {
      const boxes: Box[] = [
        [0, 0, width, height],
        [-5, -5, 20, 20],
        [width - 9.5, height - 7.3, width, height],
        [100.4, 50.6, 103.2, 51.1],
      ];
      for (const box of boxes) {
        const { crop, boxInCrop } = cropFor(kind, box, { width, height });
        const [left, top, right, bottom] = crop;
        assert.ok(left >= 0 && top >= 0 && right <= width && bottom <= height, `${box}: ${crop}`);
        assert.ok(left % 2 === 0 && top % 2 === 0 && right - left >= 2 && bottom - top >= 2, `${box}: ${crop}`);
        assert.ok(boxInCrop[0] >= 0 && boxInCrop[1] >= 0, `${box}: ${boxInCrop}`);
        assert.ok(boxInCrop[2] <= right - left && boxInCrop[3] <= bottom - top, `${box}: ${boxInCrop}`);
        assert.ok(boxInCrop[2] >= boxInCrop[0] && boxInCrop[3] >= boxInCrop[1]);
      }
    }
  }
});

const momentAt = (at: number) =>
  new Moment('body', { label: 'person', score: 0.9, box: LARGE }, 50, videoFrame(at, [{ box: LARGE }]));

test('few decoded frames are kept: the oldest become JPEGs early, and stay the same moments', async () => {
  const camera = new TestCamera();
  const held = new HeldMoments(camera);
  const moments = [0, 200, 400, 600, 800].map(momentAt);
  for (const moment of moments) {
    held.add(moment);
    assert.deepEqual(await held.makeRoom(), []);
  }
  assert.equal(moments.filter((moment) => moment.frame).length, MOST_FRAMES);
  assert.deepEqual(
    moments.map((moment) => moment.frame === undefined),
    [true, true, false, false, false],
  );
  const early = await moments[0]!.pictures(camera);
  assert.equal((await sharp(early.frame).metadata()).width, WIDTH);
  assert.equal(camera.encoded, 2);
  // Moments of one frame share it.
  const frame = videoFrame(1000, [{ box: LARGE }]);
  for (let i = 0; i < 10; i += 1) held.add(new Moment('body', { label: 'person', score: 0.9, box: LARGE }, 50, frame));
  await held.makeRoom();
  assert.equal(camera.encoded, 3);
});

test('large frames are kept by their bytes, but always one', async () => {
  const camera = new TestCamera();
  const held = new HeldMoments(camera);
  const moments = [0, 200].map((at) => {
    const frame = videoFrame(at, [{ box: LARGE }]);
    // As much as a frame of 8K.
    frame.pictures.set('live', { width: 1, height: 1, data: new Uint8Array(50 * 1024 * 1024) });
    return new Moment('body', { label: 'person', score: 0.9, box: LARGE }, 50, frame);
  });
  for (const moment of moments) {
    held.add(moment);
    await held.makeRoom();
  }
  assert.deepEqual(
    moments.map((moment) => moment.frame === undefined),
    [true, false],
  );
});

test('in a crowd larger than what is kept nobody is lost', async () => {
  const one = await street(1);
  const crowd = Array.from({ length: MOST_MOMENTS + 12 }, (_, i): Track => {
    const x = (i % 10) * 30;
    const y = Math.floor(i / 10) * 34;
    return seen(i + 1, [x, y, x + 24, y + 30]);
  });
  await one.frame(0, crowd);
  await one.frame(200, crowd);
  assert.equal(one.camera.captured.length, 12);
  await one.frame(400);
  assert.equal(one.camera.captured.length, crowd.length);
  assert.equal(new Set(one.camera.captured.map(({ trackId }) => trackId)).size, crowd.length);
});

test('a failing encoder costs its captures, is said, and does not stop what comes after', async () => {
  const one = await street(1);
  one.camera.broken = true;
  await one.frame(0, [seen(1, LARGE)]);
  await one.frame(200);
  assert.equal(one.warnings.length, 1);
  one.camera.broken = false;
  await one.frame(400, [seen(2, LARGE)]);
  await one.frame(600);
  assert.deepEqual(
    one.camera.captured.map(({ trackId }) => trackId),
    [2],
  );
});
