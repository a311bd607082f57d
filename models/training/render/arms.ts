import { paintPattern } from './cloth.ts';
import { bandsAround, type Easel, paintTube } from './easel.ts';
import type { Arm } from './skeleton.ts';
import { hemming, LINEN, ribbing } from './tailor.ts';
import { css, shade, type Tint, tint } from './tint.ts';
import { limb, type Ring, type Station, smooth, type Tube } from './tube.ts';
import { add, along, cross, sub, times, unit, vec } from './vector.ts';

/** An arm with its sleeve and hand; `n` 0 is the left one. */
export function drawArm(easel: Easel, n: 0 | 1): void {
  const { bones, person, outfit } = easel;
  const arm = bones.arms[n];
  const { coat, gloves, uniform } = person.clothes;
  const ahead = bones.chestFrame.ahead;
  const h = bones.build.height;
  const thick = Math.sqrt(bones.build.girth) * (1.08 - 0.26 * bones.build.feminine);
  const fine = easel.detail;
  const at = (s: number, r: number): Station => [s, r * h * thick];
  const sleeves = coat.sleeves;
  const skin = [at(0, 0.028), at(0.35, 0.0275), at(0.95, 0.0215), at(1.3, 0.0225), at(2, 0.0145)];
  if (sleeves !== 'long_sleeve')
    paintTube(
      easel,
      sloped(easel, limb(arm.shoulder, arm.elbow, arm.wrist, capped(skin), ahead, fine), arm),
      outfit.skin,
    );
  drawHand(easel, arm, n, gloves ? outfit.gloves : outfit.skin, gloves);
  if (sleeves === 'st_bareback') return;
  const extra = BULK[coat.style];
  const rings = sloped(
    easel,
    limb(arm.shoulder, arm.elbow, arm.wrist, capped(sleeveOf(sleeves, extra, at)), ahead, fine),
    arm,
  );
  const shown = outfit.coat;
  paintTube(easel, rings, shown.base, (tube) => {
    const split = shown.pattern === 'st_joint' ? Number.NaN : 0;
    if (shown.pattern === 'st_joint' && shown.kind !== 1) {
      easel.ctx.fillStyle = css(shown.second);
      easel.ctx.fill(tube.path);
    }
    paintPattern(easel.ctx, tube, shown, easel.scale, split);
    if (easel.detail < 1) return;
    const end = tube.to;
    if (sleeves === 'long_sleeve') {
      const dark = shade(shown.base, 0.78);
      const line = Math.max(0.7, 0.005 * easel.scale);
      tube.band(easel.ctx, end - 0.024 * h, dark, line, 0.8);
      if (coat.style === 'sweater') tube.band(easel.ctx, end - 0.012 * h, ribbing(shown.base), 0.034 * easel.scale);
      if (coat.style === 'jacket') tube.band(easel.ctx, end - 0.012 * h, hemming(shown.base), 0.036 * easel.scale);
      if (coat.style === 'shirt' && uniform === 'st_common_clothing')
        tube.band(easel.ctx, end - 0.01 * h, LINEN, 0.026 * easel.scale);
      if (coat.style === 'business_suit') tube.band(easel.ctx, end, tint('#f5f3ee'), 0.016 * easel.scale);
    } else tube.band(easel.ctx, end - 0.012 * h, shade(shown.base, 0.8), Math.max(0.6, 0.004 * easel.scale), 0.7);
    if (uniform === 'st_firefighter_uniform') bandsAround(easel, tube, [end * 0.45, end * 0.82], 0.045, 0.016);
    if (uniform === 'st_police_uniform') tube.patch(easel.ctx, shoulderPatch(tube, h, n), tint('#d9b64a'));
    folds(easel, tube, arm, shown.base);
  });
}

/** A crease or two at the inside of the elbow. */
function folds(easel: Easel, tube: Tube, arm: Arm, base: Tint): void {
  if (easel.detail < 2) return;
  const first = Math.hypot(arm.elbow.x - arm.shoulder.x, arm.elbow.y - arm.shoulder.y, arm.elbow.z - arm.shoulder.z);
  if (tube.to < first * 1.3) return;
  const dark = shade(base, 0.72);
  const width = Math.max(0.7, 0.004 * easel.scale);
  for (const [at, angle] of [
    [first * 0.97, 0.1],
    [first * 1.06, -0.2],
    [first * 1.15, 0.3],
  ] as const) {
    tube.line(
      easel.ctx,
      [
        [at, angle - 0.7],
        [at + 0.008, angle],
        [at - 0.004, angle + 0.7],
      ],
      dark,
      width,
      0.4,
    );
  }
}

function shoulderPatch(tube: Tube, h: number, n: 0 | 1): [number, number][] {
  const side = n === 0 ? 1 : -1;
  const at = tube.from + 0.075 * h;
  return [
    [at, side * 1.1],
    [at, side * 2],
    [at + 0.035 * h, side * 1.9],
    [at + 0.045 * h, side * 1.55],
    [at + 0.035 * h, side * 1.2],
  ];
}

