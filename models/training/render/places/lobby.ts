import { createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import type { Camera } from '../camera.ts';
import { type Random, random } from '../random.ts';
import { at, Space } from '../space.ts';
import { css, mix, shade, tint } from '../tint.ts';
import { contact, grain, tiles } from './floors.ts';
import { pendant, plant, sofa } from './furniture.ts';
import type { PlaceDrawing } from './place-drawing.ts';

const WALL = tint('#e9e3d8');
const WOOD = tint('#b98d62');
const STONE = tint('#d9d4ca');
const DARK = tint('#3b3a3a');
const BRASS = tint('#b99a5f');
const [LEFT, RIGHT, FAR, HIGH] = [-6.4, 6.4, 13, 3.6];

/** A warm, quiet reception: desk before a panel of wood on the left, glass doors with daylight on the right. */
export function lobby(seed: number): PlaceDrawing {
  return {
    gloss: 0.35,
    props: [],
    backdrop: (ctx, camera) => {
      const space = new Space(ctx, camera);
      const { width, height } = camera.setup;
      ctx.fillStyle = css(WALL);
      ctx.fillRect(0, 0, width, height);
      const extent = { left: LEFT, right: RIGHT, near: 0.3, far: FAR };
      tiles(space, extent, 1.28, STONE, random(`lobby/${seed}/floor`), { vary: 0.018, joint: shade(STONE, 0.9) });
      reflection(ctx, camera, seed);
      contact(space, extent, 1.6, 0.16);
      daylight(space);
      standing(space, seed);
      // Air between the camera and the far wall: a breath of light.
      const haze = ctx.createRadialGradient(width * 0.74, height * 0.3, 0, width * 0.74, height * 0.3, width * 0.5);
      haze.addColorStop(0, 'rgba(255,248,232,.34)');
      haze.addColorStop(1, 'rgba(255,248,232,0)');
      ctx.fillStyle = haze;
      ctx.fillRect(0, 0, width, height);
      grain(space, random(`lobby/${seed}/grain`), 3);
    },
  };
}

/** What stands on the floor, once more upside down: faint and soft. */
function reflection(ctx: SKRSContext2D, camera: Camera, seed: number): void {
  const { width, height } = camera.setup;
  const below = createCanvas(width, height);
  standing(new Space(below.getContext('2d'), camera, true), seed);
  ctx.save();
  new Space(ctx, camera).outline([at(LEFT, 0, 0.3), at(RIGHT, 0, 0.3), at(RIGHT, 0, FAR), at(LEFT, 0, FAR)]);
  ctx.clip();
  ctx.globalAlpha = 0.26;
  ctx.filter = `blur(${(width / 320).toFixed(1)}px)`;
  ctx.drawImage(below, 0, 0);
  ctx.restore();
}

/** Light that falls through the glass doors onto the floor. */
function daylight(space: Space): void {
  const { ctx } = space;
  ctx.save();
  ctx.globalCompositeOperation = 'soft-light';
  for (let n = 0; n < 3; n += 1) {
    const x = 1.35 + n * 1.4;
    const paint = space.gradient(at(x, 0, FAR), at(x - 2, 0, 5), [
      [0, 'rgba(255,250,236,.95)'],
      [1, 'rgba(255,250,236,0)'],
    ]);
    space.fill([at(x, 0, FAR - 0.1), at(x + 1.3, 0, FAR - 0.1), at(x - 0.6, 0, 5), at(x - 2.3, 0, 5)], paint);
  }
  ctx.restore();
  space.patch(at(-2.8, 0, 8.4), 3.4, 2.2, [255, 226, 178], 0.26);
}

function standing(space: Space, seed: number): void {
  const numbers = random(`lobby/${seed}`);
  walls(space);
  ceiling(space);
  doors(space, numbers.stream('outside'));
  panel(space);
  plant(space, at(0.45, 0, 12.4), 2, numbers.stream('plant 1'), tint('#cfc7b8'));
  plant(space, at(-5.7, 0, 12.2), 2.1, numbers.stream('plant 2'), tint('#8d8376'));
  desk(space);
  // The floor is too dull to show what hangs so high.
  if (!space.mirrored) for (const x of [-4.2, -3.2, -2.2]) pendant(space, x, 2.34, 10.2, HIGH, tint('#4a4540'), 0.17);
  sofa(space, 5.35, 9.6, 1.6, tint('#9aa69a'));
  plant(space, at(5.7, 0, 7.6), 1.3, numbers.stream('plant 3'), tint('#b9a58c'));
}

function walls(space: Space): void {
  space.front(
    LEFT,
    RIGHT,
    0,
    HIGH,
    FAR,
    space.gradient(at(LEFT, 0, FAR), at(RIGHT, 0, FAR), [
      [0, css(shade(WALL, 0.9))],
      [0.45, css(WALL)],
      [1, css(shade(WALL, 1.1))],
    ]),
  );
  // Left: upright slats of wood as far as the desk, then plaster.
  space.side(
    LEFT,
    0,
    HIGH,
    0.3,
    FAR,
    space.gradient(at(LEFT, 1, 3), at(LEFT, 1, FAR), [
      [0, css(shade(WALL, 0.78))],
      [1, css(shade(WALL, 0.93))],
    ]),
  );
  for (let z = 2; z < FAR; z += 0.16)
    space.side(LEFT + 0.02, 0.12, HIGH - 0.25, z, z + 0.09, css(shade(WOOD, 0.72 + 0.02 * (z % 3))));
  // Right: a plastered wall with a quiet niche.
  space.side(
    RIGHT,
    0,
    HIGH,
    0.3,
    FAR,
    space.gradient(at(RIGHT, 1, 3), at(RIGHT, 1, FAR), [
      [0, css(shade(WALL, 0.86))],
      [1, css(shade(WALL, 1.04))],
    ]),
  );
  space.side(RIGHT - 0.01, 1.05, 2.35, 8.4, 11.6, css(shade(tint('#c9cfc6'), 0.96)));
  space.side(RIGHT - 0.02, 1.13, 2.27, 8.55, 11.45, css(tint('#e7e2d3')));
  space.fill(
    [at(RIGHT - 0.03, 1.13, 8.55), at(RIGHT - 0.03, 1.13, 10.4), at(RIGHT - 0.03, 1.95, 9.6)],
    css(tint('#b5c0ae')),
  );
  space.fill(
    [at(RIGHT - 0.03, 1.13, 9.5), at(RIGHT - 0.03, 1.13, 11.45), at(RIGHT - 0.03, 1.7, 10.7)],
    css(tint('#8ea292')),
  );
  for (const x of [LEFT + 0.03, RIGHT - 0.03])
    space.line(at(x, 0.05, 0.5), at(x, 0.05, FAR), 0.1, css(tint('#cfc8ba')));
  space.line(at(LEFT, 0.05, FAR), at(RIGHT, 0.05, FAR), 0.1, css(tint('#cfc8ba')));
  for (const x of [LEFT, RIGHT]) {
    const inside = x < 0 ? x + 1 : x - 1;
    space.front(
      Math.min(x, inside),
      Math.max(x, inside),
      0,
      HIGH,
      FAR,
      space.gradient(at(x, 1, FAR), at(inside, 1, FAR), [
        [0, 'rgba(60,48,34,.2)'],
        [1, 'rgba(60,48,34,0)'],
      ]),
    );
  }
}

function ceiling(space: Space): void {
  if (space.mirrored) return;
  space.flat(
    LEFT,
    RIGHT,
    HIGH,
    0.3,
    FAR,
    space.gradient(at(0, HIGH, 6), at(0, HIGH, FAR), [
      [0, css(tint('#d8d2c7'))],
      [1, css(tint('#f2eee6'))],
    ]),
  );
  for (const x of [-4.6, -1.6, 1.6, 4.6]) {
    space.flat(x - 0.11, x + 0.11, HIGH - 0.005, 1, FAR - 0.5, 'rgba(255,246,224,.35)');
    space.flat(x - 0.05, x + 0.05, HIGH - 0.01, 1, FAR - 0.5, '#fffaf0');
  }
  // A line of light where the ceiling floats before the far wall.
  space.front(
    LEFT,
    RIGHT,
    HIGH - 0.5,
    HIGH,
    FAR - 0.01,
    space.gradient(at(0, HIGH, FAR), at(0, HIGH - 0.5, FAR), [
      [0, 'rgba(255,242,212,.85)'],
      [1, 'rgba(255,242,212,0)'],
    ]),
  );
}

/** Glass front: sky, trees and a path behind slender frames. */
function doors(space: Space, numbers: Random): void {
  const [x0, x1, top, z] = [1.3, 5.7, 2.95, FAR - 0.02];
  const { ctx } = space;
  space.front(x0 - 0.08, x1 + 0.08, 0, top + 0.08, z, css(DARK));
  ctx.save();
  space.outline([at(x0, 0, z), at(x1, 0, z), at(x1, top, z), at(x0, top, z)]);
  ctx.clip();
  space.front(
    x0,
    x1,
    0,
    top,
    z,
    space.gradient(at(x0, top, z), at(x0, 0, z), [
      [0, '#d3e6f2'],
      [0.5, '#f4f6ee'],
      [0.64, '#e6ebd9'],
      [0.72, '#d9d6c8'],
      [1, '#ece6d8'],
    ]),
  );
  const scale = space.project(at(x0, 1, z)).scale;
  for (let n = 0; n < 26; n += 1) {
    const [x, y] = space.pixel(
      at(x0 + (x1 - x0) * numbers.next(), 1 + numbers.between(-0.05, 0.85) * (0.55 + 0.45 * Math.sin(n)), z),
    );
    const r = numbers.between(0.18, 0.5) * scale;
    ctx.fillStyle = css(mix(tint('#9fbc8d'), tint('#dbe7cf'), numbers.next()), 0.75);
    ctx.beginPath();
    ctx.ellipse(x, y, r, r * 0.85, 0, 0, Math.PI * 2);
    ctx.fill();
  }
  space.front(x0, x1, 0.7, 0.92, z, 'rgba(126,152,112,.6)');
  space.fill([at(2.6, 0, z), at(4.6, 0, z), at(3.75, 0.75, z), at(3.3, 0.75, z)], 'rgba(246,240,226,.9)');
  for (const x of [x0 + 0.5, 2.5, 4.2])
    space.fill([at(x, 0, z), at(x + 0.35, 0, z), at(x + 1.1, top, z), at(x + 0.65, top, z)], 'rgba(255,255,255,.2)');
  ctx.restore();
  for (const x of [x0, 2.4, 3.5, 4.6, x1]) space.line(at(x, 0, z), at(x, top, z), 0.065, css(DARK));
  space.line(at(x0, 2.3, z), at(x1, 2.3, z), 0.05, css(DARK));
  for (const x of [3.38, 3.62]) space.line(at(x, 0.85, z - 0.05), at(x, 1.5, z - 0.05), 0.035, css(BRASS), 0.8);
  if (!space.mirrored) space.flat(2.5, 4.5, 0.004, 11.3, 12.8, css(tint('#8b8378'), 0.75));
}

/** A panel of wood with a lit edge and a small neutral mark. */
function panel(space: Space): void {
  const [x0, x1, y0, y1, z] = [-5, -0.7, 0, 3.05, FAR - 0.1];
  space.front(x0 - 0.2, x1 + 0.2, y0, y1 + 0.2, z + 0.05, 'rgba(255,224,170,.5)');
  space.front(x0, x1, y0, y1, z, css(WOOD));
  const boards = 9;
  for (let n = 0; n < boards; n += 1) {
    const [a, b] = [x0 + ((x1 - x0) * n) / boards, x0 + ((x1 - x0) * (n + 1)) / boards];
    space.front(
      a + 0.006,
      b - 0.006,
      y0,
      y1,
      z,
      css(shade(WOOD, [1.04, 0.95, 1, 0.92, 1.07, 0.97, 1.02, 0.94, 1][n]!)),
    );
    for (let k = 1; k < 4; k += 1) {
      const x = a + ((b - a) * (k + 0.3 * Math.sin(n * 7 + k * 3))) / 4;
      space.line(at(x, y0, z), at(x + 0.03 * Math.sin(n * 3 + k), y1, z), 0.008, css(shade(WOOD, 0.8), 0.35), 0.3);
    }
  }
  space.front(
    x0,
    x1,
    1.2,
    y1,
    z,
    space.gradient(at(x0, y1, z), at(x0, 1.2, z), [
      [0, 'rgba(255,232,190,.4)'],
      [1, 'rgba(255,232,190,0)'],
    ]),
  );
  // The mark: a gate's arch beside a ring.
  const { ctx } = space;
  const here = space.project(at(-1.55, 2.25, z));
  const unit = here.scale * (space.mirrored ? -1 : 1);
  ctx.save();
  ctx.translate(here.x, here.y);
  ctx.scale(unit, unit);
  ctx.strokeStyle = '#f7efdf';
  ctx.lineWidth = 0.055;
  ctx.lineCap = 'round';
  ctx.beginPath();
  ctx.moveTo(-0.26, 0.24);
  ctx.lineTo(-0.26, -0.02);
  ctx.arc(0, -0.02, 0.26, Math.PI, 0);
  ctx.lineTo(0.26, 0.24);
  ctx.moveTo(0.1, -0.01);
  ctx.arc(0, -0.01, 0.1, 0, Math.PI * 2);
  ctx.stroke();
  ctx.restore();
}

function desk(space: Space): void {
  const [x0, x1, z0, z1] = [-4.7, -1.5, 9.9, 10.7];
  if (!space.mirrored) space.patch(at(-3.1, 0, 10.1), 2.5, 1, [40, 30, 20], 0.42);
  const front = tint('#f1ece2');
  space.box([x0, x1], [0.08, 1.06], [z0, z1], { front, side: shade(front, 0.82), top: front });
  space.front(x0 + 0.05, x1 - 0.05, 0, 0.08, z0 + 0.1, css(shade(DARK, 0.9)));
  // Ribs, each a light and a dark hair.
  for (let x = x0 + 0.08; x < x1 - 1; x += 0.08) {
    space.line(at(x, 0.1, z0), at(x, 1, z0), 0.012, 'rgba(120,100,72,.4)', 0.4);
    space.line(at(x + 0.015, 0.1, z0), at(x + 0.015, 1, z0), 0.012, 'rgba(255,255,255,.7)', 0.4);
  }
  space.front(x1 - 0.95, x1, 0.08, 1.06, z0 - 0.01, css(shade(WOOD, 0.96)));
  space.front(
    x0,
    x1,
    0.08,
    0.5,
    z0 - 0.012,
    space.gradient(at(x0, 0.08, z0), at(x0, 0.5, z0), [
      [0, 'rgba(255,222,160,.55)'],
      [1, 'rgba(255,222,160,0)'],
    ]),
  );
  const top = tint('#d8cbb8');
  space.box([x0 - 0.06, x1 + 0.06], [1.06, 1.12], [z0 - 0.06, z1], {
    front: shade(top, 0.94),
    side: shade(top, 0.84),
    top: shade(top, 1.12),
  });
  // A screen from behind, a vase, a tray.
  space.box([-4.1, -3.5], [1.22, 1.56], [10.45, 10.49], tint('#d5d6d6'));
  space.box([-3.84, -3.76], [1.12, 1.24], [10.47, 10.5], tint('#b9babb'));
  space.cylinder(at(-1.85, 1.12, 10.2), 0.24, 0.07, tint('#7c8f86'), { top: 0.6 });
  space.box([-2.75, -2.3], [1.12, 1.15], [10, 10.25], WOOD);
}
