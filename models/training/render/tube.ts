import { Path2D, type SKRSContext2D } from '@napi-rs/canvas';
import type { Projected } from './camera.ts';
import { css, type Tint } from './tint.ts';
import type { Point, Vec3 } from './types.ts';
import { add, along, blend, cross, dot, mix, times, unit, upright, vec } from './vector.ts';
import { Bounds, type View } from './view.ts';

/**
 * Bodies and clothes are tubes: rows of ellipses along a line, each with a half axis to the body's left and one ahead. A
 * tube is drawn as the union of the hulls of neighbouring ellipses, so it looks right from wherever it is seen.
 */
export interface Ring {
  centre: Vec3;
  /** Half axes. */
  left: Vec3;
  ahead: Vec3;
  /** Metres along the tube; patterns and marks go by it. */
  at: number;
}

/** How light and dark lie on a ring in the picture. */
interface Rim {
  x: number;
  y: number;
  /** Away from the light, across the tube. */
  nx: number;
  ny: number;
  radius: number;
  /** How much of it lies in the dark. */
  dark: number;
}

/** The least pixels of a radius that get shading of their own. */
const SHADE_FROM = 1.6;
const INK = [24, 20, 48] as const;

export class Tube {
  readonly rings: readonly Ring[];
  readonly bounds = new Bounds();
  readonly path = new Path2D();
  readonly view: View;
  readonly #rims: Rim[] = [];
  readonly #widest: number;

  constructor(view: View, rings: readonly Ring[], hulls = false) {
    this.view = view;
    this.rings = rings;
    const sides = view.scale < 90 ? 8 : view.scale < 220 ? 10 : 16;
    const table = circle(sides);
    const middles: Projected[] = [];
    const circles: Point[][] = [];
    for (const ring of rings) {
      const points: Point[] = [];
      for (const [sin, cos] of table) {
        const p = view.project({
          x: ring.centre.x + ring.left.x * sin + ring.ahead.x * cos,
          y: ring.centre.y + ring.left.y * sin + ring.ahead.y * cos,
          z: ring.centre.z + ring.left.z * sin + ring.ahead.z * cos,
        });
        points.push([p.x, p.y]);
        this.bounds.point(p.x, p.y);
      }
      circles.push(points);
      middles.push(view.project(ring.centre));
    }
    this.#trace(circles, middles, hulls);
    for (const [n, ring] of rings.entries()) this.#rims.push(this.#rim(ring, middles, n));
    this.#widest = Math.max(...this.#rims.map((rim) => rim.radius));
  }

