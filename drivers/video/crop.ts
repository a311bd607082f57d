import type { Colorimetry, I420Frame, RgbPicture } from './frame.ts';

/** A box in native pixels; fractions are allowed. */
export interface CropBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface CropOptions {
  /** The longer side of the result is at most this many pixels; larger crops are averaged down, none is enlarged. */
  maxSize?: number;
  /** Widens the box on each side by this share of its width and height, such as 0.2. */
  margin?: number;
}

/**
 * Cuts a box out of a frame and converts only that part to RGB. The box is widened by the margin, rounded outwards
 * and cut off at the edges of the frame. Throws RangeError where nothing of the frame is left.
 */
export function cropI420(frame: I420Frame, box: CropBox, options: CropOptions = {}): RgbPicture {
  const region = insideFrame(frame, box, options.margin ?? 0);
  const { maxSize = Number.POSITIVE_INFINITY } = options;
  const scale = Math.min(1, maxSize / Math.max(region.width, region.height));
  const width = Math.max(1, Math.round(region.width * scale));
  const height = Math.max(1, Math.round(region.height * scale));
  const columns = spans(region.x, region.width, width);
  const rows = spans(region.y, region.height, height);
  const convert = converter(frame.colorimetry);
  const { data: source, layout } = frame;
  const { yStride, chromaStride, uOffset, vOffset } = layout;
  // Clamps to 0..255 and rounds on writing.
  const data = new Uint8ClampedArray(width * height * 3);

  for (let row = 0, at = 0; row < height; row += 1) {
    const top = rows[row]!;
    const bottom = rows[row + 1]!;
    for (let column = 0; column < width; column += 1, at += 3) {
      const left = columns[column]!;
      const right = columns[column + 1]!;
      const luma = mean(source, 0, yStride, left, top, right, bottom);
      // One chroma sample stands for two by two pixels.
      const [chromaLeft, chromaTop] = [left >> 1, top >> 1];
      const [chromaRight, chromaBottom] = [((right - 1) >> 1) + 1, ((bottom - 1) >> 1) + 1];
      const u = mean(source, uOffset, chromaStride, chromaLeft, chromaTop, chromaRight, chromaBottom);
      const v = mean(source, vOffset, chromaStride, chromaLeft, chromaTop, chromaRight, chromaBottom);
      const y = (luma - convert.black) * convert.gain;
      data[at] = y + convert.redV * (v - 128);
      data[at + 1] = y - convert.greenU * (u - 128) - convert.greenV * (v - 128);
      data[at + 2] = y + convert.blueU * (u - 128);
    }
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}

function insideFrame(frame: I420Frame, box: CropBox, margin: number): CropBox {
  const left = Math.max(0, Math.floor(box.x - box.width * margin));
  const top = Math.max(0, Math.floor(box.y - box.height * margin));
  const right = Math.min(frame.width, Math.ceil(box.x + box.width * (1 + margin)));
  const bottom = Math.min(frame.height, Math.ceil(box.y + box.height * (1 + margin)));
  // Written so that a box with a NaN in it is refused too.
  if (!(right > left && bottom > top)) throw new RangeError('the box lies outside the frame');
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Where each of `parts` equal parts of a length begins, and behind them the end of the last. */
function spans(start: number, length: number, parts: number): Int32Array {
  return Int32Array.from({ length: parts + 1 }, (_, index) => start + Math.floor((index * length) / parts));
}

function mean(
  plane: Uint8Array,
  offset: number,
  stride: number,
  left: number,
  top: number,
  right: number,
  bottom: number,
): number {
  // The common case of a crop that is not scaled down.
  if (right - left === 1 && bottom - top === 1) return plane[offset + top * stride + left]!;
  let sum = 0;
  for (let y = top; y < bottom; y += 1) {
    const row = offset + y * stride;
    for (let x = left; x < right; x += 1) sum += plane[row + x]!;
  }
  return sum / ((right - left) * (bottom - top));
}

/** Shares of red and blue in the luma of each matrix (ITU-R BT.601, BT.709, BT.2020). */
const lumaShares: Record<Colorimetry['matrix'], { red: number; blue: number }> = {
  bt601: { red: 0.299, blue: 0.114 },
  bt709: { red: 0.2126, blue: 0.0722 },
  bt2020: { red: 0.2627, blue: 0.0593 },
};

interface Converter {
  black: number;
  gain: number;
  redV: number;
  greenU: number;
  greenV: number;
  blueU: number;
}

function converter({ matrix, range }: Colorimetry): Converter {
  const { red, blue } = lumaShares[matrix];
  const green = 1 - red - blue;
  const limited = range === 'limited';
  const chromaGain = limited ? 255 / 224 : 1;
  return {
    black: limited ? 16 : 0,
    gain: limited ? 255 / 219 : 1,
    redV: chromaGain * 2 * (1 - red),
    greenU: (chromaGain * 2 * blue * (1 - blue)) / green,
    greenV: (chromaGain * 2 * red * (1 - red)) / green,
    blueU: chromaGain * 2 * (1 - blue),
  };
}
