import { stretched } from '../../models/adapters/crops.ts';
import type { Box, Detection, Point, RgbPicture } from '../../models/adapters/types.ts';
import { EXAMINED_SIDE } from './limits.ts';

const GREY = 114;

/** A picture with a rim. */
export interface Rimmed {
  picture: RgbPicture;
  /** What was found in it, in pixels of the picture without the rim; boxes end where that does. */
  back(found: Detection): Detection;
}

/**
 * Puts grey around a picture, so that what fills it becomes smaller against the whole. Where the whole would be larger
 * than pictures are examined at, it is scaled down.
 * @param rim on each side, as part of the picture's size
 */
export function withRim(picture: RgbPicture, rim: number): Rimmed {
  const times = 1 + 2 * rim;
  const scale = Math.min(1, EXAMINED_SIDE / (Math.max(picture.width, picture.height) * times));
  const size = {
    width: Math.max(1, Math.round(picture.width * scale)),
    height: Math.max(1, Math.round(picture.height * scale)),
  };
  const inner = scale < 1 ? stretched(picture, size) : picture;
  const left = Math.round(inner.width * rim);
  const top = Math.round(inner.height * rim);
  const width = inner.width + 2 * left;
  const height = inner.height + 2 * top;
  const data = new Uint8Array(width * height * 3).fill(GREY);
  for (let y = 0; y < inner.height; y++) {
    const row = inner.data.subarray(y * inner.width * 3, (y + 1) * inner.width * 3);
    data.set(row, ((y + top) * width + left) * 3);
  }
  const place = ([x, y]: Point): Point => [
    ((x - left) * picture.width) / inner.width,
    ((y - top) * picture.height) / inner.height,
  ];
  return {
    picture: { width, height, data },
    back: (found) => {
      const [x1, y1] = place([found.box[0], found.box[1]]);
      const [x2, y2] = place([found.box[2], found.box[3]]);
      const box: Box = [Math.max(0, x1), Math.max(0, y1), Math.min(picture.width, x2), Math.min(picture.height, y2)];
      return { ...found, box, ...(found.landmarks ? { landmarks: found.landmarks.map(place) } : {}) };
    },
  };
}
