import { NEAR } from '../camera.ts';
import type { Random } from '../random.ts';
import { at, type Space } from '../space.ts';
import { css, hsl, mix, shade, type Tint, tint } from '../tint.ts';
import type { Vec3 } from '../types.ts';

const LEAF = tint('#4f7a52');

/** A leafy plant in a pot; `height` metres in all. */
export function plant(space: Space, foot: Vec3, height: number, random: Random, pot: Tint = tint('#d8d2c6')): void {
  const here = space.project(foot);
  if (here.depth <= NEAR) return;
  const potHigh = Math.min(0.5, height * 0.3);
  const potWide = Math.min(0.26, height * 0.15);
  if (!space.mirrored) space.patch(at(foot.x, foot.y, foot.z), potWide * 2.2, potWide * 2.2, [20, 18, 14], 0.4);
  space.cylinder(foot, potHigh, potWide, pot, { top: 1.12, lid: tint('#4a3c30') });
  const { ctx } = space;
  const scale = here.scale;
  const root = space.project(at(foot.x, foot.y + potHigh, foot.z));
  const up = space.mirrored ? 1 : -1;
  const leaves = 34;
  for (let n = 0; n < leaves; n += 1) {
    const turn = random.between(-1, 1);
    const part = n / leaves;
    // Old leaves hang low and dark behind, young ones stand up bright before them.
    const long = (height - potHigh) * random.between(0.55, 1.04) * scale * (0.75 + 0.3 * (1 - Math.abs(turn)));
    const wide = long * random.between(0.09, 0.15);
    const lean = turn * (1.25 - part * 0.35);
    const colour = shade(mix(LEAF, tint('#8aa860'), part * 0.5), 0.62 + part * 0.5 + random.normal() * 0.05);
    const [tx, ty] = [root.x + Math.sin(lean) * long * 0.72, root.y + up * Math.cos(lean) * long];
    const [mx, my] = [root.x + Math.sin(lean) * long * 0.22, root.y + up * long * 0.62];
    ctx.fillStyle = css(colour);
    ctx.beginPath();
    ctx.moveTo(root.x, root.y);
    ctx.quadraticCurveTo(mx - wide, my, tx, ty);
    ctx.quadraticCurveTo(mx + wide * 1.3, my + wide * 0.4, root.x, root.y);
    ctx.fill();
    ctx.strokeStyle = css(shade(colour, 1.3), 0.5);
    ctx.lineWidth = Math.max(0.3, wide * 0.08);
    ctx.beginPath();
    ctx.moveTo(root.x, root.y);
    ctx.quadraticCurveTo(mx, my, tx, ty);
    ctx.stroke();
  }
}

/** The dark on the floor below a thing; what a polished floor mirrors has none. */
function darkBeneath(space: Space, x: number, z: number, wide: number, deep: number, alpha: number): void {
  if (!space.mirrored) space.patch(at(x, 0, z), wide, deep, [18, 16, 14], alpha);
}

/** A table: a top on four legs. */
export function table(
  space: Space,
  x: number,
  z: number,
  size: { wide: number; deep: number; high: number },
  colour: Tint,
  legs: Tint = tint('#3c3f44'),
): void {
  const [x0, x1, z0, z1] = [x - size.wide / 2, x + size.wide / 2, z - size.deep / 2, z + size.deep / 2];
  darkBeneath(space, x, z, size.wide * 0.75, size.deep * 0.9, 0.35);
  const leg = 0.05;
  for (const lz of [z1 - leg, z0])
    for (const lx of [x0, x1 - leg]) space.box([lx, lx + leg], [0, size.high - 0.03], [lz, lz + leg], legs);
  space.box([x0, x1], [size.high - 0.04, size.high], [z0, z1], {
    front: shade(colour, 0.9),
    side: shade(colour, 0.78),
    top: shade(colour, 1.05),
  });
}

/** A chair or armchair that looks to the camera (`turn` 1) or away (-1). */
export function chair(space: Space, x: number, z: number, colour: Tint, turn: 1 | -1 = 1): void {
  const legs = tint('#4a4d52');
  darkBeneath(space, x, z, 0.42, 0.42, 0.4);
  const back = (): void =>
    space.box([x - 0.22, x + 0.22], [0.5, 0.92], [z + 0.2 * turn, z + 0.2 * turn + 0.05], colour);
  for (const [dx, dz] of [
    [-0.2, 0.18],
    [0.17, 0.18],
    [-0.2, -0.2],
    [0.17, -0.2],
  ] as const)
    space.box([x + dx, x + dx + 0.03], [0, 0.44], [z + dz, z + dz + 0.03], legs);
  if (turn === 1) back();
  space.box([x - 0.23, x + 0.23], [0.42, 0.48], [z - 0.22, z + 0.22], shade(colour, 0.95));
  if (turn === -1) back();
}

