import type { FaceColours } from './face-colours.ts';
import type { Mimic } from './face-expression.ts';
import { Mouth } from './face-mouth.ts';
import { along, type FacePen } from './face-pen.ts';
import type { HeadBuild } from './head-build.ts';
import { random } from './random.ts';
import { css } from './tint.ts';
import type { FaceIdentity } from './types.ts';

/** Moles, freckles and scars. */
export function drawMarks(pen: FacePen, identity: FaceIdentity, colours: FaceColours): void {
  const pixels = pen.pixels(1);
  if (pixels < 16) return;
  const { skull } = pen;
  for (const mark of identity.marks) {
    const y = skull.moved(mark.y);
    const x = mark.x * Math.min(1, skull.width(y) / 0.75);
    if (mark.kind === 'mole') pen.spot(x, y, mark.size, mark.size, css(colours.line, 0.85));
    else if (mark.kind === 'scar') {
      pen.stroke(
        [
          [x - 0.03, y + mark.size],
          [x + 0.01, y],
          [x + 0.03, y - mark.size],
        ],
        0.018,
        css(colours.light, 0.9),
      );
      pen.stroke(
        [
          [x - 0.016, y + mark.size],
          [x + 0.024, y],
          [x + 0.044, y - mark.size],
        ],
        0.009,
        css(colours.line, 0.5),
      );
    } else drawFreckles(pen, identity, colours, mark.size);
  }
}

function drawFreckles(pen: FacePen, identity: FaceIdentity, colours: FaceColours, amount: number): void {
  const source = random(`freckles/${identity.id}`);
  const count = Math.round(18 + 14 * amount);
  for (let n = 0; n < count; n += 1) {
    const x = source.between(-0.48, 0.48);
    const y = -0.17 - 0.1 * source.next() - 0.12 * Math.abs(x) + source.between(-0.05, 0.05);
    const size = source.between(0.008, 0.015);
    pen.spot(x, y, size, size, css(colours.line, 0.4), Math.abs(x) < 0.12 ? 0.12 : 0);
  }
}

/** Lines of age and of laughing. */
export function drawWrinkles(pen: FacePen, build: HeadBuild, mimic: Mimic, colours: FaceColours): void {
  const pixels = pen.pixels(1);
  if (pixels < 16) return;
  const { wrinkle, eye, nose, brow } = build;
  const mouth = new Mouth(build, mimic);
  const fold = Math.max(0.9 * wrinkle, 0.6 * mimic.cheekUp, mimic.noseWrinkle * 0.7);
  if (fold > 0.15) {
    for (const side of [-1, 1]) {
      const [cx, cy] = mouth.corner(side);
      const [x0, y0] = [side * (nose.half + 0.035), nose.base + 0.07];
      const [x1, y1] = [cx + side * 0.06, Math.min(cy + 0.03, y0 - 0.12)];
      pen.stroke(
        along(8, (u) => {
          const t = (u + 1) / 2;
          return [x0 + (x1 - x0) * t + side * 0.045 * Math.sin(t * Math.PI), y0 + (y1 - y0) * t];
        }),
        0.014,
        css(colours.line, 0.16 + 0.38 * fold),
      );
    }
  }
  if (mimic.browUp > 0.05 || wrinkle > 0.35 || mimic.browInner > 0.08) {
    const strength = Math.max(wrinkle * 0.6, mimic.browUp > 0.05 ? 0.45 : 0.25) * (build.child > 0.3 ? 0.3 : 1);
    for (let n = 0; n < (wrinkle > 0.6 ? 3 : 2); n += 1) {
      const y = brow.y + mimic.browUp + 0.13 + 0.075 * n;
      if (y > build.hairLine - 0.05) break;
      pen.stroke(
        along(10, (u) => [u * (0.36 - 0.05 * n), y + 0.012 * Math.cos(u * 6)]),
        0.012,
        css(colours.line, 0.5 * strength),
      );
    }
  }
  if (mimic.browPinch > 0.03 && mimic.browInner < 0) {
    for (const side of [-1, 1]) {
      pen.stroke(
        [
          [side * 0.045, brow.y + 0.03],
          [side * 0.035, brow.y - 0.09],
        ],
        0.016,
        css(colours.line, 0.6),
        nose.bridge,
      );
    }
  }
  if (wrinkle < 0.4 || pixels < 24) return;
  for (const side of [-1, 1]) {
    for (let n = -1; n <= 1; n += 1) {
      const x = side * (eye.x + eye.half + 0.05);
      pen.stroke(
        [
          [x, eye.y + 0.02 + n * 0.03],
          [x + side * 0.07, eye.y + 0.02 + n * 0.07],
        ],
        0.011,
        css(colours.line, 0.42 * wrinkle),
      );
    }
  }
}
