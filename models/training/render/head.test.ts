import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import { drawHead } from './head.ts';
import { makeIdentity, neutralLook, randomLook } from './identity.ts';
import { random } from './random.ts';
import {
  type Box,
  EXPRESSIONS,
  type FaceIdentity,
  type FaceLook,
  HATS,
  type HeadTruth,
  type HeadView,
} from './types.ts';

const SIZE = 240;
const CENTRE = { x: SIZE / 2, y: SIZE / 2, radius: 56, yaw: 0, pitch: 0, roll: 0 };

function paint(
  identity: FaceIdentity,
  look: FaceLook,
  view: Partial<HeadView> = {},
): { ctx: SKRSContext2D; truth: HeadTruth } {
  const ctx = createCanvas(SIZE, SIZE).getContext('2d');
  const truth = drawHead(ctx, identity, look, { ...CENTRE, ...view });
  return { ctx, truth };
}

function pixels(ctx: SKRSContext2D): Uint8ClampedArray {
  return ctx.getImageData(0, 0, SIZE, SIZE).data;
}

/** Middle and box of all pixels that differ by more than a little. */
function difference(first: SKRSContext2D, second: SKRSContext2D): { x: number; y: number; count: number } {
  const [a, b] = [pixels(first), pixels(second)];
  let [sx, sy, count] = [0, 0, 0];
  for (let n = 0; n < a.length; n += 4) {
    const off = Math.abs(a[n]! - b[n]!) + Math.abs(a[n + 1]! - b[n + 1]!) + Math.abs(a[n + 2]! - b[n + 2]!);
    if (off < 40) continue;
    sx += (n / 4) % SIZE;
    sy += Math.floor(n / 4 / SIZE);
    count += 1;
  }
  return { x: sx / count + 0.5, y: sy / count + 0.5, count };
}

function painted(ctx: SKRSContext2D, rows = SIZE): Box {
  const data = pixels(ctx);
  const box: Box = [SIZE, SIZE, 0, 0];
  for (let n = 0; n < rows * SIZE; n += 1) {
    if (data[n * 4 + 3]! < 128) continue;
    const [x, y] = [n % SIZE, Math.floor(n / SIZE)];
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x + 1);
    box[3] = Math.max(box[3], y + 1);
  }
  return box;
}

test('the same person in the same look is drawn with the same bytes', () => {
  for (const seed of [1, 2, 3]) {
    const draw = (): Buffer => {
      const identity = makeIdentity(seed);
      const look = randomLook(identity, random(seed));
      return Buffer.from(pixels(paint(identity, look, { yaw: 0.4, pitch: -0.1, roll: 0.1 }).ctx));
    };
    assert.ok(draw().equals(draw()));
  }
  const [one, two] = [1, 2].map((seed) => paint(makeIdentity(seed), neutralLook(makeIdentity(seed))).ctx);
  assert.ok(difference(one!, two!).count > 200);
});

test('eyes and mouth are painted where the landmarks say', () => {
  // No fringe before the eyes.
  const identity: FaceIdentity = { ...makeIdentity(4), hair: { style: 'bald', colour: 'black', cut: 0 } };
  const look = neutralLook(identity);
  for (const view of [{}, { yaw: 0.5, roll: 0.3 }, { yaw: -0.6, pitch: 0.3 }, { pitch: -0.4, roll: -1.2 }]) {
    const open = paint(identity, look, view);
    const [left, right, nose, mouthLeft, mouthRight] = open.truth.face!.landmarks;
    // A face whose eyes are shut differs at the eyes alone; the middle of the difference lies between them.
    const eyes = difference(open.ctx, paint(identity, { ...look, eyesClosed: 1 }, view).ctx);
    assert.ok(eyes.count > 60);
    const middle = [(left[0] + right[0]) / 2, (left[1] + right[1]) / 2] as const;
    // The far eye shows less of itself, which draws the middle towards the near one.
    const slack = 4 + 10 * Math.abs(view.yaw ?? 0);
    assert.ok(Math.hypot(eyes.x - middle[0], eyes.y - middle[1]) < slack, `eyes ${eyes.x},${eyes.y} ${middle}`);
    // Other lips change the mouth alone.
    const lips = { ...identity, id: 'lips', shape: { ...identity.shape, lowerLip: 1.4, upperLip: 1.4 } };
    const thin = { ...identity, id: 'thin', shape: { ...identity.shape, lowerLip: -1.4, upperLip: -1.4 } };
    const mouth = difference(paint(lips, look, view).ctx, paint(thin, look, view).ctx);
    const between = [(mouthLeft[0] + mouthRight[0]) / 2, (mouthLeft[1] + mouthRight[1]) / 2] as const;
    assert.ok(Math.hypot(mouth.x - between[0], mouth.y - between[1]) < 10, `mouth ${mouth.x},${mouth.y} ${between}`);
    for (const [x, y] of [left, right, nose, mouthLeft, mouthRight]) {
      assert.equal(pixels(open.ctx)[(Math.floor(y) * SIZE + Math.floor(x)) * 4 + 3], 255);
    }
  }
});

