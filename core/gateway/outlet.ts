import type { WebSocket } from 'ws';

/** How often a peer is looked at, ms. */
export const CHECK_MS = 15_000;
/** So many looks in a row at which a peer had neither answered nor read anything: it is cut, after 45 to 60 s. */
export const MOST_SILENT = 3;

/**
 * The sending side of one WebSocket: what its peer leaves unread is bounded, and a peer that reads nothing is cut.
 *
 * A ping waits behind the frame that is under way, so a slow peer may answer late: it also counts as alive whenever it
 * has read a frame that the kernel could not take at once. What the kernel takes at once says nothing: it does so for
 * a peer that has gone as well. Frames are handed over one by one, or the end of each would not be told.
 */
export class Outlet {
  readonly #socket: WebSocket;
  readonly #queue: { frame: string | Buffer; binary: boolean; bytes: number }[] = [];
  #queued = 0;
  #sending = false;
  #silent = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('pong', () => {
      this.#silent = 0;
    });
  }

  /** Bytes the peer has not taken yet and the kernel neither. */
  get backlog(): number {
    return this.#socket.bufferedAmount + this.#queued;
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /**
   * Sends one frame. A buffer is kept, not copied: several peers may get the same one.
   * @param limit bytes that may be unread already
   * @returns false when it was dropped: the peer reads too slowly, or the socket is closing
   */
  send(frame: string | Buffer, options: { binary: boolean; limit: number }): boolean {
    if (!this.open || this.backlog > options.limit) return false;
    const bytes = Buffer.byteLength(frame);
    this.#queue.push({ frame, binary: options.binary, bytes });
    this.#queued += bytes;
    this.#next();
    return true;
  }

  #next(): void {
    if (this.#sending) return;
    const next = this.#queue.shift();
    if (!next) return;
    this.#queued -= next.bytes;
    this.#sending = true;
    let waited = false;
    this.#socket.send(next.frame, { binary: next.binary }, (error) => {
      this.#sending = false;
      if (error) return;
      if (waited) this.#silent = 0;
      this.#next();
    });
    waited = this.#socket.bufferedAmount > 0;
  }

  /** Cuts a peer that has been silent for too long, and asks the others for a sign of life. False: it was cut. */
  check(): boolean {
    if (this.#silent >= MOST_SILENT) {
      this.#socket.terminate();
      return false;
    }
    this.#silent += 1;
    if (this.open) this.#socket.ping();
    return true;
  }

  /** Closes; a peer that never answers the closing handshake must not hold the socket. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), 2_000).unref();
  }
}
