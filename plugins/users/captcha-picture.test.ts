import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { captchaPicture } from './captcha-picture.ts';

const paths = (svg: string) => [...svg.matchAll(/<path d="([^"]+)"/g)].map(([, path]) => path ?? '');

test('a captcha is a picture of lines alone, another one each time', async () => {
  const svg = captchaPicture('4711');
  assert.deepEqual([...new Set([...svg.matchAll(/<([a-z]+)/g)].map(([, tag]) => tag))], ['svg', 'rect', 'g', 'path']);
  assert.doesNotMatch(svg, /4711|id=|class=|data-/);
  const { width, height } = await sharp(Buffer.from(svg)).metadata();
  assert.deepEqual([width, height], [160, 60]);
  const other = new Set(paths(captchaPicture('4711')));
  assert.equal(paths(svg).filter((path) => other.has(path)).length, 0, 'no path is drawn the same twice');
});

test('the paths do not stand in the order of the digits', () => {
  const xs = paths(captchaPicture('8888')).map((path) => Number(/^M(-?[\d.]+)/.exec(path)?.[1]));
  const jumps = xs.filter((x, i) => i > 0 && Math.abs(x - (xs[i - 1] ?? x)) > 30).length;
  assert.ok(jumps > xs.length / 4, `${jumps} jumps in ${xs.length} paths`);
});

test('every digit leaves ink where it stands', async () => {
  for (const digit of '0123456789') {
    const { data, info } = await sharp(Buffer.from(captchaPicture(digit.repeat(4))))
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    for (let place = 0; place < 4; place++) {
      const step = info.width / 4.6;
      let dark = 0;
      for (let y = 12; y < info.height - 12; y++) {
        for (let x = Math.round(step * (place + 0.3)); x < step * (place + 1.3); x++) {
          if ((data[y * info.width + x] ?? 255) < 140) dark += 1;
        }
      }
      assert.ok(dark > 20, `digit ${digit} at ${place}: ${dark} dark pixels`);
    }
  }
});
