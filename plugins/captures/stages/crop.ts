import type { Box, CaptureKind } from '../../../core/vision/keys.ts';

/** Surroundings kept on each side of the subject, as part of its width and height. */
const MARGIN = { face: 0.4, body: 0.08, vehicle: 0.06 } as const satisfies Record<CaptureKind, number>;

/**
 * The part of the frame to cut out for a subject, in whole even pixels (colour has half the resolution), and the
 * subject's box inside it. Both lie inside the frame.
 */
export function cropFor(
  kind: CaptureKind,
  box: Box,
  frame: { width: number; height: number },
): { crop: Box; boxInCrop: Box } {
  const dx = (box[2] - box[0]) * MARGIN[kind];
  const dy = (box[3] - box[1]) * MARGIN[kind];
  const [left, right] = span(box[0] - dx, box[2] + dx, frame.width);
  const [top, bottom] = span(box[1] - dy, box[3] + dy, frame.height);
  const inside = (value: number, from: number, to: number) => Math.min(to, Math.max(from, Math.round(value))) - from;
  return {
    crop: [left, top, right, bottom],
    boxInCrop: [
      inside(box[0], left, right),
      inside(box[1], top, bottom),
      inside(box[2], left, right),
      inside(box[3], top, bottom),
    ],
  };
}

/** From and to in even pixels, at least two apart where the frame has them; the end of an odd frame stays odd. */
function span(from: number, to: number, size: number): [number, number] {
  const start = Math.max(0, Math.min(size - 2, 2 * Math.floor(from / 2)));
  const end = Math.min(size, Math.max(start + 2, 2 * Math.ceil(to / 2)));
  return [start, end];
}
