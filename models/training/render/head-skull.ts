import type { HeadBuild } from './head-build.ts';
import { type Grid, makeGrid } from './head-space.ts';
import type { Vec3 } from './types.ts';

/** Below this height the jaw moves when the mouth opens. */
const HINGE = -0.32;

/** Steps of the profiles' tables, even in angle: close together at crown and chin. */
const STEPS = 256;

/** Cells across the face in which slopes are kept, their size, and half the length over which a slope is taken. */
const CELLS = 40;
const CELL = 0.05;
const SLOPE = 0.03;

/**
 * The surface of a head without nose, ears and hair: rings around the vertical, each with its own width, front and back.
 */
export class Skull {
  readonly build: HeadBuild;
  /** How far the chin has dropped. */
  readonly drop: number;
  /** Factor of the number of rows and columns of all grids on this skull. */
  readonly detail: number;
  readonly #widths = new Float64Array(STEPS + 2);
  readonly #fronts = new Float64Array(STEPS + 2);
  readonly #backs = new Float64Array(STEPS + 2);
  readonly #middles = new Float64Array(STEPS + 2);
  readonly #slopes = new Float64Array((CELLS + 1) * (CELLS * 1.25 + 1) * 2).fill(Number.NaN);
  #grid: Grid | undefined;

  constructor(build: HeadBuild, drop = 0, detail = 1) {
    this.build = build;
    this.drop = drop;
    this.detail = detail;
    for (let n = 0; n <= STEPS; n += 1) {
      const y = Math.cos((Math.PI * n) / STEPS);
      this.#widths[n] = this.#width(y);
      this.#fronts[n] = this.#front(y);
      this.#backs[n] = this.#back(y);
      this.#middles[n] = this.#middle(y);
    }
  }

  /** Lowest point. */
  get chin(): number {
    return -1 - this.drop;
  }

  /** Where a height of the calm face is now. */
  moved(y: number): number {
    return y < HINGE ? HINGE + (y - HINGE) * (1 + this.drop / (1 + HINGE)) : y;
  }

