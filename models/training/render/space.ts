import type { CanvasGradient, SKRSContext2D } from '@napi-rs/canvas';
import { type Camera, NEAR, type Projected } from './camera.ts';
import { css, shade, type Tint } from './tint.ts';
import type { Point, Vec3 } from './types.ts';

export type Paint = string | CanvasGradient;

/** `x`, `y` and `z` in metres. */
export function at(x: number, y: number, z: number): Vec3 {
  return { x, y, z };
}

export function between(from: Vec3, to: Vec3, part: number): Vec3 {
  return {
    x: from.x + (to.x - from.x) * part,
    y: from.y + (to.y - from.y) * part,
    z: from.z + (to.z - from.z) * part,
  };
}

/** Corners in the picture after the part nearer than `NEAR` is cut off; empty where nothing is left. */
export function clipped(points: readonly Vec3[], project: (point: Vec3) => Projected): Point[] {
  const seen = points.map((point) => ({ point, ...project(point) }));
  const out: Point[] = [];
  for (const [n, here] of seen.entries()) {
    const next = seen[(n + 1) % seen.length]!;
    const inside = here.depth > NEAR;
    if (inside) out.push([here.x, here.y]);
    if (inside === next.depth > NEAR) continue;
    const part = (NEAR * 1.0001 - here.depth) / (next.depth - here.depth);
    const edge = project(between(here.point, next.point, part));
    out.push([edge.x, edge.y]);
  }
  return out.length < 3 ? [] : out;
}

/** Six faces of a box; a face without a colour is left out. */
export interface BoxColours {
  front: Tint;
  side?: Tint;
  top?: Tint;
}

/** Draws flat things of the world, in metres, in a camera's perspective. What is behind the camera is cut off. */
export class Space {
  readonly ctx: SKRSContext2D;
  readonly camera: Camera;
  /** Draws everything below the floor as in a mirror. */
  readonly mirrored: boolean;

  constructor(ctx: SKRSContext2D, camera: Camera, mirrored = false) {
    this.ctx = ctx;
    this.camera = camera;
    this.mirrored = mirrored;
  }

  project(point: Vec3): Projected {
    return this.camera.project(this.mirrored ? { x: point.x, y: -point.y, z: point.z } : point);
  }

  pixel(point: Vec3): Point {
    const { x, y } = this.project(point);
    return [x, y];
  }

  /** As the function of this name. */
  clipped(points: readonly Vec3[]): Point[] {
    return clipped(points, (point) => this.project(point));
  }

  /** Begins the outline; false where nothing of it can be seen. */
  outline(points: readonly Vec3[]): boolean {
    const corners = this.clipped(points);
    this.ctx.beginPath();
    if (corners.length === 0) return false;
    this.ctx.moveTo(...corners[0]!);
    for (const corner of corners.slice(1)) this.ctx.lineTo(...corner);
    this.ctx.closePath();
    return true;
  }

  fill(points: readonly Vec3[], paint: Paint): void {
    if (!this.outline(points)) return;
    this.ctx.fillStyle = paint;
    this.ctx.fill();
  }

  /** A line as broad as `width` metres, at least `least` pixels, in the middle of its way. */
  line(from: Vec3, to: Vec3, width: number, paint: Paint, least = 0.5): void {
    let [a, b] = [from, to];
    const [near, far] = [this.project(a).depth, this.project(b).depth];
    if (near <= NEAR && far <= NEAR) return;
    const cut = (NEAR * 1.0001 - near) / (far - near);
    if (near <= NEAR) a = between(a, b, cut);
    else if (far <= NEAR) b = between(a, b, cut);
    const [p, q] = [this.project(a), this.project(b)];
    // As a quad: a near end is broader than a far one.
    const [dx, dy] = [q.x - p.x, q.y - p.y];
    const length = Math.hypot(dx, dy);
    if (length < 1e-6) return;
    const [wp, wq] = [Math.max(least, width * p.scale) / 2 / length, Math.max(least, width * q.scale) / 2 / length];
    const { ctx } = this;
    ctx.beginPath();
    ctx.moveTo(p.x - dy * wp, p.y + dx * wp);
    ctx.lineTo(p.x + dy * wp, p.y - dx * wp);
    ctx.lineTo(q.x + dy * wq, q.y - dx * wq);
    ctx.lineTo(q.x - dy * wq, q.y + dx * wq);
    ctx.closePath();
    ctx.fillStyle = paint;
    ctx.fill();
  }

  /** From colour to colour between two places of the world. */
  gradient(from: Vec3, to: Vec3, stops: readonly (readonly [number, string])[]): CanvasGradient {
    const [a, b] = [this.pixel(from), this.pixel(to)];
    const gradient = this.ctx.createLinearGradient(...a, ...b);
    for (const [part, colour] of stops) gradient.addColorStop(part, colour);
    return gradient;
  }

  /** Upright rectangle that faces the camera. */
  front(x0: number, x1: number, y0: number, y1: number, z: number, paint: Paint): void {
    this.fill([at(x0, y0, z), at(x1, y0, z), at(x1, y1, z), at(x0, y1, z)], paint);
  }

