import { NEAR } from '../camera.ts';
import type { Random } from '../random.ts';
import { at, type Space } from '../space.ts';
import { css, hsl, mix, shade, type Tint } from '../tint.ts';

/**
 * Things that a careless model takes for something it looks for: red boxes and cans for an extinguisher, orange lamps,
 * cloths and sunsets for fire, pale patches for smoke, balls, clocks and oval mirrors for faces, posts and coats on
 * hooks for people, signs for plates.
 */
export function distract(space: Space, numbers: Random, outside: boolean): void {
  const kinds = [redBox, can, orangeLamp, ball, disc, post, sign, pale, blob, coat];
  for (let n = numbers.int(0, outside ? 4 : 6); n > 0; n -= 1) numbers.pick(kinds)(space, numbers);
}

type Draw = (space: Space, numbers: Random) => void;

function somewhere(numbers: Random): { x: number; z: number } {
  const z = numbers.between(3.5, 11);
  return { x: numbers.between(-0.55, 0.55) * z, z };
}

const red = (numbers: Random): Tint =>
  hsl(numbers.between(-12, 14), numbers.between(0.6, 0.9), numbers.between(0.32, 0.52));
const orange = (numbers: Random): Tint =>
  hsl(numbers.between(16, 46), numbers.between(0.75, 1), numbers.between(0.48, 0.66));
/** Colours of skin and of wood. */
const tan = (numbers: Random): Tint =>
  hsl(numbers.between(14, 38), numbers.between(0.2, 0.6), numbers.between(0.3, 0.82));

const redBox: Draw = (space, numbers) => {
  const { x, z } = somewhere(numbers);
  const [low, wide, high] = [
    numbers.chance(0.6) ? 0 : numbers.between(0.7, 1.5),
    numbers.between(0.15, 0.6),
    numbers.between(0.2, 0.8),
  ];
  space.box([x, x + wide], [low, low + high], [z, z + 0.3], red(numbers));
};

const can: Draw = (space, numbers) => {
  const { x, z } = somewhere(numbers);
  space.cylinder(
    at(x, 0, z),
    numbers.between(0.25, 1),
    numbers.between(0.1, 0.32),
    numbers.chance(0.5) ? red(numbers) : hsl(numbers.between(0, 360), 0.5, 0.45),
    { top: numbers.between(0.6, 1) },
  );
};

const orangeLamp: Draw = (space, numbers) => {
  const { x, z } = somewhere(numbers);
  const here = space.project(at(x, numbers.between(0.2, 2.8), z));
  if (here.depth <= NEAR) return;
  const { ctx } = space;
  const r = numbers.between(0.06, 0.3) * here.scale;
  const tone = orange(numbers);
  const glow = ctx.createRadialGradient(here.x, here.y, 0, here.x, here.y, r * 3);
  glow.addColorStop(0, css(shade(tone, 1.5), 0.95));
  glow.addColorStop(0.3, css(tone, 0.6));
  glow.addColorStop(1, css(tone, 0));
  ctx.fillStyle = glow;
  ctx.fillRect(here.x - r * 3, here.y - r * 3, r * 6, r * 6);
  ctx.fillStyle = css(shade(tone, 1.5));
  ctx.beginPath();
  if (numbers.chance(0.5)) ctx.arc(here.x, here.y, r * 0.6, 0, Math.PI * 2);
  else ctx.rect(here.x - r, here.y - r * 0.4, r * 2, r * 0.8);
  ctx.fill();
};

/** A shaded ellipse at a height, in the colours of faces too. */
function ellipse(
  space: Space,
  numbers: Random,
  y: number,
  radius: number,
  tone: Tint,
  stretch: number,
): { x: number; y: number; r: number } | undefined {
  const { x, z } = somewhere(numbers);
  const here = space.project(at(x, y, z));
  if (here.depth <= NEAR) return undefined;
  const { ctx } = space;
  const r = radius * here.scale;
  const paint = ctx.createRadialGradient(here.x - r * 0.35, here.y - r * 0.4, 0, here.x, here.y, r * 1.3);
  paint.addColorStop(0, css(shade(tone, 1.2)));
  paint.addColorStop(1, css(shade(tone, 0.66)));
  ctx.fillStyle = paint;
  ctx.beginPath();
  ctx.ellipse(here.x, here.y, r, r * stretch, 0, 0, Math.PI * 2);
  ctx.fill();
  return { x: here.x, y: here.y, r };
}

const ball: Draw = (space, numbers) => {
  const radius = numbers.between(0.08, 0.3);
  const spot = ellipse(
    space,
    numbers,
    numbers.chance(0.5) ? radius : numbers.between(0.8, 2),
    radius,
    numbers.chance(0.6) ? tan(numbers) : hsl(numbers.between(0, 360), 0.6, 0.5),
    1,
  );
  if (!spot || numbers.chance(0.5)) return;
  space.ctx.strokeStyle = 'rgba(30,24,20,.5)';
  space.ctx.lineWidth = Math.max(0.5, spot.r * 0.06);
  space.ctx.beginPath();
  space.ctx.ellipse(spot.x, spot.y, spot.r * 0.4, spot.r, 0.3, 0, Math.PI * 2);
  space.ctx.stroke();
};

