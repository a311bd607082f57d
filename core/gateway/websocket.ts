import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import type { WireSocket } from '../plugin/contract.ts';
import type { Registry } from '../plugin/registry.ts';
import { decodeJson } from './decode.ts';
import { checkInput } from './dispatch.ts';
import { CODE, ContractError } from './errors.ts';

/**
 * The WebSocket of the interface (`/ws`, `/ws/`): clients send numbered messages that plugins registered for sockets
 * (776, 778) and get what those push. There is no session here: a message brings its own key.
 */

/** A client that has this much unread is too slow: frames for it are dropped and counted. */
const MAX_BUFFERED = 16 * 1024 * 1024;
/** Before it has subscribed, a client gets answers only. */
const MAX_FRAMES_UNKNOWN = 64 * 1024;
const PING_MS = 30_000;
/** A client that never said anything valid is let go after this long, ms. */
const SILENCE_MS = 60_000;
export const MAX_WIRE_CLIENTS = 256;
/** Clients of one address that have not said anything valid yet: one host must not hold everybody's places. */
const MAX_SILENT_OF_SOURCE = 16;

export class WireGateway {
  readonly #registry: () => Registry;
  readonly #log: Logger;
  readonly #clients = new Set<Client>();
  #nextId = 1;
  dropped = 0;

  constructor(registry: () => Registry, log: Logger) {
    this.#registry = registry;
    this.#log = log;
  }

  get clients(): number {
    return this.#clients.size;
  }

  accept(socket: WebSocket, source: string): void {
    const silent = [...this.#clients].filter((one) => !one.known && one.source === source).length;
    if (this.#clients.size >= MAX_WIRE_CLIENTS || silent >= MAX_SILENT_OF_SOURCE) {
      socket.close(1013, 'too many clients');
      return;
    }
    const client = new Client(this.#nextId++, socket, source, () => {
      this.dropped += 1;
    });
    this.#clients.add(client);
    socket.on('message', (data, isBinary) => void this.#received(client, data, isBinary));
    socket.on('error', (error) => this.#log.debug({ source, reason: error.message }, 'a client broke the connection'));
    client.onClose(() => this.#clients.delete(client));
  }

  closeAll(): void {
    for (const client of this.#clients) client.close(1001, 'the box is stopping');
  }

  async #received(client: Client, data: RawData, isBinary: boolean): Promise<void> {
    try {
      if (isBinary) throw new ContractError(CODE.wrongParameter, 'frames must be text');
      const { id, parameters } = decodeJson(data as Buffer);
      const found = this.#registry().socketMessages.get(id);
      if (!found) throw new ContractError(CODE.wrongMessageId, `msg_id ${id} is not known here`);
      await found.definition.handle(checkInput(found.definition.request, parameters), client);
      client.known = true;
    } catch (error) {
      if (error instanceof ContractError) {
        client.send({ code: error.code, msg: error.message });
        return;
      }
      this.#log.error({ err: error }, 'a socket message failed');
      client.send({ code: CODE.internalError, msg: 'internal error' });
    }
  }
}

/** The frame that was last turned into text: a push goes to many clients, and its pictures are large. */
const last: { frame?: object; text: string } = { text: '' };

function textOf(frame: object): string {
  if (last.frame !== frame) {
    last.frame = frame;
    last.text = JSON.stringify(frame);
  }
  return last.text;
}

class Client implements WireSocket {
  readonly id: number;
  readonly source: string;
  /** It has sent at least one message that was understood. */
  known = false;
  readonly #socket: WebSocket;
  readonly #dropped: () => void;
  #alive = true;

  constructor(id: number, socket: WebSocket, source: string, dropped: () => void) {
    this.id = id;
    this.source = source;
    this.#socket = socket;
    this.#dropped = dropped;
    socket.on('pong', () => {
      this.#alive = true;
    });
    const pings = setInterval(() => {
      if (!this.#alive) return socket.terminate();
      this.#alive = false;
      socket.ping();
    }, PING_MS);
    const silence = setTimeout(() => {
      if (!this.known) this.close(1008, 'no subscription');
    }, SILENCE_MS);
    pings.unref();
    silence.unref();
    socket.on('close', () => {
      clearInterval(pings);
      clearTimeout(silence);
    });
  }

  send(frame: object): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return false;
    if (this.#socket.bufferedAmount > (this.known ? MAX_BUFFERED : MAX_FRAMES_UNKNOWN)) {
      this.#dropped();
      return false;
    }
    this.#socket.send(textOf(frame));
    return true;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    // A peer that never answers the closing handshake must not hold the socket.
    setTimeout(() => this.#socket.terminate(), 2_000).unref();
  }

  onClose(callback: () => void): void {
    this.#socket.on('close', callback);
  }
}
