import type { Vec3 } from './types.ts';

/** Small words for points and directions. */
export const vec = (x: number, y: number, z: number): Vec3 => ({ x, y, z });
export const add = (a: Vec3, b: Vec3): Vec3 => ({ x: a.x + b.x, y: a.y + b.y, z: a.z + b.z });
export const sub = (a: Vec3, b: Vec3): Vec3 => ({ x: a.x - b.x, y: a.y - b.y, z: a.z - b.z });
export const times = (a: Vec3, by: number): Vec3 => ({ x: a.x * by, y: a.y * by, z: a.z * by });
export const along = (a: Vec3, direction: Vec3, by: number): Vec3 => ({
  x: a.x + direction.x * by,
  y: a.y + direction.y * by,
  z: a.z + direction.z * by,
});
export const dot = (a: Vec3, b: Vec3): number => a.x * b.x + a.y * b.y + a.z * b.z;
export const cross = (a: Vec3, b: Vec3): Vec3 => ({
  x: a.y * b.z - a.z * b.y,
  y: a.z * b.x - a.x * b.z,
  z: a.x * b.y - a.y * b.x,
});
export const length = (a: Vec3): number => Math.hypot(a.x, a.y, a.z);
export const mix = (a: Vec3, b: Vec3, t: number): Vec3 => ({
  x: a.x + (b.x - a.x) * t,
  y: a.y + (b.y - a.y) * t,
  z: a.z + (b.z - a.z) * t,
});

/** Of length 1; `otherwise` where there is no direction. */
export function unit(a: Vec3, otherwise: Vec3 = { x: 0, y: 1, z: 0 }): Vec3 {
  const size = length(a);
  return size < 1e-9 ? otherwise : times(a, 1 / size);
}

/** The part of `a` that stands upright on `normal` (of length 1), of length 1. */
export function upright(a: Vec3, normal: Vec3, otherwise: Vec3): Vec3 {
  const part = along(a, normal, -dot(a, normal));
  if (length(part) > 1e-6) return unit(part);
  return unit(along(otherwise, normal, -dot(otherwise, normal)), { x: 0, y: 0, z: 1 });
}

export const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));
export const blend = (a: number, b: number, t: number): number => a + (b - a) * t;

/** 0 below `from`, 1 above `to`, an S between them. */
export function ease(from: number, to: number, value: number): number {
  const t = clamp((value - from) / (to - from), 0, 1);
  return t * t * (3 - 2 * t);
}
