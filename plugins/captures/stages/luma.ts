import type { Box, Point } from '../../../core/vision/keys.ts';
import type { I420Frame } from '../../../drivers/video/frame.ts';
import { apply, type Similarity } from '../../../models/adapters/align.ts';
import type { LumaPatch } from '../../../models/adapters/luma.ts';

/** Samples a cell takes along each side at most: enough against aliasing, and a face of any size costs the same. */
const MOST_SAMPLES = 6;

/** Where a patch lies in a frame: its upper left corner, and how far a step along its rows and its columns leads. */
interface Place {
  corner: Point;
  across: Point;
  down: Point;
}

/** The part of the picture inside `box` (pixels, fractions allowed), brought to a fixed size. */
export function lumaPatch(frame: I420Frame, [left, top, right, bottom]: Box, width: number, height: number): LumaPatch {
  const across: Point = [(right - left) / width, 0];
  const down: Point = [0, (bottom - top) / height];
  return sampled(frame, { corner: [left, top], across, down }, width, height);
}

/** A part of an aligned crop, in its pixels, that `toFrame` leads from back to the frame. */
export function alignedPatch(frame: I420Frame, toFrame: Similarity, [left, top, right, bottom]: Box): LumaPatch {
  const { a, b } = toFrame;
  // The crop's pixel 0 lies around its point 0, the frame's between 0 and 1.
  const [x, y] = apply(toFrame, [left - 0.5, top - 0.5]);
  const place: Place = { corner: [x + 0.5, y + 0.5], across: [a, b], down: [-b, a] };
  return sampled(frame, place, right - left, bottom - top);
}

/**
 * Averaged where it shrinks, interpolated where it grows. Video range is stretched to 0..255. What lies outside the
 * picture repeats its border.
 */
function sampled(frame: I420Frame, { corner, across, down }: Place, width: number, height: number): LumaPatch {
  const values = new Float32Array(width * height);
  const columns = samplesOf(Math.hypot(...across));
  const rows = samplesOf(Math.hypot(...down));
  const limited = frame.colorimetry.range === 'limited';
  const gain = limited ? 255 / 219 : 1;
  const offset = limited ? 16 : 0;
  const share = gain / (columns * rows);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let sum = 0;
      for (let row = 0; row < rows; row += 1) {
        const v = y + (row + 0.5) / rows;
        for (let column = 0; column < columns; column += 1) {
          const u = x + (column + 0.5) / columns;
          sum += lumaAt(frame, corner[0] + u * across[0] + v * down[0], corner[1] + u * across[1] + v * down[1]);
        }
      }
      values[y * width + x] = Math.min(255, Math.max(0, sum * share - offset * gain));
    }
  }
  return { width, height, values };
}

function samplesOf(cell: number): number {
  return Math.min(MOST_SAMPLES, Math.max(1, Math.ceil(cell)));
}

/** Luma between pixels, from the four around the point. */
function lumaAt({ data, layout, width, height }: I420Frame, x: number, y: number): number {
  const px = Math.min(width - 1, Math.max(0, x - 0.5));
  const py = Math.min(height - 1, Math.max(0, y - 0.5));
  const x0 = Math.floor(px);
  const y0 = Math.floor(py);
  const right = x0 + 1 < width ? 1 : 0;
  const below = y0 + 1 < height ? layout.yStride : 0;
  const fx = px - x0;
  const fy = py - y0;
  const at = y0 * layout.yStride + x0;
  const upper = data[at]! + (data[at + right]! - data[at]!) * fx;
  const lower = data[at + below]! + (data[at + below + right]! - data[at + below]!) * fx;
  return upper + (lower - upper) * fy;
}
