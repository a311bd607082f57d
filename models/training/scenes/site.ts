import type { CameraSetup } from '../render/camera.ts';
import type { Colour, FaceLook } from '../render/types.ts';
import { Casting, SITE_CLOTHES, wings } from './casting.ts';
import { lookIn } from './route.ts';
import { type Scene, zoneOnGround } from './scene.ts';
import { people, stranger } from './staff.ts';

const camera: CameraSetup = { width: 960, height: 540, above: 2.8, tilt: 0.2, view: 0.95 };
const seconds = 32;

function helmet(colour: Colour): Partial<FaceLook> {
  return { hat: { style: 'st_hard_hat', colour } };
}

/** A building site with rules: helmets and work clothes are worn; nobody smokes or is on the phone. */
export const site: Scene = {
  name: 'site',
  title: { en: 'Site: helmets, work clothes, smoking, phones', zh: '工地：安全帽、工作服、吸烟、打电话' },
  seconds,
  fps: 15,
  kbps: 150,
  promises: ['no-helmet', 'no-work-clothes', 'smoking', 'phone'],
  stage(seed) {
    const cast = new Casting('site', seed, seconds, camera);
    cast.add(
      'foreman',
      people.elena.face,
      {
        at: 0.3,
        from: wings(camera, 7.1).left,
        steps: lookIn([[-0.9, 6.9]], 2.2, wings(camera, 7.5).right),
      },
      { look: helmet('white'), clothes: SITE_CLOTHES },
    );
    cast.add(
      'bare head',
      people.tomas.face,
      {
        at: 4.2,
        from: wings(camera, 6.1).right,
        steps: lookIn([[0.9, 5.7]], 2.5, wings(camera, 5.9).left),
      },
      { clothes: SITE_CLOTHES },
    );
    cast.add(
      'smoker',
      people.jonas.face,
      {
        at: 8.5,
        from: wings(camera, 7.5).left,
        steps: [
          { walk: [[-1.9, 6.8]] },
          { stay: 8, pose: 'smoke', facing: 0.25, look: 'camera' },
          { walk: [wings(camera, 7.3).left] },
        ],
      },
      { look: helmet('yellow'), clothes: SITE_CLOTHES },
    );
    cast.add(
      'on the phone',
      people.marco.face,
      {
        at: 12.5,
        from: wings(camera, 7.5).right,
        steps: [
          { walk: [[1.8, 6.6]] },
          { stay: 7, pose: 'call', facing: -0.2, look: 'camera' },
          { walk: [wings(camera, 7.1).right] },
        ],
      },
      { look: helmet('red'), clothes: SITE_CLOTHES },
    );
    cast.add(
      'visitor',
      stranger(5),
      {
        at: 19.8,
        from: wings(camera, 8.3).left,
        steps: lookIn(
          [
            [-0.2, 7.8],
            [0.2, 5.9],
          ],
          2,
          wings(camera, 5.9).right,
        ),
      },
      {
        look: helmet('blue'),
        clothes: {
          coat: { style: 'shirt', colour: 'purple', sleeves: 'long_sleeve', pattern: 'st_pure' },
          lower: { kind: 'trousers', colour: 'gray', pattern: 'st_pure' },
          uniform: 'st_common_clothing',
          gloves: false,
        },
      },
    );
    return {
      camera,
      place: 'site',
      light: { level: 1, warmth: 0.2, from: 0.6, hardness: 0.6 },
      wear: { noise: 0, blur: 0, vignette: 0.1 },
      members: cast.members,
      vehicles: [],
      things: () => [],
      zones: [
        zoneOnGround(camera, 'site', 'area', [
          [-2.8, 5.4],
          [2.8, 5.4],
          [4.4, 9.4],
          [-4.4, 9.4],
        ]),
      ],
      rules: [
        { kind: 'no-helmet', area: 'site' },
        { kind: 'no-work-clothes', area: 'site', allowed: ['st_reflective_clothing', 'st_worker_uniform'] },
        { kind: 'smoking' },
        { kind: 'phone' },
      ],
    };
  },
};
