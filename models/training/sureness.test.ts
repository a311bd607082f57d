import assert from 'node:assert/strict';
import { test } from 'node:test';
import { surest } from './sureness.ts';

/** Answers with falling scores; `wrong` are the places of those that are not right. */
function answers(count: number, wrong: (n: number) => boolean) {
  return Array.from({ length: count }, (_, n) => ({ score: 1 - n / count, right: !wrong(n) }));
}

test('a head that is always right is always believed', () => {
  assert.deepEqual(surest(answers(100, () => false)), { least: 0.01, answered: 1, right: 1 });
});

test('a head is believed as long as enough of its answers are right', () => {
  const { least, answered, right } = surest(answers(200, (n) => n >= 100));
  assert.equal(right >= 0.97, true);
  // 100 right ones bear three wrong ones.
  assert.equal(answered, 103 / 200);
  assert.equal(least, 0.49);
});

test('a head that guesses says nothing', () => {
  assert.deepEqual(surest(answers(1000, (n) => n % 2 === 0)), { least: 1, answered: 0, right: 0 });
});

test('answers of one score are taken together', () => {
  const even = Array.from({ length: 100 }, (_, n) => ({ score: 0.5, right: n % 10 !== 0 }));
  assert.equal(surest(even).least, 1);
});
