import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { type Box, CAPTURE_KINDS, type Point } from '../../../core/vision/keys.ts';
import type { I420Frame } from '../../../drivers/video/frame.ts';
import { ARCFACE_POINTS } from '../../../models/adapters/align.ts';
import { faceQuality } from '../../../models/adapters/face-quality.ts';
import { brightness, fineStructure } from '../../../models/adapters/luma.ts';
import { asset } from '../../../tests/kit/assets.ts';
import { frameFromLuma, frameFromPhoto } from './fixture.ts';
import { lumaPatch } from './luma.ts';
import { qualityOf, type View } from './quality.ts';

interface ReferenceFace {
  box: Box;
  score: number;
  landmarks: Point[];
}

/** Faces of a photo as an independent detector found them, the largest first. */
async function facesOf(t: TestContext, photo: string): Promise<{ file: string; faces: ReferenceFace[] } | undefined> {
  const file = asset(t, 'media', 'photos', photo);
  const reference = asset(t, 'media', 'photos', 'reference.json');
  if (!file || !reference) return undefined;
  const { photos } = JSON.parse(await readFile(reference, 'utf8')) as {
    photos: Record<string, { faces: ReferenceFace[] }>;
  };
  const faces = [...photos[photo]!.faces].sort((a, b) => b.box[2] - b.box[0] - (a.box[2] - a.box[0]));
  return { file, faces };
}

const face = (frame: I420Frame, { box, score, landmarks }: ReferenceFace) =>
  qualityOf({ kind: 'face', frame, box, score, landmarks, others: [] });

const scaled = ({ box, score, landmarks }: ReferenceFace, factor: number): ReferenceFace => ({
  box: box.map((value) => value * factor) as Box,
  score,
  landmarks: landmarks.map(([x, y]) => [x * factor, y * factor]),
});

/** Fails unless every number is clearly below the one before it. */
function falls(values: number[], by = 1): void {
  for (const [i, value] of values.entries()) {
    assert.ok(i === 0 || value <= values[i - 1]! - by, `does not fall: ${values.join(', ')}`);
  }
}

/** Pixels between the eyes. */
const eyesOf = ({ landmarks: [a, b] }: ReferenceFace) => Math.hypot(a![0] - b![0], a![1] - b![1]);

for (const photo of ['009_C.jpg', '011_3.jpg', '013_4.jpg']) {
  test(`a sharp frontal face is good, and less so the more it is blurred (${photo})`, async (t) => {
    const found = await facesOf(t, photo);
    if (!found) return;
    const best = found.faces[0]!;
    // Models see a face with 35 pixels between its eyes: blur by as many of those counts.
    const step = eyesOf(best) / 35;
    const qualities = [];
    for (const sigma of [0, 1, 2, 4, 8]) {
      const frame = await frameFromPhoto(found.file, (one) => (sigma > 0 ? one.blur(sigma * step) : one));
      qualities.push(face(frame, best));
    }
    assert.ok(qualities[0]! >= 60, `only ${qualities[0]}`);
    assert.ok(qualities.at(-1)! <= 50, `still ${qualities.at(-1)}`);
    falls(qualities, 3);
  });

  test(`a face is worth less the smaller it is (${photo})`, async (t) => {
    const found = await facesOf(t, photo);
    if (!found) return;
    const width = (await frameFromPhoto(found.file)).width;
    const whole = 35 / eyesOf(found.faces[0]!);
    const qualities = [];
    for (const factor of [1, 0.7, 0.45, 0.3]) {
      const frame = await frameFromPhoto(found.file, (one) => one.resize(Math.round(width * whole * factor)));
      qualities.push(face(frame, scaled(found.faces[0]!, whole * factor)));
    }
    falls(qualities, 3);
  });

  test(`a face at the border of the picture or in the dark is worth less (${photo})`, async (t) => {
    const found = await facesOf(t, photo);
    if (!found) return;
    const whole = await frameFromPhoto(found.file);
    const best = found.faces[0]!;
    const cut = Math.floor(best.box[0] + (best.box[2] - best.box[0]) * 0.2);
    const cropped = await frameFromPhoto(found.file, (one) =>
      one.extract({ left: cut, top: 0, width: whole.width - cut, height: whole.height }),
    );
    const moved: ReferenceFace = {
      box: [0, best.box[1], best.box[2] - cut, best.box[3]],
      score: best.score,
      landmarks: best.landmarks.map(([x, y]) => [x - cut, y]),
    };
    const dark = await frameFromPhoto(found.file, (one) => one.linear(0.12, 0));
    const quality = face(whole, best);
    assert.ok(face(cropped, moved) <= quality - 5, `cut off: ${face(cropped, moved)} after ${quality}`);
    assert.ok(face(dark, best) <= quality - 5, `dark: ${face(dark, best)} after ${quality}`);
  });
}

