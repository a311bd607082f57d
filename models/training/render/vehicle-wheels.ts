import { css, shade, tint } from './tint.ts';
import type { Vec3 } from './types.ts';
import type { VehicleShape } from './vehicle-shapes.ts';
import type { Solid } from './vehicle-solid.ts';

const DARK = tint('#24272b');

/** The rim of a wheel or of its arch; `low` cuts off what is below, as a part of the radius. */
function disc(solid: Solid, shape: VehicleShape, forward: number, radius: number, right: number, low = -1): Vec3[] {
  return Array.from({ length: 20 }, (_, n) => {
    const turn = (n / 20) * Math.PI * 2;
    return solid.place(forward + Math.cos(turn) * radius, shape.wheel + Math.max(low, Math.sin(turn)) * radius, right);
  });
}

/** Tyres as seen below the body. */
export function drawTyres(solid: Solid, shape: VehicleShape): void {
  const { axles, wheel, width } = shape;
  for (const forward of axles)
    for (const side of [-1, 1]) {
      const [outer, inner] = [(width / 2 - 0.02) * side, (width / 2 - 0.24) * side];
      solid.fill(disc(solid, shape, forward, wheel, inner), css(shade(DARK, 0.5)), false);
      for (const way of [-1, 1]) {
        const block = [
          solid.place(forward + wheel * 0.7 * way, 0, inner),
          solid.place(forward + wheel * 0.7 * way, 0, outer),
          solid.place(forward + wheel * way, wheel, outer),
          solid.place(forward + wheel * way, wheel, inner),
        ];
        solid.fill(block, css(shade(DARK, 0.6)));
      }
      solid.fill(disc(solid, shape, forward, wheel, outer), css(shade(DARK, 0.62)));
    }
  // The floor of the body, seen as darkness between the wheels.
  const l = shape.length / 2 - 0.2;
  const w = width / 2 - 0.15;
  solid.fill(
    [solid.place(l, 0.3, -w), solid.place(l, 0.3, w), solid.place(-l, 0.3, w), solid.place(-l, 0.3, -w)],
    css(shade(DARK, 0.4)),
    false,
  );
}

/** Wheels of one side with their arches, in front of the body. */
export function drawWheels(solid: Solid, shape: VehicleShape, side: number): void {
  const { axles, wheel, width } = shape;
  const right = (width / 2 - 0.03) * side;
  for (const forward of axles) {
    solid.fill(disc(solid, shape, forward, wheel * 1.2, right, -0.75), css(shade(DARK, 0.55)), false);
    solid.fill(disc(solid, shape, forward, wheel, right), css(shade(DARK, 0.85)));
    solid.fill(disc(solid, shape, forward, wheel * 0.64, right), css(tint('#8f959b')), false);
    solid.fill(disc(solid, shape, forward, wheel * 0.52, right), css(tint('#5c6167')), false);
    for (let n = 0; n < 5; n += 1) {
      const turn = (n / 5) * Math.PI * 2 + forward;
      solid.space.line(
        solid.place(forward, wheel, right),
        solid.place(forward + Math.cos(turn) * wheel * 0.56, wheel + Math.sin(turn) * wheel * 0.56, right),
        wheel * 0.16,
        '#a8adb3',
      );
    }
    solid.fill(disc(solid, shape, forward, wheel * 0.14, right), '#c3c7cb', false);
  }
}
