import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ARCFACE_POINTS, inverse, similarityTransform, warp } from './align.ts';
import { alignedFace, letterboxedBody, squareAround, stretched } from './crops.ts';
import type { Box, Point, RgbPicture } from './types.ts';

/** A picture painted by a function of the place: red, green, blue. */
function painted(width: number, height: number, paint: (x: number, y: number) => [number, number, number]): RgbPicture {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set(paint(x, y), (y * width + x) * 3);
  }
  return { width, height, data };
}

const at = ({ data, width }: RgbPicture, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];
const GREY = [114, 114, 114];

test('a face comes to lie with its landmarks at their places, whatever its size and turn', () => {
  for (const [size, angle] of [
    [0.8, 0],
    [1, 0.4],
    [3.5, -0.3],
  ] as const) {
    const turn = ([x, y]: Point): Point => [
      250 + size * (Math.cos(angle) * (x - 56) - Math.sin(angle) * (y - 56)),
      240 + size * (Math.sin(angle) * (x - 56) + Math.cos(angle) * (y - 56)),
    ];
    const landmarks = ARCFACE_POINTS.map(turn);
    const near = (x: number, y: number, [px, py]: Point) => Math.hypot(x - px, y - py) < 4 * size;
    const face = painted(500, 480, (x, y) => (landmarks.some((one) => near(x, y, one)) ? [255, 0, 0] : [0, 0, 200]));
    const crop = alignedFace(face, landmarks, { width: 112, height: 112 });
    for (const [x, y] of ARCFACE_POINTS) {
      const [red = 0, , blue = 0] = at(crop, Math.round(x), Math.round(y));
      assert.ok(red > 200 && blue < 60, `size ${size}: ${red} at ${x}, ${y}`);
    }
    assert.deepEqual(at(crop, 56, 30), [0, 0, 200]);
    const half = alignedFace(face, landmarks, { width: 56, height: 56 });
    const [x, y] = ARCFACE_POINTS[2]!;
    assert.ok(at(half, Math.round(x / 2), Math.round(y / 2))[0]! > 150);
  }
});

test('a large face is averaged, not sampled here and there', () => {
  // Stripes one pixel wide: passed over pixels would give black or white.
  const stripes = painted(900, 900, (x) => (x % 2 ? [255, 255, 255] : [0, 0, 0]));
  const landmarks = ARCFACE_POINTS.map(([x, y]): Point => [8 * x, 8 * y]);
  const crop = alignedFace(stripes, landmarks, { width: 112, height: 112 });
  for (const x of [30, 31, 56, 80]) assert.ok(Math.abs(at(crop, x, 56)[0]! - 127) < 10, `${at(crop, x, 56)}`);
});

test('a large face is cut out as of the whole picture scaled down, also where it reaches beyond it', () => {
  const picture = painted(420, 380, (x, y) => [(x * 7 + y * 3) % 256, (x * y) % 256, (x * x + 5 * y) % 256]);
  const side = { width: 112, height: 112 };
  for (const [size, angle, middleX, middleY] of [
    [2.2, 0.3, 210, 190],
    [3.1, -2.5, 30, 350],
    [5.4, 1.2, 400, 10],
    [2.5, 0, -400, 190],
  ] as const) {
    const [cos, sin] = [size * Math.cos(angle), size * Math.sin(angle)];
    const landmarks = ARCFACE_POINTS.map(([x, y]): Point => {
      const [dx, dy] = [x - 56, y - 56];
      return [middleX + cos * dx - sin * dy, middleY + sin * dx + cos * dy];
    });
    const times = Math.floor(size);
    const small = stretched(picture, { width: Math.round(420 / times), height: Math.round(380 / times) });
    const places = landmarks.map(([x, y]): Point => [(x * small.width) / 420, (y * small.height) / 380]);
    const wanted = new Float32Array(112 * 112 * 3);
    warp(small, inverse(similarityTransform(places, ARCFACE_POINTS)), wanted, side);
    const crop = alignedFace(picture, landmarks, side);
    assert.ok(
      crop.data.every((byte, i) => Math.abs(byte - wanted[i]!) <= 0.51),
      `${size} times as large`,
    );
  }
});

