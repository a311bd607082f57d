/** Acts that wait to be tried again, at most; what is beyond them is found at the next start. */
const MOST = 200;
const AGAIN_MS = 15_000;

/** Does things until they are done: what shows somebody who was erased must go, also where the disk is full just now. */
export class Insisting {
  readonly #failed: (error: Error) => void;
  readonly #again: number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #stopped = false;

  /**
   * @param failed told of every attempt that failed
   * @param again pause before the next attempt, ms
   */
  constructor(failed: (error: Error) => void, again: number = AGAIN_MS) {
    this.#failed = failed;
    this.#again = again;
  }

  /** Resolves after the first attempt; does not reject. */
  async until(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#failed(error as Error);
      if (this.#stopped || this.#timers.size >= MOST) return;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        void this.until(act);
      }, this.#again);
      timer.unref();
      this.#timers.add(timer);
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
