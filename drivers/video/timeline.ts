/**
 * Times that always grow, made of the times of one run after another, each of which starts anew: the loops of a
 * file, the connections to a camera.
 */
export class Timeline {
  #base = 0;
  #last: number | undefined;
  #fresh = true;

  /** A new run begins; its first time is placed a little after the last one. */
  restart(): void {
    this.#fresh = true;
  }

  /** Places a time of the present run, in nanoseconds. */
  place(time: number): number {
    const gap = 40_000_000;
    if (this.#last !== undefined && (this.#fresh || time + this.#base <= this.#last)) {
      this.#base = this.#last + gap - time;
    }
    this.#fresh = false;
    this.#last = time + this.#base;
    return this.#last;
  }
}
