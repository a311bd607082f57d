/**
 * Lets through so many frames a second of those that come, by the times they carry. It corrects what a pipeline
 * that cannot be told anything new lets through in excess.
 */
export class Thinner {
  #due: number | undefined;

  /** The times start anew. */
  restart(): void {
    this.#due = undefined;
  }

  /**
   * Whether the frame of this time (nanoseconds) is wanted. `incoming` is the most frames a second that can come: where
   * it is about what is wanted, only bursts are thinned, because two grids of one width would drop frames between
   * them.
   */
  wants(pts: number, framesPerSecond: number, incoming: number): boolean {
    const step = 1e9 / framesPerSecond;
    const early = (incoming > framesPerSecond * 1.05 ? 0.3 : 0.6) * step;
    const due = this.#due;
    if (due !== undefined && pts < due - early && pts > due - 2 * step) return false;
    const near = due !== undefined && Math.abs(pts - due) < step;
    this.#due = (near ? due : pts) + step;
    return true;
  }
}