  /** The outline: a piece per pair of rings, all of them turning the same way so that none cuts a hole into another. */
  #trace(circles: readonly Point[][], middles: readonly Projected[], hulls: boolean): void {
    const last = circles.length - 1;
    let before: [Point, Point] | undefined;
    for (const [n, points] of circles.entries()) {
      const from = middles[Math.max(0, n - 1)]!;
      const to = middles[Math.min(last, n + 1)]!;
      const x = to.x - from.x;
      const y = to.y - from.y;
      const sides = widest(points, -y, x);
      if (n === 0 || n === last) trace(this.path, turning(points));
      if (n > 0 && before) {
        const a = middles[n - 1]!;
        const b = middles[n]!;
        const long = Math.hypot(b.x - a.x, b.y - a.y);
        const wide = Math.hypot(sides[0][0] - sides[1][0], sides[0][1] - sides[1][1]);
        // Where the tube points at the camera only the whole hull is right.
        if (hulls || long < wide * 0.12) trace(this.path, hull([...circles[n - 1]!, ...points]));
        else trace(this.path, turning([before[0], sides[0], sides[1], before[1]]));
      }
      before = sides;
    }
  }

  #rim(ring: Ring, middles: readonly Projected[], n: number): Rim {
    const from = middles[Math.max(0, n - 1)]!;
    const to = middles[Math.min(middles.length - 1, n + 1)]!;
    const here = middles[n]!;
    const size = Math.hypot(to.x - from.x, to.y - from.y);
    // Across the tube; where it points at the camera, straight away from the light.
    let nx = size < 0.3 ? -this.view.light.x : -(to.y - from.y) / size;
    let ny = size < 0.3 ? -this.view.light.y : (to.x - from.x) / size;
    let away = -(nx * this.view.light.x + ny * this.view.light.y);
    if (away < 0) {
      nx = -nx;
      ny = -ny;
      away = -away;
    }
    const left = this.view.direction(ring.left);
    const ahead = this.view.direction(ring.ahead);
    const flat = Math.hypot(left.x, left.z * 0.35, left.y) + Math.hypot(ahead.x, ahead.z * 0.35, ahead.y);
    const a = left.x * nx - left.y * ny;
    const b = ahead.x * nx - ahead.y * ny;
    const radius = Math.max(Math.hypot(a, b), flat * 0.2) * here.scale;
    return { x: here.x, y: here.y, nx, ny, radius, dark: away };
  }

  /** Fills it with one colour, lets `decorate` draw on it, and shades it by the light. */
  paint(ctx: SKRSContext2D, colour: Tint, decorate?: () => void, opacity = 1): void {
    ctx.fillStyle = css(colour, opacity);
    ctx.fill(this.path);
    const shaded = this.#widest >= SHADE_FROM;
    if (!shaded && !decorate) return;
    ctx.save();
    // A clip along a tangled outline can be lost; the plain one keeps shades near the body even then.
    ctx.beginPath();
    const { left, top, right, bottom } = this.bounds;
    ctx.rect(
      Math.floor(left),
      Math.floor(top),
      Math.ceil(right) - Math.floor(left),
      Math.ceil(bottom) - Math.floor(top),
    );
    ctx.clip();
    ctx.clip(this.path);
    decorate?.();
    if (shaded) this.shadeStrips(ctx, colour);
    ctx.restore();
  }

  /** Strips of dark along the side that the light does not reach, and a thin bright one on the other. */
  shadeStrips(ctx: SKRSContext2D, colour: Tint): void {
    const strength = (0.075 + 0.095 * this.view.hardness) * tone(colour);
    ctx.fillStyle = css(INK, strength);
    const steps = this.#widest > 9 ? [0.72, 0.44, 0.12] : [0.5];
    for (const inner of steps) {
      ctx.beginPath();
      this.#strip(ctx, (rim) => 1 - (1 - inner) * rim.dark, 2.2, 1);
      ctx.fill();
    }
    if (this.#widest < 3) return;
    ctx.fillStyle = css([255, 246, 230], 0.1 + 0.05 * this.view.hardness);
    ctx.beginPath();
    this.#strip(ctx, (rim) => 1 - 0.42 * rim.dark, 2.2, -1);
    ctx.fill();
  }

  #strip(ctx: SKRSContext2D, inner: (rim: Rim) => number, outer: number, side: number): void {
    const rims = this.#rims;
    for (const [n, rim] of rims.entries()) {
      const by = inner(rim) * rim.radius * side;
      if (n === 0) ctx.moveTo(rim.x + rim.nx * by, rim.y + rim.ny * by);
      else ctx.lineTo(rim.x + rim.nx * by, rim.y + rim.ny * by);
    }
    for (let n = rims.length - 1; n >= 0; n -= 1) {
      const rim = rims[n]!;
      const by = outer * rim.radius * side;
      ctx.lineTo(rim.x + rim.nx * by, rim.y + rim.ny * by);
    }
    ctx.closePath();
  }

  /** The ring at a place between two rings; a little before the first one, too, to draw over its edge. */
  ring(at: number): Ring {
    const rings = this.rings;
    let n = 1;
    while (n < rings.length - 1 && rings[n]!.at < at) n += 1;
    const from = rings[n - 1]!;
    const to = rings[n]!;
    const t = Math.max(-3, Math.min(1, (at - from.at) / (to.at - from.at || 1)));
    return {
      centre: mix(from.centre, to.centre, t),
      left: mix(from.left, to.left, t),
      ahead: mix(from.ahead, to.ahead, t),
      at,
    };
  }

  /** The angle around a ring that looks straight at the camera: what lies within a quarter turn of it is seen. */
  facing(ring: Ring): number {
    const eye = this.view.eye;
    const to = { x: eye.x - ring.centre.x, y: eye.y - ring.centre.y, z: eye.z - ring.centre.z };
    return Math.atan2(
      dot(to, ring.left) / (dot(ring.left, ring.left) || 1),
      dot(to, ring.ahead) / (dot(ring.ahead, ring.ahead) || 1),
    );
  }

  /** A point of the surface in the picture: `angle` 0 is ahead, +pi/2 to the left. */
  point(at: number, angle: number): Point {
    return this.#on(this.ring(at), angle);
  }

  #on(ring: Ring, angle: number): Point {
    const p = this.view.project(along(along(ring.centre, ring.left, Math.sin(angle)), ring.ahead, Math.cos(angle)));
    return [p.x, p.y];
  }

  /** The same, drawn back to the edge of what is seen; `seen` above 0 where it needed no drawing back. */
  seen(at: number, angle: number): { x: number; y: number; seen: number } {
    const ring = this.ring(at);
    const middle = this.facing(ring);
    const off = wrapped(angle - middle);
    const kept = Math.max(-Math.PI / 2, Math.min(Math.PI / 2, off));
    const [x, y] = this.#on(ring, middle + kept);
    return { x, y, seen: Math.cos(off) };
  }

  /** Fills an area of the surface given by [at, angle] corners; nothing where none of it is seen. */
  patch(ctx: SKRSContext2D, corners: readonly (readonly [number, number])[], colour: Tint, opacity = 1): void {
    const points = corners.map(([at, angle]) => this.seen(at, angle));
    if (!points.some((point) => point.seen > 0)) return;
    ctx.fillStyle = css(colour, opacity);
    ctx.beginPath();
    for (const [n, point] of points.entries()) {
      if (n === 0) ctx.moveTo(point.x, point.y);
      else ctx.lineTo(point.x, point.y);
    }
    ctx.closePath();
    ctx.fill();
  }

  /** A line over the surface; only the parts that are seen. */
  line(
    ctx: SKRSContext2D,
    corners: readonly (readonly [number, number])[],
    colour: Tint,
    width: number,
    opacity = 1,
  ): void {
    ctx.strokeStyle = css(colour, opacity);
    ctx.lineWidth = width;
    ctx.beginPath();
    let drawn = false;
    let last: { x: number; y: number; seen: number } | undefined;
    for (const [at, angle] of corners) {
      const point = this.seen(at, angle);
      if (last && (point.seen > 0 || last.seen > 0)) {
        if (!drawn) ctx.moveTo(last.x, last.y);
        ctx.lineTo(point.x, point.y);
        drawn = true;
      } else drawn = false;
      last = point;
    }
    ctx.stroke();
  }

  /** Lines along the whole tube at these angles, in one stroke. */
  lengths(ctx: SKRSContext2D, angles: readonly number[], colour: Tint, width: number, opacity = 1): void {
    const steps = 7;
    const rings = Array.from({ length: steps + 1 }, (_, k) => {
      const ring = this.ring(this.from + ((this.to - this.from) * k) / steps);
      return { ring, facing: this.facing(ring) };
    });
    ctx.strokeStyle = css(colour, opacity);
    ctx.lineWidth = width;
    ctx.beginPath();
    for (const angle of angles) {
      let drawn = false;
      for (const { ring, facing } of rings) {
        if (Math.cos(angle - facing) <= -0.02) {
          drawn = false;
          continue;
        }
        const [x, y] = this.#on(ring, angle);
        if (drawn) ctx.lineTo(x, y);
        else ctx.moveTo(x, y);
        drawn = true;
      }
    }
    ctx.stroke();
  }

  /** A line once around the tube. */
  band(ctx: SKRSContext2D, at: number, colour: Tint, width: number, opacity = 1): void {
    const ring = this.ring(at);
    const middle = this.facing(ring);
    ctx.strokeStyle = css(colour, opacity);
    ctx.lineWidth = width;
    ctx.beginPath();
    for (let n = -4; n <= 4; n += 1) {
      const [x, y] = this.#on(ring, middle + (n / 4) * 1.6);
      if (n === -4) ctx.moveTo(x, y);
      else ctx.lineTo(x, y);
    }
    ctx.stroke();
  }

  /** A disc on the surface, seen aslant. */
  dot(ctx: SKRSContext2D, at: number, angle: number, radius: number, colour: Tint): void {
    const point = this.seen(at, angle);
    if (point.seen <= 0.08) return;
    ctx.fillStyle = css(colour);
    ctx.beginPath();
    ctx.ellipse(point.x, point.y, Math.max(0.3, radius * point.seen), radius, 0, 0, Math.PI * 2);
    ctx.fill();
  }

  get from(): number {
    return this.rings[0]!.at;
  }

  get to(): number {
    return this.rings[this.rings.length - 1]!.at;
  }
}