test('a body lies in the middle at its own shape, on grey, with a little around it', () => {
  const picture = painted(200, 200, (x, y) => (x >= 50 && x < 150 && y >= 50 && y < 150 ? [250, 0, 0] : [0, 0, 250]));
  const crop = letterboxedBody(picture, [50, 50, 150, 150], { width: 128, height: 192 });
  assert.deepEqual([crop.width, crop.height, crop.data.length], [128, 192, 128 * 192 * 3]);
  assert.deepEqual(at(crop, 64, 25), GREY);
  assert.deepEqual(at(crop, 64, 166), GREY);
  assert.deepEqual(at(crop, 64, 30), [0, 0, 250]);
  assert.deepEqual(at(crop, 64, 96), [250, 0, 0]);
  assert.deepEqual(at(crop, 1, 96), [0, 0, 250]);
  const tall = letterboxedBody(picture, [90, 10, 110, 190], { width: 128, height: 192 });
  assert.deepEqual(at(tall, 10, 96), GREY);
  assert.deepEqual(at(tall, 64, 96), [250, 0, 0]);
});

test('a body at the edge is what the picture has of it', () => {
  const picture = painted(100, 100, () => [9, 9, 9]);
  const crop = letterboxedBody(picture, [60, -20, 140, 60], { width: 128, height: 192 });
  assert.deepEqual(at(crop, 64, 96), [9, 9, 9]);
  assert.throws(() => letterboxedBody(picture, [200, 0, 240, 90], { width: 128, height: 192 }), /outside/);
  assert.throws(() => letterboxedBody(picture, [Number.NaN, 0, 40, 90], { width: 128, height: 192 }), /outside/);
});

test('liveness sees a square 2.2 times the longer side of the face, grey beyond the picture', () => {
  // The face is 20 x 40 at (60, 60); the square of 88 begins at (16, 16).
  const picture = painted(120, 104, (x, y) => (x >= 50 && x < 70 && y >= 40 && y < 80 ? [250, 0, 0] : [0, 250, 0]));
  const crop = squareAround(picture, [50, 40, 70, 80], { width: 88, height: 88 });
  assert.deepEqual(at(crop, 44, 44), [250, 0, 0]);
  assert.deepEqual(at(crop, 33, 44), [0, 250, 0]);
  assert.deepEqual(at(crop, 34, 24), [250, 0, 0]);
  assert.deepEqual(at(crop, 34, 23), [0, 250, 0]);
  const edge = squareAround(picture, [0, 0, 40, 40], { width: 44, height: 44 });
  assert.deepEqual(at(edge, 5, 30), GREY);
  assert.deepEqual(at(edge, 30, 5), GREY);
  assert.deepEqual(at(edge, 14, 14), [0, 250, 0]);
});

test('models get the very crops they were trained on, byte for byte', () => {
  const picture = painted(90, 70, (x, y) => [(x * 3) % 256, (y * 5) % 256, (x * y) % 256]);
  const boxes: Box[] = [
    [20, 15, 50, 60],
    [-12.5, 20.25, 31.75, 80],
    [60.4, -8, 95, 30.6],
    [3, 3, 8, 9],
    [0, 0, 90, 70],
  ];
  const [bodies, faces] = [createHash('sha256'), createHash('sha256')];
  for (const box of boxes) {
    bodies.update(letterboxedBody(picture, box, { width: 128, height: 192 }).data);
    faces.update(squareAround(picture, box, { width: 96, height: 96 }).data);
  }
  // Of the crops in the data sets of the models that come with the box: others ask for new models.
  assert.equal(bodies.digest('hex'), 'efd4485ea89d31e89f89d6de42daeb19b61b2bdb843d4855e973f8be0d894d41');
  assert.equal(faces.digest('hex'), '45ae2b86064dbaff6fc175532be50187008ce0e9b65483165cbd0a9d49e31b31');
});
