import { MOST_NUMBERS } from '../unit-vector.ts';

/**
 * Where things lie in the gallery's memory, which the process and its threads share: first what a search needs, then
 * blocks. A block holds 256 faces of one model and one database; `scan.wat` describes the two planes of codes.
 *
 * Blocks come in extents of 32: first the coarse parts of all 32, then all their low planes, then the rest. A search reads
 * coarse parts one after another; with the rest of each block in between, reading them took 1.6 times as long.
 */

/** Faces of a block: 64 KiB of codes to read for 512 numbers, and little wasted on a small database. */
export const ROWS = 256;
/** Numbers of an embedding are filled up with zeros to a multiple of this. */
const LANES = 32;
export const MOST_THREADS = 64;
/** Most faces of an answer. */
export const MOST_FOUND = 1_000;
/** Faces a thread remembers before it looks at them more closely: 1 in 10 of 80,000. */
export const MOST_PENDING = 8_192;
/** Each thread's state has a cache line of its own, i32. */
export const STATE_STEP = 16;
const MAX_MEMORY = 2 ** 32;

/** Numbers kept for an embedding of so many. */
export function widthOf(dimension: number): number {
  return Math.ceil(dimension / LANES) * LANES;
}

export const BLOCKS_AN_EXTENT = 32;

/** The parts of a block, in bytes. */
export interface BlockLayout {
  width: number;
  /** The coarse part: upper four bits of the codes, groups of four faces interleaved; behind them, each f32, */
  coarseBytes: number;
  /** the value of one step of the codes, */
  scales: number;
  /** and at most how far the upper four bits, and all eight, are from the face. */
  coarseErrors: number;
  fineErrors: number;
  /** Lower four bits of the codes. */
  lowBytes: number;
  /** The faces themselves as f32, and behind them their ids as f64. */
  faceBytes: number;
  ids: number;
  extentBytes: number;
}

/** Where the parts of one block are. */
export interface BlockPlace {
  coarse: number;
  low: number;
  faces: number;
}

export function blockLayout(width: number): BlockLayout {
  const lowBytes = (ROWS * width) / 2;
  const scales = lowBytes;
  const coarseErrors = scales + ROWS * 4;
  const fineErrors = coarseErrors + ROWS * 4;
  const coarseBytes = fineErrors + ROWS * 4;
  const ids = ROWS * width * 4;
  const faceBytes = ids + ROWS * 8;
  const extentBytes = BLOCKS_AN_EXTENT * (coarseBytes + lowBytes + faceBytes);
  return { width, coarseBytes, scales, coarseErrors, fineErrors, lowBytes, faceBytes, ids, extentBytes };
}

export function blockPlace(layout: BlockLayout, extent: number, block: number): BlockPlace {
  const low = extent + BLOCKS_AN_EXTENT * layout.coarseBytes;
  const faces = low + BLOCKS_AN_EXTENT * layout.lowBytes;
  return {
    coarse: extent + block * layout.coarseBytes,
    low: low + block * layout.lowBytes,
    faces: faces + block * layout.faceBytes,
  };
}

/** Bytes of memory for a face of so many numbers: 2,580 for 512 of them. */
export function bytesPerFace(dimension: number): number {
  return blockLayout(widthOf(dimension)).extentBytes / BLOCKS_AN_EXTENT / ROWS;
}

/** What every search writes anew. */
export interface HeadLayout {
  /** i32: see `Control`. */
  control: number;
  /** i32: where each thread stands, and f64: what is asked of them and what each has found; see `Desk`. */
  states: number;
  task: number;
  answers: number;
  /** i8: codes of the face that is looked for. */
  query: number;
  /** f32: that face itself. */
  vector: number;
  /** For each thread what `scan` writes, 16 bytes for a face; before it the 16 of `bests`. */
  found: number;
  foundBytes: number;
  /** Four u32 for each block to look at: where its parts are, and how many faces are in it. */
  blocks: number;
  bytes: number;
}

/** Places in the control words. */
export const CONTROL = {
  /** The next block nobody has taken yet. */
  next: 0,
  /** A cosine that the last of the wished for faces reaches in any case, in steps of 1 / `FLOOR_STEPS`. */
  floor: 1,
} as const;
export const FLOOR_STEPS = 2 ** 29;

export function headLayout(memoryBytes: number): HeadLayout {
  const control = 0;
  const states = 64;
  const task = states + MOST_THREADS * STATE_STEP * 4;
  const answers = task + 128;
  const query = answers + MOST_THREADS * (1 + MOST_FOUND * 3) * 8;
  const vector = query + MOST_NUMBERS;
  const found = vector + MOST_NUMBERS * 4;
  // A block more, and one face: `scan` writes ahead.
  const foundBytes = 16 + (MOST_PENDING + ROWS + 4) * 16;
  const blocks = found + MOST_THREADS * foundBytes;
  const mostBlocks = (memoryBytes / blockLayout(LANES).extentBytes) * BLOCKS_AN_EXTENT;
  const bytes = Math.ceil((blocks + mostBlocks * 16) / 65_536) * 65_536;
  return { control, states, task, answers, query, vector, found, foundBytes, blocks, bytes };
}

/** For blocks that are not full, one in each database. */
const SPARE_BYTES = 256 * 1024 * 1024;

/**
 * Memory for so many faces of each of two models with 512 numbers, as far as 32 bits can address it. Pages nobody has
 * written to take no room.
 */
export function memoryFor(capacity: number): number {
  const wished = 2 * capacity * bytesPerFace(512) + SPARE_BYTES;
  return Math.min(MAX_MEMORY, Math.ceil(wished / 65_536) * 65_536);
}