/** More rings between the given ones, on smooth curves. */
export function smooth(rings: readonly Ring[], steps: number): Ring[] {
  const out: Ring[] = [];
  for (let n = 0; n < rings.length - 1; n += 1) {
    const a = rings[Math.max(0, n - 1)]!;
    const b = rings[n]!;
    const c = rings[n + 1]!;
    const d = rings[Math.min(rings.length - 1, n + 2)]!;
    for (let step = 0; step < steps; step += 1) {
      const t = step / steps;
      out.push({
        centre: curve(a.centre, b.centre, c.centre, d.centre, t),
        left: curve(a.left, b.left, c.left, d.left, t),
        ahead: curve(a.ahead, b.ahead, c.ahead, d.ahead, t),
        at: blend(b.at, c.at, t),
      });
    }
  }
  out.push(rings[rings.length - 1]!);
  return out;
}

/** Catmull and Rom's curve, a little tighter. */
function curve(a: Vec3, b: Vec3, c: Vec3, d: Vec3, t: number): Vec3 {
  const one = (p: number, q: number, r: number, s: number): number => {
    const m0 = (r - p) * 0.42;
    const m1 = (s - q) * 0.42;
    const t2 = t * t;
    const t3 = t2 * t;
    return (2 * t3 - 3 * t2 + 1) * q + (t3 - 2 * t2 + t) * m0 + (-2 * t3 + 3 * t2) * r + (t3 - t2) * m1;
  };
  return vec(one(a.x, b.x, c.x, d.x), one(a.y, b.y, c.y, d.y), one(a.z, b.z, c.z, d.z));
}