  #still(y: number): number {
    return y < HINGE ? HINGE + (y - HINGE) / (1 + this.drop / (1 + HINGE)) : y;
  }

  /** Profiles are asked for thousands of times a picture, so that they stand in tables. */
  #look(table: Float64Array, y: number): number {
    const at = (Math.acos(clamp(this.#still(y), -1, 1)) / Math.PI) * STEPS;
    const n = Math.floor(at);
    return table[n]! + (table[n + 1]! - table[n]!) * (at - n);
  }

  /** Half width at a height. */
  width(y: number): number {
    return this.#look(this.#widths, y);
  }

  #width(y: number): number {
    const b = this.build;
    const h = clamp(y, -1, 1);
    if (h >= 0.02) {
      const u = (h - 0.02) / 0.98;
      return b.width * (1 - u ** 2.4) ** (1 / 2.4) * (1 + b.temple * bell(h, 0.5, 0.3));
    }
    const u = (0.02 - h) / 1.02;
    const power = 2.05 - 0.3 * b.chinPoint + 1.6 * b.jaw;
    return (
      b.width *
      (1 - u ** power) ** (1 / power) *
      (1 + b.cheek * bell(h, -0.38, 0.22) + b.jaw * bell(h, -0.62, 0.2) + b.chinWidth * bell(h, -0.9, 0.17)) *
      (1 + b.jowl * bell(h, -0.72, 0.12))
    );
  }

  /** Front at a height, nose and lips left out. */
  front(y: number): number {
    return this.#look(this.#fronts, y);
  }

  #front(y: number): number {
    const h = clamp(y, -1, 1);
    if (h >= 0) return 0.82 * (1 - h ** 2.7) ** (1 / 2.7) + 0.03 * bell(h, 0.18, 0.12);
    const b = this.build;
    return (
      0.45 +
      0.37 * Math.sqrt(1 - (-h) ** 3.4) +
      (0.05 + 0.06 * b.chinWidth) * bell(h, -0.86, 0.12) +
      0.075 * bell(h, b.mouth.y - 0.01, 0.09) -
      0.02 * bell(h, b.mouth.y - 0.15, 0.06)
    );
  }

  back(y: number): number {
    return this.#look(this.#backs, y);
  }

  #back(y: number): number {
    const h = clamp(y, -1, 1);
    if (h >= 0.2) return -0.94 * (1 - ((h - 0.2) / 0.8) ** 2.3) ** (1 / 2.3);
    return -0.94 + 1.38 * ((0.2 - h) / 1.2) ** 2.2;
  }

  /** Where a ring is widest. */
  middle(y: number): number {
    return this.#look(this.#middles, y);
  }

  #middle(y: number): number {
    const h = clamp(y, -1, 1);
    if (h >= -0.1) return -0.08 * (1 - Math.max(0, h) ** 3);
    const u = (-0.1 - h) / 0.9;
    return -0.08 + ((this.#front(y) + this.#back(y)) / 2 + 0.08) * u;
  }

  /** A point of the surface: `angle` 0 is the front, +pi/2 the side on the right at yaw 0; `out` grows the ring. */
  at(y: number, angle: number, out = 0): Vec3 {
    const [s, c] = [Math.sin(angle), Math.cos(angle)];
    const middle = this.middle(y);
    const reach = c >= 0 ? this.front(y) - middle : middle - this.back(y);
    const x = this.width(y) * Math.abs(s) ** 0.86;
    return {
      x: Math.sign(s) * (x + out * Math.abs(s)),
      y,
      z: middle + reach * Math.sign(c) * Math.abs(c) ** 0.86 + out * c - (c > 0 ? c * c * this.#turn(x, y) : 0),
    };
  }

  /** The front surface over a point of the face. */
  lift(x: number, y: number): number {
    const side = Math.min(1, Math.abs(x) / Math.max(1e-6, this.width(y)));
    const s = side ** (1 / 0.86);
    const middle = this.middle(y);
    return (
      middle + (this.front(y) - middle) * Math.max(0, 1 - s * s) ** 0.43 - Math.max(0, 1 - s * s) * this.#turn(x, y)
    );
  }

  /** A face is rounder from side to side than the skull that it is on. */
  #turn(x: number, y: number): number {
    return 0.42 * x * x * (y > 0 ? bell(y, 0, 0.4) : 1);
  }

  /** Direction that the front surface looks in, not of length 1. */
  normal(x: number, y: number): Vec3 {
    const u = clamp((x + 1) / CELL, 0, CELLS - 1.001);
    const v = clamp((y + 1.3) / CELL, 0, CELLS * 1.2 - 1.001);
    const [c, r] = [Math.floor(u), Math.floor(v)];
    const [fu, fv] = [u - c, v - r];
    const n = this.#node(c, r);
    const below = n + (CELLS + 1) * 2;
    const slopes = this.#slopes;
    this.#node(c + 1, r);
    this.#node(c, r + 1);
    this.#node(c + 1, r + 1);
    const [a, b, d, e] = [(1 - fu) * (1 - fv), fu * (1 - fv), (1 - fu) * fv, fu * fv];
    return {
      x: slopes[n]! * a + slopes[n + 2]! * b + slopes[below]! * d + slopes[below + 2]! * e,
      y: slopes[n + 1]! * a + slopes[n + 3]! * b + slopes[below + 1]! * d + slopes[below + 3]! * e,
      z: 1,
    };
  }

  /** Slopes are kept at the nodes of a grid over the face, each worked out when it is first asked for. */
  #node(column: number, row: number): number {
    const n = (row * (CELLS + 1) + column) * 2;
    if (Number.isNaN(this.#slopes[n])) {
      const [x, y] = [column * CELL - 1, row * CELL - 1.3];
      this.#slopes[n] = (this.lift(x - SLOPE, y) - this.lift(x + SLOPE, y)) / (2 * SLOPE);
      this.#slopes[n + 1] = (this.lift(x, y - SLOPE) - this.lift(x, y + SLOPE)) / (2 * SLOPE);
    }
    return n;
  }

  /** The whole surface. */
  grid(): Grid {
    this.#grid ??= makeGrid(26 * this.detail + 1, 40 * this.detail + 1, (down, across) => {
      const y = Math.cos(Math.PI * (0.004 + 0.992 * down));
      return this.at(this.moved(y), Math.PI * (2 * across - 1));
    });
    return this.#grid;
  }
}

const skulls = new WeakMap<HeadBuild, Map<string, Skull>>();

/** Skulls are used again for every picture of a person; a few positions of the jaw are kept for each. */
export function skullOf(build: HeadBuild, drop: number, detail: number): Skull {
  const key = `${drop}/${detail}`;
  let kept = skulls.get(build);
  if (!kept) {
    kept = new Map();
    skulls.set(build, kept);
  }
  let skull = kept.get(key);
  if (!skull) {
    if (kept.size >= 8) kept.clear();
    skull = new Skull(build, drop, detail);
    kept.set(key, skull);
  }
  return skull;
}

export function bell(x: number, at: number, wide: number): number {
  const u = (x - at) / wide;
  return Math.exp(-u * u);
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
