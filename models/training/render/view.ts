import type { Camera, Projected } from './camera.ts';
import type { Box, Light, Vec3 } from './types.ts';
import { dot } from './vector.ts';

/** A body's own space (x to its left, y up, z ahead) as the camera sees it. */
export class View {
  /** Where the camera is, in the body's space. */
  readonly eye: Vec3;
  /** Pixels of one metre at the body's middle. */
  readonly scale: number;
  /** Where light comes from in the picture, x to the right, y down, length up to 1. */
  readonly light: { x: number; y: number };
  /** How strong shadows are, 0..1. */
  readonly hardness: number;
  readonly camera: Camera;
  readonly #at: Vec3;
  readonly #sin: number;
  readonly #cos: number;

  constructor(camera: Camera, position: Vec3, heading: number, light: Light) {
    this.camera = camera;
    this.#at = position;
    this.#sin = Math.sin(heading);
    this.#cos = Math.cos(heading);
    const away = { x: -position.x, y: camera.setup.above - position.y, z: -position.z };
    this.eye = {
      x: away.x * this.#cos + away.z * this.#sin,
      y: away.y,
      z: away.x * this.#sin - away.z * this.#cos,
    };
    this.scale = camera.project({ x: position.x, y: position.y + 0.9, z: position.z }).scale;
    const side = Math.sin(light.from);
    const size = Math.hypot(side, 0.62);
    this.light = { x: side / size, y: -0.62 / size };
    this.hardness = Math.max(0, Math.min(1, light.hardness));
  }

  /** A point of the body's space in the world's. */
  world(p: Vec3): Vec3 {
    return {
      x: this.#at.x + p.x * this.#cos + p.z * this.#sin,
      y: this.#at.y + p.y,
      z: this.#at.z + p.x * this.#sin - p.z * this.#cos,
    };
  }

  /** A direction of the body's space in the world's. */
  direction(p: Vec3): Vec3 {
    return { x: p.x * this.#cos + p.z * this.#sin, y: p.y, z: p.x * this.#sin - p.z * this.#cos };
  }

  project(p: Vec3): Projected {
    return this.camera.project(this.world(p));
  }

  /** Metres from the camera along its axis. */
  depth(p: Vec3): number {
    return this.project(p).depth;
  }

  /** Above 0 where a surface with this normal shows its face. */
  faces(point: Vec3, normal: Vec3): number {
    return dot(normal, { x: this.eye.x - point.x, y: this.eye.y - point.y, z: this.eye.z - point.z });
  }
}

/** Grows around what it is told of. */
export class Bounds {
  left = Number.POSITIVE_INFINITY;
  top = Number.POSITIVE_INFINITY;
  right = Number.NEGATIVE_INFINITY;
  bottom = Number.NEGATIVE_INFINITY;

  point(x: number, y: number, around = 0): void {
    if (x - around < this.left) this.left = x - around;
    if (y - around < this.top) this.top = y - around;
    if (x + around > this.right) this.right = x + around;
    if (y + around > this.bottom) this.bottom = y + around;
  }

  add(box: Box): void {
    if (box[2] <= box[0] || box[3] <= box[1]) return;
    this.point(box[0], box[1]);
    this.point(box[2], box[3]);
  }

  /** All zeros where there was nothing. */
  box(): Box {
    return this.right < this.left ? [0, 0, 0, 0] : [this.left, this.top, this.right, this.bottom];
  }
}
