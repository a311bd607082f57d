/** A place on the ground, metres: to the right of the camera and away from it. */
export type Spot = readonly [x: number, z: number];

export interface Path {
  /** Metres. */
  length: number;
  at(gone: number): { x: number; z: number };
}

/** Metres before and after a corner that are cut. */
const CORNER = 0.7;

/** Heading of somebody at `from` who faces `to`: 0 towards the camera's side, +pi/2 to the right. */
export function headingTo(from: Spot, to: Spot): number {
  return Math.atan2(to[0] - from[0], from[1] - to[1]);
}

/** The way over several spots with rounded corners, as people walk it. */
export function pathAlong(from: Spot, over: readonly Spot[], corner = CORNER): Path {
  const knots: Spot[] = [from, ...over].filter(
    (spot, place, all) => place === 0 || distance(spot, all[place - 1]!) > 1e-6,
  );
  const points: Spot[] = [knots[0]!];
  for (let n = 1; n < knots.length - 1; n += 1) {
    const knot = knots[n]!;
    const before = toward(knot, knots[n - 1]!, corner);
    const after = toward(knot, knots[n + 1]!, corner);
    for (let step = 0; step <= 12; step += 1) points.push(bend(before, knot, after, step / 12));
  }
  points.push(knots.at(-1)!);
  const reached: number[] = [0];
  for (let n = 1; n < points.length; n += 1) reached.push(reached[n - 1]! + distance(points[n - 1]!, points[n]!));
  const length = reached.at(-1)!;
  return {
    length,
    at(gone) {
      let n = reached.findIndex((mark) => mark >= gone);
      if (n < 0) n = points.length - 1;
      if (n === 0) return { x: points[0]![0], z: points[0]![1] };
      const span = reached[n]! - reached[n - 1]!;
      const part = span > 0 ? (gone - reached[n - 1]!) / span : 1;
      const [a, b] = [points[n - 1]!, points[n]!];
      return { x: a[0] + (b[0] - a[0]) * part, z: a[1] + (b[1] - a[1]) * part };
    },
  };
}

function distance(a: Spot, b: Spot): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

/** The spot where the rounding of a corner begins, at most half way to the next one. */
function toward(knot: Spot, next: Spot, corner: number): Spot {
  const span = distance(knot, next);
  const part = Math.min(corner, span / 2) / span;
  return [knot[0] + (next[0] - knot[0]) * part, knot[1] + (next[1] - knot[1]) * part];
}

function bend(a: Spot, b: Spot, c: Spot, t: number): Spot {
  const u = 1 - t;
  return [u * u * a[0] + 2 * u * t * b[0] + t * t * c[0], u * u * a[1] + 2 * u * t * b[1] + t * t * c[1]];
}
