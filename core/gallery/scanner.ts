import { limits, type QueryCode } from './bound.ts';
import { type BlockLayout, blockLayout, CONTROL, FLOOR_STEPS, type HeadLayout, MOST_PENDING } from './layout.ts';
import type { Nearest } from './nearest.ts';
import { runScanCode, type ScanCode } from './scan-code.ts';

export interface ScanSetup {
  memory: WebAssembly.Memory;
  code: WebAssembly.Module;
  head: HeadLayout;
  /** Number of the thread, from 0. */
  thread: number;
}

export interface ScanTask {
  width: number;
  /** Stretches in the head's list of blocks. */
  stretches: number;
  query: QueryCode;
  most: number;
  /** Cosine below which nobody is looked for. */
  least: number;
  /** Only faces with ids from `from` on and before `to`. */
  from: number;
  to: number;
}

/** A block with faces that may be among the nearest, and where they are in the list. */
interface Pending {
  stretch: number;
  at: number;
  count: number;
}

/** Words of a face in the list: row, coarse product and bound; see `scan.wat`. */
const ENTRY = 4;

/**
 * What each thread does in a search: it takes the next block nobody has taken, until there is none left, and notes whom
 * the coarse codes do not put aside. Only then it looks at them more closely. By the coarse codes alone it is nearly
 * certain who the nearest are; those are compared at once, and their cosine keeps out most of the others unseen.
 */
export class Scanner {
  readonly #code: ScanCode;
  readonly #head: HeadLayout;
  readonly #control: Int32Array;
  readonly #blocks: Uint32Array;
  readonly #ids: Float64Array;
  readonly #floats: Float32Array;
  /** Address of what `scan` tells of a block, and behind it the list. */
  readonly #bests: number;
  readonly #best: Float32Array;
  readonly #list: Int32Array;
  #pending: Pending[] = [];
  /** Faces in the list. */
  #noted = 0;

  constructor({ memory, code, head, thread }: ScanSetup) {
    this.#code = runScanCode(code, memory);
    this.#head = head;
    this.#control = new Int32Array(memory.buffer, head.control, 16);
    this.#blocks = new Uint32Array(memory.buffer, head.blocks);
    this.#ids = new Float64Array(memory.buffer);
    this.#floats = new Float32Array(memory.buffer);
    this.#bests = head.found + thread * head.foundBytes;
    this.#best = new Float32Array(memory.buffer, this.#bests, 4);
    this.#list = new Int32Array(memory.buffer, this.#bests + 16, head.foundBytes / 4 - 4);
  }

