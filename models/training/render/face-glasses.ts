import type { FacePen } from './face-pen.ts';
import type { HeadBuild } from './head-build.ts';
import type { FaceIdentity, Point } from './types.ts';

/** Glasses lie in a flat frame before the eyes, with temples to the ears. */
export function drawGlasses(
  pen: FacePen,
  build: HeadBuild,
  identity: FaceIdentity,
  kind: 'clear' | 'sunglasses',
): void {
  const { ctx, space, skull } = pen;
  const { eye, nose } = build;
  const dark = kind === 'sunglasses';
  // The frame is a matter of taste, not of the face: a few shapes, the same for the same person.
  const round = identity.hair.cut % 2 === 0;
  const half = (dark ? 0.225 : 0.205) + 0.15 * (eye.half - 0.152);
  const tall = dark ? 0.16 : 0.15;
  const y0 = eye.y - 0.015;
  const z0 = Math.max(skull.lift(0, eye.y) + nose.bridge * 0.6 + 0.02, skull.lift(eye.x, eye.y) + 0.1);
  const spot = (x: number, y: number): Point => space.project(x, y, z0 - 0.55 * Math.abs(x) ** 2);
  const rim = (side: number): Point[] => {
    const power = round ? 2.3 : 3.6;
    const points: Point[] = [];
    for (let n = 0; n < 24; n += 1) {
      const a = (n / 24) * 2 * Math.PI;
      const [c, s] = [Math.cos(a), Math.sin(a)];
      const x = Math.sign(c) * Math.abs(c) ** (2 / power) * half;
      const y = Math.sign(s) * Math.abs(s) ** (2 / power) * tall * (s < 0 && !round ? 0.9 : 1);
      points.push(spot(side * eye.x * 1.02 + x, y0 + y));
    }
    return points;
  };
  const trace = (points: readonly Point[], close: boolean): void => {
    for (const [n, p] of points.entries()) {
      if (n === 0) ctx.moveTo(p[0], p[1]);
      else ctx.lineTo(p[0], p[1]);
    }
    if (close) ctx.closePath();
  };
  const frame = dark ? '#17171b' : round ? '#4a3428' : '#26262c';
  ctx.lineJoin = 'round';
  ctx.lineCap = 'round';
  ctx.strokeStyle = frame;
  ctx.lineWidth = Math.max(0.6, pen.pixels(dark ? 0.034 : 0.03));
  for (const side of [-1, 1]) {
    if (space.depth(side * 0.9, 0, 0.1) < 0) continue;
    const ear = skull.at(0.05, side * 1.62, 0.02);
    ctx.beginPath();
    trace([spot(side * (eye.x * 1.02 + half), y0 + 0.05), space.project(ear.x, ear.y, ear.z)], false);
    ctx.stroke();
  }
  if (space.depth(0, 0, 1) < -0.1) return;
  for (const side of [-1, 1]) {
    const loop = rim(side);
    ctx.beginPath();
    trace(loop, true);
    ctx.fillStyle = dark ? 'rgba(24,24,30,0.95)' : 'rgba(222,236,246,0.16)';
    ctx.fill();
    ctx.stroke();
    if (pen.pixels(1) < 18) continue;
    const gleam = (u: number, v: number): Point => spot(side * eye.x * 1.02 + u * half, y0 + v * tall);
    ctx.beginPath();
    trace([gleam(-0.62, 0.5), gleam(-0.3, 0.72), gleam(-0.58, -0.3), gleam(-0.7, -0.1)], true);
    ctx.fillStyle = dark ? 'rgba(255,255,255,0.14)' : 'rgba(255,255,255,0.3)';
    ctx.fill();
  }
  ctx.beginPath();
  const inner = eye.x * 1.02 - half;
  trace(
    [spot(-inner, y0 + 0.03), spot(-inner * 0.4, y0 + 0.055), spot(inner * 0.4, y0 + 0.055), spot(inner, y0 + 0.03)],
    false,
  );
  ctx.stroke();
}
