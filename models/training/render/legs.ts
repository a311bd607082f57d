import { paintPattern } from './cloth.ts';
import { bandsAround, type Easel, paintTube } from './easel.ts';
import { drawShoe, shaftOf } from './shoes.ts';
import type { Leg, Skeleton } from './skeleton.ts';
import { css, shade } from './tint.ts';
import { limb, type Station, type Tube } from './tube.ts';
import type { Vec3 } from './types.ts';
import { add, sub, times, unit } from './vector.ts';

/** A leg with what covers it, down to the shoe's edge; `n` 0 is the left one. */
export function drawLeg(easel: Easel, n: 0 | 1): void {
  const { bones, person, outfit } = easel;
  const leg = bones.legs[n];
  const { lower, shoes, uniform, coat } = person.clothes;
  const h = bones.build.height;
  const thick = Math.sqrt(bones.build.girth);
  const soft = 1 + 0.04 * bones.build.feminine;
  const at = (s: number, r: number): Station => [s, r * h * thick];
  const fine = easel.detail;
  const ahead = kneeAhead(leg, bones);
  const bare = lower.kind !== 'trousers' || coat.style === 'dress';
  const boots = shoes.style === 'boots';
  // Who looks into a boot from above sees the leg come out of it; from below the boot hides the leg.
  const into = easel.view.faces(leg.ankle, sub(leg.knee, leg.ankle)) > 0;
  const rim = 2 - shaftOf(bones) / bones.build.shin;
  const early = into && (bare || boots);
  if (early) drawShoe(easel, leg, n);
  if (bare) {
    const skin = [
      at(0, 0.05 * soft),
      at(0.4, 0.045 * soft),
      at(0.95, 0.031),
      at(1.3, 0.0315),
      ...(boots && into ? [at(rim, 0.029)] : [at(1.6, 0.026), at(2, 0.0185)]),
    ];
    paintTube(easel, limb(leg.hip, leg.knee, leg.ankle, skin, ahead, fine), outfit.skin, (tube) => {
      if (easel.detail < 2) return;
      tube.line(
        easel.ctx,
        [
          [bones.build.thigh * 1.03, -0.5],
          [bones.build.thigh * 1.05, 0],
          [bones.build.thigh * 1.03, 0.5],
        ],
        shade(outfit.skin, 0.75),
        Math.max(0.7, 0.004 * easel.scale),
        0.5,
      );
    });
  }
  if (!early && (bare || !boots)) drawShoe(easel, leg, n);
  if (lower.kind === 'st_skirt' || coat.style === 'dress') return;
  const wide = bones.build.feminine > 0.5 ? 0.92 : 1;
  const heavy = uniform === 'st_firefighter_uniform' || uniform === 'st_worker_uniform' ? 1.1 : 1;
  const stations =
    lower.kind === 'shorts'
      ? [at(0, 0.05), at(0.3, 0.0525), at(0.8, 0.05)]
      : boots
        ? [
            at(0, 0.05),
            at(0.4, 0.048 * wide),
            at(0.95, 0.036 * wide),
            at(1.3, 0.032 * wide),
            at(rim + (into ? 0 : 0.1), 0.03),
          ]
        : [
            at(0, 0.05),
            at(0.4, 0.049 * wide),
            at(0.95, 0.038 * wide * heavy),
            at(1.3, 0.036 * wide * heavy),
            at(1.9, 0.0305 * heavy),
            at(1.98, 0.031 * heavy),
          ];
  const rings = limb(leg.hip, leg.knee, leg.ankle, stations, ahead, fine);
  paintTube(easel, rings, outfit.lower.base, (tube) => {
    trouserPattern(easel, tube);
    if (uniform === 'st_firefighter_uniform') bandsAround(easel, tube, [tube.to * 0.8], 0.055, 0.02);
    if (uniform === 'st_worker_uniform' && easel.detail >= 1) kneePad(easel, tube);
    if (easel.detail < 2) return;
    const dark = shade(outfit.lower.base, 0.74);
    const width = Math.max(0.7, 0.004 * easel.scale);
    const knee = bones.build.thigh;
    if (tube.to > knee * 1.2) {
      tube.line(
        easel.ctx,
        [
          [knee * 0.98, -0.9],
          [knee * 1.01, -0.2],
        ],
        dark,
        width,
        0.4,
      );
      tube.line(
        easel.ctx,
        [
          [knee * 1.04, 0.9],
          [knee * 1.06, 0.1],
        ],
        dark,
        width,
        0.4,
      );
      if (!boots)
        tube.line(
          easel.ctx,
          [
            [tube.to - 0.03 * h, -1],
            [tube.to - 0.022 * h, 0.2],
          ],
          dark,
          width,
          0.4,
        );
    } else tube.band(easel.ctx, tube.to - 0.012 * h, dark, width, 0.6);
    tube.line(easel.ctx, seam(tube, n === 0 ? Math.PI / 2 : -Math.PI / 2), dark, width, 0.35);
  });
  if (!early && !bare && boots) drawShoe(easel, leg, n);
}

function seam(tube: Tube, angle: number): [number, number][] {
  return Array.from({ length: 9 }, (_, k) => [tube.from + ((tube.to - tube.from) * k) / 8, angle]);
}

function kneePad(easel: Easel, tube: Tube): void {
  const knee = easel.bones.build.thigh;
  const corners: [number, number][] = [
    [knee - 0.06, -0.8],
    [knee - 0.06, 0.8],
    [knee + 0.09, 0.7],
    [knee + 0.09, -0.7],
  ];
  tube.patch(easel.ctx, corners, shade(easel.outfit.lower.base, 0.72));
}

function trouserPattern(easel: Easel, tube: Tube): void {
  const { lower } = easel.outfit;
  if (lower.pattern === 'st_joint') {
    // The lower leg is of another colour.
    const at = Math.min(easel.bones.build.thigh * 1.05, tube.to * 0.55);
    easel.ctx.fillStyle = css(lower.second);
    easel.ctx.fill(tube.path);
    paintPattern(easel.ctx, tube, { ...lower, second: lower.base }, easel.scale, at);
  } else paintPattern(easel.ctx, tube, lower, easel.scale, 0);
}

function kneeAhead(leg: Leg, bones: Skeleton): Vec3 {
  const bent = sub(leg.knee, times(add(leg.hip, leg.ankle), 0.5));
  return unit(add(times(bent, 4), bones.hipFrame.ahead), bones.hipFrame.ahead);
}
