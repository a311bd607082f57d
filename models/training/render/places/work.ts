import { random } from '../random.ts';
import { at, Space } from '../space.ts';
import { css, mix, shade, tint } from '../tint.ts';
import { contact, grain, plain } from './floors.ts';
import { shelf, table, window } from './furniture.ts';
import { fence, sky, tree } from './outdoors.ts';
import type { PlaceDrawing } from './place-drawing.ts';
import { room } from './room.ts';

/** A building site: bare earth, a shell of concrete with scaffold, a crane, bricks, boards. */
export function site(seed: number): PlaceDrawing {
  return {
    gloss: 0,
    props: [],
    backdrop: (ctx, camera) => {
      const space = new Space(ctx, camera);
      const stream = (part: string): ReturnType<typeof random> => random(`site/${seed}/${part}`);
      sky(space, tint('#b3cbdd'), tint('#f0ede4'), stream('sky'));
      crane(space);
      plain(space, { left: -60, right: 60, near: 0.3, far: 110 }, tint('#b49c7c'), stream('earth'), {
        specks: 1600,
        patches: 160,
      });
      const trees = stream('trees');
      for (let x = 12; x < 40; x += 4) tree(space, at(x, 0, 46 + trees.normal()), trees.between(5, 7), trees);
      shell(space);
      fence(space, 9, 40, 34, 2, tint('#8d9798'), 0.3);
      for (const x of [-3.1, -1.7]) space.line(at(x, 0.004, 2), at(x * 2.4, 0.004, 30), 0.5, 'rgba(104,84,60,.25)');
      for (let row = 0; row < 4; row += 1)
        for (let n = 0; n < 7 - row; n += 1) {
          const x = 6.2 + n * 0.42 + row * 0.2;
          space.box(
            [x, x + 0.4],
            [row * 0.22, row * 0.22 + 0.2],
            [14, 14.9],
            mix(tint('#b46a4c'), tint('#9d5a42'), ((n * 7 + row * 3) % 5) / 5),
          );
        }
      for (let n = 0; n < 5; n += 1)
        space.box([-10, -6.2], [n * 0.09, n * 0.09 + 0.07], [13.5, 14.4], shade(tint('#c79f66'), 0.9 + 0.05 * (n % 3)));
      space.patch(at(8.6, 0, 19.6), 1.8, 1.2, [22, 16, 10], 0.3);
      space.fill([at(6.8, 0, 20), at(10.4, 0, 20), at(9.2, 1.1, 20), at(8, 1.15, 20)], css(tint('#c2ab88')));
      for (const x of [-5.2, -2.6, 2.8, 5.4]) {
        space.box([x - 0.22, x + 0.22], [0, 0.04], [11.8, 12.2], tint('#2f3235'));
        space.cylinder(at(x, 0.04, 12), 0.66, 0.15, tint('#e07a34'), { top: 0.15 });
        space.line(at(x - 0.085, 0.38, 11.9), at(x + 0.085, 0.38, 11.9), 0.12, '#f2efe8');
      }
      grain(space, stream('grain'), 6);
    },
  };
}

function shell(space: Space): void {
  const concrete = tint('#bdbbb4');
  const [x0, x1, z0, z1] = [-19, 4, 25, 40];
  space.patch(at(-7, 0, 27), 15, 4, [22, 18, 14], 0.4);
  for (let floor = 0; floor < 3; floor += 1) {
    const low = floor * 3.3;
    space.front(x0, x1, low, low + 3, z0 + 3, css(shade(concrete, 0.5)));
    for (let x = x0; x <= x1; x += 4.6) space.box([x - 0.25, x + 0.25], [low, low + 3], [z0, z0 + 0.5], concrete);
    space.box([x0 - 0.4, x1 + 0.4], [low + 3, low + 3.3], [z0 - 0.2, z1], {
      front: shade(concrete, 1.06),
      side: shade(concrete, 0.8),
    });
    space.front(x0 + 1 + floor * 5.5, x0 + 5 + floor * 5.5, low, low + 2.2, z0 + 1.5, css(tint('#b06f52')));
  }
  const steel = css(tint('#7d858a'));
  for (let x = x0; x <= x1 + 1; x += 2.3) space.line(at(x, 0, z0 - 1.2), at(x, 10.6, z0 - 1.2), 0.08, steel, 0.6);
  for (const y of [2.2, 4.4, 6.6, 8.8]) {
    space.box([x0, x1 + 0.9], [y, y + 0.08], [z0 - 1.3, z0 - 0.4], tint('#b28d58'));
    space.line(at(x0, y + 1, z0 - 1.2), at(x1 + 0.9, y + 1, z0 - 1.2), 0.05, steel, 0.5);
  }
  for (let x = x0; x < x1; x += 4.6) space.line(at(x, 0, z0 - 1.2), at(x + 2.3, 4.4, z0 - 1.2), 0.05, steel, 0.5);
  space.front(-6, -1.5, 4.5, 8.8, z0 - 1.25, 'rgba(86,132,104,.5)');
}

