import type { CameraSetup } from '../render/camera.ts';
import { neutralLook } from '../render/identity.ts';
import type { FaceIdentity, Thing } from '../render/types.ts';
import { Casting, wings } from './casting.ts';
import type { Route } from './route.ts';
import type { Scene } from './scene.ts';
import { lookAlikes, people, stranger } from './staff.ts';

const camera: CameraSetup = { width: 1280, height: 720, above: 1.9, tilt: 0.11, view: 0.85 };
const seconds = 28;

/** Somebody comes to the door, stays before it and goes back the way he came. */
function tries(at: number, side: 'left' | 'right', stay: number): Route {
  const start = wings(camera, 3.4)[side];
  const away = wings(camera, 3)[side];
  return {
    at,
    from: start,
    steps: [
      {
        walk: [
          [start[0] / 2, 3.2],
          [0, 2.3],
        ],
        speed: 1.1,
        look: 'camera',
      },
      { stay, facing: 'camera', look: 'camera' },
      { walk: [[away[0] / 2, 2.7], away], speed: 1.2 },
    ],
  };
}

/** A real person, then one with a photo and one with a screen before the face, then a look-alike. */
export const spoof: Scene = {
  name: 'spoof',
  title: { en: 'Door: photo and screen', zh: '门禁：照片与屏幕攻击' },
  seconds,
  fps: 15,
  kbps: 220,
  promises: ['spoof'],
  stage(seed) {
    const cast = new Casting('spoof', seed, seconds, camera);
    cast.add('real', people.yue.face, tries(0.3, 'left', 2.2));
    cast.add('with a photo', stranger(9), tries(7, 'right', 3.4));
    cast.add('with a screen', stranger(10), tries(14.2, 'left', 3.4));
    cast.add('look-alike', lookAlikes.ofMarco.face, tries(20.8, 'right', 1.8));
    return {
      camera,
      place: 'corridor',
      light: { level: 0.9, warmth: 0.2, from: 0.3, hardness: 0.25 },
      wear: { noise: 0, blur: 0, vignette: 0.12 },
      members: cast.members,
      vehicles: [],
      things: (now) => [
        ...held(now, 7, 5.4, 'photo', 'paper', 'with a photo', people.yue.face),
        ...held(now, 14.2, 5.4, 'screen', 'screen', 'with a screen', people.marco.face),
      ],
      zones: [],
      rules: [{ kind: 'spoof' }],
    };
  },
};

/** A picture that is held up from the coming on for some seconds, and moved a little, as hands do. */
function held(
  now: number,
  start: number,
  length: number,
  id: string,
  on: 'paper' | 'screen',
  heldBy: string,
  shows: FaceIdentity,
): Thing[] {
  if (now < start || now >= start + length) return [];
  const width = on === 'paper' ? 0.24 : 0.2;
  return [
    {
      kind: 'picture',
      id,
      on,
      heldBy,
      shows,
      look: neutralLook(shows),
      width,
      yaw: 0.18 * Math.sin((now - start) * 1.7),
      roll: 0.06 * Math.sin((now - start) * 2.3),
    },
  ];
}
