import type { Destination, Lane, OutMessage } from '../plugin/push-services.ts';
import { RefusedError } from '../plugin/push-services.ts';

/** How one attempt ended. */
export type Outcome =
  | { kind: 'arrived' }
  | { kind: 'refused' | 'failed'; reason: string }
  /** It was called off: erased, or the destination is being closed. */
  | { kind: 'calledOff' };

const ARRIVED: Outcome = { kind: 'arrived' };

/** One attempt to deliver one message. */
export class Attempt {
  /** Steady clock. */
  readonly began: number;
  readonly #abort = new AbortController();
  #calledOff = false;
  #end: (outcome: Outcome) => void = () => {};

  constructor(began: number) {
    this.began = began;
  }

  /** Ends it; whether the message arrived is not known. */
  callOff(): void {
    this.#calledOff = true;
    this.#cut(new Error('the delivery was called off'));
  }

  /** Ends it for want of an answer within so long, ms. */
  expire(deadline: number): void {
    this.#cut(new Error(`no answer within ${Math.round(deadline / 1000)} s`));
  }

  /**
   * Resolves when it is cut at the latest, also where the destination does not heed its signal; does not reject.
   * @param run calls the plugin's code under the plugin's name
   */
  make(
    { deliver }: Pick<Destination, 'deliver'>,
    message: OutMessage,
    { lane, attempt, picture }: { lane: Lane; attempt: number; picture(path: string): Promise<Uint8Array | undefined> },
    run: <T>(work: () => T) => T,
  ): Promise<Outcome> {
    const abort = this.#abort;
    const context = {
      lane,
      attempt,
      // Made for whoever asks: it costs more than all else here.
      get signal() {
        return abort.signal;
      },
    };
    return new Promise((resolve) => {
      this.#end = resolve;
      // One that throws instead of rejecting has failed, too.
      try {
        run(() => deliver(message, picture, context)).then(
          () => resolve(ARRIVED),
          (error: unknown) => resolve(this.#failed(error)),
        );
      } catch (error) {
        resolve(this.#failed(error));
      }
    });
  }

  #cut(reason: Error): void {
    this.#abort.abort(reason);
    this.#end(this.#failed(reason));
  }

  #failed(error: unknown): Outcome {
    if (this.#calledOff) return { kind: 'calledOff' };
    const { signal } = this.#abort;
    const cause = signal.aborted ? signal.reason : error;
    return { kind: cause instanceof RefusedError ? 'refused' : 'failed', reason: reasonOf(cause) };
  }
}

/** In one line, for people. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/\s+/g, ' ').slice(0, 200);
}