/** A place on a limb: `s` 0 at its root, 1 at its middle joint, 2 at its end; radius in metres. */
export type Station = readonly [s: number, radius: number];

/**
 * Rings along a limb of two bones that bends softly at its middle joint. `ahead` says where angle 0 of its surface is;
 * `flat` presses it together from ahead; `detail` as an easel's.
 */
export function limb(
  root: Vec3,
  joint: Vec3,
  end: Vec3,
  stations: readonly Station[],
  ahead: Vec3,
  detail: number,
  flat = 1,
): Ring[] {
  const first = dist(root, joint);
  const second = dist(joint, end);
  const place = (s: number): Vec3 => {
    const soft = 0.22;
    if (s > 1 - soft && s < 1 + soft) {
      const t = (s - 1 + soft) / (2 * soft);
      const a = mix(root, joint, 1 - soft);
      const b = mix(joint, end, soft);
      return mix(mix(a, joint, t), mix(joint, b, t), t);
    }
    return s <= 1 ? mix(root, joint, s) : mix(joint, end, s - 1);
  };
  const all: Station[] = [];
  for (const [n, station] of stations.entries()) {
    const next = stations[n + 1];
    all.push(station);
    const parts = detail > 0 && next ? Math.ceil((next[0] - station[0]) / (detail > 2 ? 0.09 : 0.17)) : 1;
    for (let k = 1; next && k < parts; k += 1) {
      const t = k / parts;
      const soft = t * t * (3 - 2 * t);
      all.push([blend(station[0], next[0], t), blend(station[1], next[1], (soft + t) / 2)]);
    }
  }
  return all.map(([s, radius]) => {
    const before = place(s - 0.06);
    const after = place(s + 0.06);
    const way = unit(add(after, times(before, -1)));
    const front = upright(ahead, way, vec(0, 1, 0.01));
    const left = unit(cross(way, front));
    return {
      centre: place(s),
      left: times(left, -radius),
      ahead: times(front, radius * flat),
      at: s <= 1 ? s * first : first + (s - 1) * second,
    };
  });
}

