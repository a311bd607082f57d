import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Skull } from './head-skull.ts';
import type { Bounds, HeadSpace } from './head-space.ts';
import type { Point } from './types.ts';

export type Paint = Parameters<typeof setFill>[1];

function setFill(ctx: SKRSContext2D, paint: SKRSContext2D['fillStyle']): void {
  ctx.fillStyle = paint;
}

interface Seen {
  x: number;
  y: number;
  /** Above 0 where the surface looks at the viewer. */
  facing: number;
}

/** Draws lines and shapes on the front of a head; what lies on its far side is cut off. */
export class FacePen {
  readonly ctx: SKRSContext2D;
  readonly space: HeadSpace;
  readonly skull: Skull;
  readonly bounds: Bounds;
  readonly #normal: (x: number, y: number) => number;

  constructor(ctx: SKRSContext2D, space: HeadSpace, skull: Skull, bounds: Bounds) {
    this.ctx = ctx;
    this.space = space;
    this.skull = skull;
    this.bounds = bounds;
    this.#normal = (x, y) => {
      const n = skull.normal(x, y);
      return space.depth(n.x, n.y, n.z) / Math.hypot(n.x, n.y, n.z);
    };
  }

  /** Size in pixels of a length of the face. */
  pixels(length: number): number {
    return length * this.space.view.radius;
  }

  facing(x: number, y: number): number {
    return this.#normal(x, y);
  }

  project(x: number, y: number, lift = 0): Point {
    return this.space.project(x, y, this.skull.lift(x, y) + lift);
  }

  #see(point: Point, lift: number): Seen {
    const [x, y] = this.project(point[0], point[1], lift);
    return { x, y, facing: this.#normal(point[0], point[1]) - 0.02 };
  }

  /** Fills a closed shape; false where none of it is to be seen. */
  fill(points: readonly Point[], paint: Paint, lift = 0): boolean {
    const cut = clipLoop(points.map((point) => this.#see(point, lift)));
    if (cut.length < 3) return false;
    const { ctx } = this;
    ctx.beginPath();
    for (const [n, p] of cut.entries()) {
      if (n === 0) ctx.moveTo(p.x, p.y);
      else ctx.lineTo(p.x, p.y);
    }
    ctx.closePath();
    ctx.fillStyle = paint;
    ctx.fill();
    return true;
  }

  /** Draws a line `width` half head heights wide. */
  stroke(points: readonly Point[], width: number, paint: Paint, lift = 0): void {
    const { ctx } = this;
    ctx.beginPath();
    let down = false;
    for (const point of points) {
      const p = this.#see(point, lift);
      if (p.facing <= 0) down = false;
      else if (down) ctx.lineTo(p.x, p.y);
      else {
        ctx.moveTo(p.x, p.y);
        down = true;
      }
    }
    ctx.lineWidth = Math.max(0.35, this.pixels(width));
    ctx.lineCap = 'round';
    ctx.lineJoin = 'round';
    ctx.strokeStyle = paint;
    ctx.stroke();
  }

  /** An ellipse on the face. */
  spot(x: number, y: number, rx: number, ry: number, paint: Paint, lift = 0): boolean {
    return this.fill(ellipse(x, y, rx, ry), paint, lift);
  }

  /** A spot that fades towards its rim. */
  glow(x: number, y: number, rx: number, ry: number, colour: (alpha: number) => string, alpha: number): void {
    const facing = this.#normal(x, y);
    if (facing <= 0.05) return;
    const { ctx } = this;
    const [px, py] = this.project(x, y);
    const along = this.project(x + 0.01, y);
    const down = this.project(x, y - 0.01);
    ctx.save();
    ctx.transform(
      (along[0] - px) * 100 * rx,
      (along[1] - py) * 100 * rx,
      (down[0] - px) * 100 * ry,
      (down[1] - py) * 100 * ry,
      px,
      py,
    );
    const fade = ctx.createRadialGradient(0, 0, 0, 0, 0, 1);
    const full = alpha * Math.min(1, facing * 3);
    fade.addColorStop(0, colour(full));
    fade.addColorStop(0.5, colour(full * 0.6));
    fade.addColorStop(1, colour(0));
    ctx.fillStyle = fade;
    ctx.fillRect(-1, -1, 2, 2);
    ctx.restore();
  }
}

export function ellipse(x: number, y: number, rx: number, ry: number, steps = 14): Point[] {
  const points: Point[] = [];
  for (let n = 0; n < steps; n += 1) {
    const a = (2 * Math.PI * n) / steps;
    points.push([x + rx * Math.cos(a), y + ry * Math.sin(a)]);
  }
  return points;
}

/** `steps` + 1 points of a curve from -1 to 1. */
export function along(steps: number, at: (u: number) => Point): Point[] {
  const points: Point[] = [];
  for (let n = 0; n <= steps; n += 1) points.push(at((2 * n) / steps - 1));
  return points;
}

/** The part of a loop that faces the viewer. */
function clipLoop(loop: readonly Seen[]): { x: number; y: number }[] {
  const out: { x: number; y: number }[] = [];
  let last = loop[loop.length - 1];
  if (!last) return out;
  for (const point of loop) {
    if (point.facing > 0 !== last.facing > 0) {
      const part = last.facing / (last.facing - point.facing);
      out.push({ x: last.x + (point.x - last.x) * part, y: last.y + (point.y - last.y) * part });
    }
    if (point.facing > 0) out.push(point);
    last = point;
  }
  return out;
}
