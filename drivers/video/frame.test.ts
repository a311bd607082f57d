import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitInside, i420Layout, packRgb } from './frame.ts';

test('an I420 picture of odd width has padded rows and an even height', () => {
  assert.deepEqual(i420Layout(333, 251), {
    yStride: 336,
    chromaStride: 168,
    uOffset: 84672,
    vOffset: 105840,
    size: 127008,
  });
  assert.deepEqual(i420Layout(640, 360), {
    yStride: 640,
    chromaStride: 320,
    uOffset: 230400,
    vOffset: 288000,
    size: 345600,
  });
});

test('a picture fits its box without changing its shape, up and down', () => {
  assert.deepEqual(fitInside({ width: 1920, height: 1080 }, { width: 416, height: 416 }), { width: 416, height: 234 });
  assert.deepEqual(fitInside({ width: 720, height: 1280 }, { width: 640, height: 360 }), { width: 203, height: 360 });
  assert.deepEqual(fitInside({ width: 320, height: 240 }, { width: 640, height: 640 }), { width: 640, height: 480 });
  assert.deepEqual(fitInside({ width: 8000, height: 16 }, { width: 64, height: 64 }), { width: 64, height: 1 });
});

test('row padding is removed, and a wrong length is refused', () => {
  const padded = Uint8Array.from([1, 2, 3, 0, 4, 5, 6, 0]);
  assert.deepEqual([...packRgb(padded, 1, 2)], [1, 2, 3, 4, 5, 6]);
  const packed = new Uint8Array(24);
  assert.equal(packRgb(packed, 4, 2), packed);
  assert.throws(() => packRgb(new Uint8Array(7), 1, 2), RangeError);
});