  /**
   * Takes blocks for about so long.
   * @param nearest gets what was found
   * @returns whether none is left
   */
  run(task: ScanTask, nearest: Nearest, ms = Number.POSITIVE_INFINITY): boolean {
    const layout = blockLayout(task.width);
    const end = performance.now() + ms;
    for (let taken = 1; ; taken += 1) {
      const stretch = Atomics.add(this.#control, CONTROL.next, 1);
      if (stretch >= task.stretches) break;
      this.#scan(stretch, layout, task, nearest);
      if (this.#noted > MOST_PENDING) this.#sift(layout, task, nearest);
      if (taken % 64 === 0 && performance.now() > end) return false;
    }
    this.#sift(layout, task, nearest);
    return true;
  }

  #scan(stretch: number, layout: BlockLayout, task: ScanTask, nearest: Nearest): void {
    const { width, query, from, to } = task;
    const block = this.#blocks[stretch * 4]!;
    const faces = this.#blocks[stretch * 4 + 3]!;
    const ids = (this.#blocks[stretch * 4 + 2]! + layout.ids) / 8;
    if (to - from < Number.POSITIVE_INFINITY && !this.#hasAny(ids, faces, from, to)) return;
    const floor = this.#floor(task, nearest);
    const { spread, least } = limits(query, floor, 8);
    const at = this.#noted * ENTRY;
    let count = this.#code.scan(
      block,
      block + layout.scales,
      block + layout.coarseErrors,
      faces,
      width,
      this.#head.query,
      query.coarseMiddle,
      spread,
      least,
      this.#list.byteOffset + at * 4,
      this.#bests,
    );
    if (count === 0) return;
    const best = Math.max(this.#best[0]!, this.#best[1]!, this.#best[2]!, this.#best[3]!);
    if (best * query.step * 8 >= floor) count = this.#offerBest({ stretch, at, count }, layout, task, nearest);
    if (count === 0) return;
    this.#pending.push({ stretch, at, count });
    this.#noted += count;
  }

  /**
   * Compares those at once who look as if they were among the nearest so far, and strikes them off the list.
   * @returns how many are left in it
   */
  #offerBest({ stretch, at, count }: Pending, layout: BlockLayout, task: ScanTask, nearest: Nearest): number {
    const list = this.#list;
    const unit = task.query.step * 8;
    const scales = (this.#blocks[stretch * 4]! + layout.scales) / 4;
    let floor = this.#floor(task, nearest);
    let end = at + count * ENTRY;
    for (let face = at; face < end; ) {
      const row = list[face]!;
      if (this.#floats[scales + row]! * list[face + 1]! * unit < floor) {
        face += ENTRY;
        continue;
      }
      this.#offer(stretch, row, layout, task, nearest);
      floor = Math.max(floor, nearest.floor ?? floor);
      end -= ENTRY;
      list.copyWithin(face, end, end + ENTRY);
    }
    this.#tell(nearest.floor);
    return (end - at) / ENTRY;
  }

  /** Looks at all that were noted by their lower codes, and compares those that are left. */
  #sift(layout: BlockLayout, task: ScanTask, nearest: Nearest): void {
    const { width, query } = task;
    for (const { stretch, at, count } of this.#pending) {
      const block = this.#blocks[stretch * 4]!;
      const floor = this.#floor(task, nearest);
      const { spread, least } = limits(query, floor, 1);
      const kept = this.#code.sift(
        this.#blocks[stretch * 4 + 1]!,
        block + layout.scales,
        block + layout.fineErrors,
        this.#list.byteOffset + at * 4,
        count,
        width,
        this.#head.query,
        query.fineMiddle,
        limits(query, floor, 8).least,
        spread,
        least,
      );
      for (let row = at; row < at + kept; row += 1) this.#offer(stretch, this.#list[row]!, layout, task, nearest);
      if (kept > 0) this.#tell(nearest.floor);
    }
    this.#pending = [];
    this.#noted = 0;
  }

  #offer(stretch: number, row: number, layout: BlockLayout, task: ScanTask, nearest: Nearest): void {
    // Read with the last group, but no face.
    if (row >= this.#blocks[stretch * 4 + 3]!) return;
    const vectors = this.#blocks[stretch * 4 + 2]!;
    const id = this.#ids[(vectors + layout.ids) / 8 + row]!;
    // Before it counts: one that is not asked for must not keep others out.
    if (id < task.from || id >= task.to) return;
    const cosine = this.#code.product(vectors + row * task.width * 4, this.#head.vector, task.width);
    if (cosine >= task.least) nearest.offer({ cosine, id, stretch });
  }

  /** A cosine that is reached by as many as are wished for, or is asked for. */
  #floor({ least }: ScanTask, nearest: Nearest): number {
    const known = Atomics.load(this.#control, CONTROL.floor) / FLOOR_STEPS;
    return Math.max(least, known, nearest.floor ?? least);
  }

  /** Faces come in the order of their ids, mostly: of a short range most blocks have none. */
  #hasAny(ids: number, faces: number, from: number, to: number): boolean {
    for (let at = ids; at < ids + faces; at += 1) {
      const id = this.#ids[at]!;
      if (id >= from && id < to) return true;
    }
    return false;
  }

  /** Lets the other threads know what cosine has to be reached by now. */
  #tell(floor: number | undefined): void {
    if (floor === undefined) return;
    // Downwards: a little too low is never wrong.
    const steps = Math.floor(floor * FLOOR_STEPS);
    for (let known = Atomics.load(this.#control, CONTROL.floor); known < steps; ) {
      const before = Atomics.compareExchange(this.#control, CONTROL.floor, known, steps);
      if (before === known) return;
      known = before;
    }
  }
}
