import type { Destination, Lane, OutMessage } from '../plugin/push-services.ts';
import { RefusedError } from '../plugin/push-services.ts';
import type { OutboxClock } from './clock.ts';

/** How one attempt ended. */
export type Outcome =
  | { kind: 'arrived' }
  | { kind: 'refused' | 'failed'; reason: string }
  /** It was called off: erased, or the destination is being closed. */
  | { kind: 'calledOff' };

export const DEADLINE_MS = 15_000;

/** One attempt to deliver one message. */
export class Attempt {
  readonly seq: number;
  readonly #abort = new AbortController();
  #calledOff = false;
  #end: (reason: Error) => void = () => {};

  constructor(seq: number) {
    this.seq = seq;
  }

  /** Ends it; whether the message arrived is not known. */
  callOff(): void {
    this.#calledOff = true;
    this.#cut(new Error('the delivery was called off'));
  }

  /**
   * Resolves at the deadline at the latest, also where the destination does not heed its signal; does not reject.
   * @param run calls the plugin's code under the plugin's name
   */
  async make(
    { deliver, deadline = DEADLINE_MS }: Pick<Destination, 'deliver' | 'deadline'>,
    message: OutMessage,
    context: { lane: Lane; attempt: number; picture(path: string): Promise<Uint8Array | undefined> },
    { clock, run }: { clock: OutboxClock; run<T>(work: () => T): T },
  ): Promise<Outcome> {
    const { signal } = this.#abort;
    const { picture, lane, attempt } = context;
    const disarm = clock.after(deadline, () => {
      this.#cut(new Error(`no answer within ${Math.round(deadline / 1000)} s`));
    });
    try {
      // One that throws instead of rejecting rejects here, too.
      await new Promise<void>((resolve, reject) => {
        this.#end = reject;
        run(() => deliver(message, picture, { signal, lane, attempt })).then(resolve, reject);
      });
      return { kind: 'arrived' };
    } catch (error) {
      if (this.#calledOff) return { kind: 'calledOff' };
      const cause = signal.aborted ? signal.reason : error;
      return { kind: cause instanceof RefusedError ? 'refused' : 'failed', reason: reasonOf(cause) };
    } finally {
      disarm();
    }
  }

  #cut(reason: Error): void {
    this.#abort.abort(reason);
    this.#end(reason);
  }
}

/** In one line, for people. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/\s+/g, ' ').slice(0, 200);
}
