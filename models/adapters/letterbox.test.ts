import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Preprocess } from '../catalog.ts';
import { fittedSize, Letterbox } from './letterbox.ts';

const plain: Preprocess = { channels: 'RGB', mean: [0, 0, 0], std: [1, 1, 1], fit: 'letterbox', fill: 9 };

/** 2 x 1 pixels: (1, 2, 3) and (4, 5, 6). */
const small = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };

test('a picture lies at the top left, the rest is the fill colour', () => {
  const box = new Letterbox({ width: 2, height: 2 }, plain);
  assert.deepEqual(box.load(small), { x: 1, y: 1 });
  assert.deepEqual([...box.data], [1, 4, 9, 9, 2, 5, 9, 9, 3, 6, 9, 9]);
});

test('BGR turns the planes round', () => {
  const box = new Letterbox({ width: 2, height: 2 }, { ...plain, channels: 'BGR' });
  box.load(small);
  assert.deepEqual([...box.data], [3, 6, 9, 9, 2, 5, 9, 9, 1, 4, 9, 9]);
});

test('mean and deviation belong to the colours, whatever the order of the planes, and hold for the fill too', () => {
  const settings = { mean: [1, 2, 3], std: [1, 2, 4], fill: 11 } satisfies Partial<Preprocess>;
  const rgb = new Letterbox({ width: 2, height: 2 }, { ...plain, ...settings });
  rgb.load(small);
  assert.deepEqual([...rgb.data], [0, 3, 10, 10, 0, 1.5, 4.5, 4.5, 0, 0.75, 2, 2]);
  const bgr = new Letterbox({ width: 2, height: 2 }, { ...plain, ...settings, channels: 'BGR' });
  bgr.load(small);
  assert.deepEqual([...bgr.data], [0, 0.75, 2, 2, 0, 1.5, 4.5, 4.5, 0, 3, 10, 10]);
});

test('nothing of an earlier picture of another shape shows', () => {
  const box = new Letterbox({ width: 2, height: 2 }, plain);
  box.load({ width: 2, height: 2, data: new Uint8Array(12).fill(200) });
  box.load(small);
  assert.deepEqual([...box.data], [1, 4, 9, 9, 2, 5, 9, 9, 3, 6, 9, 9]);
  box.load({ width: 1, height: 2, data: Uint8Array.of(10, 20, 30, 40, 50, 60) });
  assert.deepEqual([...box.data], [10, 9, 40, 9, 20, 9, 50, 9, 30, 9, 60, 9]);
});

test('pixels land where they belong whatever the width, and wherever in memory the picture lies', () => {
  for (const width of [1, 3, 4, 5, 7, 8, 13]) {
    for (const offset of [0, 1, 2, 3]) {
      const memory = Uint8Array.from({ length: offset + width * 2 * 3 + 2 }, (_, i) => (i * 37 + 11) % 256);
      const data = memory.subarray(offset, offset + width * 2 * 3);
      const box = new Letterbox({ width, height: 2 }, plain);
      box.load({ width, height: 2, data });
      const planes = [0, 1, 2].flatMap((channel) => [...data].filter((_, i) => i % 3 === channel));
      assert.deepEqual([...box.data], planes, `${width} pixels wide, ${offset} bytes into the memory`);
    }
  }
});

test('a larger picture is scaled down, a smaller one up, at its own shape', () => {
  const box = new Letterbox({ width: 2, height: 2 }, plain);
  const wide = new Uint8Array(4 * 2 * 3).fill(100);
  wide.set([100, 100, 100, 200, 200, 200], 6);
  assert.deepEqual(box.load({ width: 4, height: 2, data: wide }), { x: 2, y: 2 });
  assert.deepEqual([...box.data.subarray(0, 4)], [100, 125, 9, 9]);
  assert.deepEqual(box.load({ width: 1, height: 1, data: Uint8Array.of(7, 8, 9) }), { x: 0.5, y: 0.5 });
  assert.deepEqual([...box.data], [7, 7, 7, 7, 8, 8, 8, 8, 9, 9, 9, 9]);
});

test('stretching fills the input and has a factor for each axis', () => {
  const box = new Letterbox({ width: 2, height: 2 }, { ...plain, fit: 'stretch' });
  assert.deepEqual(box.load(small), { x: 1, y: 0.5 });
  assert.deepEqual([...box.data], [1, 4, 1, 4, 2, 5, 2, 5, 3, 6, 3, 6]);
});

test('sizes are rounded and never vanish', () => {
  const input = { width: 416, height: 416 };
  assert.deepEqual(fittedSize({ width: 768, height: 432 }, input, 'letterbox'), { width: 416, height: 234 });
  assert.deepEqual(fittedSize({ width: 100_000, height: 1 }, input, 'letterbox'), { width: 416, height: 1 });
  assert.deepEqual(fittedSize({ width: 3, height: 900 }, input, 'letterbox'), { width: 1, height: 416 });
});

test('data that does not fit the size is refused', () => {
  const box = new Letterbox({ width: 2, height: 2 }, plain);
  assert.throws(() => box.load({ width: 2, height: 2, data: new Uint8Array(11) }), /has 12 bytes, not 11/);
  assert.throws(() => box.load({ width: 0, height: 2, data: new Uint8Array(0) }), /0 x 2 pixels/);
  assert.throws(() => box.load({ width: 1.5, height: 2, data: new Uint8Array(9) }), /cannot be looked at/);
  assert.throws(() => box.load({ width: Number.NaN, height: 2, data: new Uint8Array(0) }), /cannot be looked at/);
});
