import { LENGTH_TOLERANCE } from '../unit-vector.ts';

/**
 * Codes of faces, and why a search that looks at codes first finds exactly the nearest faces.
 *
 * A face v (float32, length 1 but for rounding) is kept beside itself as codes c = 1..255 with a scale s:
 *
 *     fine   v' = s (c - 128)                   8 bits
 *     coarse v' = s (16 h - 120), h = c >> 4    their upper 4 bits
 *
 * and for each of the two with an error E >= |v - v'|, calculated from v and v' themselves. The face q that is looked for
 * becomes q' = t k with whole numbers k, and R >= |q - q'|. Then
 *
 *     q.v = q'.v' + (q - q').v' + q.(v - v')
 *
 * and by Cauchy and Schwarz, with |v'| <= |v| + E,
 *
 *     q.v <= s t (sum of whole numbers) + R (|v| + E) + |q| E
 *          = s t (sum of whole numbers) + E (|q| + R) + R |v|
 *
 * The sum is exact in 32 bits. A face is put aside only where this bound is below a cosine that as many faces as are
 * wished for reach for certain; all others are compared in doubles with the float32 numbers themselves. So nothing that
 * belongs among the nearest is ever put aside, whatever the faces are like; only the time depends on that.
 *
 * The inequality is evaluated in float32, divided by the step of the query; its whole numbers are below 2^24 and stay
 * exact. With |v| <= 1.001, R <= 0.13, |v'| <= 3.1 and E <= 2.1 (1,024 numbers, the worst case) each of its five roundings
 * changes it by less than 6 * 2^-24, all of them by less than 1.8e-6; `ROUNDING` is more.
 */

const ROUNDING = 2e-6;
/** The next float32 is nearer than this. */
const UP = 1 + 2 ** -22;
/** Greatest k: a signed byte (see `scan.wat`). */
const MOST_CODE = 127;

export interface FaceCode {
  scale: number;
  coarseError: number;
  fineError: number;
}

/**
 * Codes a face.
 * @param vector its numbers
 * @param codes where the codes go, as many as numbers; 1..255
 */
export function codeFace(vector: Float32Array, codes: Uint8Array): FaceCode {
  let most = 0;
  for (let at = 0; at < vector.length; at += 1) most = Math.max(most, Math.abs(vector[at]!));
  // Rounded up, so that the greatest number is at most 127 steps.
  const scale = Math.fround((most / 127) * UP);
  let coarse = 0;
  let fine = 0;
  for (let at = 0; at < vector.length; at += 1) {
    const number = vector[at]!;
    const code = Math.round(number / scale) + 128;
    codes[at] = code;
    const far = number - scale * (16 * (code >> 4) - 120);
    const near = number - scale * (code - 128);
    coarse += far * far;
    fine += near * near;
  }
  return {
    scale,
    coarseError: Math.fround(Math.sqrt(coarse) * UP + Number.MIN_VALUE),
    fineError: Math.fround(Math.sqrt(fine) * UP + Number.MIN_VALUE),
  };
}

export interface QueryCode {
  /** t */
  step: number;
  /** |q| + R */
  reach: number;
  /** R |v| and all roundings. */
  slack: number;
  /** What is to be taken from the sums over the upper and the lower codes: `middle` of `scan` and of `sift`. */
  coarseMiddle: number;
  fineMiddle: number;
}

/**
 * Codes the face that is looked for.
 * @param codes where its whole numbers go; a multiple of 32, the rest filled with zeros
 */
export function codeQuery(vector: Float32Array, codes: Int8Array): QueryCode {
  let most = 0;
  let square = 0;
  for (let at = 0; at < vector.length; at += 1) {
    most = Math.max(most, Math.abs(vector[at]!));
    square += vector[at]! ** 2;
  }
  const length = Math.sqrt(square);
  const step = most / MOST_CODE;
  let wrongBy = 0;
  let sum = 0;
  codes.fill(0, vector.length);
  for (let at = 0; at < vector.length; at += 1) {
    const code = Math.round(vector[at]! / step);
    codes[at] = code;
    sum += code;
    wrongBy += (vector[at]! - step * code) ** 2;
  }
  const residual = Math.sqrt(wrongBy) * UP;
  return {
    step,
    reach: (length + residual) * UP,
    slack: residual * (1 + LENGTH_TOLERANCE) + ROUNDING,
    // Twice the sum of h k, less 15 k.
    coarseMiddle: 15 * sum,
    // The sum of l k, less 8 k.
    fineMiddle: 8 * sum,
  };
}

/** What `scan` (unit 8: its products are an eighth of the sum) or `sift` (unit 1) compares with to keep all of `floor`. */
export function limits({ step, reach, slack }: QueryCode, floor: number, unit: 1 | 8) {
  const each = step * unit;
  // Upwards what lets faces in, downwards what keeps them out.
  return { spread: (reach / each) * UP, least: (floor - slack) / each };
}
