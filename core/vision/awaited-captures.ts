import { type SentDescription, type WholeDescription, wholeDescriptionSchema } from './describer.ts';
import type { CaptureObservation } from './keys.ts';

/** Captures that may wait at once, and bytes of their pictures; beyond either the oldest goes on as it is. */
const MOST_HELD = 64;
const MOST_HELD_BYTES = 64 * 1024 * 1024;
/** A description that has not come by then was lost on its way, ms. One that hangs ends the worker long before. */
const PATIENCE_MS = 60_000;

/**
 * Captures whose description is still being made in the worker. They wait here and not there: where a describer takes
 * the worker down, its captures go on without a description.
 */
export class AwaitedCaptures {
  readonly #goOn: (capture: CaptureObservation) => void;
  readonly #held = new Map<number, { capture: CaptureObservation; since: number }>();
  #bytes = 0;

  /** @param goOn takes each capture, once */
  constructor(goOn: (capture: CaptureObservation) => void) {
    this.#goOn = goOn;
  }

  /** Times are of `performance.now()`. */
  hold(number: number, capture: CaptureObservation, now: number): void {
    this.#release(number);
    this.#held.set(number, { capture, since: now });
    this.#bytes += bytesOf(capture);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= MOST_HELD && this.#bytes <= MOST_HELD_BYTES) return;
      this.#release(oldest);
    }
  }

  /**
   * @param description as the worker told it: what is not of the right form counts as nothing said
   * @param jpeg of the plate, where there is one
   */
  described(number: number, description: SentDescription, jpeg?: Uint8Array): void {
    const plate = description?.plate;
    const checked = wholeDescriptionSchema.safeParse(
      plate ? { ...description, plate: { ...plate, jpeg } } : description,
    );
    this.#release(number, checked.success ? checked.data : undefined);
  }

  /** Lets go whoever has waited for too long. */
  hurry(now: number): void {
    for (const [number, { since }] of this.#held) if (now - since > PATIENCE_MS) this.#release(number);
  }

  /** The worker is gone: no description will come any more. */
  releaseAll(): void {
    for (const number of [...this.#held.keys()]) this.#release(number);
  }

  #release(number: number, description?: WholeDescription): void {
    const held = this.#held.get(number);
    if (!held) return;
    this.#held.delete(number);
    this.#bytes -= bytesOf(held.capture);
    const { attributes, aliveType, status, plate, describedBy = [], embedding } = description ?? {};
    this.#goOn({
      ...held.capture,
      ...(attributes && Object.keys(attributes).length > 0 ? { attributes } : {}),
      ...(aliveType ? { aliveType } : {}),
      ...(status ? { status } : {}),
      ...(plate ? { plate } : {}),
      ...(describedBy.length > 0 ? { describedBy } : {}),
      ...(embedding ? { embedding } : {}),
    });
  }
}

function bytesOf({ crop, frame }: CaptureObservation): number {
  return crop.byteLength + frame.byteLength;
}
