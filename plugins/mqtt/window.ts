/** Lets so many in at once, the others when somebody leaves, in the order they came. */
export class Window {
  readonly #waiting: (() => void)[] = [];
  #inside = 0;
  #size = 1;
  #admitting = false;

  set size(size: number) {
    this.#size = Math.max(1, size);
    this.#admit();
  }

  /** Calls `act` when there is room, at once where there is: it is inside until `leave` is called for it. */
  enter(act: () => void): void {
    this.#waiting.push(act);
    this.#admit();
  }

  leave(): void {
    this.#inside -= 1;
    this.#admit();
  }

  #admit(): void {
    // Who leaves at once makes room for the next within this loop.
    if (this.#admitting) return;
    this.#admitting = true;
    try {
      while (this.#inside < this.#size && this.#waiting.length > 0) {
        this.#inside += 1;
        this.#waiting.shift()?.();
      }
    } finally {
      this.#admitting = false;
    }
  }
}
