import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ARCFACE_POINTS, inverse, type Similarity, similarityTransform, warp } from './align.ts';
import type { Point } from './types.ts';

const square: Point[] = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];

function apply({ a, b, tx, ty }: Similarity, [x, y]: Point): Point {
  return [a * x - b * y + tx, b * x + a * y + ty];
}

function assertClose(actual: readonly number[], expected: readonly number[], within = 1e-9): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries()) {
    assert.ok(Math.abs(value - expected[i]!) <= within, `${actual} is not ${expected}`);
  }
}

test('turning, scaling and moving are found again', () => {
  // A quarter turn (x goes to y), three times as large, moved by (5, 7).
  const to: Point[] = [
    [5, 7],
    [5, 10],
    [2, 10],
    [2, 7],
  ];
  const found = similarityTransform(square, to);
  assertClose([found.a, found.b, found.tx, found.ty], [0, 3, 5, 7]);
  assertClose(apply(inverse(found), [2, 10]), [1, 1]);
});

test('points that fit no similarity are met in the mean', () => {
  // Twice as wide, as high as before: the best scale is one and a half, about the middle.
  const found = similarityTransform(
    square,
    square.map(([x, y]): Point => [2 * x, y]),
  );
  assertClose([found.a, found.b, found.tx, found.ty], [1.5, 0, 0.25, -0.25]);
});

test('a mirrored face is not mirrored back', () => {
  const mirrored = ARCFACE_POINTS.map(([x, y]): Point => [112 - x, y]);
  const { a, b } = similarityTransform(mirrored, ARCFACE_POINTS);
  // A similarity without mirroring cannot do it: it scales down instead.
  assert.ok(Math.hypot(a, b) < 0.7);
});

test('landmarks in one place or not finite are refused', () => {
  const spot: Point[] = ARCFACE_POINTS.map(() => [10, 10]);
  assert.throws(() => similarityTransform(spot, ARCFACE_POINTS), /all in one place/);
  const broken = ARCFACE_POINTS.map(([x], i): Point => [x, i === 2 ? Number.NaN : 0]);
  assert.throws(() => similarityTransform(broken, ARCFACE_POINTS), /finite/);
  assert.throws(() => similarityTransform(square, ARCFACE_POINTS), /as many points/);
});

test('sampling takes whole pixels as they are, blends between, and is black outside', () => {
  const picture = { width: 2, height: 2, data: Uint8Array.of(10, 0, 1, 20, 0, 2, 30, 0, 3, 40, 0, 4) };
  const target = new Float32Array(12).fill(-1);
  warp(picture, { a: 1, b: 0, tx: 0, ty: 0 }, target, { width: 2, height: 2 });
  assert.deepEqual([...target], [...picture.data]);
  warp(picture, { a: 1, b: 0, tx: 0.5, ty: 0.25 }, target, { width: 1, height: 1 });
  assertClose([...target.subarray(0, 3)], [(10 * 0.75 + 30 * 0.25 + 20 * 0.75 + 40 * 0.25) / 2, 0, 2], 1e-5);
  // Half a pixel off the edge is half black; further off all black.
  warp(picture, { a: 1, b: 0, tx: -0.5, ty: 0 }, target, { width: 1, height: 1 });
  assert.equal(target[0], 5);
  warp(picture, { a: 1, b: 0, tx: 1.5, ty: 1.5 }, target, { width: 1, height: 1 });
  assert.equal(target[0], 10);
  warp(picture, { a: 1, b: 0, tx: 1e9, ty: -1e9 }, target, { width: 1, height: 1 });
  assert.deepEqual([...target.subarray(0, 3)], [0, 0, 0]);
});

test('a turned grid samples along the turned axes', () => {
  const picture = { width: 2, height: 2, data: Uint8Array.of(10, 0, 0, 20, 0, 0, 30, 0, 0, 40, 0, 0) };
  const target = new Float32Array(12);
  // Target x runs down the source, target y runs to the left of it, from the top right corner.
  warp(picture, { a: 0, b: 1, tx: 1, ty: 0 }, target, { width: 2, height: 2 });
  assert.deepEqual([target[0], target[3], target[6], target[9]], [20, 40, 10, 30]);
});