const BULK = {
  long_coat: 0.009,
  jacket: 0.008,
  t_shirt: 0.004,
  sweater: 0.006,
  shirt: 0.0035,
  dress: 0.002,
  business_suit: 0.006,
} as const;

function sleeveOf(sleeves: string, extra: number, at: (s: number, r: number) => Station): Station[] {
  if (sleeves === 'short_sleeve') return [at(0, 0.03 + extra), at(0.3, 0.03 + extra), at(0.62, 0.03 + extra * 1.3)];
  return [
    at(0, 0.028 + extra * 0.8),
    at(0.35, 0.0275 + extra),
    at(0.95, 0.0235 + extra),
    at(1.3, 0.0235 + extra),
    at(1.96, 0.0175 + extra * 0.9),
  ];
}

/** Leans the top of an arm towards the neck, so that the shoulder slopes. */
function sloped(easel: Easel, rings: readonly Ring[], arm: Arm): Ring[] {
  const inward = unit(sub(easel.bones.chest, arm.shoulder), vec(0, 1, 0));
  const reach = -rings[0]!.at;
  return rings.map((ring) =>
    ring.at < 0
      ? { ...ring, centre: along(ring.centre, inward, (ring.at / reach) ** 2 * 0.026 * easel.bones.build.height) }
      : ring,
  );
}

/** Rounds the root of a limb. */
function capped(stations: readonly Station[]): Station[] {
  const [, radius] = stations[0]!;
  return [[-0.09, radius * 0.5], [-0.06, radius * 0.78], [-0.02, radius * 0.95], ...stations];
}

function drawHand(easel: Easel, arm: Arm, n: 0 | 1, colour: Tint, gloved: boolean): void {
  const { bones } = easel;
  const h = bones.build.height;
  const side = n === 0 ? 1 : -1;
  const way = unit(sub(arm.tip, arm.wrist), vec(0, -1, 0));
  const fore = unit(sub(arm.wrist, arm.elbow), vec(0, -1, 0));
  const size = h * (gloved ? 1.25 : 1) * (1 - 0.06 * bones.build.feminine);
  // The palm looks at the body; the thumb is ahead.
  const palm = unit(add(times(bones.chestFrame.left, -side), times(bones.chestFrame.ahead, -0.25)));
  const thumbWay = unit(cross(cross(way, palm), way), vec(0, 0, 1));
  const across = unit(cross(way, thumbWay), vec(0, 0, 1));
  const long = arm.fist ? 0.64 : 1;
  const at = (t: number, wide: number, flat: number, curl: number): Ring => ({
    centre: along(along(arm.wrist, way, t * long * size), thumbWay, curl * size),
    left: times(across, wide * (arm.fist ? 1.55 : 1) * size),
    ahead: times(thumbWay, flat * (arm.fist ? 1.12 : 1) * size),
    at: t * size,
  });
  const root: Ring = { ...at(-0.012, 0.015, 0.015, 0), centre: along(arm.wrist, fore, -0.014 * size) };
  if (easel.detail >= 1) {
    const base = along(arm.wrist, way, 0.022 * size);
    const joint = along(along(base, way, 0.018 * size), cross(across, way), 0.02 * size);
    const end = along(joint, way, 0.024 * size);
    paintTube(
      easel,
      limb(
        base,
        joint,
        end,
        [
          [0, 0.0075 * size],
          [1, 0.0072 * size],
          [1.8, 0.006 * size],
          [2, 0.003 * size],
        ],
        bones.chestFrame.ahead,
        0,
      ),
      shade(colour, 0.95),
    );
  }
  const rings = [
    root,
    at(0.012, 0.0125, 0.0165, 0),
    at(0.034, 0.0115, 0.0195, 0),
    at(0.056, 0.0105, 0.0185, 0),
    at(0.077, 0.009, 0.0145, 0),
    at(0.09, 0.0055, 0.0085, 0),
  ];
  paintTube(easel, easel.detail >= 2 ? smooth(rings, 2) : rings, colour, (tube) => {
    if (gloved) tube.band(easel.ctx, 0.006 * size, shade(colour, 0.7), 0.02 * easel.scale);
    if (easel.detail < 3 || arm.fist) return;
    const dark = shade(colour, 0.72);
    for (const angle of [-0.28, 0.05, 0.38]) {
      for (const turn of [Math.PI / 2, -Math.PI / 2]) {
        tube.line(
          easel.ctx,
          [
            [0.056 * size, turn + angle],
            [0.088 * size, turn + angle * 0.9],
          ],
          dark,
          Math.max(0.7, 0.003 * easel.scale),
          0.6,
        );
      }
    }
  });
}
