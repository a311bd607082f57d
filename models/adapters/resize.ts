import { checkPicture, type RgbPicture } from './types.ts';

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

  /** @throws Error for a picture whose data does not fit its size. */
  resize(picture: RgbPicture, width: number, height: number): RgbPicture {
    checkPicture(picture);
    const key = `${picture.width} ${picture.height} ${width} ${height}`;
    if (key !== this.#key || !this.#across || !this.#down) {
      this.#across = axisWeights(picture.width, width);
      this.#down = axisWeights(picture.height, height);
      this.#row = new Float32Array(picture.width * 3);
      if (this.#target.length !== width * height * 3) this.#target = new Uint8Array(width * height * 3);
      this.#key = key;
    }
    for (let y = 0; y < height; y++) {
      blendRows(picture, this.#down, y, this.#row);
      blendColumns(this.#row, this.#across, this.#target, y * width * 3);
    }
    return { width, height, data: this.#target };
  }
}

/** The weighted sum of the source rows that make up target row `y`. */
function blendRows(picture: RgbPicture, down: AxisWeights, y: number, row: Float32Array): void {
  const { data } = picture;
  const length = row.length;
  const start = down.offsets[y]!;
  const end = down.offsets[y + 1]!;
  for (let k = start; k < end; k++) {
    const weight = down.weights[k]!;
    const from = (down.first[y]! + k - start) * length;
    if (k === start) for (let x = 0; x < length; x++) row[x] = data[from + x]! * weight;
    else for (let x = 0; x < length; x++) row[x] = row[x]! + data[from + x]! * weight;
  }
}

function blendColumns(row: Float32Array, across: AxisWeights, target: Uint8Array, at: number): void {
  const { first, offsets, weights } = across;
  for (let x = 0; x < first.length; x++) {
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
    const to = at + x * 3;
    target[to] = red + 0.5;
    target[to + 1] = green + 0.5;
    target[to + 2] = blue + 0.5;
  }
}
