import type { Detection, Point } from '../../../core/vision/keys.ts';
import { cropI420 } from '../../../drivers/video/crop.ts';
import type { I420Frame } from '../../../drivers/video/frame.ts';
import { facePose } from '../../../models/adapters/face-pose.ts';
import type { Aligner } from '../../../models/adapters/landmarks.ts';

/** Faces of a frame that are looked at again, the surest first: each costs a fifth of what the demo's detector does. */
export const MOST_FACES = 6;
/** Around the box on each side, in parts of it: the aligned face and its surroundings lie inside, turned as they may be. */
const MARGIN = 0.9;
/** Pixels of the longer side: half as many again as the model sees. */
const MOST_PIXELS = 120;

/**
 * Finds the landmarks of faces anew where the frame shows them at its own resolution: their detector saw it scaled down.
 * @param faces in native pixels; the same come back, with better landmarks where the aligner has a model
 */
export async function withExactLandmarks(
  frame: I420Frame,
  faces: readonly Detection[],
  aligner: Aligner,
): Promise<Detection[]> {
  const { modelId } = aligner;
  if (!modelId) return [...faces];
  const exact: Detection[] = [];
  for (const [at, face] of faces.entries()) {
    const found = at < MOST_FACES ? await anew(frame, face, aligner) : undefined;
    exact.push(found ? { ...face, ...found, alignedBy: modelId } : face);
  }
  return exact;
}

/** Undefined for a face that has no landmarks, or none that make a face. */
async function anew(
  frame: I420Frame,
  { box: [x1, y1, x2, y2], landmarks }: Detection,
  aligner: Aligner,
): Promise<Pick<Detection, 'landmarks' | 'moved'> | undefined> {
  if (!landmarks || !facePose(landmarks)) return undefined;
  const [dx, dy] = [(x2 - x1) * MARGIN, (y2 - y1) * MARGIN];
  const left = Math.max(0, Math.floor(x1 - dx));
  const top = Math.max(0, Math.floor(y1 - dy));
  const width = Math.min(frame.width, Math.ceil(x2 + dx)) - left;
  const height = Math.min(frame.height, Math.ceil(y2 + dy)) - top;
  const picture = cropI420(frame, { x: left, y: top, width, height }, { maxSize: MOST_PIXELS });
  const [scaleX, scaleY] = [picture.width / width, picture.height / height];
  const rough = landmarks.map(([x, y]): Point => [(x - left) * scaleX, (y - top) * scaleY]);
  const { landmarks: exact, moved } = await aligner.align(picture, rough);
  const inFrame = exact.map(([x, y]): Point => [x / scaleX + left, y / scaleY + top]);
  return { landmarks: inFrame, ...(moved === undefined ? {} : { moved }) };
}