test('boxes hold what is drawn and hold it tightly', () => {
  for (let seed = 0; seed < 12; seed += 1) {
    const identity = makeIdentity(`box${seed}`);
    const look = {
      ...neutralLook(identity),
      ...(seed % 2 ? { hat: { style: HATS[seed % 4]!, colour: 'red' as const } } : {}),
    };
    const { ctx, truth } = paint(identity, look, { yaw: -1.4 + seed * 0.25 });
    // Above the chin no neck sticks out of the head.
    const [left, top, right] = painted(ctx, Math.floor(CENTRE.y + 20));
    assert.ok(left >= truth.head[0] - 1.5 && right <= truth.head[2] + 1.5, `${seed}: ${left} ${right} ${truth.head}`);
    assert.ok(Math.abs(top - truth.head[1]) < 2.5, `${seed}: top ${top} ${truth.head[1]}`);
    const face = truth.face;
    if (!face) continue;
    // The face lies in the head, and is as high as from chin to hair line.
    assert.ok(face.box[0] >= truth.head[0] && face.box[2] <= truth.head[2] && face.box[3] <= truth.head[3] + 0.01);
    const high = (face.box[3] - face.box[1]) / CENTRE.radius;
    assert.ok(high > 1.4 && high < 1.8, String(high));
    for (const [x, y] of face.landmarks) {
      assert.ok(x >= face.box[0] && x <= face.box[2] && y >= face.box[1] && y <= face.box[3]);
    }
  }
});

test('a turned head shows its face on that side, a raised one higher', () => {
  const identity = makeIdentity(7);
  const look = neutralLook(identity);
  const nose = (view: Partial<HeadView>) => paint(identity, look, view).truth.face!.landmarks[2];
  assert.ok(nose({ yaw: 0.6 })[0] > nose({})[0] + 15);
  assert.ok(nose({ pitch: 0.4 })[1] < nose({})[1] - 10);
  // Clockwise: what was below goes to the left.
  assert.ok(nose({ roll: 0.5 })[0] < nose({})[0] - 2);
  assert.equal(paint(identity, look, { yaw: 1.5 }).truth.face, undefined);
  assert.equal(paint(identity, look, { yaw: Math.PI }).truth.face, undefined);
  assert.ok(paint(identity, look, { yaw: 2 * Math.PI }).truth.face);
});

test('only a hard hat has a helmet box, and it lies on top of the head', () => {
  const identity = makeIdentity(9);
  for (const style of HATS) {
    const { truth } = paint(identity, { ...neutralLook(identity), hat: { style, colour: 'yellow' } });
    assert.equal(truth.helmet !== undefined, style === 'st_hard_hat');
    if (truth.helmet) {
      assert.ok(truth.helmet[3] < truth.face!.landmarks[0][1]);
      assert.ok(Math.abs(truth.helmet[1] - truth.head[1]) < 0.01);
    }
  }
});

test('any view of any look at any size is drawn', () => {
  const ctx = createCanvas(64, 64).getContext('2d');
  const source = random('views');
  for (let n = 0; n < 260; n += 1) {
    const identity = makeIdentity(`view${n}`);
    const look = { ...randomLook(identity, source), expression: EXPRESSIONS[n % EXPRESSIONS.length]! };
    const radius = n % 20 === 0 ? 300 : source.between(0.5, 90);
    const view = {
      x: 32,
      y: 32,
      radius,
      yaw: source.between(-4, 4),
      pitch: source.between(-1.6, 1.6),
      roll: source.between(-4, 4),
    };
    const truth = drawHead(ctx, identity, look, view, { from: source.between(-4, 4), hardness: source.next() });
    const numbers = [
      ...truth.head,
      ...(truth.helmet ?? []),
      ...(truth.face?.box ?? []),
      ...(truth.face?.landmarks.flat() ?? []),
    ];
    assert.ok(numbers.every(Number.isFinite));
    assert.ok(truth.head[2] > truth.head[0] && truth.head[3] > truth.head[1]);
  }
  const identity = makeIdentity(1);
  assert.throws(() => drawHead(ctx, identity, neutralLook(identity), { ...CENTRE, radius: 0 }), RangeError);
  assert.throws(() => drawHead(ctx, identity, neutralLook(identity), { ...CENTRE, yaw: Number.NaN }), RangeError);
});
