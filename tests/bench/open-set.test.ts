import assert from 'node:assert/strict';
import { test } from 'node:test';
import { falseNegatives, falsePositives, spearman, thresholdFor } from './open-set.ts';

test('a threshold lets no more strangers pass than asked for', () => {
  const strangers = [0.1, 0.9, 0.5, 0.3, 0.7, 0.2, 0.4, 0.6, 0.8, 0.5].map((best) => ({ best }));
  assert.equal(thresholdFor(strangers, 0.2), 0.7);
  assert.equal(falsePositives(strangers, 0.7), 0.2);
  assert.equal(thresholdFor(strangers, 0.01), 0.9, 'of ten, one is too many');
  assert.equal(falsePositives(strangers, 0.9), 0);
  // Both at 0.5 are refused: with either of them it would be half of all.
  assert.equal(falsePositives(strangers, thresholdFor(strangers, 0.45)), 0.4);
  const thirty = Array.from({ length: 30 }, (_, at) => ({ best: at / 100 }));
  assert.equal(falsePositives(thirty, thresholdFor(thirty, 0.1)), 0.1);
});

test('somebody is missed below the threshold, and behind somebody nearer', () => {
  const enrolled = [
    { best: 0.9, own: 0.9 },
    { best: 0.6, own: 0.6 },
    { best: 0.8, own: 0.7 },
    { best: 0.5, own: 0.5 },
  ];
  assert.equal(falseNegatives(enrolled, 0.5), 0.5);
  assert.equal(falseNegatives(enrolled, 0.65), 0.75);
  assert.equal(falseNegatives(enrolled, -1), 0.25);
});

test('ranks correlate whatever the scale is', () => {
  assert.equal(spearman([1, 2, 3, 4], [1, 10, 100, 1000]), 1);
  assert.equal(spearman([1, 2, 3, 4], [9, 8, 7, 1]), -1);
  // By hand: ranks 0, 1.5, 1.5, 3 against 0, 2, 1, 3.
  assert.ok(Math.abs(spearman([5, 6, 6, 7], [1, 3, 2, 4]) - 4.5 / Math.sqrt(4.5 * 5)) < 1e-12);
  assert.ok(Number.isNaN(spearman([1, 1], [1, 2])));
});
