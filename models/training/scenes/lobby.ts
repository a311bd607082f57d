import type { CameraSetup } from '../render/camera.ts';
import { Casting, wings } from './casting.ts';
import type { Spot } from './ground.ts';
import type { Route } from './route.ts';
import { type Scene, zoneOnGround } from './scene.ts';
import { people, stranger } from './staff.ts';

/** So narrow that the glass front reaches past the picture's edge: who comes along outside it comes into view there. */
const camera: CameraSetup = { width: 1280, height: 720, above: 2.25, tilt: 0.2, view: 0.8 };
const seconds = 30;
const OUTSIDE: Spot = [7.6, 14.6];
const DOOR: Spot = [3.5, 13];

/** Along the glass front, through its doors, up to the camera for a look into it, and away to one side. */
function visit(at: number, aside: number, desk: Spot, pause: number, away: 'left' | 'right', speed = 1.32): Route {
  const door: Spot = [DOOR[0] + aside * 0.6, DOOR[1]];
  const hall: Spot = [(DOOR[0] * 0.6 + desk[0]) / 1.6 + aside * 0.5, 8];
  return {
    at,
    from: [OUTSIDE[0], OUTSIDE[1] - aside],
    steps: [
      { walk: [[DOOR[0] + 0.9 + aside, OUTSIDE[1] - aside], door, hall, [desk[0], desk[1] + 2.4]], speed },
      { walk: [desk], speed, look: 'camera' },
      { stay: pause, facing: 'camera', look: 'camera' },
      { walk: [wings(camera, desk[1] + 0.25)[away]], speed },
    ],
  };
}

/** The first picture that a visitor sees: people come in one by one, then two together, then three. */
export const lobby: Scene = {
  name: 'lobby',
  title: { en: 'Lobby', zh: '大堂' },
  seconds,
  fps: 15,
  kbps: 380,
  promises: ['crossing'],
  stage(seed) {
    const cast = new Casting('lobby', seed, seconds, camera);
    const office = { uniform: 'st_office_uniform' } as const;
    cast.add('first', people.yue.face, visit(0.1, 0, [0.05, 2.7], 1.6, 'right'));
    cast.add('left of two', people.marco.face, visit(4.4, -0.35, [-0.5, 2.85], 1.5, 'left'), office);
    cast.add('right of two', people.hana.face, visit(4.4, 0.35, [0.45, 2.9], 1.7, 'right'));
    cast.add('left of three', stranger(1), visit(10, -0.75, [-0.86, 3.1], 1.9, 'left'));
    cast.add('middle of three', people.arthur.face, visit(9.9, 0, [0, 2.95], 2.4, 'right'), office);
    cast.add('right of three', people.kofi.face, visit(9.8, 0.75, [0.84, 3.15], 1.6, 'right'));
    cast.add('last', people.priya.face, visit(14.6, 0.1, [-0.05, 2.65], 1.5, 'left', 1.4), office);
    return {
      camera,
      place: 'lobby',
      light: { level: 1, warmth: 0.15, from: 0.5, hardness: 0.35 },
      wear: { noise: 0, blur: 0, vignette: 0.12 },
      members: cast.members,
      vehicles: [],
      things: () => [],
      zones: [
        zoneOnGround(camera, 'doors', 'line', [
          [-2.6, 8.6],
          [3.4, 8.6],
        ]),
      ],
      rules: [{ kind: 'crossing', line: 'doors' }],
    };
  },
};
