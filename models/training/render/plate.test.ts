import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCanvas } from '@napi-rs/canvas';
import { glyph } from './glyphs.ts';
import { drawPlate, makePlate, type PlateStyle, perspective, plateStyle, type Quad } from './plate.ts';
import { random } from './random.ts';

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'];

function picture(text: string, style: PlateStyle): Uint8ClampedArray {
  const canvas = createCanvas(208, 50);
  const quad: Quad = [
    [0, 0],
    [208, 0],
    [208, 50],
    [0, 50],
  ];
  drawPlate(canvas.getContext('2d'), text, quad, style);
  return canvas.getContext('2d').getImageData(0, 0, 208, 50).data;
}

test('all 36 glyphs of each style look different', () => {
  for (const style of [0, 1, 2] as const) {
    const pictures = LETTERS.map((letter) => ({ letter, data: picture(letter, style) }));
    for (const [n, a] of pictures.entries())
      for (const b of pictures.slice(n + 1)) {
        let different = 0;
        for (let at = 0; at < a.data.length; at += 4) if (Math.abs(a.data[at]! - b.data[at]!) > 60) different += 1;
        assert.ok(different > 12, `${a.letter} and ${b.letter} of style ${style} differ in ${different} pixels`);
      }
  }
});

test('letters without a glyph leave a gap and strokes stay in their field', () => {
  assert.deepEqual(glyph('é', 0), []);
  for (const style of [0, 1, 2] as const)
    for (const letter of LETTERS) {
      const points = glyph(letter, style).flat();
      assert.ok(points.length > 1, letter);
      for (const [x, y] of points) assert.ok(x >= -0.5 && x <= 4.5 && y >= -0.5 && y <= 6.5, `${letter}: ${x} ${y}`);
    }
});

test('numbers are five to eight letters and digits with one gap at most', () => {
  const numbers = random('plates');
  for (let n = 0; n < 300; n += 1) {
    const text = makePlate(numbers);
    assert.match(text, /^[A-Z0-9]+[ -]?[A-Z0-9]+$/);
    const letters = text.replace(/[ -]/, '').length;
    assert.ok(letters >= 5 && letters <= 8, text);
    assert.equal(plateStyle(text), plateStyle(text));
  }
});

test('a quad is filled from corner to corner', () => {
  const quad: Quad = [
    [10, 20],
    [90, 5],
    [80, 60],
    [15, 50],
  ];
  const map = perspective(quad);
  for (const [n, [u, v]] of (
    [
      [0, 0],
      [1, 0],
      [1, 1],
      [0, 1],
    ] as const
  ).entries()) {
    const [x, y] = map(u, v);
    assert.ok(Math.hypot(x - quad[n]![0], y - quad[n]![1]) < 1e-6);
  }
});
