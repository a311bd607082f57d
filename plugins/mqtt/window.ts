/** Lets so many in at once, the others in the order they came. */
export class Window {
  readonly #waiting: (() => void)[] = [];
  #inside = 0;
  #size = 1;

  set size(size: number) {
    this.#size = Math.max(1, size);
    this.#admit();
  }

  enter(): Promise<void> | undefined {
    if (this.#inside < this.#size && this.#waiting.length === 0) {
      this.#inside += 1;
      return undefined;
    }
    return new Promise((done) => this.#waiting.push(done));
  }

  leave(): void {
    this.#inside -= 1;
    this.#admit();
  }

  #admit(): void {
    while (this.#inside < this.#size && this.#waiting.length > 0) {
      this.#inside += 1;
      this.#waiting.shift()?.();
    }
  }
}
