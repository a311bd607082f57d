import type { CropCard } from '../catalog.ts';
import { ARCFACE_POINTS, apply, inverse, type Similarity, similarityTransform, warp } from './align.ts';
import { type Part, Resizer } from './resize.ts';
import { type Box, checkPicture, type Point, type RgbPicture, type Size, type SubjectView } from './types.ts';

/**
 * How subjects are cut out for the models that describe them. Models are trained on crops made in the same way, so a
 * change here asks for new models.
 */

/** Side of the crop that the places of the landmarks are given for. */
const ALIGNED_SIDE = 112;
/**
 * Added to a body's box on its sides, in parts of its breadth and height. More above than elsewhere: there umbrellas are.
 */
export const BODY_MARGIN = { left: 0.04, right: 0.04, top: 0.12, bottom: 0.04 } as const;
/** How many times larger than the longer side of a face's box the square is in which it is judged alive or not. */
export const LIVENESS_TIMES = 2.2;
/** How many times larger than a plate's box the part is in which it is read: detectors cut off its rim. */
export const PLATE_TIMES = { across: 1.06, down: 1.14 } as const;
/** Grey where there is no picture: far from black, white and most colours. */
export const CROP_FILL = 114;

/**
 * A face turned upright, its five landmarks at their fixed places (ArcFace's, stretched to the size); black outside the
 * picture.
 * @throws Error for landmarks that are not five, not finite or all in one place.
 */
export function alignedFace(picture: RgbPicture, landmarks: readonly Point[], size: Size): RgbPicture {
  const { width, height } = size;
  return faceAt(picture, landmarks, stretchedPoints(ARCFACE_POINTS, width / ALIGNED_SIDE, height / ALIGNED_SIDE), size);
}

/**
 * A face turned and scaled so that its five landmarks come as close to these places as they can; black outside the
 * picture. One much larger than the crop is scaled down first, so that no pixel of it is passed over.
 * @throws as `alignedFace`
 */
export function faceAt(
  picture: RgbPicture,
  landmarks: readonly Point[],
  places: readonly Point[],
  size: Size,
): RgbPicture {
  checkPicture(picture);
  if (landmarks.length !== ARCFACE_POINTS.length) throw new Error(`a face has five landmarks, not ${landmarks.length}`);
  const { a, b } = similarityTransform(landmarks, places);
  const times = Math.max(1, Math.floor(1 / Math.hypot(a, b)));
  const smaller = {
    width: Math.max(1, Math.round(picture.width / times)),
    height: Math.max(1, Math.round(picture.height / times)),
  };
  const points = stretchedPoints(landmarks, smaller.width / picture.width, smaller.height / picture.height);
  const toSource = inverse(similarityTransform(points, places));
  // Only where the crop looks: scaling all of a photo down took longer than all models that look at its face.
  const source = times > 1 ? stretched(picture, smaller, seenBy(toSource, size, smaller)) : picture;
  const pixels = new Float32Array(size.width * size.height * 3);
  warp(source, toSource, pixels, size);
  const data = new Uint8Array(pixels.length);
  // Not `Uint8Array.from`, which takes several times as long.
  for (let i = 0; i < data.length; i++) data[i] = pixels[i]! + 0.5;
  return { ...size, data };
}

function stretchedPoints(points: readonly Point[], x: number, y: number): Point[] {
  return points.map((one): Point => [one[0] * x, one[1] * y]);
}

/** The part of a picture in which a body is described; may reach beyond the picture. */
export function bodyBox([x1, y1, x2, y2]: Box): Box {
  const { left, right, top, bottom } = BODY_MARGIN;
  const [wide, high] = [x2 - x1, y2 - y1];
  return [x1 - left * wide, y1 - top * high, x2 + right * wide, y2 + bottom * high];
}

/**
 * A body with a little of what is around it, as far as the picture reaches, as large as it fits into the middle of the
 * crop at its own shape, on grey.
 * @throws Error for a box that lies outside the picture.
 */
export function letterboxedBody(picture: RgbPicture, box: Box, size: Size): RgbPicture {
  const [x1, y1, x2, y2] = bodyBox(box);
  const inside: Box = [Math.max(0, x1), Math.max(0, y1), Math.min(picture.width, x2), Math.min(picture.height, y2)];
  const [wide, high] = [inside[2] - inside[0], inside[3] - inside[1]];
  const scale = Math.min(size.width / wide, size.height / high);
  const offset = { x: (size.width - wide * scale) / 2, y: (size.height - high * scale) / 2 };
  return placed(picture, inside, size, { x: scale, y: scale }, offset, CROP_FILL);
}

/**
 * The square around a face in which it is judged alive or not, 2.2 times as large as the longer side of its box, with the
 * same centre; may reach beyond the picture.
 */
export function livenessBox([x1, y1, x2, y2]: Box): Box {
  const half = Math.max(x2 - x1, y2 - y1) / 2;
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return around([x - half, y - half, x + half, y + half], { times: LIVENESS_TIMES });
}

/**
 * What lies in a box, stretched over the whole crop; grey outside the picture.
 * @throws Error for a box that lies outside the picture.
 */
export function stretchedPart(picture: RgbPicture, box: Box, size: Size, fill: number = CROP_FILL): RgbPicture {
  const scale = { x: size.width / (box[2] - box[0]), y: size.height / (box[3] - box[1]) };
  return placed(picture, box, size, scale, { x: 0, y: 0 }, fill);
}

