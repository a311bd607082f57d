import type { Point, RgbPicture } from './types.ts';

/** Where the five landmarks lie in the 112 x 112 crop that ArcFace models are trained on. */
export const ARCFACE_POINTS: readonly Point[] = [
  [38.2946, 51.6963],
  [73.5318, 51.5014],
  [56.0252, 71.7366],
  [41.5493, 92.3655],
  [70.7299, 92.2041],
];

/** Turns, scales and moves: (x, y) goes to (a x - b y + tx, b x + a y + ty). */
export interface Similarity {
  a: number;
  b: number;
  tx: number;
  ty: number;
}

function mean(points: readonly Point[]): Point {
  let x = 0;
  let y = 0;
  for (const point of points) {
    x += point[0];
    y += point[1];
  }
  return [x / points.length, y / points.length];
}

/**
 * The similarity transform, without mirroring, that brings `from` closest to `to` by the sum of squared distances
 * (Umeyama 1991; in the plane it has this closed form).
 * @throws Error for lists of different length, points that are not finite, or all in one place.
 */
export function similarityTransform(from: readonly Point[], to: readonly Point[]): Similarity {
  if (from.length !== to.length || from.length < 2) throw new Error('alignment needs two lists of as many points');
  if (!from.every((point) => point.every(Number.isFinite))) throw new Error('alignment needs finite points');
  const [fromX, fromY] = mean(from);
  const [toX, toY] = mean(to);
  let along = 0;
  let across = 0;
  let spread = 0;
  for (const [i, point] of from.entries()) {
    const x = point[0] - fromX;
    const y = point[1] - fromY;
    const u = to[i]![0] - toX;
    const v = to[i]![1] - toY;
    along += x * u + y * v;
    across += x * v - y * u;
    spread += x * x + y * y;
  }
  const a = along / spread;
  const b = across / spread;
  if (!(a * a + b * b > 0) || !Number.isFinite(a * a + b * b)) {
    throw new Error('a face whose landmarks are all in one place cannot be aligned');
  }
  return { a, b, tx: toX - (a * fromX - b * fromY), ty: toY - (b * fromX + a * fromY) };
}

/** Where a point goes. */
export function apply({ a, b, tx, ty }: Similarity, [x, y]: Point): Point {
  return [a * x - b * y + tx, b * x + a * y + ty];
}

/** The transform that leads back. */
export function inverse({ a, b, tx, ty }: Similarity): Similarity {
  const square = a * a + b * b;
  const [c, s] = [a / square, -b / square];
  return { a: c, b: s, tx: -(c * tx - s * ty), ty: -(s * tx + c * ty) };
}

/**
 * Samples the picture on a grid: target pixel (x, y) is what lies at `toSource` of it, linear between the four pixels
 * around; outside the picture all is black.
 * @param target packed RGB, `width * height * 3` numbers 0..255, overwritten.
 */
export function warp(
  picture: RgbPicture,
  toSource: Similarity,
  target: Float32Array,
  size: { width: number; height: number },
): void {
  const { data, width, height } = picture;
  let to = 0;
  for (let y = 0; y < size.height; y++) {
    for (let x = 0; x < size.width; x++, to += 3) {
      const sourceX = toSource.a * x - toSource.b * y + toSource.tx;
      const sourceY = toSource.b * x + toSource.a * y + toSource.ty;
      const left = Math.floor(sourceX);
      const top = Math.floor(sourceY);
      target[to] = target[to + 1] = target[to + 2] = 0;
      if (left < -1 || top < -1 || left >= width || top >= height) continue;
      const right = sourceX - left;
      const lower = sourceY - top;
      if (left >= 0 && top >= 0 && left + 1 < width && top + 1 < height) {
        // Nearly all pixels: without the tests of each neighbour it takes a third of the time.
        const upperLeft = (top * width + left) * 3;
        const lowerLeft = upperLeft + width * 3;
        for (let channel = 0; channel < 3; channel++) {
          const above = data[upperLeft + channel]! * (1 - right) + data[upperLeft + 3 + channel]! * right;
          const below = data[lowerLeft + channel]! * (1 - right) + data[lowerLeft + 3 + channel]! * right;
          target[to + channel] = above * (1 - lower) + below * lower;
        }
        continue;
      }
      for (let dy = 0; dy < 2; dy++) {
        if (top + dy < 0 || top + dy >= height) continue;
        for (let dx = 0; dx < 2; dx++) {
          if (left + dx < 0 || left + dx >= width) continue;
          const weight = (dx ? right : 1 - right) * (dy ? lower : 1 - lower);
          const from = ((top + dy) * width + left + dx) * 3;
          target[to] = target[to]! + data[from]! * weight;
          target[to + 1] = target[to + 1]! + data[from + 1]! * weight;
          target[to + 2] = target[to + 2]! + data[from + 2]! * weight;
        }
      }
    }
  }
}
