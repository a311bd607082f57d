import type { VehicleClass } from './types.ts';

/** One corner line of a body: metres forward of the middle, above the ground, and half the breadth there. */
export type Station = readonly [forward: number, up: number, half: number];

export type Part = 'paint' | 'glass' | 'dark' | 'bumper' | 'roof' | 'grille' | 'box';

/** A body that is the same across: its outline from the front below, over the roof, to the rear below. */
export interface Hull {
  stations: readonly Station[];
  /** What lies between a station and the next; one fewer than stations. */
  parts: readonly Part[];
  /** Windows of the side: outlines of metres forward and up. */
  windows: readonly (readonly (readonly [number, number])[])[];
  /** Lines on the side: joints of doors, mouldings. */
  joints: readonly (readonly [number, number, number, number])[];
  box?: boolean;
}

export interface VehicleShape {
  length: number;
  width: number;
  height: number;
  hulls: readonly Hull[];
  wheel: number;
  axles: readonly number[];
  /** Which hull and strip carry the lamps and the plate, and where on the strip (0 below .. 1 above). */
  front: { hull: number; strip: number; lamp: readonly [number, number]; plate: number };
  rear: { hull: number; strip: number; lamp: readonly [number, number]; plate: number };
  /** Half the breadth of a lamp, part of the half breadth. */
  lampWidth: number;
}

const car: VehicleShape = {
  length: 4.5,
  width: 1.8,
  height: 1.46,
  wheel: 0.33,
  axles: [1.38, -1.32],
  lampWidth: 0.2,
  hulls: [
    {
      stations: [
        [2.12, 0.2, 0.8],
        [2.25, 0.32, 0.84],
        [2.22, 0.7, 0.86],
        [2.02, 0.8, 0.87],
        [0.98, 0.97, 0.88],
        [0.2, 1.42, 0.66],
        [-0.85, 1.44, 0.66],
        [-1.62, 1.06, 0.84],
        [-2.16, 1.02, 0.84],
        [-2.25, 0.62, 0.86],
        [-2.2, 0.28, 0.82],
      ],
      parts: ['dark', 'bumper', 'paint', 'paint', 'glass', 'roof', 'glass', 'paint', 'paint', 'bumper'],
      windows: [
        [
          [0.72, 1.0],
          [0.14, 1.36],
          [-0.3, 1.38],
          [-0.3, 0.99],
        ],
        [
          [-0.38, 0.99],
          [-0.38, 1.38],
          [-0.84, 1.38],
          [-1.36, 1.04],
        ],
      ],
      joints: [
        [0.82, 0.9, 0.72, 0.32],
        [-0.34, 0.96, -0.34, 0.32],
        [-1.1, 0.9, -0.95, 0.6],
        [2.0, 0.62, -2.1, 0.66],
      ],
    },
  ],
  front: { hull: 0, strip: 1, lamp: [0.62, 1], plate: 0.34 },
  rear: { hull: 0, strip: 8, lamp: [0.2, 0.85], plate: 0.5 },
};

const suv: VehicleShape = {
  length: 4.7,
  width: 1.92,
  height: 1.74,
  wheel: 0.38,
  axles: [1.42, -1.38],
  lampWidth: 0.19,
  hulls: [
    {
      stations: [
        [2.2, 0.28, 0.88],
        [2.34, 0.42, 0.92],
        [2.32, 0.86, 0.93],
        [2.16, 1.0, 0.93],
        [1.1, 1.14, 0.94],
        [0.5, 1.68, 0.76],
        [-1.8, 1.7, 0.76],
        [-2.22, 1.18, 0.92],
        [-2.34, 0.62, 0.93],
        [-2.25, 0.32, 0.88],
      ],
      parts: ['dark', 'bumper', 'paint', 'paint', 'glass', 'roof', 'glass', 'paint', 'bumper'],
      windows: [
        [
          [0.9, 1.17],
          [0.42, 1.6],
          [-0.22, 1.63],
          [-0.22, 1.17],
        ],
        [
          [-0.3, 1.17],
          [-0.3, 1.63],
          [-1.14, 1.63],
          [-1.14, 1.17],
        ],
        [
          [-1.24, 1.18],
          [-1.24, 1.62],
          [-1.72, 1.6],
          [-1.98, 1.22],
        ],
      ],
      joints: [
        [0.98, 1.1, 0.9, 0.45],
        [-0.26, 1.14, -0.26, 0.45],
        [-1.19, 1.14, -1.0, 0.75],
        [2.1, 0.42, -2.2, 0.42],
      ],
    },
  ],
  front: { hull: 0, strip: 1, lamp: [0.66, 1], plate: 0.3 },
  rear: { hull: 0, strip: 7, lamp: [0.35, 0.95], plate: 0.4 },
};

