/** Numbers that are remembered. */
const MOST = 1_000;

/** How often messages were tried, as far as it is remembered. */
export class Tries {
  readonly #counts = new Map<number, number>();

  of(seq: number): number {
    return this.#counts.get(seq) ?? 0;
  }

  /** Counts one more. @returns how many there are with it */
  add(seq: number): number {
    const count = this.of(seq) + 1;
    this.#counts.set(seq, count);
    if (this.#counts.size > MOST) {
      const [first] = this.#counts.keys();
      if (first !== undefined) this.#counts.delete(first);
    }
    return count;
  }

  forget(seq: number): void {
    this.#counts.delete(seq);
  }
}
