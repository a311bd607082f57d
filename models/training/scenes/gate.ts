import type { CameraSetup } from '../render/camera.ts';
import { Casting, wings } from './casting.ts';
import type { Route } from './route.ts';
import { type Scene, zoneOnGround } from './scene.ts';
import { people, stranger } from './staff.ts';

const camera: CameraSetup = { width: 960, height: 540, above: 3.2, tilt: 0.24, view: 1 };
const seconds = 26;

function across(at: number, from: 'left' | 'right', near: number, far: number, speed = 1.3): Route {
  const to = from === 'left' ? 'right' : 'left';
  return { at, from: wings(camera, near)[from], steps: [{ walk: [wings(camera, far)[to]], speed }] };
}

/** People cross a line both ways; one turns back before it, one comes over it twice. */
export const gate: Scene = {
  name: 'gate',
  title: { en: 'Gate: line crossing and counting', zh: '大门：越线与计数' },
  seconds,
  fps: 15,
  kbps: 150,
  promises: ['crossing'],
  stage(seed) {
    const cast = new Casting('gate', seed, seconds, camera);
    const { left } = wings(camera, 6.2);
    cast.add('in 1', people.tomas.face, across(0.2, 'left', 6.6, 7.2));
    cast.add('out 1', people.elena.face, across(2.4, 'right', 8.4, 8));
    cast.add('in 2', people.jonas.face, across(4.6, 'left', 6, 5.9));
    cast.add('in 3', people.yue.face, across(5.4, 'left', 7, 7.2, 1.25));
    cast.add('out 2', stranger(2), across(9.5, 'right', 8.4, 8.2));
    cast.add('in 4', people.wei.face, across(12, 'left', 9.6, 9.4, 1.4));
    cast.add('turns back', stranger(3), {
      at: 9,
      from: left,
      steps: [
        { walk: [[-1.5, 6.6]] },
        { stay: 2.2, facing: 0.6, look: { x: 4, y: 1.5, z: 7 } },
        {
          walk: [
            [-2.4, 6.1],
            [left[0], 6],
          ],
        },
      ],
    });
    cast.add('forgot something', people.priya.face, {
      at: 14.2,
      from: wings(camera, 6.4).right,
      steps: [
        { walk: [[-1.1, 6.5]] },
        { stay: 0.9, look: 'camera' },
        { walk: [[0.4, 6.9], wings(camera, 7).right], speed: 1.5 },
      ],
    });
    return {
      camera,
      place: 'gate',
      light: { level: 1, warmth: 0.2, from: -0.7, hardness: 0.6 },
      wear: { noise: 0, blur: 0, vignette: 0.1 },
      members: cast.members,
      vehicles: [],
      things: () => [],
      // From near to far: who goes to the right goes from the left of the line to its right.
      zones: [
        zoneOnGround(camera, 'gate', 'line', [
          [0, 5.6],
          [0, 12],
        ]),
      ],
      rules: [{ kind: 'crossing', line: 'gate' }],
    };
  },
};
