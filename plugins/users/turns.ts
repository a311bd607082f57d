/** Bounds how much is under way at once, in all and for one group, and runs what has the same key one after another. */
export class Turns {
  readonly #max: number;
  readonly #maxOfGroup: number;
  #inside = 0;
  readonly #groups = new Map<string, number>();
  readonly #last = new Map<string, Promise<void>>();

  constructor(max: number, maxOfGroup: number) {
    this.#max = max;
    this.#maxOfGroup = maxOfGroup;
  }

  /** Takes a place and gives the function that leaves it; undefined where none is free. */
  enter(group: string): (() => void) | undefined {
    const ofGroup = this.#groups.get(group) ?? 0;
    if (this.#inside >= this.#max || ofGroup >= this.#maxOfGroup) return undefined;
    this.#inside += 1;
    this.#groups.set(group, ofGroup + 1);
    return () => {
      this.#inside -= 1;
      const left = (this.#groups.get(group) ?? 1) - 1;
      if (left > 0) this.#groups.set(group, left);
      else this.#groups.delete(group);
    };
  }

  /** Runs `step` when all earlier ones of this key have ended, well or badly. */
  async inTurn<T>(key: string, step: () => Promise<T>): Promise<T> {
    const running = (this.#last.get(key) ?? Promise.resolve()).then(step);
    const ended = running.then(
      () => {},
      () => {},
    );
    this.#last.set(key, ended);
    try {
      return await running;
    } finally {
      if (this.#last.get(key) === ended) this.#last.delete(key);
    }
  }
}
