import { cropI420 } from '../../drivers/video/crop.ts';
import type { VideoFrame } from '../../drivers/video/frame.ts';
import { around, movedInside } from '../../models/adapters/crops.ts';
import type { Cut, Shot } from './describer.ts';
import type { Box, CaptureKind, Point } from './keys.ts';
import type { PlannedDescriber } from './protocol.ts';

/** Longer side of a cut that names none, pixels: several times what models look at. */
const USUAL_SIZE = 512;

/** Somebody or something in a frame, in native pixels. */
export interface Subject {
  kind: CaptureKind;
  box: Box;
  landmarks?: Point[];
  alignedBy?: string;
}

/**
 * Cuts out of a frame what is needed to describe a subject: the smallest part that holds all of the cuts.
 * @throws RangeError where nothing of it lies inside the frame
 */
export function takeShot(frame: VideoFrame, { kind, box, landmarks, alignedBy }: Subject, cuts: readonly Cut[]): Shot {
  const boxes = cuts.map((cut) => (cut.moved ? movedInside(around(box, cut), frame) : around(box, cut)));
  const left = Math.max(0, Math.floor(Math.min(...boxes.map((one) => one[0]))));
  const top = Math.max(0, Math.floor(Math.min(...boxes.map((one) => one[1]))));
  const right = Math.min(frame.width, Math.ceil(Math.max(...boxes.map((one) => one[2]))));
  const bottom = Math.min(frame.height, Math.ceil(Math.max(...boxes.map((one) => one[3]))));
  const region = { x: left, y: top, width: right - left, height: bottom - top };
  const maxSize = Math.max(...cuts.map(({ size = USUAL_SIZE }) => size));
  const picture = cropI420(frame.full, region, { maxSize });
  const scaleX = picture.width / region.width;
  const scaleY = picture.height / region.height;
  const inPicture = ([x, y]: Point): Point => [(x - left) * scaleX, (y - top) * scaleY];
  return {
    kind,
    picture,
    box: [...inPicture([box[0], box[1]]), ...inPicture([box[2], box[3]])],
    ...(landmarks ? { landmarks: landmarks.map(inPicture) } : {}),
    ...(alignedBy ? { alignedBy } : {}),
    frameBox: box,
    frameWidth: frame.width,
    frameHeight: frame.height,
  };
}

/** A box in a shot's picture, in the full frame's native pixels. */
export function inFrame({ box, frameBox }: Shot, [left, top, right, bottom]: Box): Box {
  const x = (at: number) => frameBox[0] + ((at - box[0]) * (frameBox[2] - frameBox[0])) / (box[2] - box[0]);
  const y = (at: number) => frameBox[1] + ((at - box[1]) * (frameBox[3] - frameBox[1])) / (box[3] - box[1]);
  return [x(left), y(top), x(right), y(bottom)];
}

/** What a describer needs to see: what its declaration says, or the cards of the models it asks. */
export function cutsOf({ cut, model }: Pick<PlannedDescriber, 'cut' | 'model'>): Cut[] {
  if (!model) return [cut];
  return [model, ...(model.others ?? [])].map(({ crop }) => {
    if (!crop) return cut;
    const { times, shape, beyond } = crop;
    // More of the frame must not make the subject smaller: other describers look at the same picture.
    const size = Math.ceil((cut.size ?? USUAL_SIZE) * Math.max(1, times / (cut.times ?? 1)));
    return { square: shape === 'square', times, moved: beyond === 'move', size };
  });
}
