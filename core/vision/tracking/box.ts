import type { Box } from '../keys.ts';

/** Size of the picture in pixels. */
export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** Sides of a box that touch the border of the picture: there the true extent of the object is unknown. */
export interface ClippedSides {
  readonly left: boolean;
  readonly top: boolean;
  readonly right: boolean;
  readonly bottom: boolean;
}

/** Far beyond any camera: coordinates past this are decoding errors, not objects. */
const LARGEST_COORDINATE = 100_000;

/** Detectors stop a little short of the border, by about this part of the picture's size. */
const BORDER_FRACTION = 0.015;

/** True for a finite box of at least one pixel a side whose coordinates a camera can have. */
export function isPlausibleBox(box: Box): boolean {
  const [x1, y1, x2, y2] = box;
  const finite = box.length === 4 && box.every((value) => Math.abs(value) <= LARGEST_COORDINATE);
  return finite && x2 - x1 >= 1 && y2 - y1 >= 1;
}

/** Area in square pixels. */
export function area(box: Box): number {
  return (box[2] - box[0]) * (box[3] - box[1]);
}

/** Area that both boxes cover, in square pixels; 0 where they do not meet. */
export function overlapArea(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Intersection over union, 0..1. */
export function iou(a: Box, b: Box): number {
  const shared = overlapArea(a, b);
  return shared === 0 ? 0 : shared / (area(a) + area(b) - shared);
}

/** The box with every side moved outward by `fraction` of its width or height, as buffered IoU uses it. */
export function expandBox(box: Box, fraction: number): Box {
  const dx = (box[2] - box[0]) * fraction;
  const dy = (box[3] - box[1]) * fraction;
  return [box[0] - dx, box[1] - dy, box[2] + dx, box[3] + dy];
}

/** Part of the box that lies inside the picture, 0..1. */
export function visibleFraction(box: Box, frame: FrameSize): number {
  return overlapArea(box, [0, 0, frame.width, frame.height]) / area(box);
}

/** Which sides of the box touch the border of the picture. */
export function clippedSides(box: Box, frame: FrameSize): ClippedSides {
  const dx = frame.width * BORDER_FRACTION;
  const dy = frame.height * BORDER_FRACTION;
  return {
    left: box[0] <= dx,
    top: box[1] <= dy,
    right: box[2] >= frame.width - dx,
    bottom: box[3] >= frame.height - dy,
  };
}
