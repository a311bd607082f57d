import type { CameraSetup } from '../render/camera.ts';
import type { Thing } from '../render/types.ts';
import { Casting, wings } from './casting.ts';
import type { Spot } from './ground.ts';
import type { Track } from './route.ts';
import { type Scene, zoneOnGround } from './scene.ts';
import { people } from './staff.ts';

const camera: CameraSetup = { width: 960, height: 540, above: 3, tilt: 0.27, view: 1 };
const seconds = 30;
const FIRE: Spot = [1.5, 6.6];
const STAND: Spot = [-2.3, 6.2];
/** Seconds of the clip. */
const LIT = 3;
const OUT = 20.5;
const CLEAR = 25.5;
const TAKEN = 10;
const BACK = 27;

/** A fire breaks out and is put out with the extinguisher, which is away from its stand meanwhile. */
export const workshop: Scene = {
  name: 'workshop',
  title: { en: 'Workshop: fire, smoke, extinguisher', zh: '车间：火焰、烟雾、灭火器' },
  seconds,
  fps: 15,
  kbps: 170,
  promises: ['fire', 'smoke', 'extinguisher'],
  stage(seed) {
    const cast = new Casting('workshop', seed, seconds, camera);
    const { left } = wings(camera, 5.6);
    cast.add(
      'worker',
      people.jonas.face,
      {
        at: 7.3,
        from: left,
        steps: [
          { walk: [[-1.9, 5.6]], speed: 1.6, look: { x: FIRE[0], y: 0.8, z: FIRE[1] } },
          { until: TAKEN + 0.4, facing: STAND, look: { x: STAND[0], y: 0.4, z: STAND[1] } },
          { walk: [[0.35, 5.9]], speed: 1.5, look: { x: FIRE[0], y: 0.6, z: FIRE[1] } },
          { until: OUT + 1, facing: FIRE, look: { x: FIRE[0], y: 0.5, z: FIRE[1] } },
          { walk: [[-1.9, 5.6]] },
          { until: BACK + 0.3, facing: STAND, look: { x: STAND[0], y: 0.4, z: STAND[1] } },
          { walk: [left], speed: 1.5 },
        ],
      },
      { uniform: 'st_worker_uniform', clothes: { bag: undefined } },
    );
    const worker = cast.members[0]!.track;
    return {
      camera,
      place: 'workshop',
      light: { level: 0.95, warmth: 0.2, from: -0.6, hardness: 0.4 },
      wear: { noise: 0, blur: 0, vignette: 0.15 },
      members: cast.members,
      vehicles: [],
      things: (now) => [...burning(now), extinguisher(now, worker)],
      zones: [
        zoneOnGround(camera, 'extinguisher', 'area', [
          [STAND[0] - 0.6, STAND[1] - 0.6],
          [STAND[0] + 0.6, STAND[1] - 0.6],
          [STAND[0] + 0.6, STAND[1] + 0.6],
          [STAND[0] - 0.6, STAND[1] + 0.6],
        ]),
      ],
      rules: [{ kind: 'fire' }, { kind: 'smoke' }, { kind: 'extinguisher', area: 'extinguisher', after: 5 }],
    };
  },
};

/** The fire grows, burns and dies under the extinguisher; smoke comes a little later and hangs on. */
function burning(now: number): Thing[] {
  const things: Thing[] = [];
  const position = { x: FIRE[0], y: 0, z: FIRE[1] };
  const flames = Math.min(1, (now - LIT) / 4, (OUT - now) / 5);
  if (flames > 0) things.push({ kind: 'fire', id: 'fire', position, size: 0.25 + 0.75 * flames, phase: now % 1 });
  const fumes = Math.min(1, (now - LIT - 1) / 4, (CLEAR - now) / 4);
  if (fumes > 0) {
    const above = { ...position, y: 0.5 };
    things.push({ kind: 'smoke', id: 'smoke', position: above, size: 0.5 + 1.3 * fumes, phase: (now / 3) % 1 });
  }
  return things;
}

/** On its stand, or carried in the right hand of the worker. */
function extinguisher(now: number, worker: Track): Thing {
  const holder = now >= TAKEN && now < BACK ? worker.at(now) : undefined;
  const position = { x: STAND[0], y: 0, z: STAND[1] };
  if (holder) {
    const [ahead, aside] = [0.16, 0.24];
    const [sin, cos] = [Math.sin(holder.heading), Math.cos(holder.heading)];
    position.x = holder.x + ahead * sin - aside * cos;
    position.z = holder.z - ahead * cos - aside * sin;
    position.y = 0.32;
  }
  return { kind: 'extinguisher', id: 'extinguisher', position };
}
