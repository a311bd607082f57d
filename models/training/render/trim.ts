import { fillBeyond } from './cloth.ts';
import type { Easel } from './easel.ts';
import { shade, tint } from './tint.ts';
import type { Tube } from './tube.ts';

/** What makes a uniform of a garment. */

type Spot = readonly [number, number];

export function police(easel: Easel, tube: Tube, t: (level: number) => number): void {
  const { ctx, scale } = easel;
  tube.band(ctx, t(0.26), tint('#15171d'), Math.max(1.2, 0.05 * scale));
  tube.patch(
    ctx,
    [
      [t(0.215), -0.13],
      [t(0.305), -0.13],
      [t(0.305), 0.13],
      [t(0.215), 0.13],
    ],
    tint('#c9ccd2'),
  );
  for (const turn of [1.25, -0.95, 2.3])
    tube.patch(
      ctx,
      [
        [t(0.12), turn - 0.2],
        [t(0.3), turn - 0.2],
        [t(0.3), turn + 0.2],
        [t(0.12), turn + 0.2],
      ],
      tint('#20222a'),
    );
  const badge: Spot[] = [
    [t(0.84), 0.5],
    [t(0.8), 0.42],
    [t(0.74), 0.46],
    [t(0.7), 0.56],
    [t(0.74), 0.68],
    [t(0.8), 0.72],
  ];
  tube.patch(ctx, badge, tint('#e0bd4e'));
  tube.patch(
    ctx,
    [
      [t(0.8), -0.72],
      [t(0.8), -0.4],
      [t(0.765), -0.4],
      [t(0.765), -0.72],
    ],
    tint('#dfe3e8'),
  );
  for (const side of [1, -1])
    tube.line(
      ctx,
      [
        [t(1.02), side * 0.9],
        [t(1.03), side * 1.5],
      ],
      tint('#d9b64a'),
      Math.max(1, 0.018 * scale),
    );
  tube.patch(
    ctx,
    [
      [t(0.86), Math.PI - 0.6],
      [t(0.86), Math.PI + 0.6],
      [t(0.75), Math.PI + 0.6],
      [t(0.75), Math.PI - 0.6],
    ],
    tint('#dfe3e8'),
  );
}

export function bib(easel: Easel, tube: Tube): void {
  const { ctx, outfit, bones, scale } = easel;
  const t = bones.build.trunk;
  const base = outfit.lower.base;
  const wide = 0.78;
  fillBeyond(ctx, tube, t * 0.42, base);
  tube.patch(
    ctx,
    [
      [t * 0.4, -wide],
      [t * 0.8, -wide * 0.85],
      [t * 0.8, wide * 0.85],
      [t * 0.4, wide],
    ],
    base,
  );
  tube.patch(
    ctx,
    [
      [t * 0.4, Math.PI - wide],
      [t * 0.72, Math.PI - wide * 0.7],
      [t * 0.72, Math.PI + wide * 0.7],
      [t * 0.4, Math.PI + wide],
    ],
    base,
  );
  for (const side of [1, -1]) {
    tube.line(
      ctx,
      [
        [t * 0.78, side * wide * 0.72],
        [t * 0.95, side * 0.75],
        [t * 1.06, side * 1.2],
      ],
      base,
      Math.max(1, 0.034 * scale),
    );
    tube.line(
      ctx,
      [
        [t * 0.68, Math.PI + side * wide * 0.5],
        [t * 0.95, Math.PI + side * 0.75],
        [t * 1.06, Math.PI + side * 1.2],
      ],
      base,
      Math.max(1, 0.034 * scale),
    );
    if (easel.detail >= 1) tube.dot(ctx, t * 0.775, side * wide * 0.72, Math.max(0.8, 0.011 * scale), tint('#d5c27a'));
  }
  if (easel.detail < 1) return;
  const dark = shade(base, 0.68);
  const line = Math.max(0.7, 0.005 * scale);
  tube.line(
    ctx,
    [
      [t * 0.42, -wide],
      [t * 0.8, -wide * 0.85],
      [t * 0.8, 0],
      [t * 0.8, wide * 0.85],
      [t * 0.42, wide],
    ],
    dark,
    line,
  );
  tube.line(
    ctx,
    [
      [t * 0.72, -0.3],
      [t * 0.55, -0.28],
      [t * 0.55, 0.28],
      [t * 0.72, 0.3],
      [t * 0.72, -0.3],
    ],
    dark,
    line,
    0.8,
  );
  tube.band(ctx, t * 0.36, dark, line, 0.6);
}

