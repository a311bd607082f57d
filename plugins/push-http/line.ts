import { Turns } from '../../core/concurrency.ts';
import type { PushSettings } from '../../core/events/push-body.ts';
import type { AddressRules } from '../../core/net/addresses.ts';
import {
  type OpenDestination,
  type Outbox,
  type OutMessage,
  type PicturePart,
  RefusedError,
} from '../../core/plugin/push-services.ts';
import { captureForm, heartbeatForm, wantedBy } from './pushes.ts';
import { Sender } from './sender.ts';
import type { TargetRow } from './tables.ts';
import { trustOf } from './targets.ts';
import { CONNECTIONS } from './trust.ts';

export const HEARTBEAT_MS = 30_000;
const HEARTBEAT_PATIENCE_MS = 10_000;
/** A form must be sent and answered within. */
const SENDING_MS = 15_000;
/** Until a form is sent, waiting behind those of rules to the same receiver included. */
export const DELIVERY_MS = 60_000;

export interface LineOptions {
  outbox: Outbox;
  rules: AddressRules;
  settings(): PushSettings;
  wanted(part: PicturePart): boolean;
  now(): number;
  changed(): void;
  /** A heartbeat was sent, and how it ended. */
  beat(ok: boolean): void;
  /** ms; 30,000 by default */
  heartbeatMs?: number;
}

export interface Heartbeat {
  /** Wall clock, ms. */
  at: number;
  ok: boolean;
  message: string;
}

const DESTINATIONS = 'push-http/';

export function destinationId(id: number): string {
  return `${DESTINATIONS}${id}`;
}

/** What refuses a capture is asked with a heartbeat whether it refuses everything; an answer counts for so long, ms. */
const PROVEN_MS = 2_000;

/** The receiver whose destination it is; undefined for one that is none of this plugin. */
export function receiverOf(destination: string): number | undefined {
  return destination.startsWith(DESTINATIONS) ? Number(destination.slice(DESTINATIONS.length)) : undefined;
}

/** What goes to one receiver: its deliveries, and a heartbeat every 30 seconds. */
export class Line {
  readonly #options: LineOptions;
  readonly #key: string;
  readonly #sender: Sender;
  /** Forms hold pictures: however many rules push to it, no more at once than can be sent beside the heartbeat. */
  readonly #sending = new Turns(CONNECTIONS - 1);
  readonly #destination: OpenDestination;
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #last: Heartbeat | undefined;
  /** When it last took something, by `performance.now`. */
  #tookAt = Number.NEGATIVE_INFINITY;

  /** @throws AddressError where the receiver's address is not allowed (any more) */
  constructor(row: TargetRow, key: string, options: LineOptions) {
    this.#options = options;
    this.#key = key;
    this.#sender = new Sender(new URL(row.url), trustOf(row), options.rules);
    this.#destination = options.outbox.open({
      id: destinationId(row.id),
      name: row.name,
      deadline: DELIVERY_MS,
      wants: (message) => wantedBy(row, message),
      deliver: (message, picture, { signal }) => this.send(message, picture, signal),
    });
    void this.#beat();
  }

  get heartbeat(): Heartbeat | undefined {
    return this.#last;
  }

  /**
   * Sends a capture. A receiver that refuses heartbeats as well is not itself: another program or a proxy answers there, and
   * what waits for it waits on.
   * @throws RefusedError when the receiver will never take it, Error for anything that may pass
   */
  async send(
    message: OutMessage,
    picture: (path: string) => Promise<Uint8Array | undefined>,
    signal: AbortSignal,
  ): Promise<void> {
    const { settings, wanted } = this.#options;
    await this.#sending.take(async () => {
      signal.throwIfAborted();
      const form = await captureForm(message, this.#key, settings(), picture, wanted);
      const send = async () => {
        await this.#sender.send(form, AbortSignal.any([signal, AbortSignal.timeout(SENDING_MS)]));
        this.#tookAt = performance.now();
      };
      try {
        await send();
      } catch (error) {
        if (!(error instanceof RefusedError) || performance.now() - this.#tookAt < PROVEN_MS) throw error;
        if (!(await this.#takesHeartbeats(signal))) throw new Error(error.message);
        // It may have become itself again just then.
        await send();
      }
    });
  }

  async #takesHeartbeats(signal: AbortSignal): Promise<boolean> {
    try {
      await this.sendHeartbeat(AbortSignal.any([signal, AbortSignal.timeout(HEARTBEAT_PATIENCE_MS)]));
      return true;
    } catch {
      return false;
    }
  }

  /** Sends a heartbeat, beside those of every 30 seconds. @throws as `send` */
  async sendHeartbeat(signal: AbortSignal): Promise<void> {
    const { settings, now } = this.#options;
    await this.#sender.send(heartbeatForm(this.#key, settings(), now()), signal);
    this.#tookAt = performance.now();
  }

  retry(): void {
    this.#destination.retry();
  }

  /** Resolves when nothing is under way any more; what waits is kept by the outbox. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#destination.close();
    this.#sender.close();
  }

  /** Does not reject. The next one comes a while after the last has ended, so that they never pile up. */
  async #beat(): Promise<void> {
    const { settings, now, changed, beat, heartbeatMs = HEARTBEAT_MS } = this.#options;
    const before = this.#last;
    const began = now();
    let message: string | undefined;
    try {
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(HEARTBEAT_PATIENCE_MS)]);
      await this.#sender.send(heartbeatForm(this.#key, settings(), began), signal);
    } catch (error) {
      message = (error as Error).message;
    }
    if (this.#closing.signal.aborted) return;
    const ok = message === undefined;
    this.#last = { at: began, ok, message: message ?? '' };
    beat(ok);
    if (before?.ok !== ok) changed();
    // It is back: what waits for it need not wait for the end of the pause.
    if (ok && before?.ok === false) this.#destination.retry();
    this.#timer = setTimeout(() => void this.#beat(), heartbeatMs);
  }
}