test('a face has the quality that an enrolment of the same picture would give it', async (t) => {
  for (const photo of ['009_C.jpg', '011_3.jpg', '013_4.jpg', '000_5.jpg']) {
    const found = await facesOf(t, photo);
    if (!found) return;
    const frame = await frameFromPhoto(found.file);
    const { data, info } = await sharp(found.file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    for (const one of found.faces) {
      const enrolled = faceQuality({ width: info.width, height: info.height, data }, one).score;
      assert.ok(Math.abs(face(frame, one) - enrolled) <= 4, `${photo}: ${face(frame, one)}, enrolled with ${enrolled}`);
    }
  }
});

/** A face in the middle of a frame of 640 x 480, its eyes 80 pixels apart. */
const FRONTAL: Point[] = ARCFACE_POINTS.map(([x, y]) => [320 + 2.27 * (x - 56), 240 + 2.27 * (y - 72)]);
const checks = (x: number, y: number) => (((x >> 2) + (y >> 2)) % 2 === 0 ? 60 : 190);
const faceWith = (landmarks: Point[], more: Partial<View> = {}) => {
  const frame = frameFromLuma(640, 480, checks);
  return qualityOf({ kind: 'face', frame, box: [230, 130, 410, 350], score: 0.95, landmarks, others: [], ...more });
};

test('a turned face, one whose landmarks do not settle and one behind somebody are worth less', () => {
  const straight = faceWith(FRONTAL);
  assert.ok(straight >= 90, String(straight));
  const turnedBy = (pixels: number) =>
    faceWith(FRONTAL.map(([x, y], i): Point => (i === 2 ? [x + pixels, y] : [x, y])));
  falls([straight, turnedBy(24), turnedBy(40)], 5);
  falls([straight, faceWith(FRONTAL, { moved: 0.2 }), faceWith(FRONTAL, { moved: 0.5 })], 5);
  assert.equal(faceWith(FRONTAL, { moved: 0.02 }) >= straight, true);
  assert.ok(faceWith(FRONTAL, { others: [[300, 140, 500, 470]] }) <= straight - 5);
});

test('landmarks that make no face leave the judgement to the rest', () => {
  const rest = faceWith([]);
  assert.ok(rest > 60, String(rest));
  assert.equal(faceWith([1, 2, 3, 4, 5].map((): Point => [5, 5])), rest);
  assert.equal(faceWith(FRONTAL.map((): Point => [Number.NaN, 5])), rest);
});

test('a body before the camera covers the one behind it', () => {
  const frame = frameFromLuma(640, 480, checks);
  const behind: Box = [200, 100, 300, 350];
  const before: Box = [220, 150, 340, 460];
  const quality = (box: Box, others: Box[]) => qualityOf({ kind: 'body', frame, box, score: 0.9, others });
  assert.ok(quality(behind, [before]) <= quality(behind, []) - 5);
  assert.equal(quality(before, [behind]), quality(before, []));
});

test('every view has a quality from 0 to 100', () => {
  const frame = frameFromLuma(64, 48, () => 0);
  const boxes: Box[] = [
    [0, 0, 64, 48],
    [10, 10, 11, 11],
    [63.5, 47.5, 64, 48],
    [-20, -20, 100, 100],
    [20, 20, 20, 20],
  ];
  for (const kind of CAPTURE_KINDS) {
    for (const box of boxes) {
      for (const score of [0, 1]) {
        const quality = qualityOf({ kind, frame, box, score, others: [box] });
        assert.ok(Number.isInteger(quality) && quality >= 0 && quality <= 100, `${kind} ${box}: ${quality}`);
      }
    }
  }
});

test('a vehicle is worth most with a plate that can be read, and as others where nobody looks for plates', () => {
  const frame = frameFromLuma(640, 480, (x, y) => (((x >> 3) + (y >> 3)) % 2 === 0 ? 200 : 60));
  const view: View = { kind: 'vehicle', frame, box: [100, 100, 500, 400], score: 0.9, others: [] };
  const quality = (plate: View['plate']) => qualityOf({ ...view, plate });
  const whole = qualityOf(view);
  assert.ok(whole > 50);
  assert.equal(quality([200, 300, 290, 320]), whole);
  assert.ok(Math.abs(quality(null) - 0.7 * whole) <= 1);
  assert.equal(quality([200, 300, 220, 305]), quality(null), 'nothing can be read there');
  const small = quality([200, 300, 250, 312]);
  assert.ok(small > quality(null) && small < whole);
});

test('patches hold what is inside the box, at any scale and in either range', () => {
  const frame = frameFromLuma(200, 200, (x) => (x < 100 ? 50 : 200));
  const shrunk = lumaPatch(frame, [0, 0, 200, 200], 20, 10);
  assert.equal(shrunk.values[0], 50);
  assert.equal(shrunk.values[19], 200);
  const { mean, deviation } = brightness(shrunk);
  assert.ok(Math.abs(mean - 125) < 1 && Math.abs(deviation - 75) < 1);
  const grown = lumaPatch(frame, [98, 10, 102, 14], 8, 8);
  assert.ok(grown.values[0]! < 60 && grown.values[7]! > 190);
  const limited = { ...frame, colorimetry: { matrix: 'bt709', range: 'limited' } as const };
  assert.ok(Math.abs(lumaPatch(limited, [0, 0, 100, 100], 4, 4).values[0]! - ((50 - 16) * 255) / 219) < 0.01);
  assert.equal(fineStructure(lumaPatch(frame, [10, 10, 90, 90], 16, 16)), 0);
  assert.ok(fineStructure(lumaPatch(frame, [60, 60, 140, 140], 16, 16)) > 10);
});
