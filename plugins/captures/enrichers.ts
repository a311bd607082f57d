import type {
  CaptureEnricher,
  CaptureEnrichers,
  CaptureFindings,
  CaptureMatch,
} from '../../core/plugin/capture-services.ts';
import { within } from '../../core/plugin/deadline.ts';
import type { CaptureObservation } from '../../core/vision/keys.ts';

export interface EnricherEvents {
  /** An enricher threw or passed its deadline. */
  failed(enricher: string, error: Error): void;
}

/** Who looks at captures before they become records. */
export class Enrichers implements CaptureEnrichers {
  readonly #enrichers = new Map<string, CaptureEnricher>();
  readonly #events: EnricherEvents;

  constructor(events: EnricherEvents) {
    this.#events = events;
  }

  /**
   * Takes part from the next capture on; gives the function that ends it.
   * @throws Error when the id is taken
   */
  register(enricher: CaptureEnricher): () => void {
    if (this.#enrichers.has(enricher.id)) throw new Error(`an enricher "${enricher.id}" is registered already`);
    this.#enrichers.set(enricher.id, enricher);
    return () => {
      if (this.#enrichers.get(enricher.id) === enricher) this.#enrichers.delete(enricher.id);
    };
  }

  /** Whether there is such a portrait database; undefined while nobody compares faces. */
  hasLibrary(libraryId: number): boolean | undefined {
    const answers = [...this.#enrichers.values()].flatMap((one) => one.hasLibrary?.(libraryId) ?? []);
    return answers.length === 0 ? undefined : answers.includes(true);
  }

  /** Whether somebody whom an enricher told of is still enrolled; true where nobody can say. */
  stillKnows(match: CaptureMatch): boolean {
    const answers = [...this.#enrichers.values()].flatMap((one) => one.stillKnows?.(match) ?? []);
    return answers.length === 0 || answers.includes(true);
  }

  /**
   * Asks all of them at once and puts together what they found; of two answers to one question the later registered
   * counts. Does not reject: whoever fails or is late is left out.
   */
  async enrich(capture: CaptureObservation): Promise<CaptureFindings> {
    const asked = [...this.#enrichers.values()].filter(({ kinds }) => kinds.includes(capture.kind));
    const answers = await Promise.all(asked.map((enricher) => this.#ask(enricher, capture)));
    const attributes = Object.assign({}, ...answers.map((answer) => answer.attributes)) as Record<string, string>;
    return { ...Object.assign({}, ...answers), attributes };
  }

  async #ask(enricher: CaptureEnricher, capture: CaptureObservation): Promise<CaptureFindings> {
    try {
      const found = await within(enricher.deadline, `enricher "${enricher.id}"`, () => enricher.enrich(capture));
      // Plugins in plain JavaScript may say nothing where they found nothing.
      return found ?? {};
    } catch (error) {
      this.#events.failed(enricher.id, error as Error);
      return {};
    }
  }
}
