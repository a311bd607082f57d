import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Detection, RgbPicture } from '../../models/adapters/types.ts';
import { withRim } from './rim.ts';

/** Black, with one white pixel block of the size given at its place. */
function dotted(width: number, height: number, at: [number, number], size: number): RgbPicture {
  const data = new Uint8Array(width * height * 3);
  for (let y = at[1]; y < at[1] + size; y += 1) {
    data.fill(255, (y * width + at[0]) * 3, (y * width + at[0] + size) * 3);
  }
  return { width, height, data };
}

/** Middle of what is white. */
function white({ width, height, data }: RgbPicture): [number, number] {
  let [sum, atX, atY] = [0, 0, 0];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const bright = Math.max(0, data[(y * width + x) * 3]! - 150);
      sum += bright;
      atX += bright * (x + 0.5);
      atY += bright * (y + 0.5);
    }
  }
  return [atX / sum, atY / sum];
}

for (const [width, height, rim, whole] of [
  [100, 60, 0.5, [200, 120]],
  [100, 60, 2, [500, 300]],
  [1600, 1200, 2, [1920, 1440]],
] as const) {
  test(`a rim of ${rim} around ${width} x ${height}, and the way back`, () => {
    const side = width / 20;
    const at: [number, number] = [width * 0.7, height * 0.25];
    const { picture, back } = withRim(dotted(width, height, at, side), rim);
    assert.deepEqual([picture.width, picture.height], whole);
    assert.deepEqual([...picture.data.subarray(0, 3)], [114, 114, 114]);
    const middle = white(picture);
    const found: Detection = { label: 'face', score: 1, box: [0, 0, ...middle], landmarks: [middle] };
    const { box, landmarks } = back(found);
    const expected = [at[0] + side / 2, at[1] + side / 2];
    for (const axis of [0, 1] as const) {
      assert.ok(Math.abs(landmarks![0]![axis] - expected[axis]!) < width / 200, `${landmarks} for ${expected}`);
    }
    assert.deepEqual(box, [0, 0, ...landmarks![0]!], 'what lies in the rim is cut off');
  });
}
