/** Lets work in one after the other, in the order in which it comes. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  /** @throws what the work throws; the next is let in all the same */
  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
