import { random } from '../random.ts';
import { at, type Space } from '../space.ts';
import { css, shade, type Tint, tint } from '../tint.ts';
import { boards, contact, grain, tiles } from './floors.ts';
import { chair, pendant, plant, print, shelf, sofa, window } from './furniture.ts';
import type { PlaceDrawing } from './place-drawing.ts';
import { room } from './room.ts';

/** A guard's post: desk, screens, shelf, window. */
export function desk(seed: number): PlaceDrawing {
  const wood = tint('#b08a63');
  return {
    gloss: 0,
    // The desk hides the legs of whoever sits behind it.
    props: [
      {
        z: 5.5,
        from: at(-1.5, 0, 5.1),
        to: at(1.7, 1.35, 6),
        draw: (space) => {
          space.box([-1.45, 1.45], [0, 0.74], [5.3, 5.95], {
            front: tint('#ece7dd'),
            side: tint('#cfc8bb'),
            top: wood,
          });
          space.front(-1.45, 1.45, 0, 0.08, 5.29, '#4b4a48');
          for (let x = -1.4; x < 1.4; x += 0.35)
            space.line(at(x, 0.1, 5.29), at(x, 0.7, 5.29), 0.012, 'rgba(110,96,74,.35)', 0.4);
          space.box([-1.5, 1.5], [0.74, 0.79], [5.2, 6], {
            front: shade(wood, 0.9),
            side: shade(wood, 0.75),
            top: shade(wood, 1.1),
          });
          space.box([0.62, 1.18], [0.86, 1.2], [5.6, 5.64], { front: tint('#33373c'), top: tint('#52575d') });
          space.box([0.85, 0.95], [0.79, 0.88], [5.6, 5.64], tint('#4a4e53'));
          space.cylinder(at(-0.95, 0.79, 5.5), 0.1, 0.04, tint('#c06a4a'));
          space.box([-0.62, -0.3], [0.79, 0.805], [5.45, 5.68], tint('#f6f4ee'));
        },
      },
    ],
    backdrop: (ctx, camera) => {
      const space = room(ctx, camera, { left: -4.2, right: 4.2, near: 0.3, far: 8.6 }, 2.9, tint('#dfe0da'));
      const stream = (part: string): ReturnType<typeof random> => random(`desk/${seed}/${part}`);
      boards(space, { left: -4.2, right: 4.2, near: 0.3, far: 8.6 }, 0.18, tint('#c5a987'), stream('floor'));
      contact(space, { left: -4.2, right: 4.2, near: 0.3, far: 8.6 });
      space.front(-4.2, 4.2, 0, 1.05, 8.59, css(tint('#b4beb8')));
      space.line(at(-4.2, 1.06, 8.58), at(4.2, 1.06, 8.58), 0.04, '#8f9a94');
      window(space, [0.7, 3.3], [1.05, 2.4], 8.58, tint('#f4f3ee'), { panes: 3 });
      shelf(space, -3.9, -2.1, 2.1, 8.1, tint('#c9ab82'), stream('shelf'), 5);
      print(space, -0.75, 1.8, 0.9, 0.7, 8.58, stream('print'));
      plant(space, at(3.7, 0, 8), 1.5, stream('plant'));
      chair(space, -0.25, 6.6, tint('#3f5661'), 1);
      pendant(space, 0, 2.3, 6.2, 2.9, tint('#4b4f52'), 0.18);
      space.patch(at(0, 0, 5.4), 2.2, 0.9, [20, 16, 12], 0.3);
      grain(space, stream('grain'), 4);
    },
  };
}

