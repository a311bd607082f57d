import type { FaceColours } from './face-colours.ts';
import type { Mimic } from './face-expression.ts';
import { along, type FacePen, type Paint } from './face-pen.ts';
import type { HeadBuild } from './head-build.ts';
import { bell } from './head-skull.ts';
import { type Grid, makeGrid, projectGrid, traceGrid } from './head-space.ts';
import { css } from './tint.ts';
import type { Point, Vec3 } from './types.ts';

/** Where between root (0) and base (1) the tip lies. */
const TIP = 0.82;

/** The nose as a surface of its own on the skull. */
export class Nose {
  readonly tip: Vec3;
  readonly #pen: FacePen;
  readonly #build: HeadBuild;
  readonly #grid: Grid;

  constructor(pen: FacePen, build: HeadBuild, mimic: Mimic) {
    this.#pen = pen;
    this.#build = build;
    const { nose } = build;
    const base = nose.base + 0.025 * mimic.noseWrinkle;
    const at = (down: number, s: number): Vec3 => {
      const y = nose.root + (base - nose.root) * down;
      const half = nose.rootHalf + (nose.half - nose.rootHalf) * Math.max(0, (down - 0.25) / 0.75) ** 1.5;
      const x = s * half;
      const bridge = nose.bridge * Math.min(1, down / 0.3) ** 1.3;
      const rise =
        down < TIP
          ? bridge + (nose.tall - bridge) * Math.sin((down / TIP) * (Math.PI / 2)) ** 1.7
          : nose.tall * Math.sqrt(1 - 0.97 * ((down - TIP) / (1 - TIP)) ** 2);
      const height = (rise + nose.bump * bell(down, 0.34, 0.18)) * (1 - Math.abs(s) ** 2.1);
      const tipUp = 0.05 * nose.tip * bell(down, TIP, 0.16) * (1 - s * s);
      return { x, y: y + tipUp, z: pen.skull.lift(x, y) + height + 0.002 };
    };
    this.#grid = makeGrid(13, 9, (down, across) => at(down, across * 2 - 1));
    this.tip = at(TIP, 0);
  }

