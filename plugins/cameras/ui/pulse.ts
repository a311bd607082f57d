/** How fast and how late pictures come, over the last seconds. */

const WINDOW_MS = 5_000;

export interface PulseReading {
  /** Pictures per second; undefined until there were two. */
  fps: number | undefined;
  /** ms from the moment the box had the frame until it stood on the screen; undefined while the clock is unknown. */
  behind: number | undefined;
}

export class Pulse {
  readonly #shown: { at: number; behind: number | undefined }[] = [];

  /** @param at steady clock, ms */
  beat(at: number, behind: number | undefined): void {
    this.#shown.push({ at, behind });
    while (this.#shown[0] && at - this.#shown[0].at > WINDOW_MS) this.#shown.shift();
  }

  /** The rate and the middle one of the delays: one late picture is no slow connection. */
  read(): PulseReading {
    const first = this.#shown[0];
    const last = this.#shown.at(-1);
    const span = first && last ? last.at - first.at : 0;
    const known = this.#shown.flatMap(({ behind }) => behind ?? []).sort((a, b) => a - b);
    return {
      fps: span > 0 ? ((this.#shown.length - 1) * 1000) / span : undefined,
      behind: known[Math.floor(known.length / 2)],
    };
  }

  clear(): void {
    this.#shown.length = 0;
  }
}
