import type { Box } from '../../../core/vision/keys.ts';
import type { I420Frame } from '../../../drivers/video/frame.ts';

/** Brightness of a part of a picture: `width * height` values 0..255, row by row. */
export interface LumaPatch {
  width: number;
  height: number;
  values: Float32Array;
}

/** Samples a cell takes along each side at most: enough against aliasing, and a face of any size costs the same. */
const MOST_SAMPLES = 6;

/**
 * The part of the picture inside `box` (pixels, fractions allowed), brought to a fixed size: averaged where it
 * shrinks, interpolated where it grows. Video range is stretched to 0..255. What lies outside the picture repeats its
 * border.
 */
export function lumaPatch(frame: I420Frame, box: Box, width: number, height: number): LumaPatch {
  const values = new Float32Array(width * height);
  const [left, top, right, bottom] = box;
  const cellWidth = (right - left) / width;
  const cellHeight = (bottom - top) / height;
  const columns = samplesOf(cellWidth);
  const rows = samplesOf(cellHeight);
  const limited = frame.colorimetry.range === 'limited';
  const gain = limited ? 255 / 219 : 1;
  const offset = limited ? 16 : 0;
  const share = gain / (columns * rows);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let sum = 0;
      for (let row = 0; row < rows; row += 1) {
        const sourceY = top + (y + (row + 0.5) / rows) * cellHeight;
        for (let column = 0; column < columns; column += 1) {
          sum += lumaAt(frame, left + (x + (column + 0.5) / columns) * cellWidth, sourceY);
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

/** Mean and standard deviation of the brightness. */
export function brightness({ values }: LumaPatch): { mean: number; deviation: number } {
  return momentsOf(values);
}

/**
 * Standard deviation of the Laplacian (4 neighbours): how much fine structure there is. Blur and small pictures that
 * were scaled up have little.
 */
export function fineStructure({ width, height, values }: LumaPatch): number {
  const laplacian = new Float32Array((width - 2) * (height - 2));
  for (let y = 1, i = 0; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1, i += 1) {
      const at = y * width + x;
      laplacian[i] = values[at - 1]! + values[at + 1]! + values[at - width]! + values[at + width]! - 4 * values[at]!;
    }
  }
  return momentsOf(laplacian).deviation;
}

function momentsOf(values: Float32Array): { mean: number; deviation: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}
