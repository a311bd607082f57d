import { bandsAround, type Easel } from './easel.ts';
import { mix, shade, type Tint, tint } from './tint.ts';
import { bib, medical, police, vest } from './trim.ts';
import type { Tube } from './tube.ts';

type Spot = readonly [number, number];

/** Collar and cuffs of a shirt of one's own. */
export const LINEN = tint('#f4f1ea');

/** Knitted edges of a sweater, lighter than it. */
export function ribbing(base: Tint): Tint {
  return mix(base, [255, 255, 255], 0.45);
}

/** Edges of a jacket, darker than it; of a black one gray. */
export function hemming(base: Tint): Tint {
  return base[0] + base[1] + base[2] < 160 ? mix(base, [150, 150, 150], 0.6) : shade(base, 0.5);
}

/** Collars, buttons, lapels, vests and badges on the tube of a garment. */
export function decorateCoat(easel: Easel, tube: Tube): void {
  const { person, bones, outfit, ctx, scale } = easel;
  const { coat, uniform } = person.clothes;
  const trunk = bones.build.trunk;
  const line = Math.max(0.7, 0.005 * scale);
  const base = outfit.coat.base;
  const dark = shade(base, base[0] + base[1] + base[2] < 160 ? 1.45 : 0.7);
  const t = (level: number): number => level * trunk;
  if (uniform === 'st_worker_uniform') bib(easel, tube);
  if (easel.detail < 1) {
    if (uniform === 'st_reflective_clothing') vest(easel, tube);
    return;
  }
  const down = (angle: number, from: number, to: number): Spot[] =>
    Array.from({ length: 9 }, (_, k) => [from + ((to - from) * k) / 8, angle] as const);
  if (easel.detail >= 2 && uniform !== 'st_worker_uniform') tube.band(ctx, tube.from + 0.012, dark, line, 0.5);
  switch (coat.style) {
    case 't_shirt':
      neckline(
        easel,
        tube,
        coat.sleeves === 'st_bareback' ? 0.9 : 1.02,
        coat.sleeves === 'st_bareback' ? 0.95 : 1.15,
        dark,
      );
      break;
    case 'sweater':
      tube.band(ctx, t(1.12), ribbing(base), 0.036 * scale);
      tube.band(ctx, tube.from + 0.022, ribbing(base), 0.05 * scale);
      break;
    case 'dress':
      neckline(easel, tube, 0.99, 1, dark);
      tube.band(ctx, t(0.38), shade(base, 0.66), Math.max(1, 0.016 * scale), 0.9);
      if (easel.detail >= 2) {
        for (const turn of [-1.2, -0.4, 0.45, 1.2, 2.3, -2.3]) {
          tube.line(
            ctx,
            [
              [tube.from, turn * 1.02],
              [tube.from * 0.3, turn * 0.95],
            ],
            dark,
            line,
            0.35,
          );
        }
      }
      break;
    case 'shirt':
      if (uniform === 'st_chef_uniform') doubleBreasted(easel, tube);
      else shirtFront(easel, tube, dark, line, t);
      break;
    case 'jacket':
      tube.patch(
        ctx,
        [
          [t(1.16), -0.55],
          [t(0.98), 0],
          [t(1.16), 0.55],
        ],
        shade(outfit.lower.base, 1.5),
      );
      tube.line(ctx, down(0, tube.from, t(0.99)), dark, line * 1.2);
      collar(easel, tube, hemming(base), 0.96);
      if (uniform !== 'st_firefighter_uniform') {
        tube.line(ctx, down(0, tube.from, t(0.99)), hemming(base), Math.max(1, 0.022 * scale));
        tube.band(ctx, tube.from + 0.02, hemming(base), 0.056 * scale);
        for (const side of [1, -1])
          tube.line(
            ctx,
            [
              [t(0.1), side * 0.85],
              [t(0.3), side * 0.68],
            ],
            dark,
            line * 1.3,
            0.8,
          );
      }
      break;
    case 'long_coat':
      openCoat(easel, tube, dark, line, t);
      break;
    case 'business_suit':
      suit(easel, tube, dark, line, t);
      break;
  }
  if (uniform === 'st_police_uniform') police(easel, tube, t);
  if (uniform === 'st_firefighter_uniform') {
    bandsAround(easel, tube, [tube.from + 0.09, t(0.62)], 0.06, 0.022);
    for (const side of [0.75, -0.75, Math.PI - 0.75, Math.PI + 0.75]) {
      tube.line(ctx, down(side, t(0.62), t(1.05)), tint('#e9e24a'), 0.034 * scale);
    }
  }
  if (uniform === 'st_reflective_clothing') vest(easel, tube);
  if (uniform === 'st_medical_uniform') medical(easel, tube, t, line);
}

