import { paintPattern } from './cloth.ts';
import { type Easel, paintTube } from './easel.ts';
import type { Frame, Skeleton } from './skeleton.ts';
import { decorateCoat } from './tailor.ts';
import { css, shade } from './tint.ts';
import { limb, type Ring, smooth, Tube } from './tube.ts';
import type { Vec3 } from './types.ts';
import { add, along, blend, cross, mix, times, unit, upright } from './vector.ts';

/** Rings of the trunk: `t` 0 at the hip joints, 1 at the shoulder joints. */
const TRUNK = [
  // t, half breadth of a man and a woman, half depth of both, in parts of the height.
  [-0.14, 0.094, 0.108, 0.064, 0.072],
  [0, 0.096, 0.111, 0.069, 0.079],
  [0.18, 0.091, 0.095, 0.066, 0.069],
  [0.38, 0.089, 0.066, 0.064, 0.051],
  [0.62, 0.101, 0.079, 0.068, 0.064],
  [0.78, 0.108, 0.084, 0.069, 0.077],
  [0.92, 0.112, 0.086, 0.061, 0.059],
  [1.0, 0.108, 0.082, 0.049, 0.045],
  [1.065, 0.083, 0.059, 0.039, 0.035],
  [1.115, 0.051, 0.037, 0.034, 0.028],
  [1.15, 0.037, 0.028, 0.034, 0.028],
] as const;

/** How far a garment stands off the body, in parts of the height. */
const EASE = {
  long_coat: 0.011,
  jacket: 0.01,
  t_shirt: 0.003,
  sweater: 0.007,
  shirt: 0.0035,
  dress: 0.002,
  business_suit: 0.008,
} as const;

/** Where the garment ends: t of the trunk, or below the hips in parts of the leg's height. */
const HEM = {
  long_coat: 0.62,
  jacket: 0.04,
  t_shirt: 0.03,
  sweater: 0.045,
  shirt: 0.05,
  dress: 0.5,
  business_suit: 0.12,
} as const;

/** Metres along the trunk's tubes: 0 at the hip joints, growing upwards, negative below. */
export function levels(bones: Skeleton): { shoulder: number; collar: number; waist: number } {
  const trunk = bones.build.trunk;
  return { shoulder: trunk, collar: trunk * 1.1, waist: trunk * 0.38 };
}

function trunkRing(bones: Skeleton, t: number, wide: number, deep: number): Ring {
  const { pelvis, chest, hipFrame, chestFrame, build } = bones;
  const s = Math.max(0, Math.min(1, t));
  const frame = between(hipFrame, chestFrame, s);
  const bow = Math.sin(Math.PI * s) * -0.008 * build.height;
  let centre = mix(pelvis, chest, s);
  if (t > 1) centre = along(chest, unit(add(chestFrame.up, times(chestFrame.ahead, 0.12))), (t - 1) * build.trunk);
  if (t < 0) centre = along(pelvis, hipFrame.up, t * build.trunk);
  centre = along(centre, frame.ahead, bow + (s > 0.5 ? 0.004 * build.height : 0));
  return {
    centre,
    left: times(frame.left, wide * build.height),
    ahead: times(frame.ahead, deep * build.height),
    at: t * build.trunk,
  };
}

function between(a: Frame, b: Frame, t: number): Frame {
  const up = unit(mix(a.up, b.up, t));
  const left = upright(mix(a.left, b.left, t), up, a.left);
  return { up, left, ahead: cross(left, up) };
}

/** Rings of the trunk from one t to another with cloth `off` around it. */
export function trunkRings(bones: Skeleton, from: number, to: number, off: number, detail: number): Ring[] {
  const { girth, feminine, grown } = bones.build;
  const rings: Ring[] = [];
  const ring = (t: number): Ring => {
    let n = 1;
    while (n < TRUNK.length - 1 && TRUNK[n]![0] < t) n += 1;
    const a = TRUNK[n - 1]!;
    const b = TRUNK[n]!;
    const s = (t - a[0]) / (b[0] - a[0]);
    const wide = blend(blend(a[1], a[2], feminine), blend(b[1], b[2], feminine), s);
    const deep = blend(blend(a[3], a[4], feminine), blend(b[3], b[4], feminine), s);
    const body = t < 1 ? 1 : 0.5;
    // Heavy people are heavier at the belly.
    const belly = Math.exp(-(((t - 0.3) / 0.35) ** 2));
    const heavy = 1 + (girth - 1) * body * (0.8 + 0.5 * belly);
    const child = blend(0.95, 1, grown);
    const loose = off * (t > 1.05 ? 0.4 : 1) * (1 + 1.1 * belly * (off > 0.006 ? 1 : 0));
    return trunkRing(bones, t, (wide * heavy + loose) * child, (deep * heavy ** 1.25 + loose * 0.9) * child);
  };
  rings.push(ring(from));
  for (const [t] of TRUNK) if (t > from + 0.02 && t < to - 0.02) rings.push(ring(t));
  rings.push(ring(to));
  return detail > 0 ? smooth(rings, detail > 2 ? 4 : 2) : rings;
}

