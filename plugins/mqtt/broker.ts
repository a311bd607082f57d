import type { MqttClient } from 'mqtt';
import type { AddressRules } from '../../core/net/addresses.ts';
import { RefusedError } from '../../core/plugin/push-services.ts';
import { faultOf, reasonOf } from './faults.ts';
import { boundIncoming, type ConnectionSettings, openClient } from './stream.ts';
import { Window } from './window.ts';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** A connection that has lasted so long was a good one: the next pause is short again, ms. */
const STEADY_MS = 10_000;
/** A broker that has acknowledged nothing for so long is left, ms. */
const ACKNOWLEDGE_MS = 15_000;
/** A goodbye may take so long, ms. */
const GOODBYE_MS = 1000;
/** Publications under way at once, where the broker allows as many. */
export const MOST_UNDER_WAY = 16;
/** Of a packet beside topic and payload. */
const OVERHEAD = 64;

/** Codes of PUBACK that trying again does not change: the name, the size or the form of what was sent is wrong. */
const FINAL_CODES = new Set([144, 149, 153]);

export interface BrokerState {
  state: 'connecting' | 'connected' | 'waiting' | 'stopped';
  /** Of the last change, wall clock, ms. */
  since: number;
  /** Why the last connection failed or ended, gone with the next one that stands; or what the one that stands was refused. */
  lastError?: string;
}

export interface Incoming {
  topic: string;
  payload: Uint8Array;
  /** It was not said now, but kept by the broker. */
  retained: boolean;
}

export interface BrokerOptions {
  settings: ConnectionSettings;
  rules: AddressRules;
  /** Topics to listen to, and up to which quality of service. */
  subscriptions: Record<string, { qos: 0 | 1 }>;
  now(): number;
  /** The first pause between two tries, ms. */
  pause?: number;
  /** It stands, its subscriptions are made, and it was told that the box is online where there is a will. */
  onConnected?(): void;
  onMessage(message: Incoming): void;
  onChanged(): void;
}

/** The leave to send something: gone once its signal is aborted, because somebody on it was erased. */
export interface Leave {
  readonly signal: AbortSignal;
}

export interface PublishOptions {
  /** Whether the broker keeps it. */
  retain?: boolean;
  /** Looked at only where there was no room at once: making a signal costs more than all else here. */
  leave?: Leave;
}

/** What was sent and is not acknowledged. */
interface Publication {
  /** Of `performance.now()`. */
  sentAt: number;
  resolve(): void;
  reject(error: Error): void;
}

