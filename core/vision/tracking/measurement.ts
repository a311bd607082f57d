import type { Box } from '../keys.ts';
import { clippedSides, type FrameSize } from './box.ts';

/** Standard deviations of a seen box: of the centre in pixels, of the size as a logarithm. */
export interface BoxSpread {
  readonly cx: number;
  readonly cy: number;
  readonly logWidth: number;
  readonly logHeight: number;
}

/** A seen box in the coordinates of the motion filter. */
export interface BoxMeasurement {
  readonly cx: number;
  readonly cy: number;
  readonly logWidth: number;
  readonly logHeight: number;
  /** What the filter takes the error to be. */
  readonly noise: BoxSpread;
  /** What association puts up with; wider than `noise` where the border of the picture cuts the box. */
  readonly tolerance: BoxSpread;
}

/**
 * Errors of a detector's box with a score near 1, as part of the box's sides. The width counts for less than the
 * height because arms and legs swing. Quality on the made scenes is nearly flat around these values.
 */
const CENTRE_NOISE = 0.06;
const WIDTH_NOISE = 0.12;
const HEIGHT_NOISE = 0.08;

/**
 * Somebody who steps into the picture was seen to grow fourfold in half a second, and the centre goes along. The side
 * along the border changes too, as shoulders follow a head.
 */
const CLIPPED_CENTRE = 0.25;
const CLIPPED_SIZE = 0.6;
const CLIPPED_OTHER_SIZE = 0.4;

/** Scores below this say no more about the box. */
const LEAST_SCORE = 0.1;

/**
 * Turns a detected box (pixels, plausible) with its score (0..1) into a measurement. A low score means a worse box:
 * its variance grows with the inverse of the score. Without a frame size no side counts as cut by the border.
 */
export function measureBox(box: Box, score: number, frame?: FrameSize): BoxMeasurement {
  const width = box[2] - box[0];
  const height = box[3] - box[1];
  const doubt = 1 / Math.sqrt(Math.max(score, LEAST_SCORE));
  const noise: BoxSpread = {
    cx: CENTRE_NOISE * width * doubt,
    cy: CENTRE_NOISE * height * doubt,
    logWidth: WIDTH_NOISE * doubt,
    logHeight: HEIGHT_NOISE * doubt,
  };
  return {
    cx: (box[0] + box[2]) / 2,
    cy: (box[1] + box[3]) / 2,
    logWidth: Math.log(width),
    logHeight: Math.log(height),
    noise,
    tolerance: frame ? widenClipped(noise, box, frame) : noise,
  };
}

function widenClipped(noise: BoxSpread, box: Box, frame: FrameSize): BoxSpread {
  const clipped = clippedSides(box, frame);
  const across = clipped.left || clipped.right;
  const upright = clipped.top || clipped.bottom;
  if (!across && !upright) return noise;
  return {
    cx: across ? Math.max(noise.cx, CLIPPED_CENTRE * (box[2] - box[0])) : noise.cx,
    cy: upright ? Math.max(noise.cy, CLIPPED_CENTRE * (box[3] - box[1])) : noise.cy,
    logWidth: Math.max(noise.logWidth, across ? CLIPPED_SIZE : CLIPPED_OTHER_SIZE),
    logHeight: Math.max(noise.logHeight, upright ? CLIPPED_SIZE : CLIPPED_OTHER_SIZE),
  };
}