/**
 * Rings of a skirt, a dress or a coat below the hips, from its hem up. It hangs around both legs, so it is as wide as they
 * stand apart. `length` in parts of the leg, `flare` in parts of the height at the hem.
 */
export function skirtRings(bones: Skeleton, length: number, off: number, flare: number, detail: number): Ring[] {
  const { build, legs, hipFrame, pelvis } = bones;
  const top = trunkRings(bones, -0.06, 0.2, off, 0);
  const out: Ring[] = [];
  const reach = length * (build.thigh + build.shin);
  const steps = 5;
  const middle = (s: number): { point: Vec3; across: number; deep: number } => {
    const points = legs.map((leg) =>
      s <= build.thigh
        ? mix(leg.hip, leg.knee, s / build.thigh)
        : mix(leg.knee, leg.ankle, (s - build.thigh) / build.shin),
    );
    const [a, b] = points as [Vec3, Vec3];
    const apart = { x: a.x - b.x, y: a.y - b.y, z: a.z - b.z };
    const side = Math.abs(apart.x * hipFrame.left.x + apart.y * hipFrame.left.y + apart.z * hipFrame.left.z) / 2;
    return {
      point: mix(a, b, 0.5),
      across: side,
      deep: Math.sqrt(Math.max(0, apart.x ** 2 + apart.y ** 2 + apart.z ** 2 - 4 * side * side)) / 2,
    };
  };
  for (let n = steps; n >= 1; n -= 1) {
    const share = n / steps;
    const s = reach * share;
    const here = middle(s);
    const above = middle(Math.max(0, s - 0.12));
    const way = unit({
      x: above.point.x - here.point.x,
      y: above.point.y - here.point.y,
      z: above.point.z - here.point.z,
    });
    const left = upright(hipFrame.left, way, hipFrame.left);
    const ahead = cross(left, way);
    const loose = (off + flare * share) * build.height;
    const round = (0.0515 - 0.013 * share) * build.height * Math.sqrt(build.girth);
    out.push({
      centre: mix(here.point, along(pelvis, way, -s), 0.12),
      left: times(left, here.across + round + loose),
      ahead: times(ahead, here.deep + round * 1.2 + loose * 0.8),
      at: -s,
    });
  }
  const first = top[0]!;
  const rings = [...out.filter((ring) => ring.at < first.at - 0.02), first, top[top.length - 1]!];
  return detail > 0 ? smooth(rings, detail > 2 ? 4 : 2) : rings;
}

/** What is worn below, at the hips: the seat of trousers or a skirt. */
export function drawHips(easel: Easel): void {
  const { bones, outfit, person, ctx, scale } = easel;
  const { lower, coat } = person.clothes;
  if (coat.style === 'dress') return;
  const fine = easel.detail;
  const rings =
    lower.kind === 'st_skirt'
      ? [...skirtRings(bones, 0.5, 0.004, 0.022, fine), ...trunkRings(bones, 0.22, 0.4, 0.002, fine)]
      : trunkRings(bones, -0.14, 0.36, 0.002, fine);
  paintTube(easel, rings, outfit.lower.base, (tube) => {
    const split = lower.kind === 'st_skirt' ? -0.22 * bones.build.hip : Number.NaN;
    paintPattern(ctx, tube, outfit.lower, scale, split);
    if (easel.detail < 1) return;
    const dark = shade(outfit.lower.base, 0.7);
    const width = Math.max(0.7, 0.004 * scale);
    if (lower.kind === 'st_skirt') {
      tube.band(ctx, tube.from + 0.014, dark, width, 0.5);
      if (easel.detail >= 2)
        for (const turn of [-1.1, -0.35, 0.4, 1.15, 2.2, -2.2])
          tube.line(
            ctx,
            [
              [tube.from, turn],
              [tube.from * 0.35, turn * 0.93],
            ],
            dark,
            width,
            0.35,
          );
    } else {
      tube.band(ctx, 0.3 * bones.build.trunk, shade(outfit.lower.base, 0.55), Math.max(1, 0.02 * scale));
      tube.line(
        ctx,
        [
          [-0.14 * bones.build.trunk, 0],
          [0.24 * bones.build.trunk, 0],
        ],
        dark,
        width,
        0.6,
      );
    }
  });
}

