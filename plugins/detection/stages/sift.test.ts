import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box, Detection } from '../../../core/vision/keys.ts';
import { sift } from './sift.ts';

const HD = { width: 1280, height: 720, scaleX: 2, scaleY: 2 };
const ANY = { faceSizeMin: 1, faceSizeMax: 10_000 };
const find = (box: Box, change: Partial<Detection> = {}): Detection => ({ label: 'face', score: 0.9, box, ...change });
const boxes = (found: Detection[]) => found.map(({ box }) => box);

test('boxes and points come out in native pixels', () => {
  const scaling = { width: 1280, height: 720, scaleX: 2, scaleY: 2.25 };
  const [found] = sift('face', [find([10, 20, 60, 80], { landmarks: [[20, 40]] })], scaling, ANY);
  assert.deepEqual(found, { label: 'face', score: 0.9, box: [20, 45, 120, 180], landmarks: [[40, 90]] });
});

test('boxes are cut off at the edges of the frame; what is left of nothing goes', () => {
  const found = sift(
    'face',
    [find([-10, -10, 50, 50]), find([600, 300, 700, 400]), find([-50, 10, -1, 60]), find([10, 10, Number.NaN, 60])],
    HD,
    ANY,
  );
  assert.deepEqual(boxes(found), [
    [0, 0, 100, 100],
    [1200, 600, 1280, 720],
  ]);
});

test('only the subject asked for passes', () => {
  const all = [find([0, 0, 50, 50], { label: 'car' }), find([0, 0, 50, 50], { label: 'person' })];
  assert.deepEqual(
    sift('person', all, HD, ANY).map(({ label }) => label),
    ['person'],
  );
});

test('the centre decides whether a box lies in the region', () => {
  const roi: Box = [200, 100, 600, 500];
  const inside: Box = [90, 60, 130, 260];
  const outside: Box = [40, 60, 150, 140];
  assert.deepEqual(boxes(sift('person', [find(inside, { label: 'person' })], HD, { ...ANY, roi })), [
    [180, 120, 260, 520],
  ]);
  assert.deepEqual(sift('person', [find(outside, { label: 'person' })], HD, { ...ANY, roi }), []);
});

test('the longer side of a face lies within the limits; bodies have none', () => {
  const limits = { faceSizeMin: 60, faceSizeMax: 100 };
  const sides = [29, 30, 50, 51];
  const faces = sides.map((side) => find([0, 0, 10, side]));
  assert.deepEqual(
    sift('face', faces, HD, limits).map(({ box }) => box[3]),
    [60, 100],
  );
  const bodies = sides.map((side) => find([0, 0, 10, side], { label: 'person' }));
  assert.equal(sift('person', bodies, HD, limits).length, 4);
});

test('what a model calls a car and a truck is one vehicle; two beside one another stay two', () => {
  const found = sift(
    'vehicle',
    [
      find([10, 10, 110, 60], { label: 'car', score: 0.6 }),
      find([12, 10, 110, 62], { label: 'truck', score: 0.7 }),
      find([90, 10, 190, 60], { label: 'car', score: 0.5 }),
      find([200, 10, 300, 60], { label: 'vehicle', score: 0.4 }),
      find([10, 10, 110, 60], { label: 'person' }),
    ],
    HD,
    ANY,
  );
  assert.deepEqual(
    found.map(({ label, score }) => [label, score]),
    [
      ['vehicle', 0.7],
      ['vehicle', 0.5],
      ['vehicle', 0.4],
    ],
  );
});
