import type { CameraSetup } from '../render/camera.ts';
import { Casting, wings } from './casting.ts';
import type { Spot } from './ground.ts';
import type { Scene } from './scene.ts';
import { people, stranger } from './staff.ts';

const camera: CameraSetup = { width: 960, height: 540, above: 3, tilt: 0.24, view: 0.82 };
const seconds = 28;
const LEFT: Spot = [-0.5, 8.2];
const RIGHT: Spot = [0.42, 8.2];

/** Two people fight, one runs off, the other falls, lies and is helped up. */
export const fightAndFall: Scene = {
  name: 'fight-and-fall',
  title: { en: 'Street: fight and fall', zh: '街道：打架与跌倒' },
  seconds,
  fps: 15,
  kbps: 140,
  promises: ['fight', 'fall'],
  stage(seed) {
    const cast = new Casting('fight-and-fall', seed, seconds, camera);
    cast.add('attacked', people.tomas.face, {
      at: 0.2,
      from: wings(camera, 8.2).left,
      steps: [
        { walk: [LEFT] },
        { until: 5.2, facing: RIGHT, look: { x: RIGHT[0], y: 1.6, z: RIGHT[1] } },
        { until: 10.4, pose: 'fight', facing: RIGHT },
        { stay: 0.4, facing: RIGHT },
        { stay: 1, pose: 'fall', once: [0, 1] },
        { until: 19, pose: 'fall', once: [1, 1] },
        { stay: 2.2, pose: 'fall', once: [1, 0] },
        { stay: 1, facing: 'camera', look: 'camera' },
        { walk: [wings(camera, 8).left], speed: 1.2 },
      ],
    });
    cast.add('aggressor', stranger(8), {
      at: 0.6,
      from: wings(camera, 8.2).right,
      steps: [
        { walk: [RIGHT], speed: 1.3 },
        { until: 5.2, facing: LEFT, look: { x: LEFT[0], y: 1.6, z: LEFT[1] } },
        { until: 10.8, pose: 'fight', facing: LEFT },
        { stay: 0.5, facing: LEFT, look: 'ahead' },
        { walk: [wings(camera, 9).right], speed: 3.2, pose: 'run' },
      ],
    });
    cast.add('helper', people.hana.face, {
      at: 14.4,
      from: wings(camera, 9.4).right,
      steps: [
        { walk: [[0.75, 8.9]], speed: 1.7, look: { x: -0.5, y: 0.3, z: 8.2 } },
        { until: 22.6, facing: LEFT, look: { x: -0.5, y: 0.5, z: 8.2 } },
        { walk: [wings(camera, 9).right], speed: 1.3 },
      ],
    });
    return {
      camera,
      place: 'street',
      light: { level: 1, warmth: 0, from: 0.7, hardness: 0.5 },
      wear: { noise: 0, blur: 0, vignette: 0.1 },
      members: cast.members,
      vehicles: [],
      things: () => [],
      zones: [],
      rules: [{ kind: 'fight' }, { kind: 'fall' }],
    };
  },
};
