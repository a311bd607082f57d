import type { CameraSetup } from '../render/camera.ts';
import { makePlate } from '../render/plate.ts';
import { random } from '../render/random.ts';
import type { VehicleClass, VehicleColour } from '../render/types.ts';
import { Casting, wings } from './casting.ts';
import { type Rolling, type Scene, zoneOnGround } from './scene.ts';
import { people } from './staff.ts';
import { type Drive, parked, rolling } from './vehicles.ts';

const camera: CameraSetup = { width: 1280, height: 720, above: 3.6, tilt: 0.23, view: 0.95 };
const seconds = 30;

/** Vehicles come in, stop at the barrier and drive on; others are parked. */
export const carPark: Scene = {
  name: 'car-park',
  title: { en: 'Car park: vehicles and plates', zh: '停车场：车辆与车牌' },
  seconds,
  fps: 15,
  kbps: 220,
  promises: ['crossing'],
  stage(seed) {
    const cast = new Casting('car-park', seed, seconds, camera);
    const source = random(`car-park/${seed}`);
    const vehicle = (id: string, kind: VehicleClass, colour: VehicleColour): Rolling['vehicle'] => ({
      id,
      class: kind,
      colour,
      plate: makePlate(source.stream(id)),
    });
    cast.add('driver', people.marco.face, {
      at: 12.2,
      from: wings(camera, 14.6).right,
      steps: [{ walk: [[0, 14.8], wings(camera, 14.4).left], speed: 1.45 }],
    });
    /** In along the lane behind the bays, down to the barrier, a stop there, and out to one side. */
    const visit = (until: number, away: -1 | 1): Drive[] => [
      {
        drive: [
          [0, 16.8],
          [0, 9.4],
        ],
        speed: 5,
      },
      { until },
      {
        drive: [
          [0, 7],
          [away * 12, 6.6],
        ],
        speed: 4,
      },
    ];
    return {
      camera,
      place: 'car-park',
      light: { level: 1, warmth: 0.1, from: -0.6, hardness: 0.5 },
      wear: { noise: 0, blur: 0, vignette: 0.1 },
      members: cast.members,
      vehicles: [
        parked(vehicle('parked suv', 'st_suv', 'gray'), -4.05, 11.2, 0),
        parked(vehicle('parked car', 'st_car', 'blue'), 4.05, 11.1, 0),
        parked(vehicle('far van', 'st_van', 'green'), 4.05, 22.6, 0),
        parked(vehicle('far car', 'st_car', 'black'), -6.75, 22.4, 0),
        rolling(vehicle('red car', 'st_car', 'red'), 0.3, [13, 16.6], visit(8.3, 1)),
        rolling(vehicle('truck', 'st_small_truck', 'yellow'), 6.4, [-14, 18.3], [{ drive: [[14, 18.3]], speed: 5 }]),
        rolling(vehicle('white van', 'st_van', 'white'), 9.8, [-13, 16.6], visit(18, -1)),
        rolling(vehicle('brown suv', 'st_suv', 'brown'), 18.4, [13, 16.6], visit(26, 1)),
        rolling(vehicle('bus', 'st_big_bus', 'blue'), 22.2, [18, 18], [{ drive: [[-18, 18]], speed: 5.6 }]),
      ],
      things: () => [],
      zones: [
        zoneOnGround(camera, 'barrier', 'line', [
          [-2.6, 9],
          [2.6, 9],
        ]),
      ],
      rules: [{ kind: 'crossing', line: 'barrier' }],
    };
  },
};