/** A vest of bright yellow or orange with two bands around it and two over the shoulders. */
export function vest(easel: Easel, tube: Tube): void {
  const { ctx, outfit, bones, scale } = easel;
  const t = bones.build.trunk;
  const colour = tint(outfit.coat.kind === 2 ? '#ff7d26' : '#dcef2f');
  const silver = tint('#e8ebee');
  const low = -0.04 * t;
  const rows = [low, t * 0.15, t * 0.35, t * 0.6, t * 0.8, t * 1.0, t * 1.07];
  for (const [from, to] of [
    [-1.62, -0.8],
    [-0.8, 0],
    [0, 0.8],
    [0.8, 1.62],
    [1.52, 2.4],
    [2.3, Math.PI],
    [Math.PI, 3.98],
    [3.88, 4.76],
  ] as const) {
    tube.patch(
      ctx,
      [...rows.map((at) => [at, from] as const), ...[...rows].reverse().map((at) => [at, to] as const)],
      colour,
    );
  }
  for (const side of [1, -1])
    tube.patch(
      ctx,
      [
        [t * 1.18, 0],
        [t * 0.74, 0],
        [t * 1.07, side * 0.55],
        [t * 1.18, side * 0.5],
      ],
      outfit.coat.base,
    );
  const wide = Math.max(1, 0.045 * scale);
  tube.band(ctx, t * 0.16, silver, wide);
  tube.band(ctx, t * 0.5, silver, wide);
  for (const turn of [0.75, -0.75, Math.PI - 0.7, Math.PI + 0.7]) {
    tube.line(
      ctx,
      [
        [t * 0.5, turn],
        [t * 0.75, turn],
        [t * 0.98, turn],
        [t * 1.06, turn],
      ],
      silver,
      wide,
    );
  }
  if (easel.detail < 1) return;
  tube.line(
    ctx,
    [
      [low, 0],
      [t * 0.3, 0],
      [t * 0.74, 0],
    ],
    shade(colour, 0.6),
    Math.max(0.7, 0.006 * scale),
  );
}

export function medical(easel: Easel, tube: Tube, t: (level: number) => number, line: number): void {
  const { ctx, scale, outfit, person } = easel;
  const base = outfit.coat.base;
  if (person.clothes.coat.style !== 'long_coat') {
    // Scrubs: a deep V and a pocket on the chest.
    tube.patch(
      ctx,
      [
        [t(1.18), -0.6],
        [t(0.86), 0],
        [t(1.18), 0.6],
      ],
      outfit.skin,
    );
    tube.line(
      ctx,
      [
        [t(1.1), -0.75],
        [t(0.86), 0],
        [t(1.1), 0.75],
      ],
      shade(base, 0.74),
      Math.max(1, 0.014 * scale),
    );
    tube.line(
      ctx,
      [
        [t(0.78), 0.35],
        [t(0.6), 0.36],
        [t(0.6), 0.75],
        [t(0.78), 0.75],
        [t(0.78), 0.35],
      ],
      shade(base, 0.74),
      line,
    );
  }
  // A stethoscope.
  const tubeTint = tint('#2e3542');
  const wide = Math.max(0.9, 0.011 * scale);
  for (const side of [1, -1])
    tube.line(
      ctx,
      [
        [t(1.12), side * 1.4],
        [t(1.0), side * 0.75],
        [t(0.82), side * 0.42],
        [t(0.68), side * 0.3],
      ],
      tubeTint,
      wide,
    );
  tube.dot(ctx, t(0.66), 0.3, Math.max(1, 0.014 * scale), tint('#b9c2cc'));
  tube.dot(ctx, t(0.67), -0.3, Math.max(0.7, 0.008 * scale), tubeTint);
}
