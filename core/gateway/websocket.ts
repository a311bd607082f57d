import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import type { WireSocket } from '../plugin/contract.ts';
import type { Registry } from '../plugin/registry.ts';
import { decodeJson } from './decode.ts';
import { checkInput } from './dispatch.ts';
import { CODE, ContractError } from './errors.ts';
import { networkOf } from './network.ts';
import { CHECK_MS, Outlet } from './outlet.ts';

/**
 * The WebSocket of the interface (`/ws`, `/ws/`): clients send numbered messages that plugins registered for sockets
 * (776, 778) and get what those push. There is no session here: a message brings its own key.
 */

/** A client that has this much unread is too slow: frames for it are dropped and counted. */
const MAX_BUFFERED = 16 * 1024 * 1024;
/** What all clients together may have unread; beyond it each may keep its even share only. */
const MAX_BUFFERED_IN_ALL = 128 * 1024 * 1024;
/** Before it has subscribed, a client gets answers only. */
const MAX_FRAMES_UNKNOWN = 64 * 1024;
/** A client that never said anything valid is let go after this long, ms. */
const SILENCE_MS = 60_000;
export const MAX_WIRE_CLIENTS = 256;
/** Half of the places: one host, or all behind one proxy. */
const MAX_OF_SOURCE = MAX_WIRE_CLIENTS / 2;
/** Clients of one address that have not said anything valid yet: one host must not hold everybody's places. */
const MAX_SILENT_OF_SOURCE = 16;

/** A frame as it goes out. */
interface Prepared {
  frame: object;
  bytes: Buffer;
  /** Bytes a client may have unread already. */
  limit: number;
}

export class WireGateway {
  readonly #registry: () => Registry;
  readonly #log: Logger;
  readonly #clients = new Set<Client>();
  #nextId = 1;
  /** The last frame: a push goes to many clients, and its pictures are large. */
  #last: Prepared | undefined;
  readonly #timer: NodeJS.Timeout;
  /** Frames not sent because their client read too slowly. */
  dropped = 0;
  /** Clients cut because they neither read nor answered. */
  cut = 0;

  /** @param checkMs how often clients are looked at for a sign of life */
  constructor(registry: () => Registry, log: Logger, checkMs = CHECK_MS) {
    this.#registry = registry;
    this.#log = log;
    this.#timer = setInterval(() => this.#check(), checkMs);
    this.#timer.unref();
  }

  get clients(): number {
    return this.#clients.size;
  }

  accept(socket: WebSocket, source: string): void {
    // First of all: a client that is refused may still break the connection, and an error nobody hears ends the box.
    socket.on('error', (error) => this.#log.debug({ source, reason: error.message }, 'a client broke the connection'));
    const network = networkOf(source);
    const own = [...this.#clients].filter((one) => networkOf(one.source) === network);
    const silent = own.filter((one) => !one.known).length;
    if (this.#clients.size >= MAX_WIRE_CLIENTS || own.length >= MAX_OF_SOURCE || silent >= MAX_SILENT_OF_SOURCE) {
      socket.close(1013, 'too many clients');
      return;
    }
    const client = new Client(
      this.#nextId++,
      socket,
      source,
      (frame) => this.#prepare(frame),
      () => {
        this.dropped += 1;
      },
    );
    this.#clients.add(client);
    socket.on('message', (data, isBinary) => void this.#received(client, data, isBinary));
    client.onClose(() => this.#clients.delete(client));
  }

  closeAll(): void {
    clearInterval(this.#timer);
    for (const client of this.#clients) client.close(1001, 'the box is stopping');
  }

  /** Bytes all clients have not read yet; a frame that waits for several counts for each. */
  get backlog(): number {
    let sum = 0;
    for (const client of this.#clients) sum += client.backlog;
    return sum;
  }

  #check(): void {
    for (const client of this.#clients) if (!client.check()) this.cut += 1;
  }

  /** Turns a frame into bytes once for all clients, and looks how much each may have unread of them. */
  #prepare(frame: object): Prepared {
    if (this.#last?.frame !== frame) {
      const limit = this.backlog > MAX_BUFFERED_IN_ALL ? MAX_BUFFERED_IN_ALL / MAX_WIRE_CLIENTS : MAX_BUFFERED;
      this.#last = { frame, bytes: Buffer.from(JSON.stringify(frame)), limit };
    }
    return this.#last;
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

class Client implements WireSocket {
  readonly id: number;
  readonly source: string;
  /** It has sent at least one message that was understood. */
  known = false;
  readonly #socket: WebSocket;
  readonly #outlet: Outlet;
  readonly #prepare: (frame: object) => Prepared;
  readonly #dropped: () => void;

  constructor(
    id: number,
    socket: WebSocket,
    source: string,
    prepare: (frame: object) => Prepared,
    dropped: () => void,
  ) {
    this.id = id;
    this.source = source;
    this.#socket = socket;
    this.#outlet = new Outlet(socket);
    this.#prepare = prepare;
    this.#dropped = dropped;
    const silence = setTimeout(() => {
      if (!this.known) this.close(1008, 'no subscription');
    }, SILENCE_MS);
    silence.unref();
    socket.on('close', () => clearTimeout(silence));
  }

  get backlog(): number {
    return this.#outlet.backlog;
  }

  /** False: it was cut, for it neither reads nor answers. */
  check(): boolean {
    return this.#outlet.check();
  }

  send(frame: object): boolean {
    if (!this.#outlet.open) return false;
    const { bytes, limit } = this.#prepare(frame);
    if (this.#outlet.send(bytes, { binary: false, limit: this.known ? limit : MAX_FRAMES_UNKNOWN })) return true;
    this.#dropped();
    return false;
  }

  close(code: number, reason: string): void {
    this.#outlet.close(code, reason);
  }

  onClose(callback: () => void): void {
    this.#socket.on('close', callback);
  }
}
