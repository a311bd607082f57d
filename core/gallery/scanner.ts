import { limits, type QueryCode } from './bound.ts';
import { blockLayout, CONTROL, FLOOR_STEPS, type HeadLayout } from './layout.ts';
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

/** What each thread does in a search: it takes the next block nobody has taken, until there is none left. */
export class Scanner {
  readonly #code: ScanCode;
  readonly #head: HeadLayout;
  readonly #control: Int32Array;
  readonly #blocks: Uint32Array;
  readonly #ids: Float64Array;
  readonly #list: number;
  readonly #rows: Int32Array;

  constructor({ memory, code, head, thread }: ScanSetup) {
    this.#code = runScanCode(code, memory);
    this.#head = head;
    this.#control = new Int32Array(memory.buffer, head.control, 16);
    this.#blocks = new Uint32Array(memory.buffer, head.blocks);
    this.#ids = new Float64Array(memory.buffer);
    this.#list = head.found + thread * head.foundBytes;
    this.#rows = new Int32Array(memory.buffer, this.#list, head.foundBytes / 4);
  }

  /**
   * Takes blocks for about so long.
   * @param nearest gets what was found
   * @returns whether none is left
   */
  run(task: ScanTask, nearest: Nearest, ms = Number.POSITIVE_INFINITY): boolean {
    const end = performance.now() + ms;
    for (let taken = 1; ; taken += 1) {
      const stretch = Atomics.add(this.#control, CONTROL.next, 1);
      if (stretch >= task.stretches) return true;
      this.#look(stretch, task, nearest);
      if (taken % 64 === 0 && performance.now() > end) return false;
    }
  }

  #look(stretch: number, { width, query, least, from, to }: ScanTask, nearest: Nearest): void {
    const layout = blockLayout(width);
    const head = this.#head;
    const block = this.#blocks[stretch * 4]!;
    const low = this.#blocks[stretch * 4 + 1]!;
    const vectors = this.#blocks[stretch * 4 + 2]!;
    const faces = this.#blocks[stretch * 4 + 3]!;
    const ids = (vectors + layout.ids) / 8;
    if (!this.#hasAny(ids, faces, from, to)) return;
    const scales = block + layout.scales;
    const known = Atomics.load(this.#control, CONTROL.floor) / FLOOR_STEPS;
    const floor = Math.max(least, known, nearest.floor ?? least);
    const coarse = limits(query, floor, 8);
    const found = this.#code.scan(
      block,
      scales,
      block + layout.coarseErrors,
      faces,
      width,
      head.query,
      query.coarseMiddle,
      coarse.spread,
      coarse.least,
      this.#list,
    );
    if (found === 0) return;
    const fine = limits(query, floor, 1);
    const kept = this.#code.sift(
      low,
      scales,
      block + layout.fineErrors,
      this.#list,
      found,
      width,
      head.query,
      query.fineMiddle,
      fine.spread,
      fine.least,
    );
    for (let at = 0; at < kept; at += 1) {
      const row = this.#rows[at]!;
      // Read with the last group, but no face.
      if (row >= faces) continue;
      const id = this.#ids[ids + row]!;
      // Before it counts: one that is not asked for must not keep others out.
      if (id < from || id >= to) continue;
      const cosine = this.#code.product(vectors + row * width * 4, head.vector, width);
      if (cosine >= least) nearest.offer({ cosine, id, stretch });
    }
    if (kept > 0) this.#tell(nearest.floor);
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
