import type { Box, CameraPlan, Detection, Point } from '../../../core/vision/keys.ts';
import { suppress } from '../../../models/adapters/nms.ts';
import { LABELS, type Subject } from './subjects.ts';

/** What a camera's plan lets pass. */
export type Limits = Pick<CameraPlan, 'roi' | 'faceSizeMin' | 'faceSizeMax'>;

/** The frame a picture was scaled from: its size, and what to multiply pixels of the picture with. */
export interface Scaling {
  width: number;
  height: number;
  scaleX: number;
  scaleY: number;
}

/** A box thinner than this, once cut off at the edges of the frame, shows nobody. Native pixels. */
const LEAST_SIDE = 2;
/** Boxes of one subject under two labels that overlap more are of one object. */
const SAME_OBJECT = 0.6;

/**
 * Brings a detector's finds to native pixels, cuts boxes off at the edges of the frame, and keeps those of the subject,
 * under its name, that the plan lets pass: their centre inside the region, and for faces the longer side within the
 * limits. What a model gave two of the subject's labels is kept once.
 * @param found boxes and points in pixels of the scaled picture
 */
export function sift(
  subject: Subject,
  found: readonly Detection[],
  { width, height, scaleX, scaleY }: Scaling,
  limits: Limits,
): Detection[] {
  const native = ([x, y]: Point): Point => [x * scaleX, y * scaleY];
  const sifted = found.flatMap(({ label, score, box, landmarks }): Detection[] => {
    if (!LABELS[subject].includes(label)) return [];
    const [left, top] = native([box[0], box[1]]);
    const [right, bottom] = native([box[2], box[3]]);
    const inFrame: Box = [Math.max(0, left), Math.max(0, top), Math.min(width, right), Math.min(height, bottom)];
    const shown = passes(inFrame, limits) && (subject !== 'face' || fits(inFrame, limits));
    if (!shown) return [];
    return [{ label: subject, score, box: inFrame, ...(landmarks ? { landmarks: landmarks.map(native) } : {}) }];
  });
  return LABELS[subject].length > 1 ? suppress(sifted, SAME_OBJECT) : sifted;
}

function passes([left, top, right, bottom]: Box, { roi }: Limits): boolean {
  // Written so that a box with a NaN in it is refused too.
  if (!(right - left >= LEAST_SIDE && bottom - top >= LEAST_SIDE)) return false;
  if (!roi) return true;
  const x = (left + right) / 2;
  const y = (top + bottom) / 2;
  return x >= roi[0] && x < roi[2] && y >= roi[1] && y < roi[3];
}

function fits([left, top, right, bottom]: Box, { faceSizeMin, faceSizeMax }: Limits): boolean {
  const longer = Math.max(right - left, bottom - top);
  return longer >= faceSizeMin && longer <= faceSizeMax;
}
