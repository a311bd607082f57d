import assert from 'node:assert/strict';
import { test } from 'node:test';
import { intersectionOverUnion, suppress } from './nms.ts';
import type { Box } from './types.ts';

const one = (label: string, score: number, box: Box) => ({ label, score, box });

test('overlap is common area by area together', () => {
  assert.equal(intersectionOverUnion([0, 0, 10, 10], [0, 0, 10, 10]), 1);
  assert.equal(intersectionOverUnion([0, 0, 10, 10], [5, 0, 15, 10]), 50 / 150);
  assert.equal(intersectionOverUnion([0, 0, 10, 10], [10, 0, 20, 10]), 0);
  assert.equal(intersectionOverUnion([0, 0, 10, 10], [2, 2, 4, 7]), 0.1);
  assert.equal(intersectionOverUnion([0, 0, 0, 0], [0, 0, 0, 0]), 0);
  assert.equal(intersectionOverUnion([0, 0, Number.NaN, 1], [0, 0, 1, 1]), 0);
});

test('the best of overlapping boxes stays, others stay beside it, best first', () => {
  const far = one('face', 0.5, [50, 50, 60, 60]);
  const best = one('face', 0.9, [0, 0, 10, 10]);
  const near = one('face', 0.8, [1, 1, 11, 11]);
  assert.deepEqual(suppress([far, near, best], 0.3), [best, far]);
});

test('a hidden box hides none itself', () => {
  const a = one('face', 0.9, [0, 0, 10, 10]);
  const b = one('face', 0.8, [4, 0, 14, 10]);
  const c = one('face', 0.7, [8, 0, 18, 10]);
  assert.deepEqual(suppress([a, b, c], 0.3), [a, c]);
});

test('the limit itself is allowed, and labels do not hide one another', () => {
  const a = one('car', 0.9, [0, 0, 10, 10]);
  assert.equal(suppress([a, one('car', 0.8, [5, 0, 15, 10])], 1 / 3).length, 2);
  assert.equal(suppress([a, one('car', 0.8, [5, 0, 15, 10])], 0.33).length, 1);
  assert.equal(suppress([a, one('truck', 0.8, [0, 0, 10, 10])], 0.3).length, 2);
});

test('a flood of candidates is cut to the best ones', () => {
  const flood = Array.from({ length: 20_000 }, (_, i) => one('face', i / 20_000, [i * 20, 0, i * 20 + 10, 10]));
  const kept = suppress(flood, 0.3);
  assert.equal(kept.length, 500);
  assert.equal(kept[0], flood.at(-1));
});