/**
 * A connection to the broker, begun again whenever it ends. Nothing waits in here: what is published while there is
 * no connection is refused, what was not acknowledged when it ended has failed.
 */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #window = new Window();
  /** In the order they were sent. */
  readonly #unacknowledged = new Set<Publication>();
  #impatience: NodeJS.Timeout | undefined;
  #client: MqttClient | undefined;
  #stands = false;
  #largest = Number.POSITIVE_INFINITY;
  #failures = 0;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;
  #state: BrokerState;
  published = 0;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#state = { state: 'stopped', since: options.now() };
  }

  get state(): BrokerState {
    return this.#state;
  }

  start(): void {
    this.#connect();
  }

  /** Says that the box is offline where there is a will, and ends the connection. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const { willTopic } = this.#options.settings;
    if (this.#stands && willTopic) {
      const said = this.publish(willTopic, 'offline', { retain: true });
      await Promise.race([said.catch(() => {}), new Promise((done) => setTimeout(done, GOODBYE_MS).unref())]);
    }
    clearTimeout(this.#timer);
    this.#set('stopped');
    this.#leave('the box is stopping', true);
  }

  /**
   * Publishes with quality of service 1; resolved, the broker has acknowledged it. What is published is sent in the
   * order of the calls. Rejects with `RefusedError` for what the broker never takes, with another error for everything
   * that may go better later.
   */
  publish(topic: string, payload: string, { retain = false, leave }: PublishOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const most = this.#largest;
      if (most < Number.POSITIVE_INFINITY && sizeOf(topic, payload) > most) {
        throw new RefusedError(`the broker takes no message of more than ${most} bytes`);
      }
      let waited = false;
      this.#window.enter(() => {
        if (waited && leave?.signal.aborted) {
          reject(leave.signal.reason as Error);
          this.#window.leave();
        } else this.#send(topic, payload, retain, resolve, reject);
      });
      waited = true;
    });
  }

  #send(topic: string, payload: string, retain: boolean, resolve: () => void, reject: (error: Error) => void): void {
    const client = this.#client;
    if (!client || !this.#stands) {
      reject(new Error(this.#state.lastError ?? 'there is no connection to the broker'));
      this.#window.leave();
      return;
    }
    const publication = { sentAt: performance.now(), resolve, reject };
    this.#unacknowledged.add(publication);
    this.#impatience ??= this.#lookAfter(ACKNOWLEDGE_MS);
    client.publish(topic, payload, { qos: 1, retain }, (error) => this.#ended(publication, error));
  }

  #ended(publication: Publication, error: Error | null | undefined): void {
    if (!this.#unacknowledged.delete(publication)) return;
    this.#window.leave();
    if (error) {
      publication.reject(refusal(error));
      return;
    }
    this.published += 1;
    publication.resolve();
  }

  /** One timer for all that wait to be acknowledged: it looks at the first of them. */
  #lookAfter(ms: number): NodeJS.Timeout {
    const look = setTimeout(() => {
      this.#impatience = undefined;
      const [first] = this.#unacknowledged;
      if (!first) return;
      const left = first.sentAt + ACKNOWLEDGE_MS - performance.now();
      if (left > 0) this.#impatience = this.#lookAfter(left);
      else this.#leave('the broker acknowledges nothing');
    }, ms);
    return look.unref();
  }

  #connect(): void {
    this.#set('connecting');
    let client: MqttClient;
    try {
      client = openClient(this.#options.settings, this.#options.rules);
    } catch (error) {
      this.#fail(faultOf(error as Error));
      return;
    }
    this.#client = client;
    const mine = () => this.#client === client;
    const failed = (error: Error) => mine() && this.#leave(faultOf(error));
    client.on('error', failed);
    // The client keeps errors without a code to itself.
    client.stream.on('error', failed);
    boundIncoming(client, () => mine() && this.#leave('the broker sent more than the box listens to'));
    client.on('disconnect', (packet) => mine() && this.#leave(reasonOf(packet.reasonCode ?? 0)));
    client.on('close', () => mine() && this.#leave('the broker closed the connection'));
    client.on('connect', ({ properties }) => {
      if (!mine()) return;
      this.#largest = properties?.maximumPacketSize ?? Number.POSITIVE_INFINITY;
      this.#window.size = Math.min(MOST_UNDER_WAY, properties?.receiveMaximum ?? MOST_UNDER_WAY);
      this.#settle(client).catch(failed);
    });
    client.on('message', (topic, payload, { retain }) => {
      if (mine()) this.#options.onMessage({ topic, payload, retained: retain });
    });
  }

  async #settle(client: MqttClient): Promise<void> {
    let refused: string | undefined;
    try {
      const { subscriptions } = this.#options;
      if (Object.keys(subscriptions).length > 0) await client.subscribeAsync(subscriptions);
    } catch (error) {
      // Whoever may not listen may still publish, and hears what was granted.
      if (!isRefusedByName(error)) throw error;
      refused = `the broker does not let the box listen: ${faultOf(error)}`;
    }
    if (this.#client !== client) return;
    this.#stands = true;
    const { willTopic } = this.#options.settings;
    if (willTopic) await this.publish(willTopic, 'online', { retain: true });
    if (this.#client !== client) return;
    this.#set('connected', refused);
    this.#options.onConnected?.();
  }

  /** Ends the connection there is; what it was doing has failed. */
  #leave(reason: string, forGood = false): void {
    const client = this.#client;
    const stood = this.#stands;
    const lasted = this.#state.state === 'connected' ? this.#options.now() - this.#state.since : 0;
    this.#client = undefined;
    this.#stands = false;
    if (client) {
      // What it still has to say interests nobody, but an error without a listener would be one of the process.
      client.on('error', () => {});
      client.stream.on('error', () => {});
      client.end(!(forGood && stood));
      // A goodbye that nobody takes is cut short.
      setTimeout(() => client.stream.destroy(), GOODBYE_MS).unref();
    }
    for (const one of [...this.#unacknowledged]) this.#ended(one, new Error(reason));
    if (forGood || this.#stopping) return;
    if (lasted > STEADY_MS) this.#failures = 0;
    this.#fail(reason);
  }

  #fail(reason: string): void {
    const first = this.#options.pause ?? FIRST_PAUSE_MS;
    const pause = Math.min(LONGEST_PAUSE_MS, first * 2 ** Math.min(this.#failures, 16));
    this.#failures += 1;
    this.#set('waiting', reason);
    clearTimeout(this.#timer);
    // Boxes that lost the same broker do not come back at the same moment.
    this.#timer = setTimeout(() => this.#connect(), pause * (0.5 + Math.random() / 2));
  }

  #set(state: BrokerState['state'], lastError = state === 'connecting' ? this.#state.lastError : undefined): void {
    this.#state = { state, since: this.#options.now(), ...(lastError ? { lastError } : {}) };
    this.#options.onChanged();
  }
}

/** Of a subscription that the broker answered, and did not grant in full. */
function isRefusedByName(error: unknown): error is Error {
  return error instanceof Error && 'packet' in error;
}

/** Of a packet, bytes. */
function sizeOf(topic: string, payload: string): number {
  return OVERHEAD + Buffer.byteLength(topic) + Buffer.byteLength(payload);
}

function refusal(error: Error & { code?: unknown }): Error {
  return typeof error.code === 'number' && FINAL_CODES.has(error.code) ? new RefusedError(error.message) : error;
}
