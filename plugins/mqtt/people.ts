import type { Vision } from '../../core/plugin/services.ts';
import type { LiveFrame } from '../../core/vision/keys.ts';

/** Without a frame for so long, nobody knows how many there are, ms. */
const STALE_MS = 5000;

interface Watched {
  end(): void;
  count?: { people: number; at: number };
}

/** How many people each camera sees in its newest analysed frame. */
export class People {
  readonly #vision: Pick<Vision, 'watch'>;
  readonly #steady: () => number;
  readonly #watched = new Map<number, Watched>();
  #ended = false;

  constructor(vision: Pick<Vision, 'watch'>, steady: () => number) {
    this.#vision = vision;
    this.#steady = steady;
  }

  /** Looks at these cameras and at no others. */
  watch(channels: readonly number[]): void {
    if (this.#ended) return;
    for (const [channel, { end }] of [...this.#watched]) {
      if (channels.includes(channel)) continue;
      end();
      this.#watched.delete(channel);
    }
    for (const channel of channels) {
      if (this.#watched.has(channel)) continue;
      const watched: Watched = { end: () => {} };
      this.#watched.set(channel, watched);
      watched.end = this.#vision.watch(channel, false, (frame) => {
        watched.count = { people: peopleIn(frame), at: this.#steady() };
      });
    }
  }

  /** Looks at none any more, whatever it is asked: nobody else ends what it watches. */
  end(): void {
    this.watch([]);
    this.#ended = true;
  }

  /** Undefined while nobody knows. */
  count(channel: number): number | undefined {
    const count = this.#watched.get(channel)?.count;
    return count && this.#steady() - count.at < STALE_MS ? count.people : undefined;
  }
}

/** Persons and faces are followed apart, and a camera may look for one of them only: the larger number is how many there are at least. */
export function peopleIn({ overlay }: Pick<LiveFrame, 'overlay'>): number {
  const of = (label: string) => overlay.filter((box) => box.label === label).length;
  return Math.max(of('person'), of('face'));
}
