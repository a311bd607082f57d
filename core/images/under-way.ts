/** Pictures the worker has at once: one is decoded while another's faces are looked at. */
const MOST = 2;

/** What the worker ended over. */
export interface Ended<Job> {
  /** It is what ended the worker. */
  guilty: Job[];
  /** To be tried again, in their order. */
  again: Job[];
}

/**
 * What the worker has at this moment, and which of it is to blame when it ends. Where that cannot be told, all are
 * suspects: the next time each has the worker for itself.
 */
export class UnderWay<Job extends { suspect: boolean }> {
  readonly #jobs = new Map<number, Job>();
  #hung: number | undefined;

  get size(): number {
    return this.#jobs.size;
  }

  /** Whether the worker may have this one beside what it has. */
  takes(job: Job): boolean {
    if (this.#jobs.size === 0) return true;
    // A worker that hangs will be ended: what it got now would have to be tried again.
    if (this.#jobs.size >= MOST || this.#hung !== undefined) return false;
    return ![job, ...this.#jobs.values()].some(({ suspect }) => suspect);
  }

  add(number: number, job: Job): void {
    this.#jobs.set(number, job);
  }

  /** @returns what was answered; undefined where the worker does not have it */
  answered(number: number): Job | undefined {
    const job = this.#jobs.get(number);
    this.#jobs.delete(number);
    if (this.#hung === number) this.#hung = undefined;
    return job;
  }

  /** The worker says that this one does not come to its end. */
  hangs(number: number): void {
    if (this.#jobs.has(number)) this.#hung = number;
  }

  /**
   * The worker ended: it has nothing any more.
   * @param renewed it was asked to, and ended before all was answered; that is forgiven once
   */
  ended(renewed: boolean): Ended<Job> {
    const jobs = [...this.#jobs];
    const hung = this.#hung;
    this.#jobs.clear();
    this.#hung = undefined;
    const isGuilty = ([number, job]: [number, Job]) => {
      if (renewed) return job.suspect;
      return hung === undefined ? jobs.length === 1 : hung === number;
    };
    const guilty = jobs.filter(isGuilty).map(([, job]) => job);
    const again = jobs.map(([, job]) => job).filter((job) => !guilty.includes(job));
    for (const job of again) job.suspect ||= renewed || hung === undefined;
    return { guilty, again };
  }
}
