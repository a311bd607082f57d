import { inHours } from '../../core/events/hours.ts';
import { asksFor, Quietness, type Telling } from '../../core/events/notice-rule.ts';
import { type AlarmTold, alarmTold } from '../../core/events/told.ts';
import { decide } from '../../core/gateway/authorization.ts';
import { captureKey, isCaptureKey } from '../../core/plugin/capture-services.ts';
import type { OutMessage } from '../../core/plugin/push-services.ts';
import type { Account } from '../../core/plugin/services.ts';
import { alarmNotification } from './notification.ts';
import type { Outcome, Sender } from './sending.ts';
import type { Subscription, Subscriptions } from './subscriptions.ts';

/** Pushes that wait, and those that are under way, at most. */
const MOST_WAITING = 500;
const AT_ONCE = 8;
/** What is older is no news, and stands in the list of alarms, ms. */
export const TOO_OLD_MS = 600_000;

export const ACCESS = { area: 'records', action: 'see' } as const;

export interface TellerOptions {
  subscriptions: Subscriptions;
  sender: Sender;
  account(userId: number): Account | undefined;
  zone(): string;
  now(): number;
  /** ms, of a clock that is never set. */
  steady(): number;
  count(result: 'sent' | 'held' | 'dropped' | 'gone'): void;
  failed(error: Error): void;
  /** A browser is not subscribed any more: whoever used it is told of nothing from here on. */
  gone(one: Subscription): void;
}

/** How it went with one browser since the start of the box. Wall clock, ms. */
export interface BrowserState {
  sent: number;
  held: number;
  dropped: number;
  lastSent?: number;
  lastFault?: { at: number; why: string; status?: number };
}

interface Waiting {
  id: number;
  alarm: AlarmTold;
  message: Pick<OutMessage, 'time' | 'origin' | 'shows'>;
}

type Message = Pick<OutMessage, 'topic' | 'channel' | 'body' | 'origin'>;

/** Tells browsers of alarms, as well as it can: what does not get through is counted, and not tried again. */
export class Teller {
  readonly #options: TellerOptions;
  readonly #quiet = new Map<number, Quietness>();
  readonly #states = new Map<number, BrowserState>();
  readonly #kinds = new Set<string>();
  readonly #stopped = new AbortController();
  #waiting: Waiting[] = [];
  readonly #working = new Set<Promise<void>>();

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  /** Kinds of alarms that came by. */
  get kinds(): string[] {
    return [...this.#kinds];
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  state(id: number): BrowserState {
    return this.#states.get(id) ?? { sent: 0, held: 0, dropped: 0 };
  }

  wants(message: Message): boolean {
    return this.#options.subscriptions.list().some((one) => this.#asked(one, message));
  }

  /** Takes a message for every browser that wants it; what follows happens by itself. */
  take(message: OutMessage): void {
    const parsed = alarmTold.safeParse(message.body);
    if (!parsed.success) return;
    if (this.#kinds.size < 30) this.#kinds.add(parsed.data.kind);
    const { time, origin, shows } = message;
    const late = this.#options.now() - time > TOO_OLD_MS;
    for (const one of this.#options.subscriptions.list()) {
      if (!this.#asked(one, message) || !inHours(one.rule, time, this.#options.zone())) continue;
      const full = this.#waiting.length >= MOST_WAITING;
      if (late || full) this.#dropped(one.id, late ? 'old' : 'full');
      else
        this.#waiting.push({ id: one.id, alarm: parsed.data, message: { time, shows, ...(origin ? { origin } : {}) } });
    }
    this.#work();
  }

  /** Forgets browsers that are none any more. */
  tidy(): void {
    const known = new Set(this.#options.subscriptions.list().map(({ id }) => id));
    for (const map of [this.#quiet, this.#states]) for (const id of map.keys()) if (!known.has(id)) map.delete(id);
    this.#waiting = this.#waiting.filter(({ id }) => known.has(id));
  }

  /** Tells nobody any more of what shows one of these. */
  erase(shows: readonly string[]): void {
    const gone = new Set(shows);
    this.#waiting = this.#waiting.filter(({ message }) => !message.shows.some((key) => gone.has(key)));
  }

  /** Tells nobody any more of what shows one of these captures, or any. */
  eraseCaptures(ids: readonly string[] | 'all'): void {
    if (ids !== 'all') this.erase(ids.map(captureKey));
    else this.#waiting = this.#waiting.filter(({ message }) => !message.shows.some(isCaptureKey));
  }

  /** Notes how a push went; one to a browser that is gone ends its subscription. */
  async note(one: Subscription, outcome: Outcome): Promise<void> {
    const { now, count, gone, subscriptions } = this.#options;
    const state = this.state(one.id);
    if (outcome.result === 'gone') {
      count('gone');
      gone(one);
      await subscriptions.removeGone(one.id);
      this.tidy();
    } else if (outcome.result === 'sent') {
      count('sent');
      const { lastFault: _, ...rest } = state;
      this.#states.set(one.id, { ...rest, sent: state.sent + 1, lastSent: now() });
    } else {
      this.#dropped(one.id, outcome.why, outcome.status);
    }
  }

  /** Ends what is under way. */
  async stop(): Promise<void> {
    this.#waiting = [];
    this.#stopped.abort();
    await Promise.all(this.#working);
  }

  #work(): void {
    while (this.#working.size < AT_ONCE && this.#waiting.length > 0) {
      const next = this.#waiting.shift() as Waiting;
      const work = this.#send(next)
        .catch((error: Error) => this.#options.failed(error))
        .finally(() => {
          this.#working.delete(work);
          this.#work();
        });
      this.#working.add(work);
    }
  }

  async #send({ id, alarm, message }: Waiting): Promise<void> {
    const { subscriptions, sender, zone, steady, count } = this.#options;
    const one = subscriptions.list().find((candidate) => candidate.id === id);
    if (!one || this.#stopped.signal.aborted) return;
    const telling = this.#leave(one, alarm, steady());
    if (!telling) {
      count('held');
      const state = this.state(id);
      this.#states.set(id, { ...state, held: state.held + 1 });
      return;
    }
    const { language, details } = one;
    const setting = { time: message.time, zone: zone(), demo: message.origin === 'demo', language, details };
    const notification = alarmNotification(alarm, { ...setting, held: telling.held });
    const outcome = await sender.send(one.browser, notification, this.#stopped.signal);
    if (outcome.result !== 'sent') telling.giveBack();
    await this.note(one, outcome);
  }

  #leave(one: Subscription, alarm: AlarmTold, now: number): Telling | undefined {
    const quiet = this.#quiet.get(one.id) ?? new Quietness();
    this.#quiet.set(one.id, quiet);
    return quiet.take(`${alarm.kind} ${alarm.channel} ${alarm.title}`, one.rule, now);
  }

  #asked(one: Subscription, { topic, channel, body, origin }: Message): boolean {
    if (topic !== 'alarm' || !asksFor(one.rule, { kind: String(body['kind']), channel: channel ?? 0, origin }))
      return false;
    return decide(ACCESS, this.#options.account(one.userId)) === 'allowed';
  }

  #dropped(id: number, why: string, status?: number): void {
    this.#options.count('dropped');
    const state = this.state(id);
    const lastFault = { at: this.#options.now(), why, ...(status === undefined ? {} : { status }) };
    this.#states.set(id, { ...state, dropped: state.dropped + 1, lastFault });
  }
}
