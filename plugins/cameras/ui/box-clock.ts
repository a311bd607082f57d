/**
 * The box's clock, as seen from this browser. A phone and a box without a time server are minutes apart, and how late
 * a picture is can only be told on one clock.
 *
 * The `Date` of an answer says the box's second; asked around the turn of a second, each answer halves what is not
 * known. Every picture adds that it cannot come from the future.
 */

const SAMPLES = 6;
/** ms: a picture's age is shown in tenths of a second. */
const ENOUGH = 40;
const AGAIN_MS = 10 * 60_000;

export class BoxClock {
  /** The box's time minus the browser's lies between these, ms. */
  #least = Number.NEGATIVE_INFINITY;
  #most = Number.POSITIVE_INFINITY;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  /** The box's time, ms; undefined until it is known. */
  now(): number | undefined {
    return Number.isFinite(this.#least + this.#most) ? Date.now() + (this.#least + this.#most) / 2 : undefined;
  }

  /** Something with this time of the box arrived just now: the box's clock is not behind it. */
  seen(boxTime: number): void {
    this.#least = Math.max(this.#least, boxTime - Date.now());
    if (this.#most < this.#least) this.#most = this.#least;
  }

  /** Asks the box for its time unless that is known; a box that does not answer changes nothing. */
  read(): Promise<void> {
    if (performance.now() - this.#readAt < AGAIN_MS) return Promise.resolve();
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<void> {
    let least = Number.NEGATIVE_INFINITY;
    let most = Number.POSITIVE_INFINITY;
    for (let sample = 0; sample < SAMPLES && !(most - least < ENOUGH); sample++) {
      if (sample > 0) await pause(untilTurn((least + most) / 2));
      const asked = Date.now();
      let date: number;
      try {
        const answer = await fetch('/ui/mark.svg', { method: 'HEAD', cache: 'no-store' });
        date = Date.parse(answer.headers.get('date') ?? '');
      } catch {
        return;
      }
      if (Number.isNaN(date)) return;
      const next = { least: date - Date.now(), most: date + 1000 - asked };
      const disagrees = next.most < least || next.least > most;
      least = disagrees ? next.least : Math.max(least, next.least);
      most = disagrees ? next.most : Math.min(most, next.most);
    }
    this.#least = least;
    this.#most = most;
    this.#readAt = performance.now();
  }
}

/** ms until the box's clock, `offset` ahead of ours, comes to a full second. */
function untilTurn(offset: number): number {
  const into = (Date.now() + offset) % 1000;
  return 1000 - (into < 0 ? into + 1000 : into);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** One for the tab. */
export const boxClock = new BoxClock();