/** A large hall with columns, gates and daylight from above. */
export function hall(seed: number): PlaceDrawing {
  return {
    gloss: 0.2,
    props: [],
    backdrop: (ctx, camera) => {
      const extent = { left: -13, right: 13, near: 0.3, far: 26 };
      const space = room(ctx, camera, extent, 6, tint('#d9dde0'));
      const stream = (part: string): ReturnType<typeof random> => random(`hall/${seed}/${part}`);
      tiles(space, extent, 1.5, tint('#c7c9c8'), stream('floor'), { vary: 0.02, other: tint('#bfc2c2') });
      contact(space, extent, 2);
      for (let x = -11; x < 11; x += 3.2) window(space, [x, x + 2.6], [1, 4.8], 25.9, tint('#59636b'), { panes: 2 });
      for (let z = 6; z < 25; z += 4.5) space.flat(-7, 7, 5.98, z, z + 2, '#fbfdff');
      for (const x of [-9, -3, 3, 9]) {
        space.patch(at(x, 0, 20), 1.4, 1, [20, 22, 26], 0.3);
        space.cylinder(at(x, 0, 20), 6, 0.42, tint('#eceae4'));
        space.cylinder(at(x, 0, 20), 0.3, 0.47, tint('#9aa2a8'));
      }
      space.patch(at(0, 0, 14), 9, 5, [255, 252, 240], 0.2);
      for (const x of [-11.5, 11.2])
        for (const z of [11, 14, 17]) sofa(space, x, z, 2, tint(x < 0 ? '#6e8796' : '#a58a6c'));
      plant(space, at(-12.2, 0, 9), 1.9, stream('plant 1'));
      plant(space, at(12.2, 0, 9), 1.9, stream('plant 2'));
      for (const x of [-5.6, -1.9, 1.8, 5.5]) {
        space.box([x, x + 0.18], [0, 1.05], [22.6, 24], { front: tint('#8d979e'), top: tint('#c9cfd2') });
        space.front(x - 0.65, x, 0.5, 0.95, 23.3, 'rgba(170,200,210,.55)');
      }
      grain(space, stream('grain'), 4);
    },
  };
}

/** A long corridor with doors on both sides. */
export function corridor(seed: number): PlaceDrawing {
  return {
    gloss: 0.25,
    props: [],
    backdrop: (ctx, camera) => {
      const extent = { left: -1.9, right: 1.9, near: 0.3, far: 20 };
      const wall = tint('#e3e4de');
      const space = room(ctx, camera, extent, 2.8, wall);
      const stream = (part: string): ReturnType<typeof random> => random(`corridor/${seed}/${part}`);
      tiles(space, extent, 0.62, tint('#b9b4a8'), stream('floor'), { vary: 0.025 });
      contact(space, extent, 1.5);
      sides(space, wall);
      window(space, [-1, 1], [0.9, 2.3], 19.9, tint('#f4f3ee'), { panes: 2 });
      for (let z = 4; z < 19; z += 3.2) {
        space.flat(-0.3, 0.3, 2.79, z, z + 1.3, '#fffdf4');
        space.patch(at(0, 0, z + 0.6), 0.9, 0.9, [255, 253, 244], 0.32);
      }
      plant(space, at(1.5, 0, 17.5), 1.5, stream('plant'));
      grain(space, stream('grain'), 4);
    },
  };
}

function sides(space: Space, wall: Tint): void {
  for (const x of [-1.88, 1.88]) {
    space.side(x, 0, 1.05, 0.3, 20, css(tint('#a9b8b4')));
    space.line(at(x, 1.06, 0.4), at(x, 1.06, 20), 0.05, css(shade(wall, 0.75)));
    space.line(at(x, 0.05, 0.4), at(x, 0.05, 20), 0.1, css(shade(wall, 0.62)));
    for (let z = x < 0 ? 15.2 : 13; z > 2; z -= 4.2) {
      const inward = x - Math.sign(x) * 0.01;
      space.side(inward, 0, 2.17, z - 0.08, z + 1.08, css(tint('#8a7a66')));
      space.side(inward, 0, 2.1, z, z + 1, css(tint(x < 0 ? '#b8926a' : '#ac875f')));
      space.line(at(inward, 1.02, z + 0.12), at(inward, 1.02, z + 0.24), 0.05, '#c8cacc', 0.8);
      space.side(inward, 1.5, 1.68, z + 1.2, z + 1.45, css(tint('#6d7b80')));
    }
  }
}
