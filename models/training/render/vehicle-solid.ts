import type { CanvasGradient, SKRSContext2D } from '@napi-rs/canvas';
import type { Camera } from './camera.ts';
import { at, type Paint, Space } from './space.ts';
import { css, type Tint } from './tint.ts';
import type { Box, Light, Point, Vec3, Vehicle } from './types.ts';

export type Placed = (forward: number, up: number, right: number) => Vec3;

/** From metres forward, up and to the vehicle's left (the picture's right, when it drives at the camera) to the world. */
export function placed(vehicle: Vehicle): Placed {
  const [sin, cos] = [Math.sin(vehicle.heading), Math.cos(vehicle.heading)];
  const { x, y, z } = vehicle.position;
  return (forward, up, right) => at(x + forward * sin + right * cos, y + up, z - forward * cos + right * sin);
}

/** The box around points. */
export function around(points: readonly (readonly [number, number])[]): Box | undefined {
  if (points.length === 0) return undefined;
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** Faces of something that stands turned on the ground; remembers what it covers. */
export class Solid {
  readonly space: Space;
  readonly place: Placed;
  readonly eye: Vec3;
  readonly sun: Vec3;
  /** Corners of all that was filled, pixels. */
  readonly points: Point[] = [];

  constructor(ctx: SKRSContext2D, vehicle: Vehicle, camera: Camera, light: Light) {
    this.space = new Space(ctx, camera);
    this.place = placed(vehicle);
    this.eye = at(0, camera.setup.above, 0);
    this.sun = at(Math.sin(light.from) * 0.7, 0.75, -Math.cos(light.from) * 0.7);
  }

  /** With `count` unset it adds nothing to what the thing covers. */
  fill(points: readonly Vec3[], paint: Paint | Tint, count = true): void {
    const corners = this.space.clipped(points);
    if (corners.length === 0) return;
    if (count) this.points.push(...corners);
    const { ctx } = this.space;
    ctx.beginPath();
    ctx.moveTo(...corners[0]!);
    for (const corner of corners.slice(1)) ctx.lineTo(...corner);
    ctx.closePath();
    const plain = Array.isArray(paint);
    const style = plain ? css(paint as Tint) : (paint as Paint);
    ctx.fillStyle = style;
    ctx.fill();
    // Neighbours share an edge; a hair of the same colour closes the gap that smooth edges leave.
    if (plain) {
      ctx.strokeStyle = style;
      ctx.lineWidth = 0.6;
      ctx.stroke();
    }
  }

  /** Whether the face is turned to the camera, and how bright it is. */
  facing(points: readonly Vec3[], outward: Vec3): { seen: boolean; bright: number } {
    const [a, b, c] = points as [Vec3, Vec3, Vec3];
    const [u, v] = [minus(b, a), minus(c, a)];
    let normal = at(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x);
    if (dot(normal, outward) < 0) normal = at(-normal.x, -normal.y, -normal.z);
    const size = Math.hypot(normal.x, normal.y, normal.z) || 1;
    const toEye = minus(this.eye, a);
    return { seen: dot(normal, toEye) > 0, bright: 0.74 + 0.32 * Math.max(-0.5, dot(normal, this.sun) / size) };
  }

  /** Three colours, evenly from one place to another. */
  gradient(from: Vec3, to: Vec3, colours: readonly [string, string, string]): CanvasGradient {
    const [a, b] = [this.space.pixel(from), this.space.pixel(to)];
    const gradient = this.space.ctx.createLinearGradient(...a, ...b);
    for (const [n, colour] of colours.entries()) gradient.addColorStop(n / 2, colour);
    return gradient;
  }

  /** Metres from the camera to the middle of the corners. */
  distance(points: readonly Vec3[]): number {
    const sum = points.reduce((all, p) => at(all.x + p.x, all.y + p.y, all.z + p.z), at(0, 0, 0));
    const [n, e] = [points.length, this.eye];
    return Math.hypot(sum.x / n - e.x, sum.y / n - e.y, sum.z / n - e.z);
  }
}

export function minus(a: Vec3, b: Vec3): Vec3 {
  return { x: a.x - b.x, y: a.y - b.y, z: a.z - b.z };
}

export function dot(a: Vec3, b: Vec3): number {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
