import type { Line } from './head-shell.ts';

/** How hair is cut. Lengths in half head heights; heights of the front line are against the person's own hair line. */
export interface HairCut {
  /** Front hair line from the middle to the temples, degrees and height against the own hair line. */
  front: Line;
  /** Thickness over the crown, at the sides and over the forehead. */
  top: number;
  side: number;
  quiff: number;
  /** Thickness at the hair line in front: a fringe stands off the forehead. */
  edge: number;
  /** Waves around the outline: how many and how high. */
  waves: number;
  wave: number;
  /** Where the parting lies, degrees; undefined: none. */
  parting?: number;
  /** Shaved sides: drawn thin and see-through. */
  fade?: boolean;
  /** Hair that hangs: from which angle around the back, down to which height, how wide. */
  hang?: { from: number; to: number; wide: number; tips: number };
  /** Bound together and laid over one shoulder. */
  tail?: boolean;
}

const PLAIN: HairCut = {
  front: [
    [0, 0],
    [40, -0.02],
    [58, -0.16],
  ],
  top: 0.1,
  side: 0.05,
  quiff: 0,
  edge: 0.02,
  waves: 0,
  wave: 0,
};

/** Cuts by the number of `FaceIdentity.hair.cut`. */
export const HAIR_CUTS: Readonly<Record<'st_short' | 'long' | 'bald', readonly HairCut[]>> = {
  st_short: [
    // Crop with a short straight fringe.
    {
      ...PLAIN,
      front: [
        [0, -0.12],
        [36, -0.13],
        [50, -0.2],
      ],
      edge: 0.05,
      top: 0.09,
    },
    // Side parting, swept to the right.
    {
      ...PLAIN,
      front: [
        [-58, -0.12],
        [-34, 0.02],
        [-26, 0.06],
        [0, -0.06],
        [30, -0.14],
        [58, -0.26],
      ],
      parting: -28,
      edge: 0.05,
      top: 0.14,
      side: 0.05,
    },
    // Quiff.
    {
      ...PLAIN,
      front: [
        [0, 0.05],
        [36, 0.02],
        [56, -0.12],
      ],
      quiff: 0.2,
      top: 0.14,
      side: 0.03,
      edge: 0.05,
    },
    // Shaved close.
    {
      ...PLAIN,
      front: [
        [0, 0],
        [34, 0.02],
        [44, -0.03],
        [58, -0.12],
      ],
      top: 0.025,
      side: 0.015,
      edge: 0.005,
      fade: true,
    },
    // Curls.
    {
      ...PLAIN,
      front: [
        [0, -0.06],
        [40, -0.08],
        [58, -0.22],
      ],
      top: 0.2,
      side: 0.12,
      edge: 0.08,
      waves: 15,
      wave: 0.035,
    },
    // Bowl.
    {
      ...PLAIN,
      front: [
        [0, -0.24],
        [40, -0.26],
        [62, -0.4],
      ],
      top: 0.12,
      side: 0.11,
      edge: 0.07,
    },
    // Receding at the temples.
    {
      ...PLAIN,
      front: [
        [0, 0.03],
        [16, 0.05],
        [32, 0.13],
        [46, 0.1],
        [60, -0.1],
      ],
      top: 0.08,
      side: 0.04,
    },
    // Afro.
    {
      ...PLAIN,
      front: [
        [0, 0],
        [40, -0.02],
        [60, -0.16],
      ],
      top: 0.34,
      side: 0.26,
      edge: 0.12,
      waves: 15,
      wave: 0.03,
    },
    // Combed back.
    {
      ...PLAIN,
      front: [
        [0, 0.05],
        [30, 0.07],
        [46, 0.02],
        [60, -0.14],
      ],
      top: 0.1,
      side: 0.045,
      edge: 0.03,
      quiff: 0.04,
    },
    // Swept across the forehead from the left.
    {
      ...PLAIN,
      front: [
        [-58, -0.3],
        [-30, -0.24],
        [0, -0.16],
        [24, -0.02],
        [36, 0.02],
        [58, -0.14],
      ],
      parting: 30,
      edge: 0.06,
      top: 0.13,
      side: 0.07,
    },
  ],
  long: [
    // Middle parting, straight.
    {
      ...PLAIN,
      front: [
        [0, 0.06],
        [12, 0],
        [40, -0.2],
        [62, -0.5],
      ],
      parting: 0,
      top: 0.1,
      side: 0.08,
      edge: 0.05,
      hang: { from: 62, to: -1.36, wide: 0.1, tips: 0 },
    },
    // Side parting, waves.
    {
      ...PLAIN,
      front: [
        [-62, -0.44],
        [-36, -0.1],
        [-22, 0.06],
        [10, -0.04],
        [40, -0.22],
        [62, -0.5],
      ],
      parting: -22,
      top: 0.15,
      side: 0.12,
      edge: 0.06,
      waves: 5,
      wave: 0.02,
      hang: { from: 62, to: -1.3, wide: 0.17, tips: 0.05 },
    },
    // Straight fringe.
    {
      ...PLAIN,
      front: [
        [0, -0.27],
        [38, -0.28],
        [52, -0.36],
        [62, -0.6],
      ],
      top: 0.11,
      side: 0.09,
      edge: 0.06,
      hang: { from: 60, to: -1.26, wide: 0.11, tips: 0 },
    },
    // Pony tail.
    {
      ...PLAIN,
      front: [
        [0, 0.04],
        [36, 0],
        [58, -0.18],
      ],
      top: 0.09,
      side: 0.05,
      edge: 0.03,
      tail: true,
    },
    // Big curls.
    {
      ...PLAIN,
      front: [
        [0, -0.03],
        [36, -0.1],
        [60, -0.44],
      ],
      top: 0.22,
      side: 0.2,
      edge: 0.09,
      waves: 13,
      wave: 0.04,
      hang: { from: 66, to: -1.15, wide: 0.32, tips: -0.08 },
    },
    // Bob to below the chin, swept to one side.
    {
      ...PLAIN,
      front: [
        [-62, -0.56],
        [-40, -0.34],
        [0, -0.18],
        [26, 0],
        [36, 0.04],
        [62, -0.46],
      ],
      parting: 30,
      top: 0.13,
      side: 0.12,
      edge: 0.07,
      hang: { from: 58, to: -1.06, wide: 0.15, tips: -0.12 },
    },
  ],
  bald: [
    // Nothing left.
    { ...PLAIN, top: 0, side: 0, edge: 0 },
    // A wreath around the back.
    { ...PLAIN, top: 0, side: 0.05, edge: 0.02 },
  ],
};