function crane(space: Space): void {
  const paint = css(tint('#d9a93a'));
  const [x, z, high] = [11, 52, 21];
  for (const dx of [-0.7, 0.7]) space.line(at(x + dx, 0, z), at(x + dx, high, z), 0.16, paint, 0.8);
  for (let y = 0; y < high; y += 1.6) space.line(at(x - 0.7, y, z), at(x + 0.7, y + 1.6, z), 0.1, paint, 0.5);
  for (const y of [high - 2, high - 0.8]) space.line(at(x - 24, y, z), at(x + 9, y, z), 0.15, paint, 0.8);
  for (let n = -24; n < 9; n += 1.2)
    space.line(at(x + n, high - 2, z), at(x + n + 0.6, high - 0.8, z), 0.08, paint, 0.4);
  space.line(at(x - 15, high - 2, z), at(x - 15, 13, z), 0.06, 'rgba(60,60,60,.7)', 0.5);
}

/** A workshop: concrete floor with marked ways, benches, machines, shelves, pipes. */
export function workshop(seed: number): PlaceDrawing {
  return {
    gloss: 0.06,
    props: [],
    backdrop: (ctx, camera) => {
      const extent = { left: -9, right: 9, near: 0.3, far: 18 };
      const space = room(ctx, camera, extent, 5, tint('#c9cdc8'), tint('#8f969a'));
      const stream = (part: string): ReturnType<typeof random> => random(`workshop/${seed}/${part}`);
      plain(space, extent, tint('#9a9c98'), stream('floor'), { specks: 500, patches: 70 });
      contact(space, extent, 1.6);
      space.front(-9, 9, 0, 1.4, 17.98, css(tint('#8fa3a0')));
      for (let x = -8.2; x < 8; x += 4.2) window(space, [x, x + 3], [2.4, 4.2], 17.97, tint('#5f696c'), { panes: 4 });
      for (const x of [-2.6, 2.6]) space.flat(x - 0.05, x + 0.05, 0.003, 0.5, 17.5, 'rgba(224,184,62,.85)');
      for (let z = 4; z < 18; z += 4) {
        space.box([-9, 9], [4.6, 4.9], [z, z + 0.25], tint('#6c757a'));
        for (const x of [-5, 0, 5]) {
          space.box([x - 0.7, x + 0.7], [4.3, 4.38], [z + 1.6, z + 1.8], { front: tint('#f4f7f2') });
          space.flat(x - 0.7, x + 0.7, 4.29, z + 1.5, z + 1.9, '#fdfff8');
        }
      }
      for (const y of [3.1, 3.4])
        space.line(at(-8.9, y, 1), at(-8.9, y, 17.8), 0.14, css(tint(y > 3.2 ? '#b4683f' : '#7f93a0')));
      shelf(space, -8.6, -5.8, 2.5, 16.8, tint('#6f7e8a'), stream('shelf 1'), 5);
      shelf(space, 5.2, 8.4, 2.5, 16.8, tint('#6f7e8a'), stream('shelf 2'), 5);
      machine(space, -6.9, 12, tint('#5f8a80'));
      machine(space, 4.9, 12.4, tint('#6b7f98'));
      table(space, -5.2, 9, { wide: 2.4, deep: 0.9, high: 0.9 }, tint('#b08a5c'));
      table(space, 5.4, 8.6, { wide: 2.6, deep: 0.9, high: 0.9 }, tint('#b08a5c'));
      space.box([-6, -5.5], [0.9, 1.15], [8.8, 9.1], tint('#3f6f9a'));
      space.box([-5.1, -4.7], [0.9, 1.02], [8.8, 9.1], tint('#caa83e'));
      space.box([5.6, 6.3], [0.9, 1.2], [8.5, 8.8], tint('#4a4f54'));
      for (const x of [-3.6, -3.0]) space.cylinder(at(x, 0, 16.8), 0.9, 0.28, tint('#3f6380'));
      grain(space, stream('grain'), 5);
    },
  };
}

function machine(space: Space, x: number, z: number, colour: ReturnType<typeof tint>): void {
  space.patch(at(x + 0.9, 0, z + 0.4), 1.8, 1.1, [16, 18, 18], 0.42);
  space.box([x, x + 2], [0, 1.1], [z, z + 1.2], { front: colour, top: shade(colour, 1.15) });
  space.box([x + 0.1, x + 0.9], [1.1, 2.1], [z + 0.3, z + 1.1], { front: shade(colour, 0.9), top: shade(colour, 1.1) });
  space.front(x + 0.2, x + 0.8, 1.4, 1.95, z + 0.29, '#2d363b');
  space.front(x + 0.26, x + 0.6, 1.6, 1.9, z + 0.28, '#7fb1a4');
  space.front(x + 1.1, x + 1.9, 0.2, 0.9, z - 0.01, css(shade(colour, 0.82)));
  space.cylinder(at(x + 1.5, 1.1, z + 0.6), 0.55, 0.2, tint('#9aa2a6'));
  space.cylinder(at(x + 1.9, 1.1, z + 0.3), 0.2, 0.05, tint('#e08a2e'));
}
