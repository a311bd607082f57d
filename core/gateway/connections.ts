import type { Socket } from 'node:net';
import { networkOf } from './network.ts';
import { addressOf } from './request.ts';

/** Open TCP connections of the box, over all its ports. */
export const MAX_CONNECTIONS = 1024;
/** Of one source: half, so that no host can shut the others out, while all people behind one proxy still find room. */
export const MAX_CONNECTIONS_OF_SOURCE = MAX_CONNECTIONS / 2;

/** Counts what is open, in all and by source, and lets in what finds room. */
export class Connections {
  readonly #open = new Set<Socket>();
  readonly #ofSource = new Map<string, number>();
  readonly #most: number;
  readonly #mostOfSource: number;
  /** Connections that were cut at once because there was no room. */
  refused = 0;

  constructor(most = MAX_CONNECTIONS, mostOfSource = MAX_CONNECTIONS_OF_SOURCE) {
    this.#most = most;
    this.#mostOfSource = mostOfSource;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Takes a new connection in, or destroys it. */
  admit(socket: Socket): void {
    // Kept: a socket that has closed knows its address no more.
    const source = networkOf(addressOf(socket));
    const ofSource = this.#ofSource.get(source) ?? 0;
    if (this.#open.size >= this.#most || ofSource >= this.#mostOfSource) {
      this.refused += 1;
      socket.destroy();
      return;
    }
    this.#open.add(socket);
    this.#ofSource.set(source, ofSource + 1);
    socket.once('close', () => {
      this.#open.delete(socket);
      const left = (this.#ofSource.get(source) ?? 1) - 1;
      if (left > 0) this.#ofSource.set(source, left);
      else this.#ofSource.delete(source);
    });
  }

  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