function neckline(easel: Easel, tube: Tube, low: number, wide: number, dark: Tint): void {
  const { ctx, scale, bones } = easel;
  const t = bones.build.trunk;
  const { skin } = easel.outfit;
  const edge: Spot[] = [];
  for (let k = -6; k <= 6; k += 1) {
    const s = k / 6;
    edge.push([t * (low + (1.1 - low) * s * s), s * (wide + 0.35 * s * s)]);
  }
  tube.patch(ctx, [[t * 1.18, -1.5], ...edge, [t * 1.18, 1.5]], skin);
  tube.line(ctx, edge, dark, Math.max(0.8, 0.008 * scale), 0.75);
  const nape: Spot[] = [-1, -0.5, 0, 0.5, 1].map((s) => [t * (1.075 + 0.025 * s * s), Math.PI + s * 1.4] as const);
  tube.patch(ctx, [[t * 1.18, Math.PI - 1.4], ...nape, [t * 1.18, Math.PI + 1.4]], skin);
}

function collar(easel: Easel, tube: Tube, colour: Tint, low: number): void {
  const { ctx, bones, scale } = easel;
  const t = bones.build.trunk;
  const edge = shade(colour, 0.72);
  for (const side of [1, -1]) {
    const corners: Spot[] = [
      [t * 1.17, side * 0.35],
      [t * 1.07, side * 0.05],
      [t * low, side * 0.5],
      [t * 1.06, side * 1.1],
      [t * 1.08, side * 1.6],
      [t * 1.17, side * 1.6],
    ];
    tube.patch(ctx, corners, colour);
    tube.line(ctx, corners.slice(1, 5), edge, Math.max(0.6, 0.0035 * scale), 0.8);
  }
  nape(tube, ctx, t, colour, Math.max(0.6, 0.0035 * scale));
}

/** The part of a collar that goes around the neck behind. */
function nape(tube: Tube, ctx: Easel['ctx'], t: number, colour: Tint, line: number): void {
  const low: Spot[] = [1.55, 2, 2.5, Math.PI, 3.78, 4.28, 4.73].map((turn) => [t * 1.08, turn] as const);
  const high: Spot[] = low.map(([, turn]) => [t * 1.18, turn] as const);
  tube.patch(ctx, [...low, ...high.reverse()], colour);
  tube.line(ctx, low, shade(colour, 0.72), line, 0.8);
}

function shirtFront(easel: Easel, tube: Tube, dark: Tint, line: number, t: (level: number) => number): void {
  const { ctx, outfit, scale } = easel;
  const skin = outfit.skin;
  tube.patch(
    ctx,
    [
      [t(1.18), -0.5],
      [t(1.02), 0],
      [t(1.18), 0.5],
    ],
    skin,
  );
  const front: Spot[] = Array.from(
    { length: 9 },
    (_, k) => [tube.from + ((t(1.02) - tube.from) * k) / 8, 0.07] as const,
  );
  tube.line(ctx, front, dark, line, 0.8);
  for (let n = 0; n < 6; n += 1) tube.dot(ctx, t(0.94 - n * 0.175), 0, Math.max(0.6, 0.0065 * scale), dark);
  tube.patch(
    ctx,
    [
      [t(0.8), 0.42],
      [t(0.8), 0.85],
      [t(0.62), 0.82],
      [t(0.6), 0.62],
      [t(0.62), 0.44],
    ],
    dark,
    easel.detail >= 2 ? 0.22 : 0,
  );
  collar(easel, tube, easel.person.clothes.uniform === 'st_common_clothing' ? LINEN : outfit.coat.base, 0.95);
}

function doubleBreasted(easel: Easel, tube: Tube): void {
  const { ctx, scale, bones } = easel;
  const t = bones.build.trunk;
  for (let n = 0; n < 4; n += 1) {
    for (const side of [0.36, -0.36])
      tube.dot(ctx, t * (0.9 - n * 0.15), side, Math.max(0.7, 0.009 * scale), tint('#33363d'));
  }
  tube.line(
    ctx,
    [
      [t * 0.35, 0.5],
      [t * 0.7, 0.55],
      [t * 0.98, 0.3],
    ],
    tint('#c4c7ca'),
    Math.max(0.7, 0.005 * scale),
  );
  collar(easel, tube, tint('#f1f0eb'), 1.02);
  // A neckerchief.
  tube.patch(
    ctx,
    [
      [t * 1.16, -0.9],
      [t * 1.04, -0.35],
      [t * 0.93, 0],
      [t * 1.04, 0.35],
      [t * 1.16, 0.9],
    ],
    tint('#c8403c'),
  );
}

