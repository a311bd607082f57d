/** Lets at most `places` tasks run at once; the others wait in order. */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  async take<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}

/** One run of a task for all who ask for it while another is running. */
export class SharedRun {
  readonly #task: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(task: () => Promise<void>) {
    this.#task = task;
  }

  /** Settles with a run that began after this call. */
  run(): Promise<void> {
    if (this.#next) return this.#next;
    if (!this.#running) return (this.#running = this.#start());
    this.#next = this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return (this.#running = this.#start());
      });
    return this.#next;
  }

  #start(): Promise<void> {
    const running = this.#task().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    return running;
  }
}