/** An armchair with rounded looks: seat, back, arms. */
export function sofa(space: Space, x: number, z: number, wide: number, colour: Tint): void {
  const half = wide / 2;
  darkBeneath(space, x, z, half * 1.4, 0.75, 0.42);
  space.box([x - half, x + half], [0.12, 0.82], [z + 0.3, z + 0.5], {
    front: shade(colour, 0.92),
    top: shade(colour, 1.08),
  });
  const arm = { front: shade(colour, 0.96), top: shade(colour, 1.1) };
  for (const [from, to] of [
    [x - half, x - half + 0.16],
    [x + half - 0.16, x + half],
  ] as const)
    space.box([from, to], [0.1, 0.6], [z - 0.38, z + 0.34], arm);
  const seats = Math.max(1, Math.round((wide - 0.32) / 0.7));
  const seat = (wide - 0.32) / seats;
  for (let n = 0; n < seats; n += 1) {
    const left = x - half + 0.16 + n * seat;
    space.box([left + 0.01, left + seat - 0.01], [0.12, 0.44], [z - 0.4, z + 0.28], {
      front: colour,
      top: shade(colour, 1.12),
    });
  }
  for (const dx of [-half + 0.06, half - 0.1])
    space.box([x + dx, x + dx + 0.04], [0, 0.12], [z - 0.36, z - 0.32], tint('#6b5138'));
}

/** Shelves with boxes, books and jars. */
export function shelf(
  space: Space,
  x0: number,
  x1: number,
  high: number,
  z: number,
  colour: Tint,
  random: Random,
  rows = 4,
): void {
  const deep = 0.4;
  darkBeneath(space, (x0 + x1) / 2, z, (x1 - x0) * 0.7, 0.5, 0.35);
  space.front(x0, x1, 0.05, high, z + deep, css(shade(colour, 0.5)));
  for (let row = 0; row < rows; row += 1) {
    const [floor, room] = [0.08 + (row * (high - 0.1)) / rows, (high - 0.1) / rows];
    space.box([x0, x1], [floor, floor + 0.03], [z, z + deep], colour);
    let x = x0 + 0.05;
    while (x < x1 - 0.12) {
      const wide = random.between(0.06, 0.45);
      if (random.chance(0.75) && x + wide < x1) {
        const thing = hsl(random.between(0, 360), random.between(0.05, 0.55), random.between(0.25, 0.8));
        const top = floor + 0.03 + room * random.between(0.35, 0.85);
        if (random.chance(0.25))
          space.cylinder(at(x + wide / 2, floor + 0.03, z + 0.15), top - floor, Math.min(0.13, wide / 2), thing);
        else space.box([x, x + wide - 0.01], [floor + 0.03, top], [z + 0.05, z + 0.3], thing);
      }
      x += wide;
    }
  }
  for (const x of [x0, x1 - 0.04]) space.box([x, x + 0.04], [0, high], [z, z + deep], shade(colour, 1.05));
}

/** An abstract print in a frame, on a wall that faces the camera. */
export function print(space: Space, x: number, y: number, wide: number, high: number, z: number, random: Random): void {
  const [x0, x1, y0, y1] = [x - wide / 2, x + wide / 2, y - high / 2, y + high / 2];
  space.front(x0 + 0.02, x1 + 0.05, y0 - 0.05, y1 - 0.02, z, 'rgba(20,16,12,.22)');
  space.front(x0, x1, y0, y1, z - 0.01, css(hsl(random.between(20, 45), 0.25, random.between(0.2, 0.8))));
  const hue = random.between(0, 360);
  space.front(x0 + 0.04, x1 - 0.04, y0 + 0.04, y1 - 0.04, z - 0.02, css(hsl(hue, 0.2, 0.9)));
  const { ctx } = space;
  ctx.save();
  space.outline([
    at(x0 + 0.06, y0 + 0.06, z),
    at(x1 - 0.06, y0 + 0.06, z),
    at(x1 - 0.06, y1 - 0.06, z),
    at(x0 + 0.06, y1 - 0.06, z),
  ]);
  ctx.clip();
  for (let n = 0; n < 5; n += 1) {
    const colour = css(hsl(hue + random.between(-50, 50), random.between(0.2, 0.6), random.between(0.35, 0.8)), 0.8);
    const [cx, cy] = [random.between(x0, x1), random.between(y0, y1)];
    if (random.chance(0.5))
      space.fill([at(cx, y0, z), at(cx + wide * 0.5, y0, z), at(cx + wide * random.next(), cy, z)], colour);
    else space.front(cx, cx + wide * random.between(0.1, 0.6), y0, cy, z, colour);
  }
  ctx.restore();
}

