import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assign } from './assignment.ts';

/** Least total by trying everything: what `assign` must reach. */
function leastTotal(cost: number[][], limit: number, row = 0, used = 0): number {
  const line = cost[row];
  if (!line) return 0;
  let best = limit + leastTotal(cost, limit, row + 1, used);
  line.forEach((value, column) => {
    if (used & (1 << column)) return;
    best = Math.min(best, value + leastTotal(cost, limit, row + 1, used | (1 << column)));
  });
  return best;
}

function totalOf(cost: number[][], limit: number, partner: number[]): number {
  return partner.reduce((sum, column, row) => sum + (column < 0 ? limit : cost[row]![column]!), 0);
}

test('the total is the least there is, for every shape, with negative and forbidden costs', () => {
  let state = 7;
  const next = (): number => (state = (Math.imul(state, 48271) >>> 0) % 2147483647) / 2147483647;
  for (let round = 0; round < 400; round++) {
    const rows = 1 + Math.floor(next() * 6);
    const columns = 1 + Math.floor(next() * 6);
    const cost = Array.from({ length: rows }, () =>
      Array.from({ length: columns }, () => (next() < 0.2 ? Infinity : next() * 10 - 4)),
    );
    const limit = next() * 8 - 2;
    const partner = assign(cost, limit);
    const taken = partner.filter((column) => column >= 0);
    assert.equal(new Set(taken).size, taken.length, 'a column was given twice');
    assert.ok(Math.abs(totalOf(cost, limit, partner) - leastTotal(cost, limit)) < 1e-9);
  }
});

test('a greedy choice is not good enough where it costs another row more', () => {
  const cost = [
    [1, 2],
    [1, 9],
  ];
  assert.deepEqual(assign(cost, 10), [1, 0]);
});

test('costs that are not below the limit, or not numbers, never make a pair', () => {
  assert.deepEqual(assign([[5], [Number.NaN]], 5), [-1, -1]);
  assert.deepEqual(assign([[Infinity, -Infinity]], 5), [-1]);
  assert.deepEqual(assign([], 1), []);
  assert.deepEqual(assign([[], []], 1), [-1, -1]);
});

test('the size is bounded and the shape is checked', () => {
  const square = (n: number) =>
    Array.from({ length: n }, (_, row) => Array.from({ length: n }, (_, c) => (row * c) % 7));
  assert.equal(assign(square(200), 100).length, 200);
  assert.throws(() => assign(square(201), 100), /201 x 201 is larger than 200/);
  assert.throws(() => assign([[1, 2], [1]], 5), /differ in length/);
  assert.throws(() => assign([[1]], Infinity), /must be finite/);
});
