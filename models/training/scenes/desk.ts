import { Camera, type CameraSetup } from '../render/camera.ts';
import type { Point } from '../render/types.ts';
import { Casting, wings } from './casting.ts';
import type { Spot } from './ground.ts';
import type { Scene, Zone } from './scene.ts';
import { people } from './staff.ts';

const camera: CameraSetup = { width: 960, height: 540, above: 2.4, tilt: 0.24, view: 0.72 };
const seconds = 30;
/** Behind the desk, on the chair that stands there. */
const SEAT: Spot = [-0.25, 6.25];

/** A guard leaves the post, comes back, falls asleep and is woken. */
export const desk: Scene = {
  name: 'desk',
  title: { en: 'Desk: leaving the post and dozing', zh: '值班台：离岗与瞌睡' },
  seconds,
  fps: 15,
  kbps: 130,
  promises: ['leaving-post', 'dozing'],
  stage(seed) {
    const cast = new Casting('desk', seed, seconds, camera);
    const { left, right } = wings(camera, 6.8);
    cast.add(
      'guard',
      people.wei.face,
      {
        at: 0,
        from: SEAT,
        facing: 0,
        steps: [
          { until: 3, pose: 'sit', facing: 0, look: 'camera' },
          { stay: 0.5, facing: 1.2 },
          { walk: [[1.9, 6.7], right] },
          { until: 10 },
          { walk: [[1.9, 6.7], SEAT] },
          { stay: 0.4, facing: 0 },
          { until: 16, pose: 'sit', facing: 0, look: 'camera' },
          { until: 18, pose: 'sit', facing: 0, look: 'down' },
          { until: 26.2, pose: 'doze', facing: 0 },
          { until: seconds, pose: 'sit', facing: 0, look: 'camera' },
        ],
      },
      { uniform: 'st_police_uniform' },
    );
    cast.add('colleague', people.priya.face, {
      at: 21.2,
      from: left,
      steps: [
        { walk: [[-1.75, 6.4]], look: { x: -0.25, y: 1.2, z: 6.3 } },
        { stay: 1.4, facing: SEAT, look: { x: -0.25, y: 1.1, z: 6.3 } },
        { walk: [[-2.2, 6.7], left] },
      ],
    });
    return {
      camera,
      place: 'desk',
      light: { level: 0.9, warmth: 0.35, from: -0.4, hardness: 0.3 },
      wear: { noise: 0, blur: 0, vignette: 0.12 },
      members: cast.members,
      vehicles: [],
      things: () => [],
      zones: [post()],
      rules: [
        { kind: 'leaving-post', area: 'post', after: 5 },
        { kind: 'dozing', after: 4 },
      ],
    };
  },
};

/** The place behind the desk, up to the chest: the desk hides the feet of whoever is there. */
function post(): Zone {
  const lens = new Camera(camera);
  const corners = [
    { x: -1.35, y: 0, z: 5.6 },
    { x: 1.35, y: 0, z: 5.6 },
    { x: 1.35, y: 1.1, z: 6.6 },
    { x: -1.35, y: 1.1, z: 6.6 },
  ];
  const points = corners.map((corner): Point => {
    const { x, y } = lens.project(corner);
    return [Math.round(x), Math.round(y)];
  });
  return { name: 'post', kind: 'area', points };
}
