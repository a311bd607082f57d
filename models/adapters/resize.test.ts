import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Resizer } from './resize.ts';
import type { RgbPicture } from './types.ts';

/** A picture whose red is given; green is red + 1, blue is red + 2. */
function picture(width: number, reds: number[]): RgbPicture {
  return {
    width,
    height: reds.length / width,
    data: Uint8Array.from(reds.flatMap((red) => [red, red + 1, red + 2])),
  };
}

function reds(result: RgbPicture): number[] {
  return [...result.data].filter((_, i) => i % 3 === 0);
}

test('halving takes the mean of four pixels', () => {
  const result = new Resizer().resize(picture(4, [0, 4, 100, 100, 8, 12, 100, 104]), 2, 1);
  assert.deepEqual([...result.data], [6, 7, 8, 101, 102, 103]);
});

test('pixels that lie across a border count by their share', () => {
  // 3 to 2: each target covers one and a half source pixels.
  const result = new Resizer().resize(picture(3, [0, 60, 120]), 2, 1);
  assert.deepEqual(reds(result), [20, 100]);
  assert.deepEqual(reds(new Resizer().resize(picture(1, [0, 60, 120]), 1, 2)), [20, 100]);
});

test('making larger goes in straight lines between pixel centres and holds at the edges', () => {
  const result = new Resizer().resize(picture(2, [0, 100]), 4, 1);
  assert.deepEqual(reds(result), [0, 25, 75, 100]);
  assert.deepEqual(reds(new Resizer().resize(picture(1, [0, 100]), 1, 4)), [0, 25, 75, 100]);
});

test('one axis may grow while the other shrinks', () => {
  const result = new Resizer().resize(picture(2, [0, 100, 20, 120]), 4, 1);
  assert.deepEqual(reds(result), [10, 35, 85, 110]);
});

test('an even colour stays what it is at any size, up to white', () => {
  const resizer = new Resizer();
  for (const [width, height] of [
    [7, 5],
    [3, 2],
    [640, 31],
    [1, 1],
    [13, 100],
  ] as const) {
    const result = resizer.resize(
      { width: 13, height: 11, data: new Uint8Array(13 * 11 * 3).fill(255) },
      width,
      height,
    );
    assert.equal(result.data.length, width * height * 3);
    assert.ok(
      result.data.every((byte) => byte === 255),
      `${width} x ${height}`,
    );
  }
});

test('the target is used again, for every size', () => {
  const resizer = new Resizer();
  const first = resizer.resize(picture(2, [10, 20]), 1, 1);
  assert.deepEqual(reds(first), [15]);
  assert.equal(resizer.resize(picture(2, [30, 40]), 1, 1).data, first.data);
  assert.deepEqual(reds(resizer.resize(picture(1, [50]), 2, 1)), [50, 50]);
  assert.deepEqual(reds(resizer.resize(picture(2, [10, 20]), 1, 1)), [15]);
});

test('a part of the target is what it is in the whole; what lies around it is left alone', () => {
  const noise = {
    width: 61,
    height: 47,
    data: Uint8Array.from({ length: 61 * 47 * 3 }, (_, i) => (i * i * 7 + 3) % 251),
  };
  for (const [width, height] of [
    [6, 5],
    [30, 20],
    [61, 47],
    [90, 100],
  ] as const) {
    const whole = new Resizer().resize(noise, width, height);
    const only = { left: 2, top: 1, right: width - 1, bottom: height - 2 };
    const part = new Resizer().resize(noise, width, height, only);
    assert.deepEqual([part.width, part.height], [width, height]);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const inside = x >= only.left && x < only.right && y >= only.top && y < only.bottom;
        const at = (y * width + x) * 3;
        const wanted = inside ? [...whole.data.subarray(at, at + 3)] : [0, 0, 0];
        assert.deepEqual([...part.data.subarray(at, at + 3)], wanted, `${x}, ${y} of ${width} x ${height}`);
      }
    }
    const none = new Resizer().resize(noise, width, height, { left: width, top: 0, right: width, bottom: height });
    assert.ok(none.data.every((byte) => byte === 0));
  }
});

test('data that does not fit the size is refused', () => {
  assert.throws(() => new Resizer().resize({ width: 2, height: 2, data: new Uint8Array(3) }, 1, 1), /12 bytes, not 3/);
});