/** A window with frame and daylight on a wall that faces the camera. */
export function window(
  space: Space,
  [x0, x1]: readonly [number, number],
  [y0, y1]: readonly [number, number],
  z: number,
  frame: Tint,
  options?: { panes?: number; sky?: Tint },
): void {
  const panes = options?.panes ?? 2;
  const sky = options?.sky ?? tint('#dcebf5');
  space.front(x0 - 0.07, x1 + 0.07, y0 - 0.07, y1 + 0.07, z, css(frame));
  const paint = space.gradient(at(x0, y1, z), at(x0, y0, z), [
    [0, css(sky)],
    [0.62, css(mix(sky, [255, 255, 250], 0.6))],
    [0.66, css(mix(sky, tint('#9fb394'), 0.65))],
    [1, css(mix(sky, tint('#7d9178'), 0.8))],
  ]);
  const step = (x1 - x0) / panes;
  for (let n = 0; n < panes; n += 1)
    space.front(x0 + n * step + 0.03, x0 + (n + 1) * step - 0.03, y0 + 0.03, y1 - 0.03, z, paint);
  space.fill(
    [at(x0 + 0.1, y1, z), at(x0 + (x1 - x0) * 0.35, y1, z), at(x0 + (x1 - x0) * 0.12, y0, z), at(x0, y0 + 0.2, z)],
    'rgba(255,255,255,.22)',
  );
  space.box([x0 - 0.1, x1 + 0.1], [y0 - 0.12, y0 - 0.06], [z - 0.12, z], shade(frame, 0.95));
}

/** A plain door with handle, on a wall that faces the camera. */
export function door(space: Space, x: number, z: number, colour: Tint, wide = 0.95, high = 2.1): void {
  space.front(x - wide / 2 - 0.07, x + wide / 2 + 0.07, 0, high + 0.07, z, css(shade(colour, 0.7)));
  space.front(x - wide / 2, x + wide / 2, 0.01, high, z, css(colour));
  for (const [low, top] of [
    [0.2, 0.95],
    [1.1, high - 0.15],
  ] as const)
    space.front(x - wide * 0.36, x + wide * 0.36, low, top, z, css(shade(colour, 0.94)));
  space.line(at(x + wide * 0.36, 1.02, z), at(x + wide * 0.46, 1.02, z), 0.035, '#b9bcc0', 0.8);
}

/** A lamp that hangs from the ceiling, with its glow. */
export function pendant(
  space: Space,
  x: number,
  y: number,
  z: number,
  ceiling: number,
  colour: Tint,
  radius = 0.2,
): void {
  const here = space.project(at(x, y, z));
  if (here.depth <= NEAR) return;
  space.line(at(x, ceiling, z), at(x, y, z), 0.012, 'rgba(50,44,38,.8)', 0.6);
  const { ctx } = space;
  const r = radius * here.scale;
  const glow = ctx.createRadialGradient(here.x, here.y + r * 0.5, 0, here.x, here.y + r * 0.5, r * 4.5);
  glow.addColorStop(0, 'rgba(255,226,170,.5)');
  glow.addColorStop(0.3, 'rgba(255,216,150,.18)');
  glow.addColorStop(1, 'rgba(255,210,140,0)');
  ctx.fillStyle = glow;
  ctx.fillRect(here.x - r * 5, here.y - r * 5, r * 10, r * 10);
  const dome = ctx.createLinearGradient(here.x - r, 0, here.x + r, 0);
  dome.addColorStop(0, css(shade(colour, 0.8)));
  dome.addColorStop(0.4, css(shade(colour, 1.25)));
  dome.addColorStop(1, css(shade(colour, 0.65)));
  ctx.fillStyle = dome;
  ctx.beginPath();
  ctx.moveTo(here.x - r, here.y + r * 0.5);
  ctx.bezierCurveTo(here.x - r, here.y - r * 0.75, here.x + r, here.y - r * 0.75, here.x + r, here.y + r * 0.5);
  ctx.closePath();
  ctx.fill();
  ctx.fillStyle = '#fff3d4';
  ctx.beginPath();
  ctx.ellipse(here.x, here.y + r * 0.5, r * 0.94, r * 0.16, 0, 0, Math.PI * 2);
  ctx.fill();
}
