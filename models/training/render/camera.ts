import type { Vec3 } from './types.ts';

/** A pinhole camera above the origin that looks along +z, tilted down. */
export interface CameraSetup {
  /** Pixels. */
  width: number;
  height: number;
  /** Metres above the ground. */
  above: number;
  /** Radians down from the horizon. */
  tilt: number;
  /** Angle of view from left to right, radians. */
  view: number;
}

export interface Projected {
  x: number;
  y: number;
  /** Metres along the optical axis; not visible where it is below `NEAR`. */
  depth: number;
  /** Pixels of one metre there. */
  scale: number;
}

/** What is nearer than this, in metres, cannot be drawn. */
export const NEAR = 0.2;

export class Camera {
  readonly setup: CameraSetup;
  /** Pixels. */
  readonly focal: number;
  readonly #sin: number;
  readonly #cos: number;

  constructor(setup: CameraSetup) {
    this.setup = setup;
    this.focal = setup.width / 2 / Math.tan(setup.view / 2);
    this.#sin = Math.sin(setup.tilt);
    this.#cos = Math.cos(setup.tilt);
  }

  project(point: Vec3): Projected {
    const y = point.y - this.setup.above;
    const depth = point.z * this.#cos - y * this.#sin;
    const up = point.z * this.#sin + y * this.#cos;
    const scale = this.focal / Math.max(depth, NEAR);
    return { x: this.setup.width / 2 + point.x * scale, y: this.setup.height / 2 - up * scale, depth, scale };
  }

  /** The place on the ground that is seen at a pixel; undefined above the horizon. */
  ground(x: number, y: number): Vec3 | undefined {
    const right = (x - this.setup.width / 2) / this.focal;
    const up = (this.setup.height / 2 - y) / this.focal;
    const dy = up * this.#cos - this.#sin;
    const dz = this.#cos + up * this.#sin;
    if (dy >= 0) return undefined;
    const reach = this.setup.above / -dy;
    return { x: right * reach, y: 0, z: dz * reach };
  }

  /**
   * How a thing at `point` that faces `heading` (0 towards -z, +pi/2 to +x) and looks up by `pitch` is turned against
   * the ray from the camera to it: yaw and pitch as in `HeadView`.
   */
  seen(point: Vec3, heading: number, pitch = 0): { yaw: number; pitch: number } {
    const bearing = Math.atan2(point.x, point.z);
    const distance = Math.hypot(point.x, point.z);
    const elevation = Math.atan2(this.setup.above - point.y, distance);
    const yaw = wrap(heading + bearing);
    // Somebody who looks straight ahead is seen from above, which shows as a bowed head; from behind as a raised one.
    return { yaw, pitch: pitch - elevation * Math.cos(yaw) };
  }
}

/** Into -pi..pi. */
export function wrap(angle: number): number {
  return Math.atan2(Math.sin(angle), Math.cos(angle));
}
