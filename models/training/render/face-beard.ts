import type { FaceColours } from './face-colours.ts';
import type { Mimic } from './face-expression.ts';
import { Mouth } from './face-mouth.ts';
import { along, type FacePen } from './face-pen.ts';
import type { HeadBuild } from './head-build.ts';
import { makeGrid, projectGrid, traceGrid } from './head-space.ts';
import { css, mix } from './tint.ts';

/** A full beard around chin and cheeks; drawn before the mouth. */
export function drawBeard(pen: FacePen, build: HeadBuild, mimic: Mimic, colours: FaceColours): void {
  const { skull, ctx, space } = pen;
  const chin = skull.chin;
  const mouthY = build.mouth.y;
  const grid = makeGrid(9, 33, (down, across) => {
    const u = across * 2 - 1;
    const angle = u * 1.62;
    const side = Math.abs(u);
    const top = side < 0.55 ? mouthY + 0.02 + 0.1 * side : mouthY + 0.075 + (side - 0.55) * 1.15;
    const y = top + (chin + 0.02 - top) * down;
    const thick = 0.02 + 0.05 * down * (1 - 0.6 * side);
    const p = skull.at(y, angle, thick);
    return { x: p.x, y: y - 0.07 * down * down * Math.max(0, Math.cos(angle)), z: p.z };
  });
  const flat = projectGrid(space, grid);
  pen.bounds.addFlat(flat);
  const colour = mix(colours.hair, colours.skin, 0.08);
  ctx.beginPath();
  traceGrid(ctx, grid, flat, 'front');
  ctx.fillStyle = css(colour, 0.96);
  ctx.fill();
  const mouth = new Mouth(build, mimic);
  const top = build.nose.base - 0.045;
  pen.fill(
    [
      ...along(12, (u) => [
        u * mouth.half * 1.18,
        top - 0.02 * Math.abs(u) - (top - mouth.corner(1)[1]) * Math.abs(u) ** 3,
      ]),
      ...along(12, (u) => [
        u * mouth.half * 1.28,
        Math.min(mouth.outerUp(u)[1], mouth.corner(1)[1] + 0.02) - 0.14 * Math.abs(u) ** 4,
      ]).reverse(),
    ],
    css(colour, 0.96),
    0.02,
  );
  if (pen.pixels(1) < 26) return;
  for (let n = -3; n <= 3; n += 1) {
    const x = n * 0.09;
    pen.stroke(
      [
        [x, skull.moved(-0.84)],
        [x * 0.94, skull.moved(-0.92)],
      ],
      0.014,
      css(colours.hairDark, 0.5),
      0.05,
    );
  }
}
