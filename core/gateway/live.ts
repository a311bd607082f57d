import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import type { Caller } from '../plugin/contract.ts';
import type { Registry } from '../plugin/registry.ts';
import { authorize, checkInput } from './dispatch.ts';
import { CODE, ContractError } from './errors.ts';
import type { SessionRegistry } from './sessions.ts';

/**
 * The pages' own WebSocket (`/live`): one per tab, behind the session. A page subscribes to topics and gets their
 * messages: JSON as text, or JSON with a picture behind it as one binary frame
 * (length of the JSON as 32-bit big endian, the JSON, the picture).
 */

/** What a page has not read yet beyond this is dropped: the next picture is worth more than the last. */
const MAX_BUFFERED = 512 * 1024;
const MAX_SUBSCRIPTIONS = 64;
const MAX_PAGES = 64;
/** How often an open page counts as activity and its rights are looked at again, ms. */
const WATCH_MS = 15_000;

const request = z.discriminatedUnion('op', [
  z.object({
    op: z.literal('subscribe'),
    id: z.int().min(0),
    topic: z.string().max(100),
    params: z.record(z.string(), z.unknown()).default({}),
  }),
  z.object({ op: z.literal('unsubscribe'), id: z.int().min(0) }),
]);

interface Subscription {
  topic: string;
  owner: string;
  close(): void;
}

interface Page {
  socket: WebSocket;
  sessionId: string;
  caller: Caller;
  subscriptions: Map<number, Subscription>;
  alive: boolean;
}

export class LiveGateway {
  readonly #registry: () => Registry;
  readonly #sessions: SessionRegistry;
  readonly #log: Logger;
  readonly #pages = new Set<Page>();
  readonly #timer: NodeJS.Timeout;

  constructor(registry: () => Registry, sessions: SessionRegistry, log: Logger) {
    this.#registry = registry;
    this.#sessions = sessions;
    this.#log = log;
    this.#timer = setInterval(() => this.#watch(), WATCH_MS);
    this.#timer.unref();
    sessions.onEnded((key) => {
      for (const page of this.#pages) if (sessions.key(page.sessionId) === key) this.#end(page);
    });
  }

  get pages(): number {
    return this.#pages.size;
  }

  /** @param sessionId of a session that was found valid for this upgrade */
  accept(socket: WebSocket, sessionId: string, caller: Caller): void {
    if (this.#pages.size >= MAX_PAGES) {
      socket.close(1013, 'too many pages');
      return;
    }
    const page: Page = { socket, sessionId, caller, subscriptions: new Map(), alive: true };
    this.#pages.add(page);
    socket.on('message', (data, isBinary) => this.#received(page, data, isBinary));
    socket.on('pong', () => {
      page.alive = true;
    });
    socket.on('error', (error) => this.#log.debug({ reason: error.message }, 'a page broke the connection'));
    socket.on('close', () => {
      this.#pages.delete(page);
      for (const id of page.subscriptions.keys()) this.#unsubscribe(page, id);
    });
  }

  /** Tells every page that what a plugin shows has changed. */
  changed(plugin: string, what: string): void {
    const text = JSON.stringify({ op: 'changed', plugin, what });
    for (const page of this.#pages) if (page.socket.bufferedAmount < MAX_BUFFERED) page.socket.send(text);
  }

  /** Ends the subscriptions to topics that are gone; pages subscribe again when they hear of it. */
  dropStale(): void {
    const { topics } = this.#registry();
    for (const page of this.#pages) {
      for (const [id, subscription] of page.subscriptions) {
        if (topics.get(subscription.topic)?.owner === subscription.owner) continue;
        this.#unsubscribe(page, id);
        this.#send(page, { id, error: { code: CODE.noSuchData, msg: 'the plugin has stopped' } });
      }
    }
  }

  closeAll(): void {
    clearInterval(this.#timer);
    for (const { socket } of this.#pages) {
      socket.close(1001, 'the box is stopping');
      setTimeout(() => socket.terminate(), 1_000).unref();
    }
  }

  #received(page: Page, data: RawData, isBinary: boolean): void {
    let id: number | undefined;
    try {
      if (isBinary) throw new ContractError(CODE.wrongParameter, 'frames must be text');
      let value: unknown;
      try {
        value = JSON.parse(String(data));
      } catch {
        throw new ContractError(CODE.wrongParameter, 'the frame is not JSON');
      }
      const asked = checkInput(request, value);
      id = asked.id;
      this.#unsubscribe(page, id);
      if (asked.op === 'subscribe') this.#subscribe(page, asked.id, asked.topic, asked.params);
    } catch (error) {
      if (!(error instanceof ContractError)) this.#log.error({ err: error }, 'a subscription failed');
      const { code, message } = error instanceof ContractError ? error : new ContractError(CODE.internalError);
      this.#send(page, { ...(id === undefined ? {} : { id }), error: { code, msg: message } });
    }
  }

  #subscribe(page: Page, id: number, topicId: string, params: Record<string, unknown>): void {
    if (page.subscriptions.size >= MAX_SUBSCRIPTIONS) {
      throw new ContractError(CODE.wrongParameter, `at most ${MAX_SUBSCRIPTIONS} subscriptions a page`);
    }
    const found = this.#registry().topics.get(topicId);
    if (!found) throw new ContractError(CODE.noSuchData, `no topic "${topicId}"`);
    authorize(found.definition.access, page.caller);
    const close = found.definition.open(checkInput(found.definition.params, params), {
      caller: page.caller,
      send: (message, bytes) => this.#send(page, { id, data: message }, bytes),
    });
    page.subscriptions.set(id, { topic: topicId, owner: found.owner, close });
  }

  /** Ends a subscription, if there is one; a plugin that fails while it does harms nobody else. */
  #unsubscribe(page: Page, id: number): void {
    const subscription = page.subscriptions.get(id);
    page.subscriptions.delete(id);
    try {
      subscription?.close();
    } catch (error) {
      this.#log.error({ module: subscription?.owner, err: error }, 'a subscription did not end cleanly');
    }
  }

  #send(page: Page, message: object, bytes?: Uint8Array): boolean {
    const { socket } = page;
    if (socket.readyState !== socket.OPEN || socket.bufferedAmount > MAX_BUFFERED) return false;
    const json = JSON.stringify(message);
    if (!bytes) {
      socket.send(json);
      return true;
    }
    const header = Buffer.from(json);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(header.byteLength);
    socket.send(Buffer.concat([length, header, bytes]), { binary: true });
    return true;
  }

  #watch(): void {
    for (const page of this.#pages) {
      const caller = this.#sessions.find(page.sessionId);
      if (!caller) {
        this.#end(page);
        continue;
      }
      const changed = caller.role !== page.caller.role || caller.imageRight !== page.caller.imageRight;
      if (changed) {
        // The page comes back at once and asks again, under its new rights.
        page.socket.close(4400, 'the rights of the account have changed');
        continue;
      }
      if (!page.alive) page.socket.terminate();
      page.alive = false;
      page.socket.ping();
    }
  }

  #end(page: Page): void {
    this.#send(page, { op: 'session-ended' });
    page.socket.close(4401, 'the session has ended');
  }
}
