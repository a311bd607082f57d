import type { CaptureQueue } from './capture-queue.ts';
import type { DescriberInstance, WholeDescription } from './describer.ts';
import { Describing, type DescribingEvents, type RunningDescriber } from './describing.ts';
import type { CameraPlan, CaptureObservation } from './keys.ts';
import type { PlannedDescriber } from './protocol.ts';
import type { Shelf } from './shelf.ts';

/** A describer waits so long for captures to be out of the worker; a core that is busy for longer holds up no camera, ms. */
const LEAVING_MS = 2_000;

/**
 * Captures of all cameras that may wait for their description, and bytes of their pictures: fewer than the core holds back
 * (`awaited-captures.ts`), which would let go of the oldest, just when its turn comes.
 */
const MOST_AWAITED = 48;
const MOST_AWAITED_BYTES = 48 * 1024 * 1024;

/** Where the captures of all cameras leave the worker, and the describers that look at them. */
export class CaptureDesk {
  readonly #queue: CaptureQueue;
  readonly #shelf: Shelf<PlannedDescriber, DescriberInstance>;
  #numbered = 0;
  /** Bytes of the captures whose description is to follow. */
  readonly #awaited = new Map<number, number>();
  #awaitedBytes = 0;

  constructor(queue: CaptureQueue, shelf: Shelf<PlannedDescriber, DescriberInstance>) {
    this.#queue = queue;
    this.#shelf = shelf;
  }

  /** The way out of one camera's captures, past those of the describers that can be made. */
  async openFor(
    ids: string[],
    { liveness }: Pick<CameraPlan, 'liveness'>,
    events: Pick<DescribingEvents, 'failed' | 'doing'>,
  ): Promise<Describing> {
    const running: RunningDescriber[] = [];
    for (const id of ids) {
      const made = await this.#shelf.get(id);
      if (made) running.push(made);
    }
    const nextNumber = () => {
      this.#numbered += 1;
      return this.#numbered;
    };
    const all: DescribingEvents = {
      ...events,
      mayAwait: () => this.#awaited.size < MOST_AWAITED && this.#awaitedBytes < MOST_AWAITED_BYTES,
      captured: (capture, awaits) => this.#hand(capture, awaits),
      left: () => this.#queue.left(LEAVING_MS),
      described: (number, description) => this.#tell(number, description),
    };
    return new Describing(running, nextNumber, all, liveness?.threshold);
  }

  #tell(number: number, { plate, ...description }: WholeDescription): void {
    this.#awaitedBytes -= this.#awaited.get(number) ?? 0;
    this.#awaited.delete(number);
    if (!plate) {
      this.#queue.add({ message: { type: 'described', number, description }, blobs: [] });
      return;
    }
    const { jpeg, ...read } = plate;
    const message = { type: 'described' as const, number, description: { ...description, plate: read } };
    this.#queue.add({ message, blobs: [jpeg] });
  }

  #hand({ crop, frame, ...capture }: CaptureObservation, awaits: number | undefined): void {
    if (awaits !== undefined) {
      const bytes = crop.byteLength + frame.byteLength;
      this.#awaited.set(awaits, bytes);
      this.#awaitedBytes += bytes;
    }
    const message = { type: 'capture' as const, capture, ...(awaits === undefined ? {} : { awaits }) };
    this.#queue.add({ message, blobs: [crop, frame] });
  }
}