/** Dark stuff needs more of a shade to show it, white stuff less. */
function tone(colour: Tint): number {
  const sum = colour[0] + colour[1] + colour[2];
  if (sum < 150) return 1.7;
  return sum > 660 ? 0.72 : 1;
}

const dist = (a: Vec3, b: Vec3): number => Math.hypot(a.x - b.x, a.y - b.y, a.z - b.z);
const wrapped = (angle: number): number => Math.atan2(Math.sin(angle), Math.cos(angle));

/** The points that reach farthest to both sides. */
function widest(points: readonly Point[], nx: number, ny: number): [Point, Point] {
  let high = points[0]!;
  let low = high;
  let most = Number.NEGATIVE_INFINITY;
  let least = Number.POSITIVE_INFINITY;
  for (const point of points) {
    const reach = point[0] * nx + point[1] * ny;
    if (reach > most) {
      most = reach;
      high = point;
    }
    if (reach < least) {
      least = reach;
      low = point;
    }
  }
  return [high, low];
}

/** The same corners in the order in which `hull` gives them. */
function turning(points: readonly Point[]): readonly Point[] {
  let area = 0;
  let last = points[points.length - 1]!;
  for (const point of points) {
    area += last[0] * point[1] - point[0] * last[1];
    last = point;
  }
  return area < 0 ? [...points].reverse() : points;
}

const circles = new Map<number, readonly Point[]>();

/** Sines and cosines around a circle. */
function circle(sides: number): readonly Point[] {
  let table = circles.get(sides);
  if (!table) {
    table = Array.from({ length: sides }, (_, n): Point => {
      const angle = (n / sides) * Math.PI * 2;
      return [Math.sin(angle), Math.cos(angle)];
    });
    circles.set(sides, table);
  }
  return table;
}

/** The corners of the hull, always in the same direction of turning. */
export function hull(points: Point[]): Point[] {
  points.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const chain = (list: readonly Point[]): Point[] => {
    const out: Point[] = [];
    for (const point of list) {
      while (out.length >= 2) {
        const p = out[out.length - 2]!;
        const q = out[out.length - 1]!;
        if ((q[0] - p[0]) * (point[1] - p[1]) - (q[1] - p[1]) * (point[0] - p[0]) > 0) break;
        out.pop();
      }
      out.push(point);
    }
    out.pop();
    return out;
  };
  const lower = chain(points);
  return [...lower, ...chain(points.reverse())];
}

function trace(path: Path2D, points: readonly Point[]): void {
  for (const [n, [x, y]] of points.entries()) {
    if (n === 0) path.moveTo(x, y);
    else path.lineTo(x, y);
  }
  path.closePath();
}
