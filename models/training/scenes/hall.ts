import type { CameraSetup } from '../render/camera.ts';
import type { FaceIdentity } from '../render/types.ts';
import { Casting, wings } from './casting.ts';
import type { Spot } from './ground.ts';
import { lookIn, type Route } from './route.ts';
import { type Scene, zoneOnGround } from './scene.ts';
import { lookAlikes, people, stranger } from './staff.ts';

const camera: CameraSetup = { width: 1280, height: 720, above: 3, tilt: 0.29, view: 0.88 };
const seconds = 32;
const MIDDLE: Spot = [0.3, 8.3];

/** Comes to the group, talks to it, and goes when it breaks up. */
function joins(at: number, side: 'left' | 'right', spot: Spot, until: number, away: 'left' | 'right'): Route {
  return {
    at,
    from: wings(camera, spot[1])[side],
    steps: [
      { walk: [spot], speed: 1.3 },
      { until, facing: MIDDLE, look: { x: MIDDLE[0], y: 1.6, z: MIDDLE[1] } },
      { walk: [wings(camera, spot[1])[away]], speed: 1.3 },
    ],
  };
}

/** A crowd gathers and breaks up; a stranger comes back again and again. */
export const hall: Scene = {
  name: 'hall',
  title: { en: 'Hall: crowd and loitering', zh: '大厅：聚集与徘徊' },
  seconds,
  fps: 15,
  kbps: 250,
  promises: ['crowd', 'loitering'],
  stage(seed) {
    const cast = new Casting('hall', seed, seconds, camera);
    const group: [string, FaceIdentity, number, 'left' | 'right', Spot, number, 'left' | 'right'][] = [
      ['talker 1', people.hana.face, 5, 'left', [-0.6, 8.3], 20.2, 'left'],
      ['talker 2', people.arthur.face, 5.8, 'right', [1.2, 8.3], 20.6, 'right'],
      ['talker 3', people.elena.face, 7.4, 'left', [0, 9.3], 21.4, 'left'],
      ['talker 4', people.tomas.face, 8.2, 'right', [0.9, 9.2], 21.2, 'right'],
      ['talker 5', stranger(6), 9.6, 'right', [0.8, 7.45], 19.4, 'right'],
      ['talker 6', lookAlikes.ofYue.face, 10, 'left', [-0.25, 7.45], 19.8, 'left'],
    ];
    for (const [id, face, at, side, spot, until, away] of group) cast.add(id, face, joins(at, side, spot, until, away));

    // The same stranger three times, each time past the camera and with a look into it.
    const loiterer = stranger(7);
    const { left, right } = wings(camera, 5.5);
    cast.add('stranger, first time', loiterer, {
      at: 0.2,
      from: left,
      steps: lookIn([[-0.7, 5.4]], 2, right, 1.1),
    });
    cast.add('stranger, second time', loiterer, {
      at: 12.2,
      from: right,
      steps: lookIn([[0.9, 5.5]], 3, left, 1.1),
    });
    cast.add('stranger, third time', loiterer, {
      at: 23,
      from: left,
      steps: lookIn([[0.2, 5.4]], 1.6, left, 1.15),
    });
    return {
      camera,
      place: 'hall',
      light: { level: 1, warmth: 0.05, from: -0.5, hardness: 0.3 },
      wear: { noise: 0, blur: 0, vignette: 0.12 },
      members: cast.members,
      vehicles: [],
      things: () => [],
      zones: [
        zoneOnGround(camera, 'meeting point', 'area', [
          [-1.6, 6.9],
          [2.2, 6.9],
          [2.5, 10.2],
          [-1.9, 10.2],
        ]),
        zoneOnGround(camera, 'front', 'area', [
          [-2, 5],
          [2, 5],
          [2.2, 6.2],
          [-2.2, 6.2],
        ]),
      ],
      rules: [
        { kind: 'crowd', area: 'meeting point', people: 5, after: 5 },
        { kind: 'loitering', area: 'front', after: 8 },
      ],
    };
  },
};