  /** Upright rectangle along z. */
  side(x: number, y0: number, y1: number, z0: number, z1: number, paint: Paint): void {
    this.fill([at(x, y0, z0), at(x, y0, z1), at(x, y1, z1), at(x, y1, z0)], paint);
  }

  /** Level rectangle. */
  flat(x0: number, x1: number, y: number, z0: number, z1: number, paint: Paint): void {
    this.fill([at(x0, y, z0), at(x1, y, z0), at(x1, y, z1), at(x0, y, z1)], paint);
  }

  /** A box with sides along the axes; only faces that are turned to the camera are drawn. */
  box(
    [x0, x1]: readonly [number, number],
    [y0, y1]: readonly [number, number],
    [z0, z1]: readonly [number, number],
    colours: Tint | BoxColours,
  ): void {
    const { front, side, top } = 'front' in colours ? colours : { front: colours, side: undefined, top: undefined };
    const eye = this.mirrored ? -this.camera.setup.above : this.camera.setup.above;
    const flank = css(side ?? shade(front, 0.82));
    if (x0 > 0) this.side(x0, y0, y1, z0, z1, flank);
    if (x1 < 0) this.side(x1, y0, y1, z0, z1, flank);
    if (y1 < eye) this.flat(x0, x1, y1, z0, z1, css(top ?? shade(front, 1.12)));
    if (y0 > eye) this.flat(x0, x1, y0, z0, z1, css(shade(front, 0.7)));
    this.front(x0, x1, y0, y1, z0, css(front));
  }

  /** An upright cylinder or cone, lit from the left; `top` is the part of the radius that is left at its top. */
  cylinder(foot: Vec3, height: number, radius: number, colour: Tint, options?: { top?: number; lid?: Tint }): void {
    const low = this.project(foot);
    const high = this.project(at(foot.x, foot.y + height, foot.z));
    if (low.depth <= NEAR || high.depth <= NEAR) return;
    const { ctx } = this;
    const [r0, r1] = [radius * low.scale, radius * (options?.top ?? 1) * high.scale];
    // How much of the round ends is seen: from above all, from the side none.
    const flat = (y: number): number =>
      Math.min(0.9, Math.abs(this.camera.setup.above - y) / Math.max(0.5, low.depth)) * 0.98;
    const [f0, f1] = [flat(foot.y), flat(foot.y + height)];
    const paint = ctx.createLinearGradient(low.x - r0, 0, low.x + r0, 0);
    paint.addColorStop(0, css(shade(colour, 0.78)));
    paint.addColorStop(0.35, css(shade(colour, 1.1)));
    paint.addColorStop(0.6, css(colour));
    paint.addColorStop(1, css(shade(colour, 0.6)));
    const turn = this.mirrored ? Math.PI : 0;
    ctx.beginPath();
    ctx.ellipse(low.x, low.y, r0, r0 * f0, turn, 0, Math.PI);
    ctx.ellipse(high.x, high.y, r1, r1 * f1, turn, Math.PI, 0, true);
    ctx.closePath();
    ctx.fillStyle = paint;
    ctx.fill();
    if (foot.y + height < this.camera.setup.above && !this.mirrored) {
      ctx.beginPath();
      ctx.ellipse(high.x, high.y, r1, r1 * f1, 0, 0, Math.PI * 2);
      ctx.fillStyle = css(options?.lid ?? shade(colour, 1.15));
      ctx.fill();
    }
  }

  /** A soft patch on the ground: darkness in corners, light below lamps. Radii in metres. */
  patch(centre: Vec3, rx: number, rz: number, colour: Tint, alpha: number, turn = 0): void {
    const { ctx } = this;
    const here = this.project(centre);
    const [sin, cos] = [Math.sin(turn), Math.cos(turn)];
    const right = this.project(at(centre.x + cos * 0.1, centre.y, centre.z + sin * 0.1));
    const away = this.project(at(centre.x - sin * 0.1, centre.y, centre.z + cos * 0.1));
    if (Math.min(here.depth, right.depth, away.depth) <= NEAR * 2) return;
    ctx.save();
    ctx.transform(
      (right.x - here.x) * 10 * rx,
      (right.y - here.y) * 10 * rx,
      (away.x - here.x) * 10 * rz,
      (away.y - here.y) * 10 * rz,
      here.x,
      here.y,
    );
    const paint = ctx.createRadialGradient(0, 0, 0, 0, 0, 1);
    paint.addColorStop(0, css(colour, alpha));
    paint.addColorStop(0.45, css(colour, alpha * 0.62));
    paint.addColorStop(0.75, css(colour, alpha * 0.18));
    paint.addColorStop(1, css(colour, 0));
    ctx.fillStyle = paint;
    ctx.beginPath();
    ctx.arc(0, 0, 1, 0, Math.PI * 2);
    ctx.fill();
    ctx.restore();
  }
}
