import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { addonMissing } from '../../tests/kit/runtime.ts';
import type { Colorimetry, I420Frame, RgbPicture, VideoFrame } from './frame.ts';
import { i420Layout } from './frame.ts';
import { pipelinesMade } from './gst.ts';
import { cropI420, encodeRgb, JpegEncoder, type JpegEncoderOptions } from './jpeg.ts';
import { openSource } from './source.ts';

function encoderOf(t: TestContext, options?: JpegEncoderOptions): JpegEncoder {
  const encoder = new JpegEncoder(options);
  t.after(() => encoder.close());
  return encoder;
}

/** A frame of one colour; what lies between the rows is of another. */
function plainFrame(
  width: number,
  height: number,
  [y, u, v]: readonly [number, number, number],
  colorimetry: Colorimetry = { matrix: 'bt601', range: 'full' },
): I420Frame {
  const layout = i420Layout(width, height);
  const data = new Uint8Array(layout.size).fill(200);
  const plane = (offset: number, stride: number, w: number, h: number, value: number): void => {
    for (let row = 0; row < h; row += 1) data.fill(value, offset + row * stride, offset + row * stride + w);
  };
  const [chromaWidth, chromaHeight] = [(width + 1) >> 1, (height + 1) >> 1];
  plane(0, layout.yStride, width, height, y);
  plane(layout.uOffset, layout.chromaStride, chromaWidth, chromaHeight, u);
  plane(layout.vOffset, layout.chromaStride, chromaWidth, chromaHeight, v);
  return { width, height, data, layout, colorimetry };
}

async function decoded(jpeg: Uint8Array): Promise<RgbPicture> {
  const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
  assert.equal(info.channels, 3);
  return { width: info.width, height: info.height, data };
}

function pixel(picture: RgbPicture, x: number, y: number): number[] {
  const at = (y * picture.width + x) * 3;
  return [...picture.data.subarray(at, at + 3)];
}

function assertNear(actual: number[], expected: readonly number[], tolerance: number): void {
  const near = actual.every((value, index) => Math.abs(value - expected[index]!) <= tolerance);
  assert.ok(near, `${actual} is not ${expected}`);
}

/** How a picture differs from another: the mean difference of the levels, and the shift of each channel. */
function compared(a: RgbPicture, b: RgbPicture): { mean: number; shift: number[] } {
  assert.deepEqual([a.width, a.height], [b.width, b.height]);
  const shift = [0, 0, 0];
  let mean = 0;
  for (let at = 0; at < a.data.length; at += 1) {
    const by = a.data[at]! - b.data[at]!;
    shift[at % 3]! += by;
    mean += Math.abs(by);
  }
  const pixels = a.width * a.height;
  return { mean: mean / a.data.length, shift: shift.map((sum) => sum / pixels) };
}

const red = [255, 0, 0] as const;
const reds: [string, Colorimetry, [number, number, number]][] = [
  ['BT.601, limited', { matrix: 'bt601', range: 'limited' }, [81, 90, 240]],
  ['BT.601, full', { matrix: 'bt601', range: 'full' }, [76, 85, 255]],
  ['BT.709, limited', { matrix: 'bt709', range: 'limited' }, [63, 102, 240]],
  ['BT.709, full', { matrix: 'bt709', range: 'full' }, [54, 99, 255]],
  ['BT.2020, limited', { matrix: 'bt2020', range: 'limited' }, [74, 97, 240]],
];

for (const [name, colorimetry, yuv] of reds) {
  test(`red in ${name} is red in a crop and in a JPEG, up to the edges`, async (t) => {
    const frame = plainFrame(333, 251, yuv, colorimetry);
    const crop = cropI420(frame, { x: 0, y: 0, width: 333, height: 251 });
    const jpegs = (addonMissing() ? [false] : [true, false]).map(async (addon) =>
      decoded(await encoderOf(t, { addon }).encode(frame, 95)),
    );
    for (const picture of [crop, ...(await Promise.all(jpegs))]) {
      assert.deepEqual([picture.width, picture.height], [333, 251]);
      for (const [x, y] of [
        [0, 0],
        [160, 120],
        [332, 250],
      ] as const) {
        assertNear(pixel(picture, x, y), red, 6);
      }
    }
  });
}

