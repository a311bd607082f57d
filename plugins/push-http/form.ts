import { randomUUID } from 'node:crypto';

/** A body of type multipart/form-data, whole in memory: a push is a few hundred kilobytes. */
export class Form {
  readonly #boundary = `gatehouse-${randomUUID()}`;
  readonly #chunks: Uint8Array[] = [];

  /** Adds a text part; `name` is of the program's own, never of a client's. */
  text(name: string, value: string): this {
    return this.#part(`name="${name}"`, 'text/plain; charset=utf-8', Buffer.from(value));
  }

  file(name: string, fileName: string, type: string, bytes: Uint8Array): this {
    return this.#part(`name="${name}"; filename="${fileName}"`, type, bytes);
  }

  get type(): string {
    return `multipart/form-data; boundary=${this.#boundary}`;
  }

  bytes(): Buffer {
    return Buffer.concat([...this.#chunks, Buffer.from(`--${this.#boundary}--\r\n`)]);
  }

  #part(names: string, type: string, content: Uint8Array): this {
    const head = `--${this.#boundary}\r\nContent-Disposition: form-data; ${names}\r\nContent-Type: ${type}\r\n\r\n`;
    this.#chunks.push(Buffer.from(head), content, Buffer.from('\r\n'));
    return this;
  }
}