function openCoat(easel: Easel, tube: Tube, dark: Tint, line: number, t: (level: number) => number): void {
  const { ctx, outfit, scale, person } = easel;
  const base = outfit.coat.base;
  const medical = person.clothes.uniform === 'st_medical_uniform';
  tube.patch(
    ctx,
    [
      [t(1.18), -0.62],
      [t(0.78), 0.03],
      [t(1.18), 0.62],
    ],
    medical ? tint('#7cb8b0') : shade(outfit.lower.base, 1.45),
  );
  lapels(easel, tube, shade(base, medical ? 0.96 : 0.86), 0.76);
  const front: Spot[] = Array.from(
    { length: 12 },
    (_, k) => [tube.from + ((t(0.77) - tube.from) * k) / 11, 0.06] as const,
  );
  tube.line(ctx, front, dark, line * 1.2);
  for (const level of [0.62, 0.38, 0.12])
    tube.dot(ctx, t(level), -0.12, Math.max(0.7, 0.009 * scale), medical ? tint('#b8bfc4') : shade(base, 0.5));
  if (!medical) {
    tube.band(ctx, t(0.36), shade(base, 0.76), Math.max(1, 0.03 * scale));
    tube.line(
      ctx,
      [
        [tube.from, Math.PI],
        [tube.from * 0.25, Math.PI],
      ],
      dark,
      line,
    );
  }
  for (const side of [1, -1])
    tube.patch(
      ctx,
      [
        [t(0.06), side * 0.5],
        [t(0.06), side * 1],
        [t(-0.02), side * 1],
        [t(-0.02), side * 0.5],
      ],
      shade(base, 0.86),
    );
}

function lapels(easel: Easel, tube: Tube, colour: Tint, low: number): void {
  const { ctx, bones, scale } = easel;
  const t = bones.build.trunk;
  for (const side of [1, -1]) {
    const corners: Spot[] = [
      [t * low, side * 0.02],
      [t * 0.92, side * 0.62],
      [t * 0.965, side * 0.48],
      [t * 1.0, side * 0.72],
      [t * 1.08, side * 1.6],
      [t * 1.18, side * 1.6],
      [t * 1.18, side * 1],
      [t * 1.12, side * 0.55],
    ];
    tube.patch(ctx, corners, colour);
    tube.line(ctx, corners.slice(0, 5), shade(colour, 0.66), Math.max(0.6, 0.004 * scale), 0.8);
  }
  nape(tube, ctx, t, colour, Math.max(0.6, 0.004 * scale));
}

function suit(easel: Easel, tube: Tube, dark: Tint, line: number, t: (level: number) => number): void {
  const { ctx, outfit, scale, person } = easel;
  const tie = tint(['#a33036', '#2c4f8c', '#3d3f55', '#6b3d7d'][outfit.coat.kind + (person.face.age % 2)]!);
  const shirt = outfit.coat.base[0] > 225 && outfit.coat.base[2] > 210 ? tint('#9db9dd') : tint('#f6f5f1');
  tube.patch(
    ctx,
    [
      [t(1.18), -0.75],
      [t(0.62), 0.02],
      [t(1.18), 0.75],
    ],
    shirt,
  );
  if (person.face.gender === 'male' || outfit.coat.kind === 0) {
    tube.patch(
      ctx,
      [
        [t(1.09), -0.12],
        [t(1.035), -0.09],
        [t(0.7), -0.12],
        [t(0.63), 0.01],
        [t(0.7), 0.13],
        [t(1.035), 0.09],
        [t(1.09), 0.12],
      ],
      tie,
    );
  }
  for (const side of [1, -1])
    tube.patch(
      ctx,
      [
        [t(1.16), 0],
        [t(1.03), side * 0.36],
        [t(1.1), side * 0.75],
        [t(1.16), side * 0.7],
      ],
      shade(shirt, 0.95),
    );
  lapels(easel, tube, shade(outfit.coat.base, outfit.coat.base[0] < 60 ? 1.18 : 0.86), 0.6);
  const front: Spot[] = [
    [tube.from, 0.32],
    [t(0.12), 0.08],
    [t(0.35), 0.05],
    [t(0.61), 0.03],
  ];
  tube.line(ctx, front, dark, line * 1.2);
  for (const level of [0.54, 0.36]) tube.dot(ctx, t(level), -0.09, Math.max(0.7, 0.008 * scale), dark);
  for (const side of [1, -1])
    tube.line(
      ctx,
      [
        [t(0.14), side * 0.65],
        [t(0.16), side * 1.15],
      ],
      dark,
      line * 1.4,
      0.9,
    );
  tube.patch(
    ctx,
    [
      [t(0.79), 0.5],
      [t(0.81), 0.82],
      [t(0.835), 0.8],
      [t(0.815), 0.5],
    ],
    shirt,
  );
  tube.line(
    ctx,
    [
      [tube.from, Math.PI],
      [t(0.12), Math.PI],
    ],
    dark,
    line,
  );
}