/** The trunk with its garment, and the neck. */
export function drawTrunk(easel: Easel): void {
  const { bones, outfit, person, ctx, scale } = easel;
  const { coat } = person.clothes;
  const fine = easel.detail;
  const off = EASE[coat.style];
  const long = coat.style === 'long_coat' || coat.style === 'dress';
  const medical = person.clothes.uniform === 'st_medical_uniform';
  const chef = person.clothes.uniform === 'st_chef_uniform';
  drawNeck(easel);
  const below = skirtRings(
    bones,
    HEM[coat.style] * (medical && long ? 0.8 : 1),
    off,
    long ? (coat.style === 'dress' ? 0.028 : 0.016) : 0.002,
    fine,
  );
  const above = trunkRings(bones, 0.22, 1.15, off, fine);
  paintTube(easel, [...below, ...above], outfit.coat.base, (tube) => {
    paintPattern(ctx, tube, outfit.coat, scale, bones.build.trunk * 0.55);
    decorateCoat(easel, tube);
  });
  if (chef) drawApron(easel);
}

function drawNeck(easel: Easel): void {
  const { bones, outfit } = easel;
  const h = bones.build.height;
  const wide = (0.035 - 0.01 * bones.build.feminine) * h * Math.sqrt(bones.build.girth);
  const root = along(bones.chest, bones.chestFrame.up, -0.01 * h);
  const end = along(
    along(bones.head, bones.headFrame.up, -bones.build.head * 0.35),
    bones.headFrame.ahead,
    -bones.build.head * 0.18,
  );
  const rings = limb(
    root,
    mix(root, end, 0.5),
    end,
    [
      [0, wide * 1.25],
      [0.6, wide * 1.05],
      [1.2, wide],
      [2, wide],
    ],
    bones.chestFrame.ahead,
    0,
  );
  paintTube(easel, rings, outfit.skin, () => {
    if (easel.detail < 1) return;
    // The chin's shadow.
    const tube = new Tube(easel.view, rings);
    easel.ctx.fillStyle = css([60, 20, 10], 0.16);
    easel.ctx.fill(tube.path);
  });
}

function drawApron(easel: Easel): void {
  const { bones, ctx, scale } = easel;
  const rings = skirtRings(bones, 0.46, 0.009, 0.01, easel.detail);
  const waist = trunkRings(bones, 0.22, 0.4, 0.007, easel.detail);
  const all = [...rings, ...waist];
  const tube = new Tube(easel.view, all);
  ctx.save();
  ctx.clip(tube.path);
  const white = shade([246, 244, 238], 0.985);
  const corners: [number, number][] = [];
  for (let k = 0; k <= 6; k += 1) corners.push([tube.from + ((tube.to - tube.from) * k) / 6, -1.5]);
  for (let k = 6; k >= 0; k -= 1)
    corners.push([tube.from + ((tube.to - tube.from) * k) / 6, 0], [tube.from + ((tube.to - tube.from) * k) / 6, 0]);
  tube.patch(ctx, corners, white);
  tube.patch(
    ctx,
    corners.map(([at, angle]) => [at, -angle] as const),
    white,
  );
  const line = Math.max(0.8, 0.006 * scale);
  tube.line(
    ctx,
    [
      [tube.from, 1.5],
      [tube.from / 2, 1.5],
      [tube.to, 1.5],
    ],
    [176, 180, 184],
    line,
  );
  tube.line(
    ctx,
    [
      [tube.from, -1.5],
      [tube.from / 2, -1.5],
      [tube.to, -1.5],
    ],
    [176, 180, 184],
    line,
  );
  tube.band(ctx, tube.to - 0.012, [208, 210, 212], Math.max(1, 0.02 * scale));
  // From aside the strips would lie beyond the apron.
  if (Math.abs(tube.facing(tube.ring(0))) < 0.6) tube.shadeStrips(ctx, white);
  ctx.restore();
  easel.body.add(tube.bounds.box());
}
