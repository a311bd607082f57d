import { parentPort, workerData } from 'node:worker_threads';
import { limits, type QueryCode } from './bound.ts';
import { blockLayout, CONTROL, FLOOR_STEPS, type HeadLayout } from './layout.ts';
import { type Found, Nearest } from './nearest.ts';
import { runScanCode } from './scan-code.ts';

/**
 * A thread of the gallery's process. Threads share the blocks of a search between them: each takes the next one nobody
 * has taken. It ends when it is asked to, between two searches.
 */

export interface ThreadSetup {
  memory: WebAssembly.Memory;
  code: WebAssembly.Module;
  head: HeadLayout;
  /** Its number, from 0. */
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
}

const { memory, code, head, thread } = workerData as ThreadSetup;
const { scan, sift, product } = runScanCode(code, memory);
const control = new Int32Array(memory.buffer, head.control, 16);
const blocks = new Uint32Array(memory.buffer, head.blocks);
const ids = new Float64Array(memory.buffer);
const list = head.found + thread * head.foundBytes;
const rows = new Int32Array(memory.buffer, list, head.foundBytes / 4);

parentPort?.on('message', (task: ScanTask | 'end') => {
  // Of a thread this ends no more than the thread.
  if (task === 'end') process.exit(0);
  else parentPort?.postMessage(search(task));
});

function search({ width, stretches, query, most, least }: ScanTask): Found[] {
  const layout = blockLayout(width);
  const nearest = new Nearest(most);
  for (;;) {
    const stretch = Atomics.add(control, CONTROL.next, 1);
    if (stretch >= stretches) return nearest.found;
    const block = blocks[stretch * 4]!;
    const low = blocks[stretch * 4 + 1]!;
    const vectors = blocks[stretch * 4 + 2]!;
    const faces = blocks[stretch * 4 + 3]!;
    const scales = block + layout.scales;
    const floor = Math.max(least, Atomics.load(control, CONTROL.floor) / FLOOR_STEPS, nearest.floor ?? least);
    const coarse = limits(query, floor, 8);
    const errors = block + layout.coarseErrors;
    const found = scan(
      block,
      scales,
      errors,
      faces,
      width,
      head.query,
      query.coarseMiddle,
      coarse.spread,
      coarse.least,
      list,
    );
    if (found === 0) continue;
    const fine = limits(query, floor, 1);
    const kept = sift(
      low,
      scales,
      block + layout.fineErrors,
      list,
      found,
      width,
      head.query,
      query.fineMiddle,
      fine.spread,
      fine.least,
    );
    for (let at = 0; at < kept; at += 1) {
      const row = rows[at]!;
      if (row >= faces) continue;
      const cosine = product(vectors + row * width * 4, head.vector, width);
      if (cosine >= least) nearest.offer({ cosine, id: ids[(vectors + layout.ids) / 8 + row]!, stretch });
    }
    if (kept > 0) tell(nearest.floor);
  }
}

/** Lets the other threads know what cosine has to be reached by now. */
function tell(floor: number | undefined): void {
  if (floor === undefined) return;
  // Downwards: a little too low is never wrong.
  const steps = Math.floor(floor * FLOOR_STEPS);
  for (let known = Atomics.load(control, CONTROL.floor); known < steps; ) {
    const before = Atomics.compareExchange(control, CONTROL.floor, known, steps);
    if (before === known) return;
    known = before;
  }
}
