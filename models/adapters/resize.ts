import { checkPicture, type RgbPicture } from './types.ts';

/** Whole pixels of a picture, from the first to before the last of each axis. */
export interface Part {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** For every target position along one axis: the first source position and the weights of it and its neighbours. */
interface AxisWeights {
  first: Int32Array;
  /** `offsets[i]` to `offsets[i + 1]` are the weights of target position i; they add up to 1. */
  offsets: Int32Array;
  weights: Float32Array;
}

/** Downwards a target pixel is the mean of the area it covers, upwards it lies between its two neighbours. */
function axisWeights(source: number, target: number): AxisWeights {
  const first = new Int32Array(target);
  const offsets = new Int32Array(target + 1);
  const weights: number[] = [];
  const step = source / target;
  for (let i = 0; i < target; i++) {
    if (step > 1) {
      const from = i * step;
      const to = Math.min(source, from + step);
      const start = Math.floor(from);
      const end = Math.min(source, Math.ceil(to - 1e-9));
      first[i] = start;
      for (let at = start; at < end; at++) weights.push((Math.min(at + 1, to) - Math.max(at, from)) / (to - from));
    } else {
      const centre = Math.min(source - 1, Math.max(0, (i + 0.5) * step - 0.5));
      const start = Math.min(source - 1, Math.floor(centre));
      const fraction = centre - start;
      first[i] = start;
      weights.push(1 - fraction);
      if (start + 1 < source) weights.push(fraction);
    }
    offsets[i + 1] = weights.length;
  }
  return { first, offsets, weights: Float32Array.from(weights) };
}

/**
 * Scales RGB pictures: the mean over the covered area when making smaller, linear between pixel centres when making
 * larger. Weights and the target are kept for the next picture of the same size, so the result is overwritten by it.
 */
export class Resizer {
  #key = '';
  #across: AxisWeights | undefined;
  #down: AxisWeights | undefined;
  #row = new Float32Array(0);
  #target = new Uint8Array(0);

  /**
   * @param only the part of the target that is wanted; what lies around it takes no time, and holds anything
   * @throws Error for a picture whose data does not fit its size.
   */
  resize(picture: RgbPicture, width: number, height: number, only?: Part): RgbPicture {
    checkPicture(picture);
    const { left, top, right, bottom } = only ?? { left: 0, top: 0, right: width, bottom: height };
    const key = `${picture.width} ${picture.height} ${width} ${height}`;
    if (key !== this.#key || !this.#across || !this.#down) {
      this.#across = axisWeights(picture.width, width);
      this.#down = axisWeights(picture.height, height);
      this.#row = new Float32Array(picture.width * 3);
      if (this.#target.length !== width * height * 3) this.#target = new Uint8Array(width * height * 3);
      this.#key = key;
    }
    if (left >= right) return { width, height, data: this.#target };
    const columns = coveredBy(this.#across, left, right);
    for (let y = top; y < bottom; y++) {
      blendRows(picture, this.#down, y, this.#row, columns);
      blendColumns(this.#row, this.#across, this.#target, y * width, left, right);
    }
    return { width, height, data: this.#target };
  }
}

/** The source positions, from the first to before the last, that these target positions are made of. */
function coveredBy({ first, offsets }: AxisWeights, from: number, to: number): readonly [number, number] {
  const last = to - 1;
  return [first[from]!, first[last]! + offsets[to]! - offsets[last]!];
}

/**
 * The weighted sum of the source rows that make up target row `y`, for these columns of the source. Three rows in the
 * first pass and two in each that follows take two thirds of the time of one at a time; each sum is rounded as if stored.
 */
function blendRows(
  { data, width }: RgbPicture,
  { first, offsets, weights }: AxisWeights,
  y: number,
  row: Float32Array,
  [left, right]: readonly [number, number],
): void {
  const { fround } = Math;
  const [begin, end] = [left * 3, right * 3];
  const stride = width * 3;
  const start = offsets[y]!;
  const count = offsets[y + 1]! - start;
  // Beyond the last row that one is read again, and counts nothing.
  const a = first[y]! * stride;
  const b = count > 1 ? a + stride : a;
  const c = count > 2 ? b + stride : b;
  const ofA = weights[start]!;
  const ofB = count > 1 ? weights[start + 1]! : 0;
  const ofC = count > 2 ? weights[start + 2]! : 0;
  for (let x = begin; x < end; x++) {
    row[x] = fround(fround(data[a + x]! * ofA) + data[b + x]! * ofB) + data[c + x]! * ofC;
  }
  for (let n = 3; n < count; n += 2) {
    const more = n + 1 < count;
    const d = a + n * stride;
    const e = more ? d + stride : d;
    const ofD = weights[start + n]!;
    const ofE = more ? weights[start + n + 1]! : 0;
    for (let x = begin; x < end; x++) row[x] = fround(row[x]! + data[d + x]! * ofD) + data[e + x]! * ofE;
  }
}

/** Pixels `left` to `right` of the target's row that begins at its pixel `start`. */
function blendColumns(
  row: Float32Array,
  { first, offsets, weights }: AxisWeights,
  target: Uint8Array,
  start: number,
  left: number,
  right: number,
): void {
  for (let x = left; x < right; x++) {
    let red = 0;
    let green = 0;
    let blue = 0;
    let from = first[x]! * 3;
    const end = offsets[x + 1]!;
    for (let k = offsets[x]!; k < end; k++, from += 3) {
      const weight = weights[k]!;
      red += row[from]! * weight;
      green += row[from + 1]! * weight;
      blue += row[from + 2]! * weight;
    }
    const to = (start + x) * 3;
    target[to] = red + 0.5;
    target[to + 1] = green + 0.5;
    target[to + 2] = blue + 0.5;
  }
}
