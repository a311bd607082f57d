import type { ProbeResult, Vision } from '../../core/plugin/services.ts';
import type { StreamFacts } from './camera.ts';

/** Each opens a stream and a decoder beside those of the cameras. */
const MOST_AT_ONCE = 2;
/** Addresses whose facts are kept until a camera gets one of them. */
const MOST_REMEMBERED = 16;

/** Looks at addresses, a few at a time, and remembers what was seen there. */
export class Probes {
  readonly #vision: Pick<Vision, 'probe'>;
  readonly #seen = new Map<string, StreamFacts>();
  #running = 0;

  constructor(vision: Pick<Vision, 'probe'>) {
    this.#vision = vision;
  }

  /** Looks at one address; with too many under way the result says `busy`. */
  async probe(url: string, transport: 'tcp' | 'udp'): Promise<ProbeResult> {
    if (this.#running >= MOST_AT_ONCE) {
      return { ok: false, code: 'busy', message: `${MOST_AT_ONCE} addresses are being tried: try again in a moment` };
    }
    this.#running += 1;
    try {
      const result = await this.#vision.probe(url, transport);
      if (result.ok && result.width && result.height) {
        this.#remember(url, { width: result.width, height: result.height, ...(result.fps ? { fps: result.fps } : {}) });
      }
      return result;
    } finally {
      this.#running -= 1;
    }
  }

  /** What was last seen at an address, if it was looked at lately. */
  factsOf(url: string): StreamFacts | undefined {
    return this.#seen.get(url);
  }

  #remember(url: string, facts: StreamFacts): void {
    this.#seen.delete(url);
    this.#seen.set(url, facts);
    const oldest = this.#seen.keys().next().value;
    if (this.#seen.size > MOST_REMEMBERED && oldest !== undefined) this.#seen.delete(oldest);
  }
}
