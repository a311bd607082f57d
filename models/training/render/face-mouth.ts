import type { FaceColours } from './face-colours.ts';
import type { Mimic } from './face-expression.ts';
import { along, type FacePen } from './face-pen.ts';
import type { HeadBuild } from './head-build.ts';
import { css } from './tint.ts';
import type { Point } from './types.ts';

/** The lines of a mouth; u runs from the left (-1) to the right corner (1) of the picture at yaw 0. */
export class Mouth {
  readonly half: number;
  readonly y: number;
  readonly #build: HeadBuild;
  readonly #mimic: Mimic;

  constructor(build: HeadBuild, mimic: Mimic) {
    this.#build = build;
    this.#mimic = mimic;
    this.half = build.mouth.half * mimic.mouthWide;
    this.y = build.mouth.y + mimic.mouthUp;
  }

  #middle(u: number): number {
    return this.y + (this.#mimic.corner + this.#build.mouth.curve) * Math.abs(u) ** 2.2 - this.#mimic.corner * 0.45;
  }

  #gap(u: number, size: number): number {
    return size * (1 - Math.abs(u) ** this.#mimic.openSquare) ** 0.54;
  }

  innerUp(u: number): Point {
    return [u * this.half, this.#middle(u) + this.#gap(u, this.#mimic.openUp)];
  }

  innerDown(u: number): Point {
    return [u * this.half, this.#middle(u) - this.#gap(u, this.#mimic.openDown)];
  }

  outerUp(u: number): Point {
    const [x, y] = this.innerUp(u);
    const dip = 1 - 0.3 * Math.exp(-((u / 0.2) ** 2));
    return [x, y + this.#build.mouth.upper * this.#mimic.lips * (1 - Math.abs(u) ** 1.7) * dip * 1.15];
  }

  outerDown(u: number): Point {
    const [x, y] = this.innerDown(u);
    return [x, y - this.#build.mouth.lower * this.#mimic.lips * (1 - Math.abs(u) ** 2.2) ** 0.8];
  }

  corner(side: number): Point {
    return [side * this.half, this.#middle(1)];
  }
}

/** Lips, teeth and tongue. */
export function drawMouth(pen: FacePen, build: HeadBuild, mimic: Mimic, colours: FaceColours): void {
  const mouth = new Mouth(build, mimic);
  const pixels = pen.pixels(1);
  const steps = pixels < 14 ? 6 : 16;
  const innerUp = along(steps, (u) => mouth.innerUp(u));
  const innerDown = along(steps, (u) => mouth.innerDown(u));
  const lift = 0.015;
  const open = mimic.openUp + mimic.openDown > 0.01;
  pen.fill(
    [...along(steps, (u) => mouth.outerUp(u)), ...innerUp.slice(1, -1).reverse()],
    css(colours.lipDark, 0.75),
    lift,
  );
  pen.fill([...along(steps, (u) => mouth.outerDown(u)), ...innerDown.slice(1, -1).reverse()], css(colours.lip), lift);
  pen.fill([...along(steps, (u) => mouth.outerUp(u)), ...innerUp.slice(1, -1).reverse()], css(colours.lip, 0.55), lift);
  if (open) drawInside(pen, mouth, mimic, colours, steps, innerUp, innerDown);
  else if (pixels >= 7) pen.stroke(innerUp, 0.02, css(colours.lipDark), lift);
  if (pixels < 26) return;
  for (const side of [-1, 1]) {
    const [x, y] = mouth.corner(side);
    const up = mimic.corner > 0 ? 0.016 : -0.014;
    pen.stroke(
      [
        [x - side * 0.01, y],
        [x + side * 0.018, y + up],
      ],
      0.016,
      css(colours.line, 0.55),
      lift,
    );
  }
  pen.glow(0, mouth.outerDown(0)[1] - 0.05, mouth.half * 0.6, 0.045, (a) => css(colours.shade, a), 0.45);
  if (build.mouth.lower * mimic.lips > 0.04) {
    pen.glow(0.03, mouth.outerDown(0)[1] + 0.034, mouth.half * 0.4, 0.02, (a) => css(colours.light, a), 0.4);
  }
}

function drawInside(
  pen: FacePen,
  mouth: Mouth,
  mimic: Mimic,
  colours: FaceColours,
  steps: number,
  innerUp: Point[],
  innerDown: Point[],
): void {
  pen.fill([...innerUp, ...innerDown.slice(1, -1).reverse()], css(colours.mouth), 0.015);
  const between = (u: number, part: number): Point => {
    const [x, top] = mouth.innerUp(u);
    return [x, top + (mouth.innerDown(u)[1] - top) * part];
  };
  const band = (from: number, to: number, wide: number): Point[] => [
    ...along(steps, (u) => between(u * wide, from)),
    ...along(steps, (u) => between(u * wide, to)).reverse(),
  ];
  if (mimic.tongue > 0) pen.fill(band(0.66, 1, 0.8), css(colours.tongue, mimic.tongue), 0.015);
  if (mimic.teethUp > 0) pen.fill(band(0, mimic.teethUp, 0.94), css(colours.teeth), 0.015);
  if (mimic.teethDown > 0) pen.fill(band(1 - mimic.teethDown, 1, 0.9), css(colours.teeth), 0.015);
}
