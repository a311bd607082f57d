import { NEAR } from '../camera.ts';
import type { Random } from '../random.ts';
import { at, type Space } from '../space.ts';
import { css, mix, shade, type Tint, tint } from '../tint.ts';
import type { Vec3 } from '../types.ts';

/** Sky down to the horizon, with thin clouds. */
export function sky(space: Space, top: Tint, low: Tint, random: Random): void {
  const { ctx } = space;
  const { width, height } = space.camera.setup;
  const horizon = space.project(at(0, 0, 400)).y;
  const paint = ctx.createLinearGradient(0, 0, 0, Math.max(1, horizon));
  paint.addColorStop(0, css(top));
  paint.addColorStop(1, css(low));
  ctx.fillStyle = paint;
  ctx.fillRect(0, 0, width, height);
  for (let n = 0; n < 5; n += 1) {
    const [x, y] = [random.between(0, width), horizon * random.between(0.05, 0.75)];
    for (let puff = 0; puff < 6; puff += 1) {
      const r = width * random.between(0.03, 0.1);
      ctx.save();
      ctx.translate(x + random.normal() * r, y + random.normal() * r * 0.12);
      ctx.scale(1, 0.22);
      const cloud = ctx.createRadialGradient(0, 0, 0, 0, 0, r);
      cloud.addColorStop(0, 'rgba(255,255,255,.34)');
      cloud.addColorStop(1, 'rgba(255,255,255,0)');
      ctx.fillStyle = cloud;
      ctx.fillRect(-r, -r, r * 2, r * 2);
      ctx.restore();
    }
  }
}

/** A tree with a round crown of many leaves' patches. */
export function tree(space: Space, foot: Vec3, height: number, random: Random, leaf: Tint = tint('#6f9160')): void {
  const here = space.project(foot);
  const crown = space.project(at(foot.x, foot.y + height * 0.64, foot.z));
  if (here.depth <= NEAR || crown.depth <= NEAR) return;
  const { ctx } = space;
  space.patch(foot, height * 0.3, height * 0.22, [20, 26, 18], 0.32);
  space.line(foot, at(foot.x + 0.05, foot.y + height * 0.6, foot.z), height * 0.045, css(tint('#6a5844')), 1);
  const reach = height * 0.36 * crown.scale;
  for (let n = 0; n < 46; n += 1) {
    const [turn, far] = [random.between(0, Math.PI * 2), Math.sqrt(random.next())];
    const [x, y] = [crown.x + Math.cos(turn) * far * reach * 0.85, crown.y + Math.sin(turn) * far * reach * 0.9];
    const light = 0.72 + 0.38 * (1 - (y - crown.y + reach) / (2 * reach)) + (n / 46) * 0.1;
    ctx.fillStyle = css(shade(mix(leaf, tint('#a9b878'), random.next() * 0.3), light), 0.82);
    ctx.beginPath();
    ctx.ellipse(x, y, reach * random.between(0.14, 0.3), reach * random.between(0.11, 0.22), 0, 0, Math.PI * 2);
    ctx.fill();
  }
}

/** A trimmed hedge along x. */
export function hedge(space: Space, x0: number, x1: number, z: number, high: number, random: Random): void {
  const leaf = tint('#5f7f54');
  space.box([x0, x1], [0, high], [z, z + 0.8], { front: shade(leaf, 0.9), top: shade(leaf, 1.18) });
  for (let n = 0; n < (x1 - x0) * 34; n += 1) {
    const [x, y] = [random.between(x0, x1), high * random.next()];
    space.line(at(x, y, z), at(x + 0.06, y + 0.05, z), 0.07, css(shade(leaf, random.between(0.7, 1.25)), 0.5), 0.5);
  }
}

/** A building that shows its front: storeys of windows, a darker foot. */
export function building(
  space: Space,
  [x0, x1]: readonly [number, number],
  high: number,
  [z0, z1]: readonly [number, number],
  colour: Tint,
  random: Random,
  options?: { storey?: number; glass?: Tint; ribbon?: boolean },
): void {
  const storey = options?.storey ?? 3.2;
  const glass = options?.glass ?? tint('#7f95a6');
  space.box([x0, x1], [0, high], [z0, z1], { front: colour, side: shade(colour, 0.8) });
  for (let floor = 0.9; floor + 1.4 < high; floor += storey) {
    if (options?.ribbon) {
      space.front(x0 + 0.4, x1 - 0.4, floor, floor + 1.5, z0, css(shade(glass, 0.95)));
      for (let x = x0 + 0.4; x < x1 - 0.4; x += 1.1)
        space.line(at(x, floor, z0), at(x, floor + 1.5, z0), 0.06, css(shade(colour, 0.8)), 0.5);
      continue;
    }
    for (let x = x0 + 0.7; x + 1 < x1; x += 1.9) {
      space.front(x - 0.06, x + 1.06, floor - 0.06, floor + 1.36, z0, css(shade(colour, 1.15)));
      space.front(x, x + 1, floor, floor + 1.3, z0, css(shade(glass, random.between(0.75, 1.2))));
      space.fill(
        [at(x + 0.1, floor + 1.3, z0), at(x + 0.5, floor + 1.3, z0), at(x, floor + 0.3, z0), at(x, floor + 0.9, z0)],
        'rgba(255,255,255,.22)',
      );
    }
  }
  const side = x0 > 0 ? x0 : x1 < 0 ? x1 : undefined;
  if (side !== undefined)
    for (let floor = 0.9; floor + 1.4 < high; floor += storey)
      for (let z = z0 + 0.9; z + 1.2 < z1; z += 2.2)
        space.side(side, floor, floor + 1.3, z, z + 1.1, css(shade(glass, random.between(0.6, 0.95))));
  space.box([x0 - 0.1, x1 + 0.1], [high, high + 0.3], [z0 - 0.1, z1], shade(colour, 0.88));
}

