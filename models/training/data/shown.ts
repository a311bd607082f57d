import type { SKRSContext2D } from '@napi-rs/canvas';
import { createCanvas } from '@napi-rs/canvas';
import { drawHead } from '../render/head.ts';
import type { FaceIdentity, FaceLook, HeadView, Point } from '../render/types.ts';

/** The parts of a face that people are told by: brow, each eye, nose, mouth. */
export const PARTS = 5;
/** Of those, so many have to be seen before anybody could say who it is; a mask leaves three, a cap alone four. */
export const ENOUGH_SHOWN = 3;

/** The head is drawn anew as large as this, pixels: what is worn hides the same at any size. */
const SIDE = 132;
const RADIUS = 40;
/** Of a disc about a part, in distances of the eyes. */
const REACH = 0.27;
/** Of the brow above the middle of the eyes. */
const ABOVE = 0.42;
/** A difference of less is none. */
const DIFFERENT = 12;
/** A part of which so much is hidden is not seen. */
const HIDDEN = 0.5;

/**
 * How many parts of a face can be seen, 0 to `PARTS`: drawn with what is worn and what is before it, and without, a part is
 * hidden where at least half of its pixels differ.
 * @param before draws what hides the face, at a head of this size
 */
export function partsShown(
  identity: FaceIdentity,
  look: FaceLook,
  turned: Pick<HeadView, 'yaw' | 'pitch' | 'roll'>,
  before: (ctx: SKRSContext2D, view: HeadView) => void = () => {},
): number {
  const view: HeadView = { ...turned, x: SIDE / 2, y: SIDE / 2, radius: RADIUS };
  const { hat: _hat, mask: _mask, ...kept } = look;
  const bare = drawn(identity, { ...kept, glasses: look.glasses === 'sunglasses' ? 'none' : look.glasses }, view);
  const seen = drawn(identity, look, view, before);
  if (!bare.landmarks) return 0;
  const [left, right, nose, mouthLeft, mouthRight] = bare.landmarks;
  const eyes = middle(left, right);
  const mouth = middle(mouthLeft, mouthRight);
  const down: Point = [mouth[0] - eyes[0], mouth[1] - eyes[1]];
  // A turned head brings the eyes together: eyes and mouth are as far apart as the eyes from the front.
  const unit = Math.max(Math.hypot(...down), Math.hypot(right[0] - left[0], right[1] - left[1]));
  const length = Math.hypot(...down);
  const brow: Point = [eyes[0] - (down[0] / length) * ABOVE * unit, eyes[1] - (down[1] / length) * ABOVE * unit];
  return [brow, left, right, nose, mouth].filter((part) => differing(bare.data, seen.data, part, REACH * unit) < HIDDEN)
    .length;
}

function drawn(
  identity: FaceIdentity,
  look: FaceLook,
  view: HeadView,
  before: (ctx: SKRSContext2D, view: HeadView) => void = () => {},
) {
  const ctx = createCanvas(SIDE, SIDE).getContext('2d');
  const { face } = drawHead(ctx, identity, look, view);
  before(ctx, view);
  return { landmarks: face?.landmarks, data: ctx.getImageData(0, 0, SIDE, SIDE).data };
}

/** Part of the pixels of a disc that differ. */
function differing(a: Uint8ClampedArray, b: Uint8ClampedArray, [x, y]: Point, reach: number): number {
  let [all, different] = [0, 0];
  for (let py = Math.max(0, Math.ceil(y - reach)); py <= Math.min(SIDE - 1, y + reach); py += 1) {
    for (let px = Math.max(0, Math.ceil(x - reach)); px <= Math.min(SIDE - 1, x + reach); px += 1) {
      if (Math.hypot(px - x, py - y) > reach) continue;
      const at = (py * SIDE + px) * 4;
      all += 1;
      if ([0, 1, 2, 3].some((channel) => Math.abs(a[at + channel]! - b[at + channel]!) > DIFFERENT)) different += 1;
    }
  }
  return all === 0 ? 1 : different / all;
}

function middle(a: Point, b: Point): Point {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}
