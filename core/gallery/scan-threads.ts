import { Worker } from 'node:worker_threads';
import type { Blocks } from './blocks.ts';
import { codeQuery } from './bound.ts';
import { CONTROL, FLOOR_STEPS, MOST_THREADS, widthOf } from './layout.ts';
import { compareFound, type Found } from './nearest.ts';
import type { Stretch } from './partitions.ts';
import { loadScanCode } from './scan-code.ts';
import type { ScanTask, ThreadSetup } from './scan-thread.ts';

/** A thread is not worth waking for fewer blocks. */
const BLOCKS_A_THREAD = 4;
/** Below every cosine. */
const NOTHING = -2;

export interface Query {
  vector: Float32Array;
  stretches: readonly Stretch[];
  most: number;
  /** Cosine below which none is told. */
  least?: number;
}

export interface Hit {
  id: number;
  library: number;
  cosine: number;
}

/**
 * The threads that search. They are threads and not processes because they read the same memory, and not the main thread
 * because that has to go on taking messages and giving its beat while a million faces are looked at. They wait for tasks
 * and are never terminated: one that is busy finishes its search first.
 */
export class ScanThreads {
  readonly #blocks: Blocks;
  readonly #threads: Worker[] = [];
  readonly #control: Int32Array;
  readonly #query: Int16Array;
  readonly #vector: Float32Array;

  /** @param failed told when a thread ends by itself: no search is answered any more */
  constructor(blocks: Blocks, count: number, failed: (reason: string) => void) {
    const { memory, head } = blocks;
    this.#blocks = blocks;
    this.#control = new Int32Array(memory.buffer, head.control, 16);
    this.#query = new Int16Array(memory.buffer, head.query, (head.vector - head.query) / 2);
    this.#vector = new Float32Array(memory.buffer, head.vector, (head.found - head.vector) / 4);
    const code = loadScanCode();
    for (let thread = 0; thread < Math.min(count, MOST_THREADS); thread += 1) {
      const worker = startThread({ memory, code, head, thread });
      worker.on('error', (error) => failed(error.message));
      this.#threads.push(worker);
    }
  }

  /** The nearest faces, exactly. One search at a time, and nothing may be written meanwhile. */
  async search({ vector, stretches, most, least = NOTHING }: Query): Promise<Hit[]> {
    const [first] = stretches;
    if (!first) return [];
    const { memory, head } = this.#blocks;
    const width = widthOf(vector.length);
    this.#vector.fill(0);
    this.#vector.set(vector);
    const query = codeQuery(vector, this.#query.subarray(0, width));
    const blocks = new Uint32Array(memory.buffer, head.blocks, stretches.length * 4);
    for (let index = 0; index < stretches.length; index += 1) {
      const { place, faces } = stretches[index]!;
      blocks[index * 4] = place.coarse;
      blocks[index * 4 + 1] = place.low;
      blocks[index * 4 + 2] = place.faces;
      blocks[index * 4 + 3] = faces;
    }
    Atomics.store(this.#control, CONTROL.next, 0);
    Atomics.store(this.#control, CONTROL.floor, NOTHING * FLOOR_STEPS);
    const task: ScanTask = { width, stretches: stretches.length, query, most, least: Math.max(least, NOTHING) };
    const threads = this.#threads.slice(0, Math.ceil(stretches.length / BLOCKS_A_THREAD));
    const parts = await Promise.all(threads.map((thread) => ask(thread, task)));
    const found = parts.flat().sort(compareFound).slice(0, most);
    return found.map(({ id, cosine, stretch }) => ({ id, cosine, library: stretches[stretch]!.library }));
  }

  /** Asks them to end, and waits until they have. */
  async end(): Promise<void> {
    await Promise.all(
      this.#threads.map((thread) => {
        const gone = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
        thread.postMessage('end');
        return gone;
      }),
    );
  }
}

function ask(thread: Worker, task: ScanTask): Promise<Found[]> {
  return new Promise((resolve) => {
    thread.once('message', resolve);
    thread.postMessage(task);
  });
}

function startThread(workerData: ThreadSetup): Worker {
  const program = new URL('./scan-thread.ts', import.meta.url);
  if ('deno' in process.versions) return new Worker(program, { workerData });
  // Under Node 20 a thread does not get the loader for TypeScript that its process was started with.
  const load = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(program.href)}); })`;
  return new Worker(load, { eval: true, execArgv: [], workerData });
}