/** A fence of slender bars along x; `see` is how dense it looks. */
export function fence(space: Space, x0: number, x1: number, z: number, high: number, colour: Tint, step = 0.16): void {
  for (let x = x0; x <= x1; x += step) space.line(at(x, 0.08, z), at(x, high, z), 0.022, css(colour), 0.4);
  for (const y of [0.15, high - 0.12]) space.line(at(x0, y, z), at(x1, y, z), 0.045, css(colour), 0.6);
  for (let x = x0; x <= x1 + 0.01; x += 2.5)
    space.line(at(x, 0, z), at(x, high + 0.08, z), 0.075, css(shade(colour, 0.85)), 0.8);
}

/** A fence along z. */
export function sideFence(space: Space, x: number, z0: number, z1: number, high: number, colour: Tint): void {
  for (let z = z0; z <= z1; z += 0.22) space.line(at(x, 0.08, z), at(x, high, z), 0.022, css(colour), 0.4);
  for (const y of [0.15, high - 0.12]) space.line(at(x, y, z0), at(x, y, z1), 0.045, css(colour), 0.6);
}

/** A street lamp. */
export function lamp(space: Space, foot: Vec3, high: number, arm: number): void {
  const steel = css(tint('#6d7378'));
  space.line(foot, at(foot.x, high, foot.z), 0.11, steel, 1);
  space.line(at(foot.x, high, foot.z), at(foot.x + arm, high + 0.1, foot.z), 0.08, steel, 0.8);
  const end = foot.x + arm;
  space.box(
    [Math.min(end, end + arm * 0.3), Math.max(end, end + arm * 0.3)],
    [high + 0.02, high + 0.14],
    [foot.z - 0.1, foot.z + 0.1],
    tint('#d9dcd8'),
  );
}

/** A barrier: post and arm with red and white bands; the arm reaches from `x` by `long` (to the left where negative). */
export function barrier(space: Space, x: number, z: number, long: number, open: number): void {
  space.box([x - 0.17, x + 0.17], [0, 1.05], [z - 0.15, z + 0.2], { front: tint('#e0e2e2'), top: tint('#f0f1f1') });
  space.front(x - 0.17, x + 0.17, 0.75, 0.86, z - 0.16, css(tint('#d98a2b')));
  const bands = 10;
  const point = (part: number): Vec3 =>
    at(x + long * part * Math.cos(open), 0.95 + Math.abs(long) * part * Math.sin(open), z);
  for (let n = 0; n < bands; n += 1)
    space.line(point(n / bands), point((n + 1) / bands), 0.1, n % 2 ? '#c8383a' : '#f2f2ef', 1);
}

/** A small house for a guard: windows all round, flat roof. */
export function booth(space: Space, [x0, x1]: readonly [number, number], [z0, z1]: readonly [number, number]): void {
  const wall = tint('#d8d6ce');
  const glass = tint('#8fa6b3');
  space.patch(at((x0 + x1) / 2, 0, (z0 + z1) / 2), (x1 - x0) * 0.9, (z1 - z0) * 0.9, [18, 20, 18], 0.4);
  space.box([x0, x1], [0, 2.5], [z0, z1], { front: wall, side: shade(wall, 0.8) });
  space.front(x0, x1, 0, 0.9, z0, css(shade(wall, 0.86)));
  space.front(x0 + 0.15, x1 - 0.15, 1, 2.15, z0 - 0.01, css(glass));
  space.fill(
    [
      at(x0 + 0.3, 2.15, z0 - 0.02),
      at(x0 + 0.9, 2.15, z0 - 0.02),
      at(x0 + 0.4, 1, z0 - 0.02),
      at(x0 + 0.15, 1.2, z0 - 0.02),
    ],
    'rgba(255,255,255,.3)',
  );
  space.line(at((x0 + x1) / 2, 1, z0 - 0.02), at((x0 + x1) / 2, 2.15, z0 - 0.02), 0.06, css(shade(wall, 0.8)));
  const side = x0 > 0 ? x0 : x1;
  space.side(side, 1, 2.15, z0 + 0.2, z1 - 0.2, css(shade(glass, 0.8)));
  space.box([x0 - 0.25, x1 + 0.25], [2.5, 2.68], [z0 - 0.35, z1 + 0.2], {
    front: tint('#5b6167'),
    top: tint('#80868b'),
  });
}

/** A kerb along z with its upper side. */
export function kerb(space: Space, x: number, z0: number, z1: number, pavement: Tint): void {
  const [a, b] = x < 0 ? [x - 0.16, x] : [x, x + 0.16];
  space.box([a, b], [0, 0.13], [z0, z1], {
    front: shade(pavement, 0.9),
    side: shade(pavement, 0.72),
    top: shade(pavement, 1.1),
  });
}
