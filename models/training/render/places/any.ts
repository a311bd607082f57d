import { type Random, random } from '../random.ts';
import { at, Space } from '../space.ts';
import { css, hsl, mix, shade, type Tint } from '../tint.ts';
import { distract } from './distractors.ts';
import { boards, contact, type Extent, grain, plain, tiles } from './floors.ts';
import { chair, door, pendant, plant, print, shelf, sofa, table, window } from './furniture.ts';
import { building, fence, hedge, lamp, sky, tree } from './outdoors.ts';
import type { PlaceDrawing } from './place-drawing.ts';
import { room } from './room.ts';

/** A place made up from the seed: indoors or out, any colours, floors, furniture and clutter. */
export function anyPlace(seed: number): PlaceDrawing {
  const numbers = random(`any/${seed}`);
  const outside = numbers.chance(0.4);
  return {
    gloss: outside ? 0 : Math.max(0, numbers.between(-0.3, 0.4)),
    props: [],
    backdrop: (ctx, camera) => {
      const draw = numbers.stream('draw');
      let space = new Space(ctx, camera);
      if (draw.chance(0.07)) flatGround(space, draw);
      else if (outside) openAir(space, draw);
      else space = inside(space, draw);
      distract(space, numbers.stream('distract'), outside);
      cast(space, numbers.stream('cast'));
      grain(space, numbers.stream('grain'), draw.between(0, 14));
    },
  };
}

function colour(numbers: Random, strength: number): Tint {
  return hsl(numbers.between(0, 360), numbers.next() ** 2 * strength, numbers.between(0.14, 0.93));
}

/** Nothing but colours that run into each other: no model may lean on there being a floor. */
function flatGround(space: Space, numbers: Random): void {
  const { ctx } = space;
  const { width, height } = space.camera.setup;
  const paint = ctx.createLinearGradient(0, 0, width * numbers.next(), height);
  for (const part of [0, 0.5, 1]) paint.addColorStop(part, css(colour(numbers, 0.9)));
  ctx.fillStyle = paint;
  ctx.fillRect(0, 0, width, height);
}

function floor(space: Space, extent: Extent, numbers: Random): void {
  const base = colour(numbers, 0.5);
  const kind = numbers.int(0, 4);
  const other = numbers.chance(0.35) ? mix(base, colour(numbers, 0.4), numbers.between(0.1, 0.8)) : undefined;
  const vary = numbers.between(0, 0.09);
  if (kind <= 1) tiles(space, extent, numbers.between(0.35, 1.6), base, numbers, { vary, ...(other ? { other } : {}) });
  else if (kind === 2) boards(space, extent, numbers.between(0.1, 0.28), base, numbers);
  else plain(space, extent, base, numbers, { specks: numbers.int(0, 700), patches: numbers.int(0, 120) });
}

function inside({ ctx, camera }: Space, numbers: Random): Space {
  const half = numbers.between(2.2, 9);
  const shift = numbers.normal() * 0.6;
  const extent = { left: -half + shift, right: half + shift, near: 0.3, far: numbers.between(6, 18) };
  const { left, right, far } = extent;
  const high = numbers.between(2.5, 5);
  const wall = colour(numbers, 0.75);
  const space = room(
    ctx,
    camera,
    extent,
    high,
    wall,
    numbers.chance(0.7) ? hsl(40, 0.1, numbers.between(0.6, 0.95)) : colour(numbers, 0.4),
  );
  const back = far - 0.02;
  floor(space, extent, numbers);
  contact(space, extent, 1.2, numbers.between(0.05, 0.4));
  dress(space, extent, high, wall, numbers);
  // Things side by side along the far wall, each in its own stretch.
  const slots = Math.max(2, Math.floor((right - left) / 1.7));
  for (let n = 0; n < slots; n += 1) {
    const x = left + ((n + 0.5) / slots) * (right - left);
    const things = [
      () => door(space, x, back, colour(numbers, 0.6)),
      () =>
        window(
          space,
          [x - numbers.between(0.4, 0.8), x + numbers.between(0.4, 0.8)],
          [numbers.between(0.7, 1.2), numbers.between(1.8, 2.4)],
          back,
          colour(numbers, 0.2),
          {
            panes: numbers.int(1, 3),
            sky: hsl(numbers.between(190, 240), numbers.between(0.1, 0.6), numbers.between(0.25, 0.95)),
          },
        ),
      () =>
        print(space, x, numbers.between(1.4, 1.9), numbers.between(0.4, 1.2), numbers.between(0.4, 1), back, numbers),
      () =>
        shelf(
          space,
          x - 0.75,
          x + 0.75,
          numbers.between(0.9, 2.3),
          far - 0.45,
          colour(numbers, 0.5),
          numbers,
          numbers.int(2, 5),
        ),
      () => plant(space, at(x, 0, far - 0.5), numbers.between(0.6, 2.1), numbers, colour(numbers, 0.5)),
      () => sofa(space, x, far - 0.7, numbers.between(0.9, 1.7), colour(numbers, 0.6)),
      () => undefined,
    ];
    numbers.pick(things)();
  }
  for (let n = numbers.int(0, 3); n > 0; n -= 1) {
    const [x, z] = [numbers.between(left + 0.8, right - 0.8), numbers.between(far * 0.6, far - 1.2)];
    if (numbers.chance(0.5))
      table(
        space,
        x,
        z,
        { wide: numbers.between(0.7, 2), deep: numbers.between(0.5, 1), high: numbers.between(0.6, 1) },
        colour(numbers, 0.5),
      );
    else chair(space, x, z, colour(numbers, 0.7), numbers.chance(0.5) ? 1 : -1);
  }
  for (let n = numbers.int(0, 3); n > 0; n -= 1)
    pendant(
      space,
      numbers.between(left + 0.6, right - 0.6),
      high - numbers.between(0.3, 0.8),
      numbers.between(far * 0.5, far - 0.8),
      high,
      colour(numbers, 0.6),
      numbers.between(0.1, 0.3),
    );
  return space;
}

