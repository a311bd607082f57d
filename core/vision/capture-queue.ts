import type { FromWorker } from './protocol.ts';

/** Bytes the core has not taken yet, beyond which nothing more is sent that can wait. */
export const MAX_BACKLOG = 32 * 1024 * 1024;
const MAX_WAITING = 200;

interface Capture {
  message: FromWorker;
  blobs: Uint8Array[];
}

interface Core {
  readonly backlog: number;
  send(message: FromWorker, blobs: Uint8Array[]): void;
  handedOver(ms: number): Promise<void>;
}

/**
 * Captures, and what describers say of them, on their way to the core. While it is behind they wait here, and the
 * oldest are dropped; captures among them are counted.
 */
export class CaptureQueue {
  readonly #core: Core;
  readonly #waiting: Capture[] = [];
  dropped = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  add(capture: Capture): void {
    this.#waiting.push(capture);
    if (this.#waiting.length > MAX_WAITING) {
      if (this.#waiting.shift()?.message.type === 'capture') this.dropped += 1;
    }
    this.flush();
  }

  /** Resolves when all that was added is out of this process, which then may die; or after `ms`. */
  async left(ms: number): Promise<void> {
    const end = performance.now() + ms;
    do {
      this.flush();
      await this.#core.handedOver(Math.max(0, end - performance.now()));
    } while (this.#waiting.length > 0 && performance.now() < end);
  }

  flush(): void {
    while (this.#core.backlog < MAX_BACKLOG) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#core.send(next.message, next.blobs);
    }
  }
}
