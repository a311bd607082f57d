import { decide } from '../../core/gateway/authorization.ts';
import { CODE } from '../../core/gateway/errors.ts';
import type { WireSocket } from '../../core/plugin/contract.ts';
import type { CaptureCounts } from '../../core/plugin/push-services.ts';
import type { Account } from '../../core/plugin/services.ts';
import { RECORDS, refuse } from './subscribers.ts';

/** Changes come in crowds; so long after the first the counts are read, ms. */
const SETTLE_MS = 500;
/** How often they are read without a change: a day ends at midnight, ms. */
const EVERY_MS = 30_000;

export type Counts = Awaited<ReturnType<CaptureCounts['today']>>;

export interface CountFeedOptions {
  account(userId: number): Account | undefined;
  /** Undefined while nobody counts. */
  today(): Promise<Counts | undefined>;
  failed(error: Error): void;
  settleMs?: number;
}

interface Subscriber {
  socket: WireSocket;
  userId: number;
  /** What it was told last. */
  told?: string;
}

/** Tells clients today's counts (778) when they subscribe and whenever they have changed. */
export class CountFeed {
  readonly #options: CountFeedOptions;
  readonly #subscribers = new Map<number, Subscriber>();
  #soon: NodeJS.Timeout | undefined;
  #every: NodeJS.Timeout | undefined;
  #reading = false;
  #again = false;

  constructor(options: CountFeedOptions) {
    this.#options = options;
  }

  start(): void {
    this.#every = setInterval(() => void this.#look(), EVERY_MS);
  }

  /** Adds a socket, which is told the counts as they are; one that is there already is told them once more. */
  add(socket: WireSocket, userId: number): void {
    const known = this.#subscribers.has(socket.id);
    this.#subscribers.set(socket.id, { socket, userId });
    // Who asks again and again is told with the next reading: each reads the database.
    if (known) {
      this.changed();
      return;
    }
    socket.onClose(() => this.#subscribers.delete(socket.id));
    void this.#look();
  }

  /** Something happened that may have changed them. */
  changed(): void {
    if (this.#subscribers.size === 0) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.#look();
    }, this.#options.settleMs ?? SETTLE_MS);
  }

  endAllOf(userId: number): void {
    for (const one of [...this.#subscribers.values()]) if (one.userId === userId) this.#end(one);
  }

  /** Ends every subscription: the clients come back when the plugin does. */
  endAll(): void {
    clearInterval(this.#every);
    clearTimeout(this.#soon);
    for (const { socket } of [...this.#subscribers.values()]) socket.close(1001, 'the box is stopping');
    this.#subscribers.clear();
  }

  /** Does not reject. One reading at a time; what happens meanwhile is looked at afterwards. */
  async #look(): Promise<void> {
    if (this.#subscribers.size === 0) return;
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#again) {
        this.#again = false;
        const counts = await this.#options.today();
        if (counts) this.#tell(counts);
      }
    } catch (error) {
      this.#options.failed(error as Error);
    } finally {
      this.#reading = false;
    }
  }

  #tell({ keyPersons, whiteList, strangers }: Counts): void {
    const data = { key_person_cnt: keyPersons, white_list_cnt: whiteList, stranger_cnt: strangers };
    const frame = { code: CODE.ok, data, msg: '', msg_id: '778' };
    const text = JSON.stringify(data);
    for (const one of [...this.#subscribers.values()]) {
      if (decide(RECORDS, this.#options.account(one.userId)) !== 'allowed') this.#end(one);
      // A client that reads too slowly is told the next time.
      else if (one.told !== text && one.socket.send(frame)) one.told = text;
    }
  }

  #end({ socket }: Subscriber): void {
    this.#subscribers.delete(socket.id);
    refuse(socket, 'the key is no longer valid');
  }
}
