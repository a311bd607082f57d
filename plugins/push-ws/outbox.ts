import { recognised } from '../../core/events/push-body.ts';
import type { CaptureRecord } from '../../core/plugin/capture-services.ts';
import { within } from '../../core/plugin/deadline.ts';
import type { Picture } from './subscribers.ts';

/** Captures that may wait at once, each with its frame; those beyond go without the picture of the person. */
export const MOST_WAITING = 24;
/** A disk that hangs must not keep the captures behind, ms. */
const READ_MS = 1_000;

const TYPES: Record<string, string> = { png: 'image/png', bmp: 'image/bmp', tif: 'image/tiff', tiff: 'image/tiff' };

export interface OutboxOptions {
  /** Whether the picture of a person is worth reading. */
  wanted(): boolean;
  /** Bytes of a stored file; undefined when it is gone. */
  read(path: string): Promise<Uint8Array | undefined>;
  send(record: CaptureRecord, enrolled?: Picture): void;
  failed(error: Error): void;
}

/**
 * Sends captures in the order they come. One that shows somebody known is sent when that person's picture is read from
 * the disk; without one, or with nobody to see it, it goes at once.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  #last: Promise<void> | undefined;
  #waiting = 0;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  push(record: CaptureRecord): void {
    const { wanted, send } = this.#options;
    const path = recognised(record)?.imagePath;
    const reading = path && this.#waiting < MOST_WAITING && wanted() ? this.#read(path) : undefined;
    if (!reading && !this.#last) {
      send(record);
      return;
    }
    this.#waiting += 1;
    const before = this.#last ?? Promise.resolve();
    const sent = before
      .then(() => reading)
      .then((enrolled) => send(record, enrolled))
      .catch((error: Error) => this.#options.failed(error))
      .finally(() => {
        this.#waiting -= 1;
        if (this.#last === sent) this.#last = undefined;
      });
    this.#last = sent;
  }

  /** Does not reject: a capture is worth more than the picture beside it. */
  async #read(path: string): Promise<Picture | undefined> {
    try {
      const bytes = await within(READ_MS, 'reading', () => this.#options.read(path));
      return bytes && { bytes, type: TYPES[path.slice(path.lastIndexOf('.') + 1)] ?? 'image/jpeg' };
    } catch (error) {
      this.#options.failed(error as Error);
      return undefined;
    }
  }
}
