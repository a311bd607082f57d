import type { Box, Detection } from './types.ts';

/** Enough for any scene; more than that is a picture made to keep the box busy, since the work grows with the square. */
const MOST_CANDIDATES = 500;

/** Overlap of two boxes, 0..1: their common area divided by the area they cover together. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (!(width > 0 && height > 0)) return 0;
  const common = width * height;
  const union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common;
  return common / union;
}

/**
 * Non-maximum suppression: of detections with the same label that overlap more than `overlap`, the best stays.
 * Only the 500 best candidates are looked at.
 * @returns what stays, best score first.
 */
export function suppress<T extends Pick<Detection, 'label' | 'score' | 'box'>>(candidates: T[], overlap: number): T[] {
  const ranked = [...candidates].sort((a, b) => b.score - a.score).slice(0, MOST_CANDIDATES);
  const kept: T[] = [];
  for (const one of ranked) {
    const hidden = kept.some((k) => k.label === one.label && intersectionOverUnion(k.box, one.box) > overlap);
    if (!hidden) kept.push(one);
  }
  return kept;
}
