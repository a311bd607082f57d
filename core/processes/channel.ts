import type { Socket } from 'node:net';

/**
 * Messages between the core and a worker over a stream socket, the same under every runtime. One message is
 *
 *     u32 big endian: bytes that follow | u32 big endian: bytes of JSON | JSON | blobs one after another
 *
 * and its JSON is `{ m: message, b: [length of each blob] }`.
 */

/** A peer that announces more than this is broken. */
const MAX_MESSAGE = 64 * 1024 * 1024;

export class MessageChannel<Out extends object, In extends object> {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(socket: Socket, onMessage: (message: In, blobs: Uint8Array[]) => void) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#size += chunk.byteLength;
      try {
        for (let message = this.#next(); message; message = this.#next()) onMessage(message.message, message.blobs);
      } catch (error) {
        // A peer that says what cannot be understood is cut off; whoever watches it starts it anew.
        this.#chunks = [];
        this.#size = 0;
        socket.destroy(error as Error);
      }
    });
  }

  /** Bytes the peer has not taken yet. */
  get backlog(): number {
    return this.#socket.writableLength;
  }

  send(message: Out, blobs: Uint8Array[] = []): void {
    if (this.#socket.destroyed) return;
    const json = Buffer.from(JSON.stringify({ m: message, b: blobs.map((blob) => blob.byteLength) }));
    const head = Buffer.alloc(8);
    head.writeUInt32BE(4 + json.byteLength + blobs.reduce((sum, blob) => sum + blob.byteLength, 0), 0);
    head.writeUInt32BE(json.byteLength, 4);
    this.#socket.cork();
    this.#socket.write(head);
    this.#socket.write(json);
    for (const blob of blobs) this.#socket.write(blob);
    this.#socket.uncork();
  }

  /** Resolves when the kernel has all that was sent, so that it arrives even if this process dies; or after `ms`. */
  async handedOver(ms: number): Promise<void> {
    if (this.backlog === 0 || this.#socket.destroyed) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
      // Nothing, behind everything; the end of the socket is told here, too.
      this.#socket.write(new Uint8Array(), () => resolve());
    });
    clearTimeout(timer);
  }

  close(): void {
    this.#socket.end();
  }

  #next(): { message: In; blobs: Uint8Array[] } | undefined {
    if (this.#size < 8) return undefined;
    if ((this.#chunks[0]?.byteLength ?? 0) < 8) this.#join();
    const length = this.#chunks[0]?.readUInt32BE(0) ?? 0;
    if (length > MAX_MESSAGE || length < 4) {
      this.#socket.destroy(new Error(`a message of ${length} bytes is not taken`));
      this.#chunks = [];
      this.#size = 0;
      return undefined;
    }
    if (this.#size < 4 + length) return undefined;
    this.#join();
    const [all] = this.#chunks as [Buffer];
    const jsonLength = all.readUInt32BE(4);
    const { m, b } = JSON.parse(all.toString('utf8', 8, 8 + jsonLength)) as { m: In; b: number[] };
    let at = 8 + jsonLength;
    const blobs = b.map((size) => {
      // A copy, so that a kept picture does not hold the whole receive buffer.
      const blob = Uint8Array.prototype.slice.call(all, at, at + size);
      at += size;
      return blob;
    });
    const rest = all.subarray(4 + length);
    this.#chunks = rest.byteLength > 0 ? [rest] : [];
    this.#size = rest.byteLength;
    return { message: m, blobs };
  }

  #join(): void {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks, this.#size)];
  }
}
