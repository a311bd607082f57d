import type { I420Frame } from '../../../drivers/video/frame.ts';
import type { Box } from '../keys.ts';

/**
 * What somebody looks like from one frame to the next, coarse and cheap: mean brightness and colours of a grid over the
 * head and what is worn below it, or over the body. No model and nothing to know anybody by; only whether it can still be the
 * same person.
 */
export type Look = Float32Array;

/** Cells, and where they lie: from and to in parts of the box's breadth and height. */
interface Grid {
  columns: number;
  rows: number;
  across: readonly [from: number, to: number];
  down: readonly [from: number, to: number];
}

const GRIDS = {
  /** With the hair and what is worn below the face. */
  face: { columns: 3, rows: 4, across: [-0.3, 1.3], down: [-0.1, 2.2] },
  /** Without what is seen beside legs and arms. */
  body: { columns: 2, rows: 6, across: [0.2, 0.8], down: [0, 0.95] },
} as const satisfies Record<string, Grid>;

/** Samples of each side of a cell, and of the frame for its brightness. */
const SAMPLES = 6;
const FRAME_SAMPLES = 24;
/** The mean brightness to which frames are scaled, so that a camera that adapts to the light changes nothing, and the least. */
const USUAL_BRIGHTNESS = 110;
const DARKEST = 16;

/** Part of the cells that count, those that differ least: an arm, somebody who passes or the wall behind may change others. */
const COUNTED = 0.75;
/**
 * What a difference of two looks, 0..255, says against one person, as a negative log-likelihood: nothing up to `from`, so much
 * for each step beyond, and no more than `most`, so that somebody whom a shadow falls on stays who they are; beyond `never` they
 * are not of one person.
 *
 * Over the demo site's scenes, 0.2 to 1 s apart, the median of one person is 6 by faces and 12 by bodies, which change with every
 * step. Of pairs of one person and of two who stand where one could be taken for the other, above 21 lie 1 and 78 % by faces, 11
 * and 89 % by bodies; above 28, 0.1 and 50 %, 3 and 62 %.
 */
const JUDGED = {
  face: { from: 12, each: 0.33, most: 3, never: 21 },
  body: { from: 16, each: 0.2, most: 3, never: Number.POSITIVE_INFINITY },
} as const;

/** What looks are of. */
export type LookOf = keyof typeof GRIDS & keyof typeof JUDGED;

/**
 * How faces or bodies of a frame look: its brightness is measured once for all of them.
 * @returns given a box in pixels of the frame, its look; cells outside the picture stay unknown (NaN)
 */
export function looksIn(frame: I420Frame, of: LookOf): (box: Box) => Look {
  const gain = USUAL_BRIGHTNESS / Math.max(DARKEST, brightness(frame));
  return (box) => lookOf(frame, box, GRIDS[of], gain);
}

function lookOf(frame: I420Frame, [x1, y1, x2, y2]: Box, { columns, rows, across, down }: Grid, gain: number): Look {
  const left = x1 + across[0] * (x2 - x1);
  const top = y1 + down[0] * (y2 - y1);
  const wide = ((across[1] - across[0]) * (x2 - x1)) / columns;
  const high = ((down[1] - down[0]) * (y2 - y1)) / rows;
  const look = new Float32Array(3 * columns * rows).fill(Number.NaN);
  for (let cell = 0; cell < columns * rows; cell += 1) {
    const x = left + (cell % columns) * wide;
    const y = top + Math.floor(cell / columns) * high;
    const means = meansOf(frame, x, y, wide, high);
    if (means) for (let n = 0; n < 3; n += 1) look[3 * cell + n] = means[n]! * gain;
  }
  return look;
}

/** What two looks say against one person: 0 nothing, infinite that they are of two. */
export function strangeness(a: Look, b: Look, of: LookOf): number {
  const { from, each, most, never } = JUDGED[of];
  const found = difference(a, b);
  return found > never ? Number.POSITIVE_INFINITY : Math.min(most, Math.max(0, each * (found - from)));
}

/** Mean difference of the cells that count, 0..255; 0 of two that hardly share a cell, of which nothing can be said. */
function difference(a: Look, b: Look): number {
  const differences: number[] = [];
  for (let at = 0; at < a.length; at += 3) {
    const sum = Math.abs(a[at]! - b[at]!) + Math.abs(a[at + 1]! - b[at + 1]!) + Math.abs(a[at + 2]! - b[at + 2]!);
    if (!Number.isNaN(sum)) differences.push(sum);
  }
  if (differences.length < a.length / 6) return 0;
  const counted = differences.sort((one, other) => one - other).slice(0, Math.ceil(differences.length * COUNTED));
  return counted.reduce((sum, one) => sum + one, 0) / counted.length;
}

function brightness({ width, height, data, layout }: I420Frame): number {
  let sum = 0;
  for (let j = 0; j < FRAME_SAMPLES; j += 1) {
    const row = Math.floor(((j + 0.5) / FRAME_SAMPLES) * height) * layout.yStride;
    for (let i = 0; i < FRAME_SAMPLES; i += 1) sum += data[row + Math.floor(((i + 0.5) / FRAME_SAMPLES) * width)]!;
  }
  return sum / FRAME_SAMPLES ** 2;
}

/** Mean luma, and mean distances of both colours from gray, of a part of the frame; undefined outside it. */
function meansOf(frame: I420Frame, left: number, top: number, wide: number, high: number): number[] | undefined {
  const { width, height, data, layout } = frame;
  const [x1, x2] = [Math.max(0, left), Math.min(width, left + wide)];
  const [y1, y2] = [Math.max(0, top), Math.min(height, top + high)];
  if (x2 - x1 < wide / 2 || y2 - y1 < high / 2) return undefined;
  const sums = [0, 0, 0];
  for (let j = 0; j < SAMPLES; j += 1) {
    const y = Math.min(height - 1, Math.floor(y1 + ((j + 0.5) / SAMPLES) * (y2 - y1)));
    for (let i = 0; i < SAMPLES; i += 1) {
      const x = Math.min(width - 1, Math.floor(x1 + ((i + 0.5) / SAMPLES) * (x2 - x1)));
      const colour = (y >> 1) * layout.chromaStride + (x >> 1);
      sums[0]! += data[y * layout.yStride + x]!;
      sums[1]! += data[layout.uOffset + colour]! - 128;
      sums[2]! += data[layout.vOffset + colour]! - 128;
    }
  }
  return sums.map((sum) => sum / SAMPLES ** 2);
}
