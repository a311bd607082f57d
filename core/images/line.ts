export type Lane = 'prompt' | 'batch';

export interface LineLimits {
  /** That may wait in each lane. */
  count: number;
  /** They may hold in each lane. */
  bytes: number;
}

/** What waits in two lanes: what somebody waits for goes before what is done in bulk. Each lane is bounded. */
export class Line<Job extends { lane: Lane; bytes: number }> {
  readonly #lanes: Record<Lane, Job[]> = { prompt: [], batch: [] };
  readonly #limits: LineLimits;

  constructor(limits: LineLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#lanes.prompt.length + this.#lanes.batch.length;
  }

  /** False: its lane is full. One that is larger than the whole lane is taken where nothing else waits. */
  add(job: Job): boolean {
    const lane = this.#lanes[job.lane];
    const held = lane.reduce((sum, { bytes }) => sum + bytes, 0);
    if (lane.length >= this.#limits.count || (lane.length > 0 && held + job.bytes > this.#limits.bytes)) return false;
    lane.push(job);
    return true;
  }

  /** It goes before all others of its lane. */
  putBack(job: Job): void {
    this.#lanes[job.lane].unshift(job);
  }

  /** Takes out what goes before all others, unless that is not wanted now: nothing overtakes it. */
  next(wanted: (job: Job) => boolean = () => true): Job | undefined {
    const lane = this.#lanes.prompt.length > 0 ? this.#lanes.prompt : this.#lanes.batch;
    return lane[0] && wanted(lane[0]) ? lane.shift() : undefined;
  }

  remove(job: Job): void {
    const lane = this.#lanes[job.lane];
    const at = lane.indexOf(job);
    if (at >= 0) lane.splice(at, 1);
  }

  /** Empties it. */
  takeAll(): Job[] {
    return [...this.#lanes.prompt.splice(0), ...this.#lanes.batch.splice(0)];
  }
}
