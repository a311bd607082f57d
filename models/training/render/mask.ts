import type { FacePen } from './face-pen.ts';
import type { HeadBuild } from './head-build.ts';
import { makeGrid, projectGrid, traceGrid } from './head-space.ts';
import { css, mix, type Tint, tint } from './tint.ts';
import type { FaceLook } from './types.ts';

const TINTS: Readonly<Record<NonNullable<FaceLook['mask']>['colour'], Tint>> = {
  black: tint('#33343a'),
  white: tint('#f4f5f4'),
  gray: tint('#9da2a8'),
  blue: tint('#8fbbe0'),
};

/** A mask over mouth and nose, below the nose, or under the chin, with its straps to the ears. */
export function drawMask(pen: FacePen, build: HeadBuild, mask: NonNullable<FaceLook['mask']>, lit: number): void {
  const { skull, ctx, space } = pen;
  const colour = TINTS[mask.colour];
  const { nose, mouth } = build;
  const chin = skull.chin;
  const reach = { full: nose.root - 0.13, nose: nose.base - 0.05, mouth: mouth.y - 0.16 }[mask.worn];
  const tall = mask.worn === 'mouth' ? 0.05 : 0.1;
  const over = mask.worn === 'full' ? nose.tall * 0.92 : mask.worn === 'nose' ? 0.1 : 0.07;
  const grid = makeGrid(11, 21, (down, across) => {
    const u = across * 2 - 1;
    const angle = u * 1.15;
    const top = reach - (0.02 + tall * 1.5) * Math.abs(u) ** 2;
    const y = top + (chin + 0.015 - top) * down;
    const p = skull.at(y, angle);
    const middle = Math.max(0, 1 - u * u) ** 1.6;
    const bulge = mask.worn === 'full' ? Math.sin(Math.PI * Math.min(1, 0.16 + 0.8 * down)) ** 0.8 : 1 - down * 0.5;
    return { x: p.x * 1.03, y: p.y, z: p.z + 0.03 + over * middle * bulge };
  });
  const flat = projectGrid(space, grid);
  pen.bounds.addFlat(flat);
  drawStraps(pen, reach, colour);
  const { view } = space;
  const paint = ctx.createLinearGradient(
    view.x + lit * view.radius * 0.8,
    view.y,
    view.x - lit * view.radius * 0.8,
    view.y,
  );
  paint.addColorStop(0, css(mix(colour, [255, 255, 255], 0.25)));
  paint.addColorStop(0.5, css(colour));
  paint.addColorStop(1, css(mix(colour, [40, 44, 66], 0.3)));
  ctx.beginPath();
  traceGrid(ctx, grid, flat, 'front');
  ctx.fillStyle = paint;
  ctx.fill();
  if (pen.pixels(1) < 14) return;
  const folds = mask.worn === 'mouth' ? [5] : [3, 5, 7];
  const step = grid.columns * 3;
  ctx.beginPath();
  for (const row of folds) {
    let down = false;
    for (let c = 3; c < grid.columns - 3; c += 1) {
      const n = row * step + c * 3;
      if (space.depth(grid.points[n]!, 0, grid.points[n + 2]! - 0.1) < 0.06) {
        down = false;
        continue;
      }
      if (down) ctx.lineTo(flat[n]!, flat[n + 1]!);
      else ctx.moveTo(flat[n]!, flat[n + 1]!);
      down = true;
    }
  }
  ctx.lineWidth = Math.max(0.5, pen.pixels(0.014));
  ctx.strokeStyle = css(mix(colour, [40, 44, 66], 0.4), 0.6);
  ctx.stroke();
}

function drawStraps(pen: FacePen, reach: number, colour: Tint): void {
  const { skull, ctx, space } = pen;
  for (const side of [-1, 1]) {
    if (space.depth(side * 0.8, 0, 0.25) < 0) continue;
    ctx.beginPath();
    for (const [from, to] of [
      [reach - 0.16, 0.02],
      [skull.moved(-0.72), -0.28],
    ] as const) {
      for (let n = 0; n <= 4; n += 1) {
        const part = n / 4;
        const p = skull.at(from + (to - from) * part, side * (1.1 + 0.5 * part), 0.015);
        const [x, y] = space.project(p.x, p.y, p.z);
        if (n === 0) ctx.moveTo(x, y);
        else ctx.lineTo(x, y);
      }
    }
    ctx.lineWidth = Math.max(0.5, pen.pixels(0.022));
    ctx.strokeStyle = css(mix(colour, [120, 124, 134], 0.25));
    ctx.stroke();
  }
}
