import type { FaceColours } from './face-colours.ts';
import type { FacePen, Paint } from './face-pen.ts';
import type { HeadBuild } from './head-build.ts';
import { css } from './tint.ts';
import type { Point } from './types.ts';

/** Turned towards the viewer by more than this, an ear lies before the head. */
export function earIsNear(pen: FacePen, side: number): boolean {
  return pen.space.depth(side * 0.96, 0, -0.1) > 0.1;
}

/** One ear; the side is -1 for the left of the picture at yaw 0. */
export function drawEar(pen: FacePen, build: HeadBuild, colours: FaceColours, side: number, skin: Paint): void {
  const { ctx, space, skull } = pen;
  const { size, stick } = build.ear;
  const y0 = -0.12;
  const root = skull.at(y0, side * 1.66);
  // The plane of an ear leans outwards from front to back.
  const out = 0.35 + 0.55 * stick;
  const spot = (u: number, v: number): Point => {
    const wide = size * 0.62;
    const along = (u + 0.75) * wide;
    return space.project(
      root.x + side * (along * out + 0.005 + 0.03 * v * stick),
      y0 + v * size + 0.02,
      root.z + 0.04 - along * Math.sqrt(Math.max(0.05, 1 - out * out)),
    );
  };
  const outline = (scale: number): Point[] => {
    const points: Point[] = [];
    for (let n = 0; n < 18; n += 1) {
      const a = (n / 18) * 2 * Math.PI;
      const v = Math.sin(a);
      // Wide above, narrow at the lobe.
      points.push(spot(Math.cos(a) * (0.78 + 0.24 * v) * scale, v * scale));
    }
    return points;
  };
  for (const p of outline(1)) pen.bounds.add(p[0], p[1]);
  fill(ctx, outline(1), skin);
  if (pen.pixels(size) < 3) return;
  fill(ctx, outline(1), css(colours.shade, 0.12));
  ctx.lineWidth = Math.max(0.4, pen.pixels(0.014));
  ctx.strokeStyle = css(colours.line, 0.4);
  ctx.stroke();
  fill(ctx, outline(0.6), css(colours.shade, 0.42));
}

function fill(ctx: FacePen['ctx'], points: readonly Point[], paint: Paint): void {
  ctx.beginPath();
  for (const [n, p] of points.entries()) {
    if (n === 0) ctx.moveTo(p[0], p[1]);
    else ctx.lineTo(p[0], p[1]);
  }
  ctx.closePath();
  ctx.fillStyle = paint;
  ctx.fill();
}
