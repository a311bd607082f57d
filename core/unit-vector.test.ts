import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOfLengthOne, lengthOf } from './unit-vector.ts';

test('a length of 1 is told but for rounding, and never of what is no number', () => {
  assert.equal(lengthOf([3, 4]), 5);
  assert.equal(lengthOf([]), 0);
  for (const one of [[1], [0.6, 0.8], Float32Array.from([0.6, 0.8]), [1.0009], [-0.9991]])
    assert.ok(isOfLengthOne(one));
  for (const other of [[], [0, 0], [1.002], [0.998], [Number.NaN, 1], [1, Number.POSITIVE_INFINITY]]) {
    assert.ok(!isOfLengthOne(other), String(other));
  }
});
