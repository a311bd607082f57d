import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Camera } from '../camera.ts';
import { at, Space } from '../space.ts';
import { css, shade, type Tint } from '../tint.ts';
import type { Extent } from './floors.ts';

/** Walls and ceiling of a room, lighter towards the far end; the floor is left to others. */
export function room(
  ctx: SKRSContext2D,
  camera: Camera,
  extent: Extent,
  high: number,
  wall: Tint,
  ceiling: Tint = shade(wall, 1.25),
): Space {
  const space = new Space(ctx, camera);
  const { left, right, near, far } = extent;
  ctx.fillStyle = css(wall);
  ctx.fillRect(0, 0, camera.setup.width, camera.setup.height);
  space.flat(
    left,
    right,
    high,
    near,
    far,
    space.gradient(at(0, high, far * 0.4), at(0, high, far), [
      [0, css(shade(ceiling, 0.84))],
      [1, css(ceiling)],
    ]),
  );
  space.front(
    left,
    right,
    0,
    high,
    far,
    space.gradient(at(0, high, far), at(0, 0, far), [
      [0, css(shade(wall, 1.06))],
      [1, css(shade(wall, 0.94))],
    ]),
  );
  for (const [x, dark] of [
    [left, 0.8],
    [right, 0.88],
  ] as const) {
    space.side(
      x,
      0,
      high,
      near,
      far,
      space.gradient(at(x, 1, far * 0.35), at(x, 1, far), [
        [0, css(shade(wall, dark * 0.92))],
        [1, css(shade(wall, dark * 1.08))],
      ]),
    );
    const inside = x < 0 ? x + (right - left) * 0.09 : x - (right - left) * 0.09;
    const fade = space.gradient(at(x, 1, far), at(inside, 1, far), [
      [0, 'rgba(36,32,28,.18)'],
      [1, 'rgba(36,32,28,0)'],
    ]);
    space.front(Math.min(x, inside), Math.max(x, inside), 0, high, far, fade);
  }
  space.line(at(left, 0.05, far), at(right, 0.05, far), 0.1, css(shade(wall, 0.72)));
  return space;
}
