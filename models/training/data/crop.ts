import { Resizer } from '../../adapters/resize.ts';
import { type Box, checkPicture, type RgbPicture, type Size } from '../../adapters/types.ts';

/** Grey around what is cut out of a picture: far from black, white and most colours. */
export const CROP_FILL = 114;

/** Packed RGB of four bytes per pixel as a canvas has them; transparency is not looked at. */
export function dropAlpha(data: Uint8Array | Uint8ClampedArray, { width, height }: Size): RgbPicture {
  const pixels = width * height;
  if (data.length !== pixels * 4) throw new Error(`${data.length} bytes are no RGBA picture of ${width} x ${height}`);
  const out = new Uint8Array(pixels * 3);
  const words = new Uint32Array(data.buffer, data.byteOffset, pixels);
  for (let i = 0, to = 0; i < pixels; i++, to += 3) {
    const word = words[i]!;
    out[to] = word & 255;
    out[to + 1] = (word >> 8) & 255;
    out[to + 2] = (word >> 16) & 255;
  }
  return { width, height, data: out };
}

/** Larger by `factor` around its centre. */
export function enlarged([x1, y1, x2, y2]: Box, factor: number): Box {
  const [cx, cy, rx, ry] = [(x1 + x2) / 2, (y1 + y2) / 2, ((x2 - x1) / 2) * factor, ((y2 - y1) / 2) * factor];
  return [cx - rx, cy - ry, cx + rx, cy + ry];
}

/** The square of the longer side around the same centre. */
export function squared([x1, y1, x2, y2]: Box): Box {
  const [cx, cy, half] = [(x1 + x2) / 2, (y1 + y2) / 2, Math.max(x2 - x1, y2 - y1) / 2];
  return [cx - half, cy - half, cx + half, cy + half];
}

/** Cuts boxes out of pictures and scales them to one size; what lies outside the picture is grey. */
export class Cropper {
  readonly width: number;
  readonly height: number;
  readonly #out: Uint8Array;
  readonly #resizer = new Resizer();

  constructor({ width, height }: Size) {
    this.width = width;
    this.height = height;
    this.#out = new Uint8Array(width * height * 3);
  }

  /**
   * The box stretched over the whole target.
   * @returns packed RGB, overwritten by the next call.
   * @throws Error for a box of which nothing lies in the picture.
   */
  stretch(picture: RgbPicture, box: Box): Uint8Array {
    return this.#place(picture, box, this.width / (box[2] - box[0]), this.height / (box[3] - box[1]), 0, 0);
  }

  /** As `stretch`, but at its own shape in the middle of the target, and only the part inside the picture. */
  fit(picture: RgbPicture, [x1, y1, x2, y2]: Box): Uint8Array {
    const box: Box = [Math.max(0, x1), Math.max(0, y1), Math.min(picture.width, x2), Math.min(picture.height, y2)];
    const [wide, high] = [box[2] - box[0], box[3] - box[1]];
    const scale = Math.min(this.width / wide, this.height / high);
    return this.#place(picture, box, scale, scale, (this.width - wide * scale) / 2, (this.height - high * scale) / 2);
  }

  #place(picture: RgbPicture, box: Box, scaleX: number, scaleY: number, offsetX: number, offsetY: number): Uint8Array {
    const left = Math.max(0, Math.round(box[0]));
    const top = Math.max(0, Math.round(box[1]));
    const right = Math.min(picture.width, Math.round(box[2]));
    const bottom = Math.min(picture.height, Math.round(box[3]));
    const part = cut(picture, left, top, right, bottom);
    const toX = clamp(Math.round((left - box[0]) * scaleX + offsetX), 0, this.width - 1);
    const toY = clamp(Math.round((top - box[1]) * scaleY + offsetY), 0, this.height - 1);
    const wide = clamp(Math.round((right - left) * scaleX), 1, this.width - toX);
    const high = clamp(Math.round((bottom - top) * scaleY), 1, this.height - toY);
    const scaled = this.#resizer.resize(part, wide, high);
    const out = this.#out;
    out.fill(CROP_FILL);
    for (let y = 0; y < high; y++) {
      out.set(scaled.data.subarray(y * wide * 3, (y + 1) * wide * 3), ((toY + y) * this.width + toX) * 3);
    }
    return out;
  }
}

function cut(picture: RgbPicture, left: number, top: number, right: number, bottom: number): RgbPicture {
  checkPicture(picture);
  const [width, height] = [right - left, bottom - top];
  if (!(width > 0 && height > 0)) throw new Error('the box lies outside the picture');
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * 3;
    data.set(picture.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, data };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value));
}
