import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import type { Blocks } from './blocks.ts';
import { codeQuery } from './bound.ts';
import { Desk } from './desk.ts';
import { CONTROL, FLOOR_STEPS, MOST_FOUND, MOST_THREADS, widthOf } from './layout.ts';
import { type Found, Nearest } from './nearest.ts';
import type { Stretch } from './partitions.ts';
import { Scanner, type ScanTask } from './scanner.ts';
import { loadScanCode, threadStarter } from './thread-code.ts';

/** A thread is not worth waking for fewer blocks: 3 µs each. */
const BLOCKS_A_THREAD = 16;
/** After so long without a turn of the event loop, messages and the beat get one. */
const TURN_MS = 50;
/** A helper has at most one block left when the main thread has none: falling asleep would take longer. */
const AWAKE_MS = 0.1;
/** Below every cosine. */
const NOTHING = -2;
const ALL_IDS = [0, Number.POSITIVE_INFINITY] as const;

export interface Query {
  vector: Float32Array;
  stretches: readonly Stretch[];
  /** At most `MOST_FOUND`. */
  most: number;
  /** Cosine below which none is told. */
  least?: number;
  /** Only faces with ids from the first on and before the second. */
  ids?: readonly [from: number, to: number];
}

export interface Hit {
  id: number;
  library: number;
  cosine: number;
}

/**
 * The threads that search: the main thread, which has the question already, and helpers. They are threads and not processes
 * because they read the same memory. Helpers wait for tasks and are never terminated: one that is busy finishes its
 * search first. One that does not get to run in time is not waited for.
 */
export class ScanThreads {
  readonly #blocks: Blocks;
  readonly #own: Scanner;
  readonly #helpers: readonly Worker[];
  readonly #desk: Desk;
  readonly #control: Int32Array;
  readonly #query: Int8Array;
  readonly #vector: Float32Array;
  /** What the head's list of blocks was made from. */
  #listed: readonly Stretch[] = [];

  private constructor(blocks: Blocks, own: Scanner, helpers: Worker[]) {
    const { memory, head } = blocks;
    this.#blocks = blocks;
    this.#own = own;
    this.#helpers = helpers;
    this.#desk = new Desk(memory, head);
    this.#control = new Int32Array(memory.buffer, head.control, 16);
    this.#query = new Int8Array(memory.buffer, head.query, head.vector - head.query);
    this.#vector = new Float32Array(memory.buffer, head.vector, (head.found - head.vector) / 4);
  }

  /** @param failed told when a thread ends by itself: no search is answered any more */
  static async start(blocks: Blocks, count: number, failed: (reason: string) => void): Promise<ScanThreads> {
    const setup = { memory: blocks.memory, code: loadScanCode(), head: blocks.head };
    const helpers: Worker[] = [];
    if (count > 1) {
      const start = await threadStarter();
      for (let thread = 1; thread < Math.min(count, MOST_THREADS); thread += 1) {
        const helper = start({ ...setup, thread });
        helper.on('error', (error) => failed(error.message));
        helpers.push(helper);
      }
    }
    return new ScanThreads(blocks, new Scanner({ ...setup, thread: 0 }), helpers);
  }

  /**
   * The nearest faces, exactly. One search at a time, and nothing may be written meanwhile; where something was, the
   * array of stretches is another one.
   * @throws RangeError for more faces than fit in an answer
   */
  async search({ vector, stretches, most, least = NOTHING, ids = ALL_IDS }: Query): Promise<Hit[]> {
    if (most > MOST_FOUND) throw new RangeError(`at most ${MOST_FOUND} faces are told at a time`);
    if (stretches.length === 0) return [];
    const width = widthOf(vector.length);
    this.#vector.fill(0);
    this.#vector.set(vector);
    const query = codeQuery(vector, this.#query.subarray(0, width));
    this.#list(stretches);
    Atomics.store(this.#control, CONTROL.next, 0);
    Atomics.store(this.#control, CONTROL.floor, NOTHING * FLOOR_STEPS);
    const [from, to] = ids;
    const asked = { query, most, least: Math.max(least, NOTHING), from, to };
    const task: ScanTask = { width, stretches: stretches.length, ...asked };
    const helpers = Math.min(this.#helpers.length, Math.floor(stretches.length / BLOCKS_A_THREAD));
    this.#desk.setTask(task);
    for (let thread = 1; thread <= helpers; thread += 1) this.#desk.ask(thread);
    const nearest = new Nearest(most);
    while (!this.#own.run(task, nearest, TURN_MS)) await nextTurn();
    for (let thread = 1; thread <= helpers; thread += 1) {
      for (const face of await this.#answer(thread)) nearest.offer(face);
    }
    const { found } = nearest;
    return found.map(({ id, cosine, stretch }) => ({ id, cosine, library: stretches[stretch]!.library }));
  }

  /** Asks them to end, and waits until they have. */
  async end(): Promise<void> {
    await Promise.all(
      this.#helpers.map((helper, index) => {
        const gone = new Promise<void>((resolve) => helper.once('exit', () => resolve()));
        this.#desk.end(index + 1);
        return gone;
      }),
    );
  }

  #list(stretches: readonly Stretch[]): void {
    if (stretches === this.#listed) return;
    const { memory, head } = this.#blocks;
    const blocks = new Uint32Array(memory.buffer, head.blocks, stretches.length * 4);
    for (let index = 0; index < stretches.length; index += 1) {
      const { place, faces } = stretches[index]!;
      blocks[index * 4] = place.coarse;
      blocks[index * 4 + 1] = place.low;
      blocks[index * 4 + 2] = place.faces;
      blocks[index * 4 + 3] = faces;
    }
    this.#listed = stretches;
  }

  /** What a helper has found, once it has. */
  async #answer(thread: number): Promise<Found[]> {
    // Every block has been taken: one that has not begun yet would find nothing to do.
    if (this.#desk.withdraw(thread)) return [];
    for (const end = performance.now() + AWAKE_MS; this.#desk.isWorking(thread); ) {
      if (performance.now() < end) continue;
      this.#desk.awaitAnswer(thread, TURN_MS);
      await nextTurn();
    }
    return this.#desk.answer(thread);
  }
}
