import type { FaceColours } from './face-colours.ts';
import type { Mimic } from './face-expression.ts';
import { along, type FacePen } from './face-pen.ts';
import type { HeadBuild } from './head-build.ts';
import { css } from './tint.ts';
import type { Point } from './types.ts';

/** One brow, thick at its inner end and thin at the outer. */
export function drawBrow(pen: FacePen, build: HeadBuild, mimic: Mimic, colours: FaceColours, side: number): void {
  const { brow } = build;
  const steps = pen.pixels(1) < 16 ? 4 : 10;
  const inner = brow.inner - mimic.browPinch;
  // Closer points at the ends, where the shape is round.
  const partOf = (u: number): number => (1 + Math.sin((u * Math.PI) / 2)) / 2;
  const line = (u: number): Point => {
    const t = partOf(u);
    const arch = brow.arch * Math.max(0, 1 - ((t - 0.6) / 0.62) ** 2);
    const y = brow.y + mimic.browUp + mimic.browInner * (1 - t) ** 1.4 + arch + brow.tilt * (t - 0.5) - 0.02 * t * t;
    return [side * (inner + brow.length * t), y];
  };
  const half = (u: number): number => {
    const t = partOf(u);
    return brow.thick * 0.5 * Math.min(1, Math.sqrt(0.02 + 5 * t)) * (1 - 0.86 * t ** 2);
  };
  const upper = along(steps, (u) => {
    const [x, y] = line(u);
    return [x, y + half(u)];
  });
  const lower = along(steps, (u) => {
    const [x, y] = line(u);
    return [x, y - half(u)];
  });
  pen.fill([...upper, ...lower.reverse()], css(colours.brow, 0.92), 0.012);
}
