import { random } from '../random.ts';
import { at, Space } from '../space.ts';
import { css, shade, tint } from '../tint.ts';
import { grain, plain, tiles } from './floors.ts';
import { barrier, booth, building, fence, hedge, kerb, lamp, sideFence, sky, tree } from './outdoors.ts';
import type { PlaceDrawing } from './place-drawing.ts';

const ASPHALT = tint('#82858a');
const PAVING = tint('#bdb8ae');
const GRASS = tint('#8fa572');
const MARK = 'rgba(240,240,234,.86)';
const SKY = [tint('#a9c6de'), tint('#eaf0f0')] as const;

/** A place that is only a backdrop. */
function open(
  name: string,
  seed: number,
  draw: (space: Space, stream: (part: string) => ReturnType<typeof random>) => void,
): PlaceDrawing {
  return {
    gloss: 0,
    props: [],
    backdrop: (ctx, camera) => {
      const space = new Space(ctx, camera);
      const stream = (part: string): ReturnType<typeof random> => random(`${name}/${seed}/${part}`);
      sky(space, SKY[0], SKY[1], stream('sky'));
      draw(space, stream);
      grain(space, stream('grain'), 5);
    },
  };
}

/** The way in for vehicles: barrier, guard's house, fence, trees. */
export function gate(seed: number): PlaceDrawing {
  return open('gate', seed, (space, stream) => {
    plain(space, { left: -60, right: 60, near: 0.3, far: 120 }, GRASS, stream('grass'), { specks: 900 });
    const trees = stream('trees');
    building(space, [-34, -12], 7, [44, 60], tint('#cfc8ba'), stream('building'), { ribbon: true });
    building(space, [14, 38], 9.5, [50, 66], tint('#b9c1c4'), stream('hall'), { ribbon: true });
    for (let x = -30; x < 34; x += 4.5)
      if (Math.abs(x) > 5)
        tree(space, at(x + trees.normal(), 0, 31 + trees.normal() * 2), trees.between(4.5, 7), trees);
    plain(space, { left: -3.9, right: 3.9, near: 0.3, far: 90 }, ASPHALT, stream('road'), { specks: 700 });
    tiles(space, { left: -7.2, right: -4, near: 0.3, far: 20 }, 0.8, PAVING, stream('left'));
    tiles(space, { left: 4, right: 7.2, near: 0.3, far: 20 }, 0.8, PAVING, stream('right'));
    fence(space, -40, -7.2, 20, 2.2, tint('#5c6b66'));
    fence(space, 7.2, 40, 20, 2.2, tint('#5c6b66'));
    hedge(space, -24, -8, 18.6, 0.9, stream('hedge'));
    for (let z = 2; z < 60; z += 4) space.flat(-0.07, 0.07, 0.004, z, z + 2, MARK);
    space.flat(-3.6, -0.3, 0.004, 14.3, 14.7, MARK);
    space.flat(0.3, 3.6, 0.004, 16.3, 16.5, MARK);
    kerb(space, -3.95, 0.5, 60, PAVING);
    kerb(space, 3.95, 0.5, 60, PAVING);
    booth(space, [4.7, 7.1], [15.2, 18]);
    lamp(space, at(-5.4, 0, 19), 6, 1.6);
    barrier(space, 4.3, 15.4, -4.2, 1.2);
    barrier(space, -4.3, 15.6, 4.2, 0);
    tree(space, at(-10.5, 0, 15), 5.4, stream('near tree'));
    for (const z of [6, 9, 12])
      for (const x of [-4.5, 4.5]) space.cylinder(at(x, 0, z), 0.9, 0.07, tint('#4d565a'), { lid: tint('#d9dcd8') });
  });
}

