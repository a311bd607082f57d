import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import type { CameraStage, StageFrame, StageModule } from '../../core/vision/stage.ts';
import { cropI420 } from '../../drivers/video/crop.ts';
import { i420Layout, type VideoFrame } from '../../drivers/video/frame.ts';
import { catalog, type InstalledModel } from '../../models/install.ts';
import { asset } from '../../tests/kit/assets.ts';
import detect from '../detection/stages/detect.ts';
import track from '../detection/stages/track.ts';
import bestShot from './stages/best-shot.ts';
import { type Captured, TestCamera } from './stages/fixture.ts';

/** Real clips through the real stages, decoder to capture, as fast as they go. */

interface Clip {
  file: string;
  width: number;
  height: number;
  fps: number;
  /** Analyse every nth frame. */
  every: number;
}

/** Frames of a clip as the pictures of a stream; times are those of the clip, ms. */
async function* framesOf({ file, width, height, fps, every }: Clip): AsyncGenerator<VideoFrame> {
  const elements = [
    'filesrc',
    `location=${file}`,
    '!',
    'decodebin',
    '!',
    'videoconvert',
    '!',
    'video/x-raw,format=I420',
  ];
  const decoder = spawn('gst-launch-1.0', ['-q', ...elements, '!', 'fdsink', 'fd=1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(decoder, 'exit');
  const layout = i420Layout(width, height);
  const colorimetry = { matrix: 'bt601', range: 'limited' } as const;
  let bytes = Buffer.alloc(0);
  let number = 0;
  try {
    for await (const chunk of decoder.stdout) {
      bytes = Buffer.concat([bytes, chunk as Buffer]);
      while (bytes.length >= layout.size) {
        const data = new Uint8Array(bytes.subarray(0, layout.size));
        bytes = bytes.subarray(layout.size);
        const time = (number++ / fps) * 1000;
        if ((number - 1) % every > 0) continue;
        const full = { width, height, data, layout, colorimetry };
        yield { pts: time * 1e6, time, width, height, pictures: new Map(), full };
      }
    }
  } finally {
    decoder.kill();
    await ended;
  }
}

/** Leads a clip through detection, tracking and captures; undefined where an asset is missing. */
async function capturesOf(
  t: TestContext,
  kind: 'face' | 'body',
  clip: Clip,
  camera = new TestCamera({ snapMode: 1 }),
): Promise<Captured[] | undefined> {
  const [id, name] =
    kind === 'face' ? ['yunet-2023mar', 'face_detection_yunet_2023mar.onnx'] : ['yolox-nano', 'yolox_nano.onnx'];
  const modelFile = asset(t, 'models', name!);
  if (!modelFile) return undefined;
  const model: InstalledModel = { ...catalog().find((entry) => entry.id === id)!, file: modelFile };
  const log = { info: () => {}, warn: (_: object, message: string) => assert.fail(message) };
  const subject = kind === 'face' ? 'face' : 'person';
  const open = async (module: StageModule, options: Record<string, unknown>) =>
    module.create({ id: 'stage', options, model, threads: 1, log });
  const instances = [
    await open(detect, { subject }),
    await open(track, { subject }),
    await open(bestShot, { kind, interval: 3000 }),
  ];
  const stages: CameraStage[] = instances.map((instance) => instance.camera(camera));
  for await (const video of framesOf(clip)) {
    const { width, height } = video;
    const picture = cropI420(video.full, { x: 0, y: 0, width, height }, { maxSize: model.input.width });
    const values = new Map<string, unknown>();
    const frame: StageFrame = {
      video,
      picture,
      scaleX: width / picture.width,
      scaleY: height / picture.height,
      get: <T>(key: { id: string }) => values.get(key.id) as T,
      set: (key, value) => values.set(key.id, value),
      draw: () => {},
    };
    for (const stage of stages) await stage.process(frame);
  }
  for (const stage of stages) await stage.streamEnded?.();
  for (const instance of instances) await instance.close?.();
  return camera.captured;
}

test('six people come and go one by one: six captures, each from its own presence', async (t) => {
  const file = asset(t, 'media', 'video', 'one-by-one-person-detection.mp4');
  const reference = asset(t, 'media', 'video', 'one-by-one-reference.json');
  if (!file || !reference) return;
  const { presence, fps } = JSON.parse(await readFile(reference, 'utf8')) as {
    presence: [number, number][];
    fps: number;
  };
  const captured = await capturesOf(t, 'body', { file, width: 768, height: 432, fps, every: 4 });
  if (!captured) return;
  const whose = captured.map(({ time }) => {
    const frame = (time * fps) / 1000;
    return presence.findIndex(([from, to]) => frame >= from - 5 && frame <= to + 5);
  });
  assert.deepEqual(whose, [0, 1, 2, 3, 4, 5]);
  for (const { quality, box } of captured) {
    assert.ok(quality >= 60, `quality ${quality}`);
    assert.ok(box[3] - box[1] > 300, `a whole person, not ${box}`);
  }
});

test('three people walk up and pause: a face of each, from the front', async (t) => {
  const file = asset(t, 'media', 'video', 'face-demographics-walking-and-pause.avi');
  if (!file) return;
  const clip = { file, width: 480, height: 270, fps: 12, every: 2 };
  const captured = await capturesOf(t, 'face', clip);
  if (!captured) return;
  assert.equal(captured.length, 3);
  for (const { landmarks, quality } of captured) {
    assert.equal(landmarks?.length, 5);
    assert.ok(quality >= 50, `quality ${quality}`);
  }
});
