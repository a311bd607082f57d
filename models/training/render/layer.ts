import { type Canvas, createCanvas, type SKRSContext2D } from '@napi-rs/canvas';
import type { Box } from './types.ts';

/** Alpha 0..255 of a layer on a coarse grid that starts at the picture's corner; places in cells. */
export interface Mask {
  left: number;
  top: number;
  width: number;
  height: number;
  alpha: Uint8Array;
}

/** What one thing looks like alone: a canvas at a place of the picture. */
export interface Layer {
  canvas: Canvas;
  left: number;
  top: number;
  /** Only where truth is asked for; also covers what is outside the picture. */
  mask?: Mask;
}

export interface Frame {
  width: number;
  height: number;
  /** Pixels of a cell of the masks; undefined where no truth is asked for. */
  cell?: number;
  /** Masks end at the picture: what lies outside counts as nothing, and is not painted a second time to be judged. */
  within?: boolean;
}

/** How far beyond the picture a mask may reach, in pictures. */
const BEYOND = 2;

/** Cells about as many as are needed to be right within a hundredth for a thing of some dozen pixels. */
export function cellFor(width: number): number {
  return Math.max(1, Math.round(width / 320));
}

/**
 * Draws a thing on a layer that is just large enough for its bounds (pixels of the picture).
 *
 * @param paint Draws in pixels of the picture; may be called twice where a part is outside the picture.
 * @returns Undefined where nothing of the bounds is in the picture; such a thing is not painted.
 */
export function drawLayer<T>(
  bounds: Box,
  frame: Frame,
  paint: (ctx: SKRSContext2D) => T,
): { layer: Layer; result: T } | undefined {
  const cell = frame.cell ?? 1;
  const left = Math.max(0, Math.floor(bounds[0] / cell) * cell);
  const top = Math.max(0, Math.floor(bounds[1] / cell) * cell);
  const right = Math.min(frame.width, Math.ceil(bounds[2] / cell) * cell);
  const bottom = Math.min(frame.height, Math.ceil(bounds[3] / cell) * cell);
  if (!(right > left && bottom > top)) return undefined;
  const canvas = createCanvas(right - left, bottom - top);
  const ctx = canvas.getContext('2d');
  ctx.translate(-left, -top);
  const result = paint(ctx);
  const layer: Layer = { canvas, left, top };
  if (frame.cell === undefined) return { layer, result };

  const beyond = frame.within ? 0 : BEYOND;
  const inside =
    frame.within || (bounds[0] >= 0 && bounds[1] >= 0 && bounds[2] <= frame.width && bounds[3] <= frame.height);
  const [across, down] = [Math.ceil(frame.width / cell), Math.ceil(frame.height / cell)];
  const reach = (from: number, to: number, size: number): [number, number] => [
    Math.max(-beyond * size, Math.floor(from / cell)),
    Math.min((beyond + 1) * size, Math.ceil(to / cell)),
  ];
  const [l, r] = reach(bounds[0], bounds[2], across);
  const [t, b] = reach(bounds[1], bounds[3], down);
  const small = createCanvas(r - l, b - t);
  const pen = small.getContext('2d');
  if (inside) {
    pen.imageSmoothingQuality = 'medium';
    pen.drawImage(canvas, left / cell - l, top / cell - t, canvas.width / cell, canvas.height / cell);
  } else {
    pen.scale(1 / cell, 1 / cell);
    pen.translate(-l * cell, -t * cell);
    paint(pen);
  }
  const data = pen.getImageData(0, 0, r - l, b - t).data;
  const alpha = new Uint8Array((r - l) * (b - t));
  for (let n = 0; n < alpha.length; n += 1) alpha[n] = data[n * 4 + 3]!;
  layer.mask = { left: l, top: t, width: r - l, height: b - t, alpha };
  return { layer, result };
}

/** Keeps which part of each cell of the picture nothing has covered yet; layers are given from near to far. */
export class Cover {
  readonly #cell: number;
  readonly #across: number;
  readonly #down: number;
  readonly #free: Float32Array;

  constructor(frame: Frame) {
    this.#cell = frame.cell ?? 1;
    this.#across = Math.ceil(frame.width / this.#cell);
    this.#down = Math.ceil(frame.height / this.#cell);
    this.#free = new Float32Array(this.#across * this.#down).fill(1);
  }

  /** The part of what a mask holds within a box (pixels) that is still free to be seen, 0..1; 0 for an empty part. */
  visible(mask: Mask, box: Box): number {
    let [own, seen] = [0, 0];
    const [x0, y0, x1, y1] = box.map((edge) => edge / this.#cell) as Box;
    for (let y = Math.max(mask.top, Math.floor(y0)); y < Math.min(mask.top + mask.height, y1); y += 1) {
      const high = Math.min(y + 1, y1) - Math.max(y, y0);
      for (let x = Math.max(mask.left, Math.floor(x0)); x < Math.min(mask.left + mask.width, x1); x += 1) {
        const wide = Math.min(x + 1, x1) - Math.max(x, x0);
        const amount = mask.alpha[(y - mask.top) * mask.width + x - mask.left]! * high * wide;
        own += amount;
        if (x >= 0 && y >= 0 && x < this.#across && y < this.#down) seen += amount * this.#free[y * this.#across + x]!;
      }
    }
    return own > 0 ? seen / own : 0;
  }

  /** From here on, what is behind this layer is hidden by it. */
  add(mask: Mask): void {
    const [x0, x1] = [Math.max(0, mask.left), Math.min(this.#across, mask.left + mask.width)];
    for (let y = Math.max(0, mask.top); y < Math.min(this.#down, mask.top + mask.height); y += 1)
      for (let x = x0; x < x1; x += 1) {
        const alpha = mask.alpha[(y - mask.top) * mask.width + x - mask.left]!;
        if (alpha > 0) this.#free[y * this.#across + x]! *= 1 - alpha / 255;
      }
  }
}

/** Undefined where nothing is left. */
export function clip(box: Box, width: number, height: number): Box | undefined {
  const [l, t, r, b] = [Math.max(0, box[0]), Math.max(0, box[1]), Math.min(width, box[2]), Math.min(height, box[3])];
  return r > l && b > t ? [l, t, r, b] : undefined;
}
