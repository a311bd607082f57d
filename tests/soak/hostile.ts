import { connect, type Socket } from 'node:net';
import type { TestBox } from '../kit/box.ts';

/** A client over a bare socket, which may say anything at any pace. */
export class RawClient {
  readonly socket: Socket;
  closed = false;
  #heard = '';

  /** @param source address of this machine to come from */
  constructor(box: TestBox, source = '127.0.0.1') {
    this.socket = connect({ port: box.ports.http, host: '127.0.0.1', localAddress: source });
    this.socket.on('data', (chunk: Buffer) => {
      this.#heard += chunk.toString('latin1');
    });
    this.socket.on('close', () => {
      this.closed = true;
    });
    this.socket.on('error', () => {});
  }

  /** Everything the box has answered. */
  get heard(): string {
    return this.#heard;
  }

  /** `code` of the answer to a message, once it is there. */
  get code(): number | undefined {
    const found = /\r\n\r\n(?:[0-9a-f]+\r\n)?(\{.*\})/s.exec(this.#heard)?.[1];
    return found ? (JSON.parse(found) as { code: number }).code : undefined;
  }

  say(text: string | Uint8Array): void {
    if (!this.closed) this.socket.write(text);
  }

  /** Head of a POST. */
  post(path: string, headers: Record<string, string | number>): void {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.say(`POST ${path} HTTP/1.1\r\nHost: box\r\n${lines.join('')}\r\n`);
  }

  /** Sends so many bytes as quickly as they are taken, until the box hangs up; how many it took. */
  async pour(bytes: number, wrap: (chunk: Buffer) => Buffer = (chunk) => chunk): Promise<number> {
    const chunk = Buffer.alloc(256 * 1024, 'x');
    let sent = 0;
    while (sent < bytes && !this.closed && this.code === undefined) {
      sent += chunk.length;
      if (this.socket.write(wrap(chunk))) await new Promise((resolve) => setImmediate(resolve));
      else await new Promise((resolve) => this.#onceMoving(() => resolve(undefined)));
    }
    return sent;
  }

  #onceMoving(done: () => void): void {
    const events = ['drain', 'close', 'data'] as const;
    const finish = () => {
      for (const event of events) this.socket.off(event, finish);
      done();
    };
    for (const event of events) this.socket.on(event, finish);
  }

  end(): void {
    this.socket.destroy();
  }
}

/** A chunk as HTTP frames it. */
export function chunked(chunk: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]);
}
