import type { Skull } from './head-skull.ts';
import { type Grid, makeGrid } from './head-space.ts';
import type { Vec3 } from './types.ts';

/** Heights by angle in degrees around the head, 0 the front, + the right of the picture at yaw 0. */
export type Line = readonly (readonly [angle: number, height: number])[];

/** A smooth line through the given heights; a line that starts at 0 or more is the same on both sides. */
export function lineAt(line: Line, angle: number): number {
  const degrees = (angle * 180) / Math.PI;
  const first = line[0]!;
  const at = first[0] >= 0 ? Math.abs(degrees) : degrees;
  if (at <= first[0]) return first[1];
  for (let n = 1; n < line.length; n += 1) {
    const [to, high] = line[n]!;
    if (at > to) continue;
    const [from, low] = line[n - 1]!;
    const part = (at - from) / (to - from);
    return low + (high - low) * part * part * (3 - 2 * part);
  }
  return line[line.length - 1]![1];
}

/** Middle that hair and hats grow away from. */
const CORE = { x: 0, y: 0.05, z: -0.08 };

/** A point of the skull, moved away from its middle. */
export function raised(skull: Skull, y: number, angle: number, thick: number): Vec3 {
  const p = skull.at(y, angle);
  const [x, up, z] = [p.x - CORE.x, p.y - CORE.y, p.z - CORE.z];
  const k = thick / Math.max(1e-6, Math.hypot(x, up, z));
  return { x: p.x + x * k, y: p.y + up * k, z: p.z + z * k };
}

/** A cap over the skull, from its crown all around or from a higher line around the back, down to a line; `thick` is given the angle, the height and 0 (crown) .. 1 (line). */
export function shell(
  skull: Skull,
  line: (angle: number) => number,
  thick: (angle: number, y: number, down: number) => number,
  open?: { from: number; crown: (angle: number) => number },
): Grid {
  // Around the back only, or all around.
  const [first, whole] = open ? [open.from, 2 * (Math.PI - open.from)] : [-Math.PI, 2 * Math.PI];
  return makeGrid(12 * skull.detail + 1, 60 * skull.detail + 1, (down, across) => {
    const angle = first + whole * across;
    const turned = Math.atan2(Math.sin(angle), Math.cos(angle));
    const end = Math.acos(Math.max(-1, Math.min(1, line(turned))));
    const start = open ? Math.acos(Math.max(-1, Math.min(1, open.crown(turned)))) : 0;
    const y = Math.cos(start + (end - start) * down);
    return raised(skull, y, angle, thick(turned, y, down));
  });
}
