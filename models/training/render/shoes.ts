import { type Easel, paintTube } from './easel.ts';
import type { Leg, Skeleton } from './skeleton.ts';
import { mix, shade, type Tint, tint } from './tint.ts';
import { type Ring, smooth } from './tube.ts';
import { along, cross, sub, times, unit, vec } from './vector.ts';

/** A shoe or sandal, and the shaft of a boot. */
export function drawShoe(easel: Easel, leg: Leg, n: 0 | 1): void {
  const { bones, person, outfit, ctx } = easel;
  const style = person.clothes.shoes.style;
  const size = bones.build.foot / 0.15;
  const girl = 1 - 0.1 * bones.build.feminine;
  const side = n === 0 ? 1 : -1;
  const aside = unit(cross(leg.up, leg.toward));
  const ground = along(leg.ankle, leg.up, -bones.build.ankle);
  const chunky = style === 'walking_shoes' ? 1.06 : style === 'boots' ? 1.1 : 1;
  // `t` along the foot from the ankle, half breadth, height over the sole, all in parts of the body's height.
  const at = (t: number, wide: number, tall: number, low = 0): Ring => ({
    centre: along(
      along(along(ground, leg.toward, t * size), leg.up, ((tall + low) / 2) * size),
      aside,
      t * side * 0.05 * size,
    ),
    left: times(aside, wide * size * girl * chunky),
    ahead: times(leg.up, ((tall - low) / 2) * size),
    at: (t + 0.04) * size,
  });
  const skin = outfit.skin;
  const colour = style === 'sandal' ? skin : outfit.shoes;
  const pointed = style === 'leather_shoes';
  const toe = pointed ? 0.108 : 0.1;
  const thick = style === 'walking_shoes' ? 0.02 : style === 'boots' ? 0.014 : style === 'sandal' ? 0.009 : 0.006;
  const low = thick * 0.85;
  const upper = [
    at(-0.038, 0.009, 0.03, low),
    at(-0.033, 0.017, 0.042, low),
    at(-0.012, 0.021, 0.05, low),
    at(0.012, 0.0215, style === 'boots' ? 0.056 : 0.046, low),
    at(0.045, 0.0225, 0.031, low),
    at(0.072, pointed ? 0.0215 : 0.0245, 0.024, low),
    at(toe - 0.008, pointed ? 0.0145 : 0.0195, 0.019, low),
    at(toe, pointed ? 0.008 : 0.012, 0.014, low),
  ];
  const sole = (t: number, wide: number): Ring => at(t, wide * 1.06, thick, 0);
  const soleRings = [
    sole(-0.03, 0.009),
    sole(-0.026, 0.016),
    sole(0, 0.0215),
    sole(0.04, 0.022),
    sole(0.072, pointed ? 0.0215 : 0.0245),
    sole(toe - 0.005, pointed ? 0.015 : 0.02),
    sole(toe + 0.003, pointed ? 0.008 : 0.012),
  ];
  const soleTint =
    style === 'walking_shoes'
      ? lightSole(outfit.shoes)
      : style === 'sandal'
        ? outfit.shoes
        : style === 'boots'
          ? shade(mix(outfit.shoes, [60, 48, 40], 0.5), 0.7)
          : shade(outfit.shoes, 0.55);
  const fine = easel.detail >= 2;
  const line = Math.max(0.7, 0.005 * easel.scale);
  const drawUpper = (): void => {
    paintTube(
      easel,
      fine ? smooth(upper, 2) : upper,
      colour,
      (tube) => {
        if (easel.detail < 1) return;
        if (style === 'walking_shoes') {
          const lace = lightSole(outfit.shoes);
          for (const t of fine ? [0.058, 0.07, 0.082] : [0.07])
            tube.line(
              ctx,
              [
                [t * size, -0.6],
                [t * size, 0],
                [t * size, 0.6],
              ],
              lace,
              Math.max(0.8, 0.006 * easel.scale),
            );
          for (const turn of [1, -1])
            tube.line(
              ctx,
              [
                [0.05 * size, turn * 0.9],
                [0.075 * size, turn * 1.6],
              ],
              lace,
              Math.max(0.8, 0.008 * easel.scale),
            );
        } else if (style === 'leather_shoes') {
          tube.line(
            ctx,
            [
              [0.105 * size, -1.4],
              [0.112 * size, 0],
              [0.105 * size, 1.4],
            ],
            shade(colour, 1.35),
            line,
            0.5,
          );
        } else if (style === 'boots' && fine) {
          for (const t of [0.058, 0.068])
            tube.line(
              ctx,
              [
                [t * size, -0.5],
                [t * size, 0.5],
              ],
              shade(colour, 1.5),
              line,
            );
        } else if (style === 'sandal') {
          const strap = outfit.shoes;
          tube.band(ctx, 0.094 * size, strap, Math.max(1, 0.016 * easel.scale));
          tube.band(ctx, 0.03 * size, strap, Math.max(1, 0.011 * easel.scale));
          tube.line(
            ctx,
            [
              [0.055 * size, 0],
              [0.094 * size, 0],
            ],
            strap,
            Math.max(1, 0.012 * easel.scale),
          );
          if (fine)
            for (const turn of [-0.7, -0.25, 0.2, 0.65])
              tube.line(
                ctx,
                [
                  [0.125 * size, turn],
                  [0.14 * size, turn],
                ],
                shade(skin, 0.7),
                line,
                0.7,
              );
        }
      },
      true,
    );
  };
  if (easel.detail >= 1) paintTube(easel, soleRings, soleTint, undefined, true);
  drawUpper();
  if (style === 'boots') drawShaft(easel, leg, size * girl);
  else if (style !== 'sandal' && easel.detail >= 2) {
    // The edge of the opening.
    const collar = along(leg.ankle, leg.up, 0.006 * size);
    const ring = (t: number, r: number): Ring => ({
      centre: along(collar, leg.up, t * size),
      left: times(aside, r * size * girl),
      ahead: times(leg.toward, r * 1.15 * size),
      at: t,
    });
    paintTube(easel, [ring(-0.016, 0.0205), ring(0.002, 0.02)], shade(colour, 0.86));
  }
}

