import type { CameraSetup } from '../render/camera.ts';
import { Casting, SITE_CLOTHES, wings } from './casting.ts';
import { type Scene, zoneOnGround } from './scene.ts';
import { people, stranger } from './staff.ts';

const camera: CameraSetup = { width: 960, height: 540, above: 3.8, tilt: 0.26, view: 0.92 };
const seconds = 24;
/** Seconds inside the area before it is an intrusion. */
const DWELL = 4;

/** Somebody stays in the closed area; another only cuts its corner, and a third keeps outside. */
export const yard: Scene = {
  name: 'yard',
  title: { en: 'Yard: intrusion', zh: '院区：区域入侵' },
  seconds,
  fps: 15,
  kbps: 140,
  promises: ['intrusion'],
  stage(seed) {
    const cast = new Casting('yard', seed, seconds, camera);
    cast.add('intruder', stranger(4), {
      at: 6.6,
      from: wings(camera, 8.4).left,
      steps: [
        {
          walk: [
            [-2.4, 9.4],
            [-0.4, 12.6],
          ],
          speed: 1.2,
        },
        { stay: 2, facing: -2.4, look: { x: -5, y: 1.2, z: 18 } },
        { walk: [[1.3, 11.8]], speed: 0.9 },
        { stay: 2, facing: 'camera', look: 'camera' },
        { walk: [[2.6, 10], wings(camera, 9).right], speed: 1.5 },
      ],
    });
    cast.add(
      'passer-by',
      people.jonas.face,
      {
        at: 0.2,
        from: wings(camera, 10).right,
        steps: [{ walk: [[1.6, 9.6], [0, 11.2], [-1.6, 10.2], wings(camera, 9.9).left], speed: 1.5 }],
      },
      { clothes: SITE_CLOTHES },
    );
    cast.add(
      'guard',
      people.kofi.face,
      {
        at: 13,
        from: wings(camera, 8).right,
        steps: [
          { walk: [[0.8, 7.8]], speed: 1.25 },
          { stay: 1.5, facing: 2.6, look: { x: 1.3, y: 1.5, z: 11.8 } },
          { walk: [wings(camera, 7.8).left], speed: 1.25 },
        ],
      },
      { uniform: 'st_police_uniform' },
    );
    return {
      camera,
      place: 'yard',
      light: { level: 1, warmth: 0.1, from: 0.8, hardness: 0.6 },
      wear: { noise: 0, blur: 0, vignette: 0.1 },
      members: cast.members,
      vehicles: [],
      things: () => [],
      zones: [
        zoneOnGround(camera, 'closed area', 'area', [
          [-4.4, 10.65],
          [4.4, 10.65],
          [5.6, 16],
          [-5.6, 16],
        ]),
      ],
      rules: [{ kind: 'intrusion', area: 'closed area', after: DWELL }],
    };
  },
};
