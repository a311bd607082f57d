import type { Random } from '../random.ts';
import { at, type Paint, type Space } from '../space.ts';
import { css, shade, type Tint } from '../tint.ts';

/** Left, right, near and far end of a floor, metres. */
export interface Extent {
  left: number;
  right: number;
  near: number;
  far: number;
}

/** Slabs of about one colour with joints; each is a little another shade. */
export function tiles(
  space: Space,
  extent: Extent,
  size: number,
  colour: Tint,
  random: Random,
  options?: { vary?: number; joint?: Tint; other?: Tint },
): void {
  const vary = options?.vary ?? 0.03;
  const joint = options?.joint ?? shade(colour, 0.86);
  space.flat(extent.left, extent.right, 0, extent.near, extent.far, css(joint));
  const gap = 0.008;
  const [columns, rows] = [
    Math.ceil((extent.right - extent.left) / size),
    Math.ceil((extent.far - extent.near) / size),
  ];
  for (let row = rows - 1; row >= 0; row -= 1)
    for (let column = 0; column < columns; column += 1) {
      const [x, z] = [extent.left + column * size, extent.near + row * size];
      const base = options?.other && (row + column) % 2 ? options.other : colour;
      const paint = css(shade(base, 1 + (random.next() - 0.5) * 2 * vary));
      space.flat(
        x + gap,
        Math.min(x + size, extent.right) - gap,
        0,
        z + gap,
        Math.min(z + size, extent.far) - gap,
        paint,
      );
    }
}

/** Boards along z. */
export function boards(space: Space, extent: Extent, width: number, colour: Tint, random: Random): void {
  space.flat(extent.left, extent.right, 0, extent.near, extent.far, css(shade(colour, 0.72)));
  for (let x = extent.left; x < extent.right; x += width) {
    let z = extent.near - random.next() * 2;
    while (z < extent.far) {
      const long = random.between(1.2, 2.4);
      const paint = css(shade(colour, random.between(0.9, 1.08)));
      space.flat(
        x + 0.004,
        x + width - 0.004,
        0,
        Math.max(extent.near, z),
        Math.min(extent.far, z + long - 0.006),
        paint,
      );
      z += long;
    }
  }
}

/** Concrete, asphalt, carpet: one colour with soft patches and specks. */
export function plain(
  space: Space,
  extent: Extent,
  colour: Tint,
  random: Random,
  options?: { specks?: number; patches?: number },
): void {
  space.flat(extent.left, extent.right, 0, extent.near, extent.far, css(colour));
  for (let n = 0; n < (options?.patches ?? 40); n += 1) {
    const place = at(
      random.between(extent.left, extent.right),
      0,
      extent.near + (extent.far - extent.near) * random.next() ** 1.6,
    );
    space.patch(
      place,
      random.between(0.3, 2),
      random.between(0.3, 2),
      shade(colour, random.chance(0.6) ? 0.7 : 1.3),
      random.between(0.04, 0.14),
    );
  }
  for (let n = 0; n < (options?.specks ?? 250); n += 1) {
    const place = at(
      random.between(extent.left, extent.right),
      0,
      extent.near + (extent.far - extent.near) * random.next() ** 1.8,
    );
    const to = at(place.x + random.normal() * 0.03, 0, place.z + random.normal() * 0.03);
    space.line(place, to, 0.015, css(shade(colour, random.chance(0.6) ? 0.75 : 1.25), 0.5), 0.3);
  }
}

/** Darkness where the floor meets a wall. */
export function contact(space: Space, { left, right, far }: Extent, depth = 0.9, alpha = 0.28): void {
  const dark = (from: ReturnType<typeof at>, to: ReturnType<typeof at>): Paint =>
    space.gradient(from, to, [
      [0, css([20, 16, 12], alpha)],
      [1, css([20, 16, 12], 0)],
    ]);
  space.flat(left, right, 0, far - depth, far, dark(at(0, 0, far), at(0, 0, far - depth)));
}

/** Fine grain over all that was drawn: nothing real is one flat colour. */
export function grain(space: Space, random: Random, strength: number): void {
  const { width, height } = space.camera.setup;
  const image = space.ctx.getImageData(0, 0, width, height);
  const { data } = image;
  // A plain congruential row: many numbers for little time, and nobody looks at any one of them.
  let state = random.int(1, 2 ** 31 - 1);
  const factor = strength / 255;
  for (let n = 0; n < data.length; n += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const amount = ((state >>> 24) + ((state >>> 16) & 255) - 255) * factor;
    data[n] = data[n]! + amount;
    data[n + 1] = data[n + 1]! + amount;
    data[n + 2] = data[n + 2]! + amount;
  }
  space.ctx.putImageData(image, 0, 0);
}