/** Wainscot, stripes, panels, bricks or pipes on the walls. */
function dress(space: Space, { left, right, far }: Extent, high: number, wall: Tint, numbers: Random): void {
  const z = far - 0.01;
  const other = mix(wall, colour(numbers, 0.7), numbers.between(0.15, 0.8));
  const kind = numbers.int(0, 6);
  if (kind === 0) space.front(left, right, 0, numbers.between(0.6, 1.5), z, css(other));
  if (kind === 1) {
    const step = numbers.between(0.15, 0.7);
    for (let x = left; x < right; x += step * 2) space.front(x, Math.min(right, x + step), 0, high, z, css(other, 0.7));
  }
  if (kind === 2)
    for (let y = 0, row = 0; y < high; y += 0.16, row += 1)
      for (let x = left + (row % 2) * 0.2; x < right; x += 0.4)
        space.front(x, Math.min(right, x + 0.385), y, y + 0.145, z, css(shade(other, numbers.between(0.88, 1.1))));
  if (kind === 3) {
    const step = numbers.between(0.7, 1.6);
    for (let x = left; x < right; x += step) space.line(at(x, 0, z), at(x, high, z), 0.02, css(shade(wall, 0.7)));
    for (let y = step; y < high; y += step) space.line(at(left, y, z), at(right, y, z), 0.02, css(shade(wall, 0.7)));
  }
  if (kind === 4)
    for (let n = numbers.int(1, 4); n > 0; n -= 1) {
      const [y, x] = [numbers.between(1.6, high - 0.1), numbers.between(left, right)];
      const pipe = colour(numbers, 0.7);
      const wide = numbers.between(0.04, 0.16);
      space.line(at(left, y, z), at(right, y, z), wide, css(pipe));
      space.line(at(x, 0, z), at(x, high, z), wide, css(shade(pipe, 0.85)));
    }
}

function openAir(space: Space, numbers: Random): void {
  const grey = numbers.chance(0.4);
  const top = hsl(numbers.between(195, 230), grey ? 0.08 : numbers.between(0.2, 0.65), numbers.between(0.35, 0.8));
  sky(space, top, mix(top, [255, 248, 236], numbers.between(0.3, 0.9)), numbers);
  plain(
    space,
    { left: -70, right: 70, near: 0.3, far: 140 },
    hsl(numbers.between(30, 130), numbers.between(0.03, 0.35), numbers.between(0.25, 0.65)),
    numbers,
    { specks: 600, patches: 120 },
  );
  const extent = {
    left: -numbers.between(3, 20),
    right: numbers.between(3, 20),
    near: 0.3,
    far: numbers.between(14, 50),
  };
  floor(space, extent, numbers);
  const far = numbers.between(14, 40);
  let x = -40;
  while (x < 40) {
    const wide = numbers.between(5, 16);
    if (numbers.chance(0.6))
      building(
        space,
        [x, x + wide * 0.92],
        numbers.between(3, 14),
        [far + numbers.between(0, 8), far + 18],
        colour(numbers, 0.5),
        numbers,
        { ribbon: numbers.chance(0.4), glass: hsl(numbers.between(180, 230), 0.2, numbers.between(0.25, 0.75)) },
      );
    else
      tree(
        space,
        at(x + wide / 2, 0, far),
        numbers.between(3, 8),
        numbers,
        hsl(numbers.between(60, 140), numbers.between(0.1, 0.4), numbers.between(0.3, 0.55)),
      );
    x += wide;
  }
  if (numbers.chance(0.4))
    fence(space, -25, 25, far - 2, numbers.between(1, 2.4), colour(numbers, 0.3), numbers.between(0.12, 0.4));
  if (numbers.chance(0.3))
    hedge(space, numbers.between(-20, -2), numbers.between(0, 16), far - 2.5, numbers.between(0.5, 1.4), numbers);
  if (numbers.chance(0.4))
    for (let z = 3; z < 40; z += 4) space.flat(-0.06, 0.06, 0.004, z, z + 2, 'rgba(244,242,230,.8)');
  if (numbers.chance(0.4))
    lamp(space, at(numbers.between(-8, 8), 0, numbers.between(12, 22)), 6, numbers.chance(0.5) ? 1.5 : -1.5);
}

/** Patches of sun and shade over everything. */
function cast(space: Space, numbers: Random): void {
  const { ctx } = space;
  const { width, height } = space.camera.setup;
  for (let n = numbers.int(0, 3); n > 0; n -= 1) {
    const [x, y, wide] = [numbers.between(0, width), numbers.between(0, height), numbers.between(0.1, 0.4) * width];
    const lean = numbers.normal() * width * 0.2;
    ctx.fillStyle = numbers.chance(0.5)
      ? `rgba(255,246,220,${numbers.between(0.04, 0.2).toFixed(3)})`
      : `rgba(12,14,24,${numbers.between(0.05, 0.28).toFixed(3)})`;
    ctx.beginPath();
    ctx.moveTo(x, y);
    ctx.lineTo(x + wide, y);
    ctx.lineTo(x + wide + lean, height);
    ctx.lineTo(x + lean, height);
    ctx.closePath();
    ctx.fill();
  }
}