  /**
   * Fills the nose with skin and its own shade. `lit` is the side the light comes from (-1 left of the picture).
   */
  draw(skin: Paint, colours: FaceColours, lit: number, strength: number): void {
    const { ctx, space } = this.#pen;
    const flat = projectGrid(space, this.#grid);
    this.#pen.bounds.addFlat(flat);
    ctx.beginPath();
    traceGrid(ctx, this.#grid, flat, 'front');
    ctx.fillStyle = skin;
    ctx.fill();
    const pixels = this.#pen.pixels(1);
    if (pixels < 7) return;
    this.#flank(colours, -lit, strength);
    this.#under(colours);
    if (pixels < 14) return;
    this.#bump(colours);
    this.#wings(colours);
    this.#nostrils(colours);
    this.#light(colours, lit);
  }

  /** The side away from the light, from the brow down to the wing. */
  #flank(colours: FaceColours, side: number, strength: number): void {
    const points: Point[] = [];
    for (let down = 0.16; down <= TIP; down += 0.08)
      points.push(this.#spot(down, (0.85 - 0.65 * Math.min(1, (down - 0.16) * 2.2)) * side));
    for (let down = 0.98; down >= 0.12; down -= 0.1) points.push(this.#spot(down, 0.98 * side));
    // In profile the flank is all that is seen and would look like a patch.
    const front = Math.max(0, this.#pen.space.depth(0, 0, 1)) ** 0.7;
    this.#shape(points, css(colours.shade, (0.16 + 0.24 * strength) * front));
  }

  /** A bump catches the light, a saddle lies in shade. */
  #bump(colours: FaceColours): void {
    const { bump } = this.#build.nose;
    const points: Point[] = [];
    for (let n = 0; n < 14; n += 1) {
      const a = (n / 14) * 2 * Math.PI;
      points.push(this.#spot(0.36 + 0.13 * Math.sin(a), 0.62 * Math.cos(a)));
    }
    const strength = Math.min(0.75, Math.abs(bump) * 11);
    this.#shape(points, css(bump > 0 ? colours.light : colours.shade, strength));
  }

  #under(colours: FaceColours): void {
    const points: Point[] = [];
    for (let s = -0.8; s <= 0.81; s += 0.2) points.push(this.#spot(0.9 + 0.05 * s * s, s));
    for (let s = 0.86; s >= -0.87; s -= 0.215) points.push(this.#spot(1, s));
    this.#shape(points, css(colours.shade, 0.5));
  }

  #wings(colours: FaceColours): void {
    const { nose } = this.#build;
    const { ctx, space } = this.#pen;
    for (const side of [-1, 1]) {
      const line: Point[] = [];
      for (let n = 0; n <= 6; n += 1) {
        const a = (n / 6) * Math.PI * 0.9 - 0.35;
        line.push(this.#spot(0.87 - 0.12 * Math.sin(a), side * (0.8 + 0.2 * Math.sin(a) - 0.05 * Math.cos(a))));
      }
      if (space.depth(side * 0.8, 0, 0.6) < 0.05) continue;
      ctx.beginPath();
      for (const [n, p] of line.entries()) {
        if (n === 0) ctx.moveTo(p[0], p[1]);
        else ctx.lineTo(p[0], p[1]);
      }
      ctx.strokeStyle = css(colours.line, 0.12 + 0.5 * nose.flare);
      ctx.lineWidth = Math.max(0.4, this.#pen.pixels(0.013));
      ctx.stroke();
    }
  }

  #nostrils(colours: FaceColours): void {
    const { nose } = this.#build;
    for (const side of [-1, 1]) {
      if (this.#pen.space.depth(side * 0.6, -0.35, 0.7) < 0) continue;
      const points: Point[] = [];
      for (let n = 0; n < 10; n += 1) {
        const a = (n / 10) * 2 * Math.PI;
        const wide = 0.11 + 0.17 * nose.flare;
        points.push(this.#spot(0.968 + (0.018 + 0.018 * nose.flare) * Math.sin(a), side * (0.44 + wide * Math.cos(a))));
      }
      this.#shape(points, css(colours.line, 0.75));
    }
  }

  #light(colours: FaceColours, lit: number): void {
    const points: Point[] = [];
    // A broad bridge has a broad light, and begins higher.
    const wide = 0.06 + 1.3 * Math.max(0, this.#build.nose.rootHalf - 0.02);
    const from = 0.32 - 2.4 * Math.max(0, this.#build.nose.rootHalf - 0.02);
    for (let down = from; down <= TIP; down += 0.1) points.push(this.#spot(down, 0.12 * lit + wide));
    for (let down = TIP; down >= from; down -= 0.1) points.push(this.#spot(down, 0.12 * lit - wide));
    this.#shape(points, css(colours.light, 0.45));
  }

  /** A place of the surface in the picture; `down` 0..1, `s` -1..1. */
  #spot(down: number, s: number): Point {
    const { columns, rows, points } = this.#grid;
    const r = Math.max(0, Math.min(rows - 1, down * (rows - 1)));
    const c = Math.max(0, Math.min(columns - 1, ((s + 1) / 2) * (columns - 1)));
    const [r0, c0] = [Math.min(rows - 2, Math.floor(r)), Math.min(columns - 2, Math.floor(c))];
    const [fr, fc] = [r - r0, c - c0];
    const part = (axis: number): number => {
      const n = (r0 * columns + c0) * 3 + axis;
      const top = points[n]! * (1 - fc) + points[n + 3]! * fc;
      const low = points[n + columns * 3]! * (1 - fc) + points[n + columns * 3 + 3]! * fc;
      return top * (1 - fr) + low * fr;
    };
    return this.#pen.space.project(part(0), part(1), part(2));
  }

  #shape(points: readonly Point[], paint: Paint): void {
    const { ctx } = this.#pen;
    ctx.beginPath();
    for (const [n, p] of points.entries()) {
      if (n === 0) ctx.moveTo(p[0], p[1]);
      else ctx.lineTo(p[0], p[1]);
    }
    ctx.closePath();
    ctx.fillStyle = paint;
    ctx.fill();
  }
}

/** Lines across the root of the nose and beside it. */
export function drawNoseWrinkles(pen: FacePen, build: HeadBuild, mimic: Mimic, colours: FaceColours): void {
  if (mimic.noseWrinkle < 0.2 || pen.pixels(1) < 14) return;
  const { nose } = build;
  for (const [n, down] of [0.1, 0.24].entries()) {
    const y = nose.root + (nose.base - nose.root) * down;
    pen.stroke(
      along(6, (u) => [u * (0.075 - 0.01 * n), y + 0.014 * u * u]),
      0.014,
      css(colours.line, 0.5 * mimic.noseWrinkle),
      nose.bridge + 0.03,
    );
  }
  for (const side of [-1, 1]) {
    pen.stroke(
      along(5, (u) => [side * (nose.half * (0.85 + 0.3 * u)), nose.base + 0.16 - 0.08 * u]),
      0.014,
      css(colours.line, 0.5 * mimic.noseWrinkle),
    );
  }
}