/** A clock, a mirror, a round lamp or sign; some with two dark dots, as sockets have. */
const disc: Draw = (space, numbers) => {
  const spot = ellipse(
    space,
    numbers,
    numbers.between(1.2, 2.4),
    numbers.between(0.09, 0.28),
    numbers.chance(0.5) ? tan(numbers) : hsl(0, 0, numbers.between(0.3, 0.95)),
    numbers.between(1, 1.4),
  );
  if (!spot) return;
  const { ctx } = space;
  ctx.lineWidth = Math.max(0.5, spot.r * 0.12);
  ctx.strokeStyle = css(hsl(numbers.between(0, 360), 0.3, 0.25));
  if (numbers.chance(0.6)) {
    ctx.beginPath();
    ctx.ellipse(spot.x, spot.y, spot.r, spot.r * 1.1, 0, 0, Math.PI * 2);
    ctx.stroke();
  }
  if (numbers.chance(0.5)) {
    const turn = numbers.between(0, Math.PI * 2);
    ctx.beginPath();
    ctx.moveTo(spot.x + Math.cos(turn) * spot.r * 0.7, spot.y + Math.sin(turn) * spot.r * 0.7);
    ctx.lineTo(spot.x, spot.y);
    ctx.lineTo(spot.x, spot.y - spot.r * 0.5);
    ctx.stroke();
  } else {
    ctx.fillStyle = 'rgba(24,20,18,.8)';
    for (const side of numbers.chance(0.5) ? [-1, 1] : [0]) {
      ctx.beginPath();
      ctx.arc(spot.x + side * spot.r * 0.35, spot.y, spot.r * 0.1, 0, Math.PI * 2);
      ctx.fill();
    }
  }
};

const post: Draw = (space, numbers) => {
  const { x, z } = somewhere(numbers);
  const tone = hsl(numbers.between(0, 360), numbers.between(0, 0.6), numbers.between(0.15, 0.8));
  const high = numbers.between(0.9, 2.2);
  space.patch(at(x, 0, z), 0.4, 0.4, [16, 16, 18], 0.35);
  space.cylinder(at(x, 0, z), high, numbers.between(0.05, 0.24), tone, { top: numbers.between(0.5, 1) });
  if (numbers.chance(0.4))
    space.box([x - 0.2, x + 0.2], [high, high + 0.3], [z, z + 0.1], mix(tone, [255, 255, 255], 0.4));
};

const sign: Draw = (space, numbers) => {
  const { x, z } = somewhere(numbers);
  const [y, wide] = [numbers.between(0.5, 2.3), numbers.between(0.25, 0.9)];
  const high = wide * numbers.between(0.2, 1);
  const tone = numbers.chance(0.5) ? hsl(0, 0, 0.93) : hsl(numbers.between(0, 360), 0.7, 0.5);
  space.front(x, x + wide, y, y + high, z, css(tone));
  for (let n = numbers.int(1, 6); n > 0; n -= 1) {
    const [a, b] = [x + wide * numbers.between(0.08, 0.5), y + high * numbers.between(0.15, 0.85)];
    space.line(at(a, b, z), at(a + wide * numbers.between(0.1, 0.4), b, z), high * 0.09, 'rgba(22,22,26,.85)', 0.5);
  }
};

const pale: Draw = (space, numbers) => {
  const { x, z } = somewhere(numbers);
  const tone = hsl(numbers.between(0, 360), 0.06, numbers.between(0.5, 0.95));
  const y = numbers.between(0, 2);
  space.front(
    x,
    x + numbers.between(0.3, 1.4),
    y,
    y + numbers.between(0.3, 1.3),
    z,
    css(tone, numbers.between(0.3, 0.9)),
  );
};

/** A heap of cloth or leaves in any colour, orange ones among them. */
const blob: Draw = (space, numbers) => {
  const { x, z } = somewhere(numbers);
  const tone = numbers.chance(0.4)
    ? orange(numbers)
    : hsl(numbers.between(0, 360), numbers.between(0.1, 0.7), numbers.between(0.2, 0.7));
  const here = space.project(at(x, 0, z));
  if (here.depth <= NEAR) return;
  const r = numbers.between(0.15, 0.5) * here.scale;
  for (let n = 0; n < 9; n += 1) {
    space.ctx.fillStyle = css(shade(tone, numbers.between(0.65, 1.2)), 0.9);
    space.ctx.beginPath();
    space.ctx.ellipse(
      here.x + numbers.normal() * r * 0.5,
      here.y - r * numbers.between(0.1, 0.7),
      r * numbers.between(0.2, 0.6),
      r * numbers.between(0.15, 0.4),
      numbers.normal(),
      0,
      Math.PI * 2,
    );
    space.ctx.fill();
  }
};

/** A coat on a hook: a body without a head. */
const coat: Draw = (space, numbers) => {
  const { x, z } = somewhere(numbers);
  const tone = hsl(numbers.between(0, 360), numbers.between(0.05, 0.6), numbers.between(0.15, 0.6));
  const top = numbers.between(1.3, 1.8);
  space.fill(
    [
      at(x - 0.08, top, z),
      at(x + 0.08, top, z),
      at(x + 0.24, top - 0.1, z),
      at(x + 0.28, top - 0.9, z),
      at(x - 0.28, top - 0.9, z),
      at(x - 0.24, top - 0.1, z),
    ],
    css(tone),
  );
  space.line(at(x, top - 0.05, z), at(x, top - 0.88, z), 0.02, css(shade(tone, 0.6)));
};
