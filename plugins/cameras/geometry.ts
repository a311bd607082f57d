import { z } from 'zod';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Box } from '../../core/vision/keys.ts';
import type { StreamFacts } from './camera.ts';

/**
 * Zones as the messages write them: polygons `x*y,x*y,…`, lines `x*y,x*y`, regions `left,top,right,bottom`, all in
 * native stream pixels. Every kind takes blanks around its numbers and gives the plain spelling; an empty text is
 * "none".
 */

/** Wider than any camera's picture. */
const MOST_PIXELS = 16_384;
const MOST_POINTS = 64;

function points(value: string): [number, number][] | string {
  const found: [number, number][] = [];
  for (const part of value.split(',')) {
    const [, x, y] = /^\s*(\d{1,5})\s*\*\s*(\d{1,5})\s*$/.exec(part) ?? [];
    if (x === undefined || y === undefined) return 'must be points x*y with a comma between them';
    if (Number(x) > MOST_PIXELS || Number(y) > MOST_PIXELS) return `coordinates go up to ${MOST_PIXELS}`;
    found.push([Number(x), Number(y)]);
    if (found.length > MOST_POINTS) return `has more than ${MOST_POINTS} points`;
  }
  return found;
}

function doubledArea(polygon: [number, number][]): number {
  return polygon.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = polygon[(i + 1) % polygon.length]!;
    return sum + x * nextY - nextX * y;
  }, 0);
}

function shape(fault: (points: [number, number][]) => string | undefined) {
  return z
    .string()
    .max(2000)
    .transform((value, context) => {
      if (value.trim() === '') return '';
      const found = points(value);
      const message = typeof found === 'string' ? found : fault(found);
      if (typeof found === 'string' || message !== undefined) {
        context.addIssue({ code: 'custom', message: message ?? '' });
        return z.NEVER;
      }
      return found.map(([x, y]) => `${x}*${y}`).join(',');
    });
}

/** `x*y,x*y,x*y,…`: three points or more that enclose something. */
export function polygon() {
  return shape((found) => {
    if (found.length < 3) return 'needs three points or more';
    return doubledArea(found) === 0 ? 'encloses nothing' : undefined;
  });
}

/** `x1*y1,x2*y2`: two different points. */
export function segment() {
  return shape((found) => {
    if (found.length !== 2) return 'needs two points';
    const [[x1, y1], [x2, y2]] = found as [[number, number], [number, number]];
    return x1 === x2 && y1 === y2 ? 'needs two different points' : undefined;
  });
}

/** A region as four numbers. */
export function box() {
  const side = z.int().min(0).max(MOST_PIXELS);
  return z
    .tuple([side, side, side, side])
    .refine(([left, top, right, bottom]) => left < right && top < bottom, 'must be left,top,right,bottom');
}

/** `left,top,right,bottom`; gives null for an empty text. */
export function region() {
  return z.preprocess((value) => {
    if (typeof value !== 'string') return value;
    if (value.trim() === '') return null;
    return value.split(',').map((part) => (/^\s*\d{1,5}\s*$/.test(part) ? Number(part) : part));
  }, box().nullable());
}

/** Pixels of the whole picture (`roi_max`); that of a 1080p stream until the stream was seen. */
export function pictureArea(stream: StreamFacts | undefined): number {
  return stream ? stream.width * stream.height : 1920 * 1080;
}

/**
 * Refuses a region that does not lie inside the picture.
 * @param stream undefined while the stream was never seen: then only the area is limited (`roi_max`)
 * @throws ContractError `wrongParameter`
 */
export function checkRegion([left, top, right, bottom]: Box, stream: StreamFacts | undefined): void {
  if (stream && (right > stream.width || bottom > stream.height)) {
    throw new ContractError(
      CODE.wrongParameter,
      `the region does not lie inside the picture of ${stream.width} x ${stream.height} pixels`,
    );
  }
  const most = pictureArea(stream);
  if ((right - left) * (bottom - top) > most) {
    throw new ContractError(CODE.wrongParameter, `the region is larger than ${most} pixels`);
  }
}

type PictureSize = Pick<StreamFacts, 'width' | 'height'>;

/**
 * The same part of a picture that has another size now: cameras are set to fewer pixels, or asked for their smaller stream.
 * @param before undefined where nobody knows on which picture the region was drawn
 * @returns null, the whole picture, where nothing of the region would be left: a camera that sees nothing tells nobody
 */
export function regionOn(region: Box, before: PictureSize | undefined, now: PictureSize): Box | null {
  const across = before ? now.width / before.width : 1;
  const down = before ? now.height / before.height : 1;
  const [left, top, right, bottom] = region;
  const moved: Box = [
    Math.round(left * across),
    Math.round(top * down),
    Math.min(now.width, Math.round(right * across)),
    Math.min(now.height, Math.round(bottom * down)),
  ];
  return moved[0] < moved[2] && moved[1] < moved[3] ? moved : null;
}