/** The first frame of a test clip, with a picture of the same size that GStreamer turned into RGB. */
async function clipFrame(
  t: TestContext,
  name: string,
  width: number,
  height: number,
  encode: string,
): Promise<VideoFrame> {
  const folder = mkdtempSync(join(tmpdir(), 'video-colours-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const source = `videotestsrc num-buffers=10 pattern=smpte ! video/x-raw,width=${width},height=${height},framerate=10/1`;
  execFileSync('gst-launch-1.0', `-q ${source} ! ${encode} ! filesink location=${join(folder, name)}`.split(' '));
  return await new Promise((resolve, reject) => {
    const opened = openSource({
      url: `file:${name}`,
      filesFolder: folder,
      pictures: [{ id: 'rgb', width, height }],
      rate: { perSecond: 10 },
      onFrame: (frame) => void opened.stop().then(() => resolve(frame)),
      onEnd: (reason) => reject(new Error(reason.message)),
    });
  });
}

const h264 = 'x264enc speed-preset=ultrafast quantizer=10 pass=quant ! mp4mux';
for (const [name, width, height, encode, colorimetry] of [
  ['hd.mp4', 1280, 720, h264, { matrix: 'bt709', range: 'limited' }],
  ['sd.mp4', 322, 242, h264, { matrix: 'bt601', range: 'limited' }],
  ['photos.avi', 326, 246, 'jpegenc quality=95 ! avimux', { matrix: 'bt601', range: 'full' }],
] as const) {
  test(`${name}: crops and JPEGs have the colours that GStreamer shows`, async (t) => {
    const frame = await clipFrame(t, name, width, height, encode);
    const shown = frame.pictures.get('rgb')!;
    assert.deepEqual(frame.full.colorimetry, colorimetry);
    const crop = cropI420(frame.full, { x: 0, y: 0, width, height });
    const jpeg = await decoded(await encoderOf(t).encode(frame.full, 97));
    const plain = await decoded(await encoderOf(t, { addon: false }).encode(frame.full, 97));
    // GStreamer's conversion for the JPEG rounds downwards, by some two levels; a wrong range or matrix shifts by ten.
    for (const [picture, tolerance] of [
      [crop, 1.5],
      [jpeg, 4],
      [plain, 1.5],
    ] as const) {
      const { mean, shift } = compared(picture, shown);
      assert.ok(mean < 3.5, `mean difference ${mean}`);
      assertNear(shift, [0, 0, 0], tolerance);
    }
    // A part of the picture that begins at odd pixels.
    const part = cropI420(frame.full, { x: 101, y: 51, width: 40, height: 30 });
    assertNear(pixel(part, 3, 7), pixel(shown, 104, 58), 5);
  });
}

test('a crop is widened, rounded outwards, and cut off at the edges', () => {
  const frame = plainFrame(100, 60, [128, 128, 128]);
  const size = (box: Parameters<typeof cropI420>[1], options = {}): number[] => {
    const { width, height } = cropI420(frame, box, options);
    return [width, height];
  };
  assert.deepEqual(size({ x: 10.6, y: 10.2, width: 20, height: 10 }), [21, 11]);
  assert.deepEqual(size({ x: 40, y: 20, width: 20, height: 10 }, { margin: 0.5 }), [40, 20]);
  assert.deepEqual(size({ x: -30, y: -30, width: 500, height: 500 }), [100, 60]);
  assert.deepEqual(size({ x: 90, y: 50, width: 20, height: 20 }, { margin: 1 }), [30, 30]);
  assert.deepEqual(size({ x: 99.5, y: 59.5, width: 1, height: 1 }), [1, 1]);
  for (const box of [
    { x: 100, y: 0, width: 10, height: 10 },
    { x: 0, y: -20, width: 10, height: 10 },
    { x: 10, y: 10, width: 0, height: 10 },
    { x: 50, y: 10, width: -20, height: 10 },
    { x: Number.NaN, y: 0, width: 10, height: 10 },
  ]) {
    assert.throws(() => cropI420(frame, box), RangeError);
  }
});

test('a crop is averaged down to its longest side, never up', () => {
  const frame = plainFrame(64, 32, [0, 128, 128]);
  // Stripes one pixel wide: their mean is grey, while taking every fourth pixel would give black or white.
  for (let y = 0; y < 32; y += 1) for (let x = 1; x < 64; x += 2) frame.data[y * frame.layout.yStride + x] = 200;
  const crop = cropI420(frame, { x: 0, y: 0, width: 64, height: 32 }, { maxSize: 16 });
  assert.deepEqual([crop.width, crop.height], [16, 8]);
  for (let x = 0; x < 16; x += 1) assertNear(pixel(crop, x, 4), [100, 100, 100], 1);
  const same = cropI420(frame, { x: 0, y: 0, width: 10, height: 10 }, { maxSize: 200 });
  assert.deepEqual([same.width, same.height], [10, 10]);
});

test('a crop becomes a JPEG of the asked quality', async () => {
  const picture = cropI420(plainFrame(101, 75, [81, 90, 240], reds[0]![1]), { x: 5, y: 5, width: 61, height: 41 });
  const jpeg = await decoded(await encodeRgb(picture, 90));
  assert.deepEqual([jpeg.width, jpeg.height], [61, 41]);
  assertNear(pixel(jpeg, 30, 20), red, 6);
});

test('frames in another layout give the same picture', async (t) => {
  const encoder = encoderOf(t);
  const frame = plainFrame(33, 21, [120, 90, 200]);
  const tight = {
    yStride: 33,
    chromaStride: 17,
    uOffset: 33 * 21,
    vOffset: 33 * 21 + 17 * 11,
    size: 33 * 21 + 2 * 17 * 11,
  };
  const data = new Uint8Array(tight.size).fill(120, 0, tight.uOffset).fill(90, tight.uOffset, tight.vOffset);
  data.fill(200, tight.vOffset);
  const [a, b] = [
    await decoded(await encoder.encode(frame)),
    await decoded(await encoder.encode({ ...frame, data, layout: tight })),
  ];
  // Not in the last block of a row: behind an odd edge lies whatever memory held, and it rings into that block.
  assertNear(pixel(a, 8, 8), pixel(b, 8, 8), 0);
  assertNear(pixel(a, 15, 10), pixel(b, 15, 10), 0);
});

test('many sizes at once share few pipelines, and each picture is its own', async (t) => {
  const before = pipelinesMade();
  const encoder = encoderOf(t, { pipelines: 2 });
  const frames = Array.from({ length: 12 }, (_, index) =>
    plainFrame(64 + 16 * (index % 4), 48, [20 * index, 128, 128]),
  );
  const pictures = await Promise.all(frames.map(async (frame) => decoded(await encoder.encode(frame, 90))));
  pictures.forEach((picture, index) => {
    assert.deepEqual([picture.width, picture.height], [64 + 16 * (index % 4), 48]);
    assertNear(pixel(picture, 30, 30), [20 * index, 20 * index, 20 * index], 3);
  });
  assert.ok(pipelinesMade() - before <= 2);
});

for (const addon of [true, false]) {
  const skip = addon && addonMissing();
  test(`${addon ? 'with' : 'without'} the addon quality counts, too many at once are refused, and a closed encoder refuses all`, {
    skip,
  }, async (t) => {
    const encoder = encoderOf(t, { maxWaiting: 2, addon });
    const frame = plainFrame(320, 240, [90, 128, 128]);
    for (let at = 0; at < frame.layout.uOffset; at += 1) frame.data[at] = (at * 7919) % 251;
    const [high, low, third] = await Promise.allSettled([
      encoder.encode(frame, 95),
      encoder.encode(frame, 20),
      encoder.encode(frame),
    ]);
    assert.ok(high.status === 'fulfilled' && low.status === 'fulfilled' && high.value.length > low.value.length * 1.5);
    assert.ok(third.status === 'rejected' && /too many/.test(String(third.reason)));
    await encoder.close();
    await assert.rejects(encoder.encode(frame), /closed/);
  });
}

test('a picture that takes too long is given up, and the next one is encoded', { skip: addonMissing() }, async (t) => {
  const encoder = encoderOf(t, { timeoutMs: 1 });
  const large = plainFrame(4000, 3000, [90, 128, 128], { matrix: 'bt709', range: 'limited' });
  await assert.rejects(encoder.encode(large), /not encoded within/);
  const patient = encoderOf(t);
  assert.equal((await decoded(await patient.encode(plainFrame(64, 48, [90, 128, 128])))).width, 64);
});