/** What a plate is read in; may reach beyond the picture. */
export function plateBox([x1, y1, x2, y2]: Box): Box {
  const { across, down } = PLATE_TIMES;
  const [dx, dy] = [((x2 - x1) * (across - 1)) / 2, ((y2 - y1) * (down - 1)) / 2];
  return [x1 - dx, y1 - dy, x2 + dx, y2 + dy];
}

/** A box around the same centre, so many times as large; `square`: as if its longer side were both. */
export function around(
  [x1, y1, x2, y2]: Box,
  { square = false, times = 1 }: { square?: boolean; times?: number },
): Box {
  const [wide, high] = [x2 - x1, y2 - y1];
  const longer = Math.max(wide, high);
  const halfWidth = ((square ? longer : wide) * times) / 2;
  const halfHeight = ((square ? longer : high) * times) / 2;
  const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2];
  return [x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight];
}

/** A box moved, and where it is larger than the frame first made smaller at its own shape, until it lies inside. */
export function movedInside(box: Box, frame: Size): Box {
  const [wide, high] = [box[2] - box[0], box[3] - box[1]];
  const times = Math.min(1, frame.width / wide, frame.height / high);
  const [x1, y1, x2, y2] = around(box, { times });
  const right = clamp(x1, 0, Math.max(0, frame.width - (x2 - x1))) - x1;
  const down = clamp(y1, 0, Math.max(0, frame.height - (y2 - y1))) - y1;
  return [x1 + right, y1 + down, x2 + right, y2 + down];
}

/**
 * What a model looks at whose card says how its subjects are cut out, stretched over the whole crop.
 * @param fill the byte beyond the frame
 * @throws Error for a box that lies outside the picture.
 */
export function croppedAs(crop: CropCard, subject: SubjectView, size: Size, fill: number): RgbPicture {
  const { picture, box, frameBox = box, frameWidth = picture.width, frameHeight = picture.height } = subject;
  const wanted = around(frameBox, { square: crop.shape === 'square', times: crop.times });
  const frame = { width: frameWidth, height: frameHeight };
  const [x1, y1, x2, y2] = crop.beyond === 'move' ? movedInside(wanted, frame) : wanted;
  const x = (at: number) => box[0] + ((at - frameBox[0]) * (box[2] - box[0])) / (frameBox[2] - frameBox[0]);
  const y = (at: number) => box[1] + ((at - frameBox[1]) * (box[3] - box[1])) / (frameBox[3] - frameBox[1]);
  return stretchedPart(picture, [x(x1), y(y1), x(x2), y(y2)], size, fill);
}

/** A face with what is around it, as liveness is judged by it. @throws Error for a box that lies outside the picture. */
export function squareAround(picture: RgbPicture, box: Box, size: Size): RgbPicture {
  return stretchedPart(picture, livenessBox(box), size);
}

/** The picture stretched to a size. @param only what is wanted of it; the rest holds anything */
export function stretched(picture: RgbPicture, size: Size, only?: Part): RgbPicture {
  return new Resizer().resize(picture, size.width, size.height, only);
}

/** The pixels of a picture of the size `source` that `warp` reads for a target of the size `target`. */
function seenBy(toSource: Similarity, target: Size, source: Size): Part {
  const [right, bottom] = [target.width - 1, target.height - 1];
  const corners = [apply(toSource, [0, 0]), apply(toSource, [right, 0])];
  corners.push(apply(toSource, [0, bottom]), apply(toSource, [right, bottom]));
  const xs = corners.map(([x]) => Math.floor(x));
  const ys = corners.map(([, y]) => Math.floor(y));
  // Each is read with its neighbours to the right and below.
  return {
    left: clamp(Math.min(...xs), 0, source.width),
    top: clamp(Math.min(...ys), 0, source.height),
    right: clamp(Math.max(...xs) + 2, 0, source.width),
    bottom: clamp(Math.max(...ys) + 2, 0, source.height),
  };
}

/** What of the box lies in the picture, at its place in the crop. `offset` is where the box begins in the crop. */
function placed(picture: RgbPicture, box: Box, size: Size, scale: Offset, offset: Offset, fill: number): RgbPicture {
  const left = Math.max(0, Math.round(box[0]));
  const top = Math.max(0, Math.round(box[1]));
  const part = partOf(picture, left, top, Math.round(box[2]), Math.round(box[3]));
  const toX = clamp(Math.round((left - box[0]) * scale.x + offset.x), 0, size.width - 1);
  const toY = clamp(Math.round((top - box[1]) * scale.y + offset.y), 0, size.height - 1);
  const wide = clamp(Math.round(part.width * scale.x), 1, size.width - toX);
  const high = clamp(Math.round(part.height * scale.y), 1, size.height - toY);
  const scaled = stretched(part, { width: wide, height: high });
  const data = new Uint8Array(size.width * size.height * 3).fill(fill);
  for (let y = 0; y < high; y++) {
    const row = scaled.data.subarray(y * wide * 3, (y + 1) * wide * 3);
    data.set(row, ((toY + y) * size.width + toX) * 3);
  }
  return { ...size, data };
}

interface Offset {
  x: number;
  y: number;
}

function partOf(picture: RgbPicture, left: number, top: number, toRight: number, toBottom: number): RgbPicture {
  checkPicture(picture);
  const width = Math.min(picture.width, toRight) - left;
  const height = Math.min(picture.height, toBottom) - top;
  // Written so that a box with a NaN in it is refused too.
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
