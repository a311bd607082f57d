import type { Logger } from 'pino';
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import type { Caller } from '../plugin/contract.ts';
import type { Registry } from '../plugin/registry.ts';
import { authorize, checkInput } from './dispatch.ts';
import { CODE, ContractError } from './errors.ts';
import { networkOf } from './network.ts';
import { CHECK_MS, Outlet } from './outlet.ts';
import type { SessionRegistry } from './sessions.ts';

/**
 * The pages' own WebSocket (`/live`): one per tab, behind the session. A page subscribes to topics and gets their
 * messages: JSON as text, or JSON with a picture behind it as one binary frame
 * (length of the JSON as 32-bit big endian, the JSON, the picture).
 */

/** Beyond this much unread no more pictures are put in line for a page: the next one is worth more than the last. */
const MAX_BUFFERED = 512 * 1024;
/** Texts find room where pictures find none any more: what has changed is said only once. */
const MAX_BUFFERED_TEXTS = 2 * MAX_BUFFERED;
const MAX_SUBSCRIPTIONS = 64;
const MAX_PAGES = 128;
/** Half of the places: one host, or all behind one proxy. */
const MAX_PAGES_OF_SOURCE = MAX_PAGES / 2;

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

/** Who opens a page's socket. */
export interface PageOrigin {
  /** Of a session that was found valid for this upgrade. */
  sessionId: string;
  caller: Caller;
  source: string;
}

interface Page {
  socket: WebSocket;
  outlet: Outlet;
  network: string;
  sessionId: string;
  caller: Caller;
  subscriptions: Map<number, Subscription>;
}

export class LiveGateway {
  readonly #registry: () => Registry;
  readonly #sessions: SessionRegistry;
  readonly #log: Logger;
  readonly #pages = new Set<Page>();
  readonly #timer: NodeJS.Timeout;
  /** Messages not sent because their page read too slowly. */
  dropped = 0;
  /** Pages cut because they neither read nor answered. */
  cut = 0;

  /** @param checkMs how often an open page counts as activity, and its rights and its reading are looked at */
  constructor(registry: () => Registry, sessions: SessionRegistry, log: Logger, checkMs = CHECK_MS) {
    this.#registry = registry;
    this.#sessions = sessions;
    this.#log = log;
    this.#timer = setInterval(() => this.#watch(), checkMs);
    this.#timer.unref();
    sessions.onEnded((key) => {
      for (const page of this.#pages) if (sessions.key(page.sessionId) === key) this.#end(page);
    });
  }

  get pages(): number {
    return this.#pages.size;
  }

  accept(socket: WebSocket, { sessionId, caller, source }: PageOrigin): void {
    // First of all: a page that is refused may still break the connection, and an error nobody hears ends the box.
    socket.on('error', (error) => this.#log.debug({ reason: error.message }, 'a page broke the connection'));
    const network = networkOf(source);
    const own = [...this.#pages].filter((page) => page.network === network).length;
    if (this.#pages.size >= MAX_PAGES || own >= MAX_PAGES_OF_SOURCE) {
      socket.close(1013, 'too many pages');
      return;
    }
    const page: Page = {
      socket,
      outlet: new Outlet(socket),
      network,
      sessionId,
      caller,
      subscriptions: new Map(),
    };
    this.#pages.add(page);
    socket.on('message', (data, isBinary) => this.#received(page, data, isBinary));
    socket.on('close', () => {
      this.#pages.delete(page);
      for (const id of page.subscriptions.keys()) this.#unsubscribe(page, id);
    });
  }

  /** Rights of an account were changed: no page of it goes on showing what it may not see any more. */
  rightsChanged(userId: number): void {
    for (const page of this.#pages) if (page.caller.userId === userId) this.#stillMay(page, false);
  }

  /** Tells every page that what a plugin shows has changed. */
  changed(plugin: string, what: string): void {
    const text = JSON.stringify({ op: 'changed', plugin, what });
    for (const page of this.#pages) this.#put(page, text, false);
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
    for (const { outlet } of this.#pages) outlet.close(1001, 'the box is stopping');
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
    if (!page.outlet.open) return false;
    const json = JSON.stringify(message);
    if (!bytes) return this.#put(page, json, false);
    const header = Buffer.from(json);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(header.byteLength);
    return this.#put(page, Buffer.concat([length, header, bytes]), true);
  }

  #put({ outlet }: Page, frame: string | Buffer, binary: boolean): boolean {
    if (outlet.send(frame, { binary, limit: binary ? MAX_BUFFERED : MAX_BUFFERED_TEXTS })) return true;
    if (outlet.open) this.dropped += 1;
    return false;
  }

  #watch(): void {
    for (const page of this.#pages) {
      if (this.#stillMay(page, true) && !page.outlet.check()) this.cut += 1;
    }
  }

  /** Whether a page has its session and the rights it came with; one that has not is closed. */
  #stillMay(page: Page, touch: boolean): boolean {
    const caller = this.#sessions.find(page.sessionId, touch);
    if (!caller) {
      this.#end(page);
      return false;
    }
    if (caller.role === page.caller.role && caller.imageRight === page.caller.imageRight) return true;
    // The page comes back at once and asks again, under its new rights.
    page.outlet.close(4400, 'the rights of the account have changed');
    return false;
  }

  #end(page: Page): void {
    this.#send(page, { op: 'session-ended' });
    page.outlet.close(4401, 'the session has ended');
  }
}