const van: VehicleShape = {
  length: 5.1,
  width: 1.98,
  height: 2.1,
  wheel: 0.35,
  axles: [1.65, -1.5],
  lampWidth: 0.15,
  hulls: [
    {
      stations: [
        [2.42, 0.26, 0.9],
        [2.55, 0.4, 0.95],
        [2.52, 0.88, 0.97],
        [2.3, 1.08, 0.97],
        [1.95, 1.2, 0.97],
        [1.2, 2.02, 0.84],
        [-2.36, 2.08, 0.86],
        [-2.48, 1.92, 0.88],
        [-2.54, 1.22, 0.96],
        [-2.55, 0.5, 0.97],
        [-2.5, 0.3, 0.94],
      ],
      parts: ['dark', 'bumper', 'paint', 'paint', 'glass', 'roof', 'paint', 'glass', 'paint', 'bumper'],
      windows: [
        [
          [1.72, 1.24],
          [1.1, 1.9],
          [0.5, 1.92],
          [0.5, 1.22],
        ],
      ],
      joints: [
        [0.42, 1.96, 0.42, 0.42],
        [1.6, 1.2, 1.5, 0.75],
        [-1.0, 1.96, -1.0, 0.75],
        [2.3, 0.62, -2.5, 0.62],
        [0.42, 1.3, -2.4, 1.3],
      ],
    },
  ],
  front: { hull: 0, strip: 1, lamp: [0.6, 1], plate: 0.26 },
  rear: { hull: 0, strip: 8, lamp: [0.1, 0.8], plate: 0.5 },
};

const truck: VehicleShape = {
  length: 6.2,
  width: 2.1,
  height: 2.75,
  wheel: 0.4,
  axles: [2.1, -1.6],
  lampWidth: 0.14,
  hulls: [
    {
      box: true,
      stations: [
        [1.3, 0.85, 1.05],
        [1.3, 2.75, 1.05],
        [-3.05, 2.75, 1.05],
        [-3.05, 0.85, 1.05],
        [-3.0, 0.5, 0.9],
      ],
      parts: ['box', 'box', 'box', 'dark'],
      windows: [],
      joints: [
        [1.2, 0.95, -3.0, 0.95],
        [1.2, 2.66, -3.0, 2.66],
        [-0.85, 2.7, -0.85, 0.9],
      ],
    },
    {
      stations: [
        [2.95, 0.36, 0.9],
        [3.1, 0.48, 0.96],
        [3.1, 0.95, 0.97],
        [3.02, 1.22, 0.97],
        [2.62, 2.08, 0.88],
        [1.5, 2.16, 0.9],
        [1.45, 0.5, 0.95],
      ],
      parts: ['dark', 'bumper', 'paint', 'glass', 'roof', 'paint'],
      windows: [
        [
          [2.8, 1.26],
          [2.5, 1.98],
          [1.85, 2.0],
          [1.85, 1.24],
        ],
      ],
      joints: [
        [1.78, 2.04, 1.78, 0.6],
        [2.75, 1.2, 2.75, 0.9],
      ],
    },
  ],
  front: { hull: 1, strip: 1, lamp: [0.5, 1], plate: 0.3 },
  rear: { hull: 0, strip: 3, lamp: [0.1, 0.9], plate: 0.5 },
};

const busWindow = (from: number, to: number): (readonly [number, number])[] => [
  [from, 1.3],
  [from, 2.45],
  [to, 2.45],
  [to, 1.3],
];

const bus: VehicleShape = {
  length: 10.6,
  width: 2.5,
  height: 3.1,
  wheel: 0.48,
  axles: [3.0, -2.9],
  lampWidth: 0.13,
  hulls: [
    {
      stations: [
        [5.2, 0.34, 1.18],
        [5.3, 0.46, 1.24],
        [5.3, 1.12, 1.25],
        [5.16, 2.5, 1.22],
        [5.0, 2.95, 1.16],
        [4.7, 3.06, 1.1],
        [-5.1, 3.08, 1.12],
        [-5.26, 2.5, 1.2],
        [-5.3, 1.5, 1.24],
        [-5.3, 0.6, 1.25],
        [-5.2, 0.36, 1.2],
      ],
      parts: ['dark', 'bumper', 'glass', 'dark', 'paint', 'roof', 'paint', 'glass', 'paint', 'bumper'],
      windows: [
        busWindow(4.95, 4.15),
        busWindow(4.0, 2.3),
        busWindow(2.2, 0.5),
        busWindow(0.4, -1.3),
        busWindow(-1.4, -3.1),
        busWindow(-3.2, -4.9),
      ],
      joints: [
        [4.08, 2.6, 4.08, 0.5],
        [5.0, 2.6, 5.0, 0.5],
        [5.2, 0.95, -5.2, 0.95],
        [-3.6, 0.9, -4.8, 0.9],
      ],
    },
  ],
  front: { hull: 0, strip: 1, lamp: [0.4, 0.85], plate: 0.22 },
  rear: { hull: 0, strip: 8, lamp: [0.1, 0.7], plate: 0.35 },
};

export const VEHICLE_SHAPES: Readonly<Record<VehicleClass, VehicleShape>> = {
  st_car: car,
  st_suv: suv,
  st_van: van,
  st_small_truck: truck,
  st_big_bus: bus,
};
