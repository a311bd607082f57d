/** A face that was found, with the stretch of memory it lies in. */
export interface Found {
  cosine: number;
  id: number;
  stretch: number;
}

/** Best first; equal cosines by id. */
export function compareFound(one: Found, other: Found): number {
  return other.cosine - one.cosine || one.id - other.id;
}

/** The best so far, at most so many. */
export class Nearest {
  readonly found: Found[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** The cosine that one has to reach to get in; undefined while anyone gets in. */
  get floor(): number | undefined {
    return this.found.length < this.#most ? undefined : this.found.at(-1)?.cosine;
  }

  offer(face: Found): void {
    const last = this.found.at(-1);
    if (last && this.found.length >= this.#most && compareFound(face, last) > 0) return;
    let [low, high] = [0, this.found.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareFound(face, this.found[middle]!) < 0) high = middle;
      else low = middle + 1;
    }
    this.found.splice(low, 0, face);
    if (this.found.length > this.#most) this.found.pop();
  }
}
