import type { FacePen } from './face-pen.ts';
import { type HatShape, shapeOf } from './hat-shapes.ts';
import { Bounds, type Grid, projectGrid, traceGrid } from './head-space.ts';
import { css, mix, type Tint, tint } from './tint.ts';
import type { Box, Colour, HatStyle } from './types.ts';

const COLOUR_TINTS: Readonly<Record<Colour, Tint>> = {
  black: tint('#2b2b30'),
  white: tint('#f2f1ec'),
  gray: tint('#8d9197'),
  red: tint('#c8403c'),
  yellow: tint('#eebd36'),
  blue: tint('#3768b0'),
  green: tint('#3f8a58'),
  purple: tint('#7b559f'),
};

/** Bands, ridges and peaks tell hats apart from afar, so they stand out from what they are on. */
function against(colour: Tint, strength: number): Tint {
  const bright = colour[0] + colour[1] + colour[2] > 480;
  return mix(colour, bright ? [40, 36, 48] : [255, 255, 255], strength);
}

/** One hat: its far half is drawn before the head, the near one after it. */
export class Hat {
  /** What it covers in the picture. */
  readonly bounds = new Bounds();
  readonly #pen: FacePen;
  readonly #style: HatStyle;
  readonly #shape: HatShape;
  readonly #colour: Tint;

  constructor(pen: FacePen, style: HatStyle, colour: Colour) {
    this.#pen = pen;
    this.#style = style;
    this.#colour = COLOUR_TINTS[colour];
    this.#shape = shapeOf(pen.skull, style);
  }

  get box(): Box {
    return this.bounds.box;
  }

  drawBehind(): void {
    const dark = mix(this.#colour, [20, 16, 26], 0.45);
    if (this.#shape.brim) this.#brim(-1);
    this.#fill(this.#shape.dome, css(dark), 'all');
  }

  /** `lit`: x of the light, -1 from the left. */
  drawBefore(lit: number): void {
    const { view } = this.#pen.space;
    const { ctx } = this.#pen;
    const { dome, brim, band, seams } = this.#shape;
    const paint = ctx.createLinearGradient(
      view.x + lit * view.radius,
      view.y - view.radius,
      view.x - lit * view.radius,
      view.y,
    );
    paint.addColorStop(0, css(mix(this.#colour, [255, 255, 255], 0.16)));
    paint.addColorStop(0.45, css(this.#colour));
    paint.addColorStop(1, css(mix(this.#colour, [20, 16, 30], 0.3)));
    this.#fill(dome, paint, 'front');
    this.#seams(seams);
    if (this.#shape.crest) this.#crest();
    if (band) {
      this.#fill(band, css(against(this.#colour, this.#style === 'bonnet' ? 0.4 : 0.7)), 'front');
      if (this.#style === 'bonnet') this.#ribs(band);
    }
    if (brim) this.#brim(1);
    if (this.#style === 'cap') this.#knob(0.05, 0.035, mix(this.#colour, [20, 16, 30], 0.25));
    if (this.#style === 'bonnet') this.#knob(0.24, 0.22, against(this.#colour, 0.4));
  }

  #fill(grid: Grid, paint: string | CanvasGradient, side: 'front' | 'all'): void {
    const { ctx, space } = this.#pen;
    const flat = projectGrid(space, grid);
    this.bounds.addFlat(flat);
    this.#pen.bounds.addFlat(flat);
    ctx.beginPath();
    traceGrid(ctx, grid, flat, side);
    ctx.fillStyle = paint as string;
    ctx.fill();
  }

  #grow(x: number, y: number): void {
    this.bounds.add(x, y);
    this.#pen.bounds.add(x, y);
  }

  /** The half of the brim that lies behind (-1) or before (1) the middle of the head: lower side, then upper side. */
  #brim(half: number): void {
    const { ctx, space } = this.#pen;
    const grid = this.#shape.brim!;
    const flat = projectGrid(space, grid);
    this.bounds.addFlat(flat);
    this.#pen.bounds.addFlat(flat);
    const keep = (depth: number): boolean => depth * half > 0;
    const top = this.#style === 'cap' ? against(this.#colour, 0.45) : mix(this.#colour, [20, 16, 30], 0.12);
    for (const [side, colour] of [
      ['back', mix(this.#colour, [20, 16, 30], 0.5)],
      ['front', top],
    ] as const) {
      ctx.beginPath();
      traceGrid(ctx, grid, flat, side, keep);
      ctx.fillStyle = css(colour);
      ctx.fill();
    }
  }

  #line(grid: Grid, column: number, from: number, to: number, paint: string, width: number): void {
    const { ctx, space } = this.#pen;
    const step = grid.columns * 3;
    ctx.beginPath();
    let down = false;
    for (let r = Math.round(from * (grid.rows - 1)); r <= to * (grid.rows - 1); r += 1) {
      const n = r * step + column * 3;
      const [x, y, z] = [grid.points[n]!, grid.points[n + 1]!, grid.points[n + 2]!];
      if (space.depth(x, y, z + 0.08) < 0.04) {
        down = false;
        continue;
      }
      const p = space.project(x, y, z);
      const half = this.#pen.pixels(width) / 2;
      this.#grow(p[0] - half, p[1] - half);
      this.#grow(p[0] + half, p[1] + half);
      if (down) ctx.lineTo(p[0], p[1]);
      else ctx.moveTo(p[0], p[1]);
      down = true;
    }
    ctx.lineWidth = Math.max(0.5, this.#pen.pixels(width));
    ctx.lineCap = 'round';
    ctx.strokeStyle = paint;
    ctx.stroke();
  }

  #seams(columns: readonly number[]): void {
    if (this.#pen.pixels(1) < 14) return;
    const paint = css(mix(this.#colour, [20, 16, 30], 0.45), 0.6);
    for (const column of columns) this.#line(this.#shape.dome, column, 0, 1, paint, 0.016);
  }

  /** The ridge of a hard hat from front to back. */
  #crest(): void {
    const light = css(against(this.#colour, 0.6));
    const dark = css(mix(this.#colour, [20, 16, 30], 0.4), 0.7);
    const { dome } = this.#shape;
    for (const column of [0, (dome.columns - 1) / 2]) {
      this.#line(dome, column, 0, 0.86, dark, 0.26);
      this.#line(dome, column, 0, 0.86, light, 0.21);
    }
  }

  #ribs(band: Grid): void {
    if (this.#pen.pixels(1) < 22) return;
    const paint = css(mix(this.#colour, [20, 16, 30], 0.4), 0.55);
    for (let c = 0; c < band.columns; c += 2 * this.#pen.skull.detail) this.#line(band, c, 0, 1, paint, 0.018);
  }

  /** What sits on top: a button, or a bobble of wool. Half breadth and half height in half head heights. */
  #knob(wide: number, high: number, colour: Tint): void {
    const { ctx, space } = this.#pen;
    const { dome } = this.#shape;
    const [x, y, z] = [dome.points[0]!, dome.points[1]!, dome.points[2]!];
    if (high < 0.1 && space.depth(0, 1, 0) < -0.2) return;
    const p = space.project(x, y + high * 0.5, z);
    const [across, up] = [this.#pen.pixels(wide), this.#pen.pixels(high)];
    this.#grow(p[0] - across, p[1] - up);
    this.#grow(p[0] + across, p[1] + up);
    ctx.beginPath();
    ctx.ellipse(p[0], p[1], across, up, 0, 0, Math.PI * 2);
    ctx.fillStyle = css(colour);
    ctx.fill();
  }
}
