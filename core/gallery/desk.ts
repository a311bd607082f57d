import { type HeadLayout, MOST_FOUND, STATE_STEP } from './layout.ts';
import type { Found } from './nearest.ts';
import type { ScanTask } from './scanner.ts';

/** Where a helper stands. */
const IDLE = 0;
const ASKED = 1;
const WORKING = 2;
const ENDED = 3;

/**
 * How the main thread and its helpers speak: over the memory they share. A message between threads goes through the event
 * loops of both, which takes as long as reading thousands of faces.
 */
export class Desk {
  readonly #states: Int32Array;
  readonly #task: Float64Array;
  readonly #found: Float64Array;

  constructor(memory: WebAssembly.Memory, head: HeadLayout) {
    this.#states = new Int32Array(memory.buffer, head.states, (head.task - head.states) / 4);
    this.#task = new Float64Array(memory.buffer, head.task, (head.answers - head.task) / 8);
    this.#found = new Float64Array(memory.buffer, head.answers, (head.query - head.answers) / 8);
  }

  /** What all that are asked from here on have to do. Not while one of them works. */
  setTask({ width, stretches, query, most, least, from, to }: ScanTask): void {
    const { step, reach, slack, coarseMiddle, fineMiddle } = query;
    this.#task.set([width, stretches, most, least, from, to, step, reach, slack, coarseMiddle, fineMiddle]);
  }

  ask(thread: number): void {
    this.#enter(thread, ASKED);
  }

  /** Takes back what a helper was asked. False where it has begun already. */
  withdraw(thread: number): boolean {
    return Atomics.compareExchange(this.#states, thread * STATE_STEP, ASKED, IDLE) === ASKED;
  }

  isWorking(thread: number): boolean {
    return Atomics.load(this.#states, thread * STATE_STEP) === WORKING;
  }

  /** Blocks until the helper has answered, at most so long. */
  awaitAnswer(thread: number, ms: number): void {
    Atomics.wait(this.#states, thread * STATE_STEP, WORKING, ms);
  }

  /** What a helper answered last. */
  answer(thread: number): Found[] {
    const found = this.#answers(thread);
    return Array.from({ length: found[0] ?? 0 }, (_, at) => ({
      cosine: found[at * 3 + 1]!,
      id: found[at * 3 + 2]!,
      stretch: found[at * 3 + 3]!,
    }));
  }

  /** No helper gets another task. */
  end(thread: number): void {
    this.#enter(thread, ENDED);
  }

  /** For a helper: blocks until there is something to do; undefined where nothing will come any more. */
  awaitTask(thread: number): ScanTask | undefined {
    const at = thread * STATE_STEP;
    for (;;) {
      const state = Atomics.load(this.#states, at);
      if (state === ENDED) return undefined;
      if (state !== ASKED) Atomics.wait(this.#states, at, state);
      else if (Atomics.compareExchange(this.#states, at, ASKED, WORKING) === ASKED) return this.#readTask();
    }
  }

  /** For a helper: says what it found. */
  tell(thread: number, found: readonly Found[]): void {
    const answer = this.#answers(thread);
    answer[0] = found.length;
    for (const [index, { cosine, id, stretch }] of found.entries()) answer.set([cosine, id, stretch], index * 3 + 1);
    // Unless it was asked to end meanwhile.
    const at = thread * STATE_STEP;
    Atomics.compareExchange(this.#states, at, WORKING, IDLE);
    Atomics.notify(this.#states, at);
  }

  #enter(thread: number, state: number): void {
    Atomics.store(this.#states, thread * STATE_STEP, state);
    Atomics.notify(this.#states, thread * STATE_STEP);
  }

  #readTask(): ScanTask {
    const [width, stretches, most, least, from, to, step, reach, slack, coarseMiddle, fineMiddle] = this.#task;
    return {
      width: width!,
      stretches: stretches!,
      most: most!,
      least: least!,
      from: from!,
      to: to!,
      query: { step: step!, reach: reach!, slack: slack!, coarseMiddle: coarseMiddle!, fineMiddle: fineMiddle! },
    };
  }

  #answers(thread: number): Float64Array {
    const length = 1 + MOST_FOUND * 3;
    return this.#found.subarray(thread * length, (thread + 1) * length);
  }
}
