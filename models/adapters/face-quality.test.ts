import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ARCFACE_POINTS } from './align.ts';
import { facePose } from './face-pose.ts';
import { FACE_LIMITS, type FaceMeasures, faceQuality, judgeFace, measureFace } from './face-quality.ts';
import type { Box, Point, RgbPicture } from './types.ts';

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Depth of the points in front of the eyes, as the pose takes them. */
const DEPTHS = [0, 0, 17, 3, 3];

/** Where the points of an average face come to lie when the head turns right, down and clockwise, in that order. */
function turned(yaw: number, pitch: number, roll: number, size = 1, at: Point = [100, 100]): Point[] {
  const middle = [56, 74, 4.6];
  const rotate = (a: number, b: number, angle: number): [number, number] => [
    a * Math.cos(radians(angle)) - b * Math.sin(radians(angle)),
    a * Math.sin(radians(angle)) + b * Math.cos(radians(angle)),
  ];
  return ARCFACE_POINTS.map(([px, py], i) => {
    let [x, y, towards] = [px - middle[0]!, py - middle[1]!, DEPTHS[i]! - middle[2]!];
    [towards, x] = rotate(towards, x, yaw);
    [towards, y] = rotate(towards, y, pitch);
    [x, y] = rotate(x, y, roll);
    return [at[0] + size * x, at[1] + size * y];
  });
}

test('the pose of a turned face is found: yaw to the right, pitch down, roll clockwise', () => {
  for (const [yaw, pitch, roll] of [
    [0, 0, 0],
    [30, 0, 0],
    [-50, 0, 0],
    [0, 25, 0],
    [0, -25, 0],
    [0, 0, 40],
    [0, 0, -120],
    [20, -10, 0],
  ] as const) {
    const pose = facePose(turned(yaw, pitch, roll, 2.5))!;
    const found = [pose.yaw, pose.pitch, pose.roll];
    for (const [i, wanted] of [yaw, pitch, roll].entries()) {
      assert.ok(Math.abs(found[i]! - wanted) < 4, `${found} where ${[yaw, pitch, roll]} is expected`);
    }
  }
});

test('points that are no face have no pose', () => {
  assert.equal(facePose([]), undefined);
  assert.equal(facePose(ARCFACE_POINTS.map((): Point => [3, 3])), undefined);
  assert.equal(facePose(ARCFACE_POINTS.map((): Point => [Number.NaN, 3])), undefined);
});

const SIDE = 200;

function grey(paint: (x: number) => number): RgbPicture {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < SIDE * SIDE; i++) data.fill(paint(i % SIDE), i * 3, i * 3 + 3);
  return { width: SIDE, height: SIDE, data };
}

/** A face of fine stripes between two brightnesses. */
const striped = (dark: number, light: number) => grey((x) => (x % 4 < 2 ? dark : light));
/** As bright and as rich in contrast, but without fine structure. */
const smooth = grey((x) => 130 + 30 * Math.sin(x / 12));

const BOX: Box = [60, 50, 140, 150];
const face = (landmarks = turned(0, 0, 0), attributes: Record<string, string> = {}) => ({
  box: BOX,
  landmarks,
  score: 0.95,
  attributes,
});

test('a large, sharp, well lit face from the front is without fault', () => {
  const quality = faceQuality(striped(100, 160), face(turned(0, 0, 0, 1.8)));
  assert.deepEqual(quality.faults, []);
  assert.ok(quality.score >= 95, `${quality.score}`);
});

test('each fault is told alone, and costs score', () => {
  const good = striped(100, 160);
  const best = faceQuality(good, face(turned(0, 0, 0, 1.2))).score;
  const cases = {
    size: [good, face(turned(0, 0, 0, 0.6))],
    angle: [good, face(turned(45, 0, 0, 1.3))],
    brightness: [striped(4, 40), face(turned(0, 0, 0, 1.2))],
    blur: [smooth, face(turned(0, 0, 0, 1.2))],
    mouth: [good, face(turned(0, 0, 0, 1.2), { st_expression: 'st_yawn' })],
    occlusion: [good, face(turned(0, 0, 0, 1.2), { st_respirator: 'st_respirator_full' })],
  } as const;
  for (const [fault, [picture, one]] of Object.entries(cases)) {
    const quality = faceQuality(picture, one);
    assert.deepEqual(quality.faults, [fault]);
    assert.ok(quality.score < best, `${fault}: ${quality.score}, without it ${best}`);
  }
  const bright = faceQuality(striped(232, 255), face(turned(0, 0, 0, 1.2)));
  assert.ok(bright.faults.includes('brightness'));
});