/** A works' yard behind a fence: concrete, hall, containers, a marked area. */
export function yard(seed: number): PlaceDrawing {
  return open('yard', seed, (space, stream) => {
    plain(space, { left: -60, right: 60, near: 0.3, far: 100 }, tint('#a9aaa5'), stream('ground'), {
      specks: 1200,
      patches: 90,
    });
    for (let x = -20; x <= 20; x += 4) space.line(at(x, 0, 1), at(x, 0, 40), 0.03, 'rgba(80,80,76,.35)', 0.4);
    for (let z = 4; z <= 40; z += 4) space.line(at(-30, 0, z), at(30, 0, z), 0.03, 'rgba(80,80,76,.35)', 0.4);
    building(space, [-30, 2], 8, [30, 48], tint('#b8bfc2'), stream('hall'), { storey: 9, ribbon: true });
    for (const x of [-24, -15, -6]) {
      space.front(x, x + 5, 0, 4.4, 29.95, css(tint('#7b878d')));
      for (let y = 0.3; y < 4.4; y += 0.4)
        space.line(at(x, y, 29.94), at(x + 5, y, 29.94), 0.05, 'rgba(50,60,64,.4)', 0.4);
    }
    const trees = stream('trees');
    for (let x = 6; x < 36; x += 4)
      tree(space, at(x + trees.normal(), 0, 34 + trees.normal()), trees.between(5, 8), trees);
    fence(space, 2, 40, 28, 2.4, tint('#66716f'));
    sideFence(space, 13, 6, 28, 2.4, tint('#66716f'));
    for (const [x, z, colour] of [
      [6.8, 22, '#3f6c8a'],
      [6.8, 19.2, '#7c8a52'],
      [-13.5, 20, '#a85f3c'],
    ] as const) {
      const paint = tint(colour);
      space.patch(at(x + 2.8, 0, z), 3.6, 1.8, [18, 18, 18], 0.4);
      space.box([x, x + 5.6], [0.1, 2.5], [z, z + 2.4], {
        front: paint,
        side: shade(paint, 0.76),
        top: shade(paint, 1.15),
      });
      for (let rib = x + 0.25; rib < x + 5.6; rib += 0.28)
        space.line(at(rib, 0.2, z - 0.01), at(rib, 2.4, z - 0.01), 0.07, css(shade(paint, 0.84)), 0.4);
    }
    // The area that nobody is to enter: hatched in yellow.
    for (let x = -5.5; x < 5.5; x += 0.9)
      space.fill(
        [at(x, 0.003, 10.4), at(x + 0.22, 0.003, 10.4), at(x + 0.82, 0.003, 10.9), at(x + 0.6, 0.003, 10.9)],
        'rgba(222,178,52,.85)',
      );
    for (const z of [10.3, 10.95]) space.flat(-5.6, 6.2, 0.003, z, z + 0.07, 'rgba(222,178,52,.9)');
    lamp(space, at(-9.5, 0, 18), 7, 1.8);
    for (const [x, z] of [
      [-9, 14.5],
      [-8, 14.8],
      [-8.5, 15.6],
    ] as const)
      space.cylinder(at(x, 0, z), 0.88, 0.29, tint('#4a6274'));
    for (let n = 0; n < 3; n += 1) space.box([9, 10.4], [n * 0.15, n * 0.15 + 0.12], [14, 15], tint('#b58e5e'));
  });
}

