import type { Box } from '../../../core/vision/keys.ts';
import type { PictureSize } from './shapes.ts';

/** Rectangles on a picture, in its native pixels. */

export interface Point {
  x: number;
  y: number;
}

/** What a pointer has hold of: a corner, the whole rectangle, or nothing yet (`new`). */
export type Grip = 'new' | 'move' | 'lt' | 'rt' | 'lb' | 'rb';

/** Smaller than this nobody means. */
const LEAST = 8;

/** The middle of the picture: where a first region begins. */
export function middle({ width, height }: PictureSize): Box {
  return whole([width * 0.1, height * 0.1, width * 0.9, height * 0.9]);
}

/**
 * The rectangle after a pointer went from `from` to `to` with a grip on `before`, inside the picture.
 * @param before undefined where nothing was drawn yet
 */
export function dragged(grip: Grip, before: Box | undefined, from: Point, to: Point, size: PictureSize): Box {
  if (grip === 'new' || !before) return inside(between(from, to), size);
  const [left, top, right, bottom] = before;
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  if (grip === 'move') {
    const x = clamp(left + dx, 0, size.width - (right - left));
    const y = clamp(top + dy, 0, size.height - (bottom - top));
    return whole([x, y, x + right - left, y + bottom - top]);
  }
  const held = { x: grip.startsWith('l') ? left : right, y: grip.endsWith('t') ? top : bottom };
  const fixed = { x: grip.startsWith('l') ? right : left, y: grip.endsWith('t') ? bottom : top };
  return inside(between(fixed, { x: held.x + dx, y: held.y + dy }), size);
}

/** Whether a rectangle can be kept: whole, not turned inside out, inside the picture where its size is known. */
export function fits([left, top, right, bottom]: Box, size: PictureSize | undefined): boolean {
  if (![left, top, right, bottom].every((side) => Number.isInteger(side) && side >= 0)) return false;
  return left < right && top < bottom && (!size || (right <= size.width && bottom <= size.height));
}

function between(a: Point, b: Point): Box {
  return [Math.min(a.x, b.x), Math.min(a.y, b.y), Math.max(a.x, b.x), Math.max(a.y, b.y)];
}

function inside([left, top, right, bottom]: Box, { width, height }: PictureSize): Box {
  const x = clamp(left, 0, width - LEAST);
  const y = clamp(top, 0, height - LEAST);
  return whole([x, y, clamp(right, x + LEAST, width), clamp(bottom, y + LEAST, height)]);
}

function whole(box: Box): Box {
  return box.map(Math.round) as Box;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most));
}