test('what is not worn covers nothing; what is cut off is as good as covered', () => {
  const picture = striped(100, 160);
  const bare = { st_respirator: 'st_respirator_mouth', glass_style: 'transparent_glasses', st_expression: 'st_calm' };
  assert.deepEqual(faceQuality(picture, face(turned(0, 0, 0, 1.2), bare)).faults, []);
  const dark = { glass_style: 'sunglasses' };
  assert.deepEqual(faceQuality(picture, face(turned(0, 0, 0, 1.2), dark)).faults, ['occlusion']);
  const cut = face(turned(0, 0, 0, 1.2, [10, 100]));
  assert.ok(measureFace(picture, cut).inside < 0.8);
  assert.ok(faceQuality(picture, cut).faults.includes('occlusion'));
});

test('a cap and a face that is not at rest cost score, and are no faults of their own', () => {
  const picture = striped(100, 160);
  const scoreOf = (attributes: Record<string, string>) => faceQuality(picture, face(turned(0, 0, 0, 1.2), attributes));
  const { score } = scoreOf({ cap_style: 'hat_style_type_none', st_expression: 'st_calm' });
  assert.equal(scoreOf({}).score, score, 'what nobody looked for is not held against anybody');
  for (const [name, value] of [
    ['cap_style', 'cap'],
    ['st_expression', 'st_angry'],
  ] as const) {
    const less = scoreOf({ [name]: value });
    assert.deepEqual(less.faults, []);
    assert.ok(less.score < score * 0.85 && less.score > score * 0.6, `${less.score} of ${score}`);
  }
});

test('landmarks that do not come to rest cost score; without an aligner nothing is said of it', () => {
  const picture = striped(100, 160);
  const one = face(turned(0, 0, 0, 1.2));
  const score = (moved?: number) => faceQuality(picture, moved === undefined ? one : { ...one, moved }).score;
  assert.ok(Math.abs(score() - score(0.02)) <= 3);
  assert.ok(score(0.2) < score(0.02) - 3);
  assert.ok(score(Number.POSITIVE_INFINITY) < score(0.02) - 30);
});

test('size and yaw are measured as the picture shows them, whatever the roll', () => {
  for (const roll of [0, 35, -80]) {
    const { eyeDistance, pose } = measureFace(striped(100, 160), face(turned(0, 0, roll, 1.5)));
    assert.ok(Math.abs(eyeDistance - 35.24 * 1.5) < 1, `${eyeDistance}`);
    assert.ok(Math.abs(pose!.yaw) < 3);
  }
});

test('the score falls with every measure, and never leaves 0 to 100', () => {
  const best: FaceMeasures = {
    eyeDistance: 80,
    pose: { yaw: 0, pitch: 0, roll: 0 },
    brightness: 130,
    contrast: 40,
    sharpness: 0.6,
    inside: 1,
    score: 0.95,
    moved: 0,
    mouthOpen: false,
    calm: true,
    covered: false,
    capped: false,
  };
  assert.deepEqual(judgeFace(best), { score: 100, faults: [] });
  const falling = (change: (part: number) => Partial<FaceMeasures>) => {
    let last = 101;
    for (const part of [1, 0.5, 0.2, 0.05, 0]) {
      const { score } = judgeFace({ ...best, ...change(part) });
      assert.ok(score <= last && score >= 0, `${score} after ${last}`);
      last = score;
    }
    assert.ok(last < 75, `${last}`);
  };
  falling((part) => ({ eyeDistance: 80 * part }));
  falling((part) => ({ pose: { yaw: 90 * (1 - part), pitch: 0, roll: 0 } }));
  falling((part) => ({ pose: { yaw: 0, pitch: -90 * (1 - part), roll: 0 } }));
  falling((part) => ({ brightness: 130 * part }));
  falling((part) => ({ brightness: 255 - 125 * part }));
  falling((part) => ({ sharpness: 0.6 * part }));
  falling((part) => ({ inside: part }));
  falling((part) => ({ moved: 0.4 * (1 - part) }));
  const { pose: _, ...without } = best;
  assert.deepEqual(judgeFace(without).faults, ['angle']);
  assert.ok(FACE_LIMITS.yaw < 45);
});

test('landmarks that are no face are refused', () => {
  assert.throws(() => faceQuality(striped(0, 255), face([])), /five landmarks/);
  assert.throws(() => faceQuality(striped(0, 255), face(turned(0, 0, 0, 0))), /all in one place/);
});