/** A quiet street: road, pavements, houses, trees, lamps. */
export function street(seed: number): PlaceDrawing {
  return open('street', seed, (space, stream) => {
    plain(space, { left: -60, right: 60, near: 0.3, far: 140 }, tint('#aeb39f'), stream('ground'));
    const houses = stream('houses');
    const colours = ['#d8cbb6', '#c99f86', '#b9c2bd', '#dcd9d0', '#c2a98a', '#a9b3b9'].map(tint);
    building(space, [-14, 14], 9, [88, 100], tint('#c6c4bb'), houses);
    for (let n = 4; n >= 0; n -= 1) {
      building(space, [-22, -9.2], houses.between(6.5, 12), [14 + n * 13, 25.5 + n * 13], houses.pick(colours), houses);
      building(space, [9.2, 22], houses.between(6.5, 12), [12 + n * 13, 24 + n * 13], houses.pick(colours), houses);
    }
    tiles(space, { left: -9.2, right: -4.6, near: 0.3, far: 60 }, 1.1, PAVING, stream('left'));
    tiles(space, { left: 4.6, right: 9.2, near: 0.3, far: 60 }, 1.1, PAVING, stream('right'));
    plain(space, { left: -4.5, right: 4.5, near: 0.3, far: 100 }, ASPHALT, stream('road'), { specks: 800 });
    for (let z = 2; z < 80; z += 5) space.flat(-0.07, 0.07, 0.004, z, z + 2.6, MARK);
    for (const x of [-4.2, 4.1]) space.flat(x, x + 0.1, 0.004, 1, 90, 'rgba(240,240,234,.5)');
    for (let x = -4; x < 4; x += 0.95) space.flat(x, x + 0.5, 0.005, 13.2, 16, MARK);
    kerb(space, -4.55, 0.5, 80, PAVING);
    kerb(space, 4.55, 0.5, 80, PAVING);
    const trees = stream('trees');
    for (let n = 4; n >= 0; n -= 1) {
      tree(space, at(-7.6, 0, 19 + n * 11), trees.between(4.6, 6), trees);
      lamp(space, at(5.2, 0, 17 + n * 14), 6.2, -1.5);
    }
    space.box([6.6, 8.4], [0.42, 0.5], [16, 16.5], tint('#9a7550'));
    for (const x of [6.8, 8.1]) space.box([x, x + 0.08], [0, 0.42], [16, 16.5], tint('#5b6167'));
    space.cylinder(at(6, 0, 16.2), 0.9, 0.22, tint('#55695f'), { lid: tint('#2f3b36') });
  });
}

/** Rows of marked bays before an office building. */
export function carPark(seed: number): PlaceDrawing {
  return open('car-park', seed, (space, stream) => {
    plain(space, { left: -60, right: 60, near: 0.3, far: 110 }, GRASS, stream('grass'));
    building(space, [-26, 8], 10, [46, 60], tint('#c9c3b6'), stream('office'), { ribbon: true });
    const trees = stream('trees');
    for (let x = -34; x < 38; x += 4)
      tree(space, at(x + trees.normal(), 0, 37 + trees.normal()), trees.between(4, 6.5), trees);
    plain(space, { left: -26, right: 26, near: 0.3, far: 33 }, ASPHALT, stream('asphalt'), {
      specks: 1200,
      patches: 80,
    });
    hedge(space, -26, 26, 33, 0.8, stream('hedge'));
    for (const [near, far] of [
      [8.5, 13.5],
      [20, 25],
    ] as const) {
      for (let x = -21.6; x <= 21.7; x += 2.7) {
        if (near < 10 && Math.abs(x) < 1) continue;
        space.flat(x - 0.05, x + 0.05, 0.004, near, far, MARK);
      }
      space.flat(-21.65, 21.65, 0.004, far, far + 0.1, MARK);
    }
    for (const x of [-6.75, 6.75]) {
      space.fill(
        [at(x - 0.1, 0.004, 15.4), at(x + 0.1, 0.004, 15.4), at(x + 0.1, 0.004, 17.2), at(x - 0.1, 0.004, 17.2)],
        MARK,
      );
      space.fill([at(x - 0.4, 0.004, 17.2), at(x + 0.4, 0.004, 17.2), at(x, 0.004, 18.3)], MARK);
    }
    lamp(space, at(-12.2, 0, 26), 6.5, 1.6);
    lamp(space, at(12.2, 0, 26), 6.5, -1.6);
    for (let x = -20.25; x < 21; x += 2.7) space.box([x - 0.8, x + 0.8], [0, 0.1], [24.7, 24.85], tint('#cfcdc4'));
  });
}