function lightSole(shoes: Tint): Tint {
  // White soles would not show on white shoes.
  return shoes[0] + shoes[1] + shoes[2] > 690 ? tint('#c3cad0') : tint('#f3f3f0');
}

/** The upper edge of a boot, which tells it from shoes below dark trousers. */
function cuff(boot: Tint): Tint {
  return boot[0] + boot[1] + boot[2] > 420 ? shade(boot, 0.5) : mix(boot, [255, 255, 255], 0.5);
}

/** Metres from the ankle to a boot's upper edge. */
export function shaftOf(bones: Skeleton): number {
  return Math.min(0.145 * (bones.build.foot / 0.15), bones.build.shin * 0.62);
}

function drawShaft(easel: Easel, leg: Leg, size: number): void {
  const { bones, outfit } = easel;
  const up = unit(sub(leg.knee, leg.ankle));
  const front = leg.toward;
  const aside = unit(cross(up, front), vec(1, 0, 0));
  const deep = unit(cross(aside, up));
  const ring = (t: number, r: number): Ring => ({
    centre: along(leg.ankle, up, t * size),
    left: times(aside, r * size),
    ahead: times(deep, -r * 1.08 * size),
    at: t * size,
  });
  const tall = shaftOf(bones) / size;
  const rings = [ring(-0.02, 0.024), ring(0.01, 0.0245), ring(tall * 0.6, 0.03), ring(tall, 0.034)];
  paintTube(easel, easel.detail >= 1 ? smooth(rings, 2) : rings, outfit.shoes, (tube) => {
    if (easel.detail < 1) return;
    tube.band(easel.ctx, (tall - 0.012) * size, cuff(outfit.shoes), Math.max(1, 0.034 * easel.scale));
    if (easel.detail >= 2)
      tube.line(
        easel.ctx,
        [
          [0, Math.PI],
          [tall * size, Math.PI],
        ],
        shade(outfit.shoes, 1.5),
        Math.max(0.7, 0.004 * easel.scale),
        0.6,
      );
  });
}
