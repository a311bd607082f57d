import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Box, HeadView, Point, Vec3 } from './types.ts';

/**
 * Space of one head: x to the right, y up, z towards the viewer at yaw 0; the origin is the centre of the head and 1 is
 * half its height. Projection is parallel, as a head is small against its distance.
 */
export class HeadSpace {
  readonly view: HeadView;
  readonly #m: readonly number[];

  constructor(view: HeadView) {
    this.view = view;
    const [cy, sy] = [Math.cos(view.yaw), Math.sin(view.yaw)];
    const [cp, sp] = [Math.cos(view.pitch), Math.sin(view.pitch)];
    const [cr, sr] = [Math.cos(view.roll), Math.sin(view.roll)];
    // Nod first, then turn, then lean: a head nods about its own ears.
    const [xx, xy, xz] = [cy, -sp * sy, cp * sy];
    const [yy, yz] = [cp, sp];
    const s = view.radius;
    this.#m = [
      s * cr * xx,
      s * (cr * xy + sr * yy),
      s * (cr * xz + sr * yz),
      s * sr * xx,
      s * (sr * xy - cr * yy),
      s * (sr * xz - cr * yz),
      -sy,
      -sp * cy,
      cp * cy,
    ];
  }

  /** Pixels. */
  project(x: number, y: number, z: number): Point {
    const m = this.#m;
    return [this.view.x + m[0]! * x + m[1]! * y + m[2]! * z, this.view.y + m[3]! * x + m[4]! * y + m[5]! * z];
  }

  /** Towards the viewer, in half head heights; of a direction: above 0 where it looks at the viewer. */
  depth(x: number, y: number, z: number): number {
    const m = this.#m;
    return m[6]! * x + m[7]! * y + m[8]! * z;
  }
}

/** A piece of surface: rows of points, from top to bottom and, at yaw 0, from left to right. */
export interface Grid {
  rows: number;
  columns: number;
  /** x, y, z of one point after the other. */
  points: Float64Array;
}

export type Side = 'front' | 'back' | 'all';

/** Makes a grid from a function of 0..1 (down) and 0..1 (across). */
export function makeGrid(rows: number, columns: number, at: (down: number, across: number) => Vec3): Grid {
  const points = new Float64Array(rows * columns * 3);
  let n = 0;
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns; c += 1) {
      const p = at(r / (rows - 1), c / (columns - 1));
      points[n] = p.x;
      points[n + 1] = p.y;
      points[n + 2] = p.z;
      n += 3;
    }
  }
  return { rows, columns, points };
}

/** A grid as it lies in the picture: x, y in pixels, depth in half head heights. */
export function projectGrid(space: HeadSpace, grid: Grid): Float64Array {
  const out = new Float64Array(grid.points.length);
  for (let n = 0; n < out.length; n += 3) {
    const [x, y, z] = [grid.points[n]!, grid.points[n + 1]!, grid.points[n + 2]!];
    const p = space.project(x, y, z);
    out[n] = p[0];
    out[n + 1] = p[1];
    out[n + 2] = space.depth(x, y, z);
  }
  return out;
}

/** A row's quads from one column to another that face the same way. */
interface Run {
  row: number;
  from: number;
  to: number;
}

/** Runs of rows that follow one another and touch. */
interface Chain {
  sign: number;
  runs: Run[];
}

/**
 * Adds the quads of a projected grid that face the viewer (or away, or all) to the current path. Neighbours that face
 * the same way become one polygon, all of them turned the same way round, so that a fill has no seams.
 */
export function traceGrid(
  ctx: SKRSContext2D,
  grid: Grid,
  flat: Float64Array,
  side: Side,
  keep?: (depth: number, row: number, column: number) => boolean,
): void {
  const step = grid.columns * 3;
  let open: Chain[] = [];
  for (let r = 0; r + 1 < grid.rows; r += 1) {
    const top = r * step;
    const next: Chain[] = [];
    let from = 0;
    let sign = 0;
    for (let c = 0; c < grid.columns; c += 1) {
      const now = c + 1 < grid.columns ? quadSign(flat, top + c * 3, step, side, r, c, keep) : 0;
      if (now === sign) continue;
      if (sign !== 0) {
        const run = { row: r, from, to: c };
        const n = open.findIndex((chain) => chain.sign === sign && touches(chain.runs[chain.runs.length - 1]!, run));
        const [chain] = n < 0 ? [{ sign, runs: [] }] : open.splice(n, 1);
        chain!.runs.push(run);
        next.push(chain!);
      }
      sign = now;
      from = c;
    }
    for (const chain of open) traceChain(ctx, flat, step, chain);
    open = next;
  }
  for (const chain of open) traceChain(ctx, flat, step, chain);
}

function touches(upper: Run, lower: Run): boolean {
  return upper.from < lower.to && lower.from < upper.to;
}

/** The outline of a chain along the lines of its grid. */
function traceChain(ctx: SKRSContext2D, flat: Float64Array, step: number, { sign, runs }: Chain): void {
  const outline: number[] = [];
  const walk = (row: number, from: number, to: number): void => {
    const way = to >= from ? 1 : -1;
    for (let c = from; c !== to + way; c += way) outline.push(row * step + c * 3);
  };
  const [first, last] = [runs[0]!, runs[runs.length - 1]!];
  walk(first.row, first.from, first.to);
  for (const [n, run] of runs.entries()) walk(run.row + 1, run.to, runs[n + 1]?.to ?? run.to);
  walk(last.row + 1, last.to, last.from);
  for (let n = runs.length - 1; n >= 0; n -= 1) walk(runs[n]!.row, runs[n]!.from, runs[n - 1]?.from ?? runs[n]!.from);
  if (sign < 0) outline.reverse();
  for (const [n, at] of outline.entries()) {
    if (n === 0) ctx.moveTo(flat[at]!, flat[at + 1]!);
    else ctx.lineTo(flat[at]!, flat[at + 1]!);
  }
  ctx.closePath();
}

function quadSign(
  flat: Float64Array,
  a: number,
  step: number,
  side: Side,
  row: number,
  column: number,
  keep?: (depth: number, row: number, column: number) => boolean,
): number {
  const d = a + step;
  // Twice the area by the diagonals: right then down is clockwise in a picture whose y points down.
  const area =
    (flat[d + 3]! - flat[a]!) * (flat[d + 1]! - flat[a + 4]!) -
    (flat[d + 4]! - flat[a + 1]!) * (flat[d]! - flat[a + 3]!);
  if (side === 'front' && area <= 0) return 0;
  if (side === 'back' && area > 0) return 0;
  if (keep && !keep((flat[a + 2]! + flat[a + 5]! + flat[d + 2]! + flat[d + 5]!) / 4, row, column)) return 0;
  return area > 0 ? 1 : -1;
}

/** Grows with what is drawn. */
export class Bounds {
  #left = Number.POSITIVE_INFINITY;
  #top = Number.POSITIVE_INFINITY;
  #right = Number.NEGATIVE_INFINITY;
  #bottom = Number.NEGATIVE_INFINITY;

  add(x: number, y: number): void {
    if (x < this.#left) this.#left = x;
    if (x > this.#right) this.#right = x;
    if (y < this.#top) this.#top = y;
    if (y > this.#bottom) this.#bottom = y;
  }

  addFlat(flat: Float64Array): void {
    for (let n = 0; n < flat.length; n += 3) this.add(flat[n]!, flat[n + 1]!);
  }

  get empty(): boolean {
    return this.#left > this.#right;
  }

  get box(): Box {
    return [this.#left, this.#top, this.#right, this.#bottom];
  }
}
