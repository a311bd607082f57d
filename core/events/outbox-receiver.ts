import { setImmediate as nextTurn } from 'node:timers/promises';
import { Life } from '../plugin/life.ts';
import type { Destination, Lane, OutMessage } from '../plugin/push-services.ts';
import type { Store } from '../store/database.ts';
import type { StoreLog } from '../store/types.ts';
import { Attempt, type Outcome } from './outbox-attempt.ts';
import { type OutboxClock, pauseAfter } from './outbox-clock.ts';
import { Endings } from './outbox-endings.ts';
import { readWaiting, TOO_OLD, type Waiting } from './outbox-rows.ts';

export const KEEP_MS = 24 * 60 * 60 * 1000;
/** Messages that just happened and wait in memory; what comes beyond them is backlog. */
const MOST_LIVE = 100;
/** Messages of the backlog in memory. */
const PAGE = 50;
/** One message that fails so often while others arrive is given up: it must not hold up the rest for a day. */
const MOST_ALONE = 10;
/** A delivery that is under way may finish for so long when its destination is closed, ms. */
const CLOSING_MS = 1_000;
/** Numbers of attempts that are remembered. */
const MOST_REMEMBERED = 1_000;

export interface ReceiverOptions {
  destination: Destination;
  store: Pick<Store, 'read' | 'write' | 'blobs'>;
  log: StoreLog;
  clock: OutboxClock;
  /** 0..1 */
  random(): number;
  /** Calls the plugin's code under the plugin's name. */
  run<T>(work: () => T): T;
  /** Something to be shown has changed. */
  changed(): void;
}

interface LaneState {
  readonly lane: Lane;
  /** Failures in a row. */
  failures: number;
  /** Steady clock: nothing is tried before. */
  resumeAt: number;
  running: boolean;
  underWay?: Attempt;
  wake?: () => void;
}

/**
 * An open destination with its two lanes. What is recorded while all is well goes through the live lane at once, from
 * memory. When a delivery fails there, everything that waits in it becomes backlog, and so does what is recorded during
 * the pause that follows. After the pause the next that is recorded is tried at once again: where a receiver only fails
 * over the first of the backlog, it does not keep the others from being prompt. The backlog is read from the database in its order, and never overtakes the live lane: so each
 * lane is in order, whatever moves from one to the other.
 */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #endings: Endings;
  readonly #live: LaneState = { lane: 'live', failures: 0, resumeAt: Number.NEGATIVE_INFINITY, running: false };
  readonly #backlog: LaneState = { lane: 'backlog', failures: 0, resumeAt: Number.NEGATIVE_INFINITY, running: false };
  #queue: Waiting[] = [];
  #page: Waiting[] = [];
  /** The backlog was read up to here. */
  #readTo = 0;
  /** There may be rows behind it. */
  #more = true;
  readonly #attempts = new Map<number, number>();
  /** Others arrived since the first of the backlog began to fail, and so often has it failed since. */
  #alone: number | undefined;
  #lastError: string | undefined;
  #lastDelivered: number | undefined;
  #started = false;
  #closed = false;
  #whenStill: (() => void)[] = [];

  constructor(options: ReceiverOptions) {
    this.#options = options;
    const { destination, store, log, clock } = options;
    const room = () => this.#go();
    this.#endings = new Endings({ destination: destination.id, store, log, now: () => clock.now(), room });
  }

  get destination(): Destination {
    return this.#options.destination;
  }

  /** Asks the destination whether a message is for it. */
  readonly ask = (question: Parameters<Destination['wants']>[0]): boolean =>
    this.#options.run(() => this.destination.wants(question)) === true;

  get keep(): number {
    return this.destination.keep ?? KEEP_MS;
  }

  /** As the tables know it. */
  get row() {
    const { id, name } = this.destination;
    return { id, name, keep: this.keep };
  }

  /** Begins with what waits. */
  start(): void {
    this.#started = true;
    this.#go();
  }

  /** What the database does not know yet or does not keep. */
  get state() {
    const { clock } = this.#options;
    const pause = this.#backlog.resumeAt - clock.steady();
    const failures = Math.max(this.#live.failures, this.#backlog.failures);
    return {
      unwritten: this.#endings.counts,
      failures,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...(this.#lastDelivered === undefined ? {} : { lastDelivered: this.#lastDelivered }),
      ...(failures > 0 && pause > 0 ? { pausedUntil: Math.round(clock.now() + pause) } : {}),
    };
  }

  /** A message was committed. */
  took(waiting: Waiting): void {
    if (this.#closed) return;
    const away = this.#live.resumeAt > this.#options.clock.steady();
    if (away || this.#queue.length >= MOST_LIVE) this.#more = true;
    else this.#queue.push(waiting);
    // Not within the commit: others wait for it.
    setImmediate(() => this.#go());
  }

  /** Messages are gone: nothing of them may be sent any more. */
  forget(gone: ReadonlySet<number>): void {
    this.#queue = this.#queue.filter(({ seq }) => !gone.has(seq));
    this.#page = this.#page.filter(({ seq }) => !gone.has(seq));
    for (const seq of gone) this.#attempts.delete(seq);
    for (const { underWay } of [this.#live, this.#backlog]) if (underWay && gone.has(underWay.seq)) underWay.callOff();
  }

  retry(): void {
    for (const lane of [this.#live, this.#backlog]) this.#resume(lane);
    this.#go();
  }

  /** Resolves when no delivery is under way and all endings are noted. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const lane of [this.#live, this.#backlog]) this.#disarm(lane);
    const enough = setTimeout(() => {
      this.#live.underWay?.callOff();
      this.#backlog.underWay?.callOff();
    }, CLOSING_MS);
    if (this.#live.running || this.#backlog.running) {
      await new Promise<void>((resolve) => this.#whenStill.push(resolve));
    }
    clearTimeout(enough);
    await this.#endings.settle();
  }

  #go(): void {
    for (const lane of [this.#live, this.#backlog]) this.#drive(lane);
  }

  /** Sets a lane going: the core's own work, whoever's record set it off. */
  #drive(lane: LaneState): void {
    if (lane.running) return;
    lane.running = true;
    void Life.outside(() => this.#work(lane));
  }

  /** Works a lane off until nothing is left or it pauses. Does not reject. */
  async #work(lane: LaneState): Promise<void> {
    try {
      for (let turn = 1; ; turn++) {
        const next = this.#next(lane);
        if (!next) break;
        await this.#deliver(lane, next);
        // A destination that answers without waiting for anything must not keep the event loop.
        if (turn % PAGE === 0) await nextTurn();
      }
    } catch (error) {
      this.#options.log.error({ err: error, destination: this.destination.id }, 'a lane of deliveries failed');
      this.#pause(lane);
    } finally {
      lane.running = false;
      if (!this.#live.running && !this.#backlog.running) for (const still of this.#whenStill.splice(0)) still();
    }
  }

  /** The message whose turn it is; undefined while there is none, or none may be tried. */
  #next(lane: LaneState): Waiting | undefined {
    if (!this.#started || this.#closed || this.#endings.full) return undefined;
    const pause = lane.resumeAt - this.#options.clock.steady();
    if (pause > 0) {
      this.#arm(lane, pause);
      return undefined;
    }
    return lane === this.#live ? this.#queue[0] : this.#nextOfBacklog();
  }

  #nextOfBacklog(): Waiting | undefined {
    const { store, clock } = this.#options;
    const before = this.#queue[0]?.seq ?? Number.MAX_SAFE_INTEGER;
    for (;;) {
      const first = this.#page[0];
      if (first) {
        if (first.addedAt + this.keep > clock.now()) return first;
        this.#endings.gaveUp(first.seq, TOO_OLD);
        this.#done(first);
      } else {
        if (!this.#more || this.#endings.full) return undefined;
        const range = { after: this.#readTo, before, limit: PAGE };
        const rows = readWaiting(store.read, this.destination.id, range);
        this.#readTo = rows.at(-1)?.seq ?? this.#readTo;
        this.#page = rows.filter(({ seq }) => !this.#endings.has(seq));
        if (rows.length < PAGE) {
          // Behind a live one there may be more; whoever comes to its end looks again.
          this.#more = before !== Number.MAX_SAFE_INTEGER;
          if (this.#page.length === 0) return undefined;
        }
      }
    }
  }

  async #deliver(lane: LaneState, waiting: Waiting): Promise<void> {
    const { destination, store, clock, run } = this.#options;
    const attempt = (this.#attempts.get(waiting.seq) ?? 0) + 1;
    const underWay = new Attempt(waiting.seq);
    lane.underWay = underWay;
    const { pictures } = waiting.message;
    const picture = async (path: string) =>
      pictures.some((one) => one.path === path) ? store.blobs.readPinned(path) : undefined;
    const context = { lane: lane.lane, attempt, picture };
    const outcome = await underWay.make(destination, waiting.message, context, { clock, run });
    delete lane.underWay;
    this.#after(lane, waiting, attempt, outcome);
  }

  #after(lane: LaneState, waiting: Waiting, attempt: number, outcome: Outcome): void {
    if (outcome.kind === 'calledOff') return;
    if (outcome.kind === 'failed') {
      this.#failed(lane, waiting, attempt, outcome.reason);
      return;
    }
    this.#done(waiting);
    if (outcome.kind === 'arrived') {
      this.#lastDelivered = this.#options.clock.now();
      this.#endings.arrived(waiting.seq);
    } else {
      this.#lastError = outcome.reason;
      this.#options.log.warn(
        { destination: this.destination.id, reason: outcome.reason },
        'a receiver refused a message for good',
      );
      this.#endings.gaveUp(waiting.seq, outcome.reason);
    }
    this.#answered(lane);
  }

  /** The receiver is there. */
  #answered(lane: LaneState): void {
    if (lane.failures > 0) this.#options.changed();
    lane.failures = 0;
    if (lane === this.#backlog) {
      this.#alone = undefined;
      this.#live.failures = 0;
      this.#resume(this.#live);
    } else if (this.#backlog.failures > 0 && this.#alone === undefined) {
      // Once: where it is only this message that fails, it keeps its own pauses.
      this.#alone = 0;
      this.#resume(this.#backlog);
    }
    this.#drive(lane === this.#live ? this.#backlog : this.#live);
  }

  #failed(lane: LaneState, waiting: Waiting, attempt: number, reason: string): void {
    const { log } = this.#options;
    if (this.#closed) return;
    this.#lastError = reason;
    this.#remember(waiting.seq, attempt);
    if (lane === this.#backlog && this.#alone !== undefined && ++this.#alone >= MOST_ALONE) {
      this.#endings.gaveUp(waiting.seq, `others arrived while this one failed: ${reason}`);
      this.#done(waiting);
      this.#alone = undefined;
      return;
    }
    this.#pause(lane);
    if (lane === this.#live) {
      // Older than whatever the backlog has not read yet, so nothing is out of order there.
      this.#queue = [];
      this.#more = true;
      this.#backlog.failures = Math.max(this.#backlog.failures, lane.failures);
      this.#backlog.resumeAt = Math.max(this.#backlog.resumeAt, lane.resumeAt);
    }
    if (lane.failures === 1) log.warn({ destination: this.destination.id, reason }, 'a receiver cannot be reached');
    this.#options.changed();
    this.#drive(this.#backlog);
  }

  #remember(seq: number, attempt: number): void {
    this.#attempts.set(seq, attempt);
    const [first] = this.#attempts.keys();
    if (this.#attempts.size > MOST_REMEMBERED && first !== undefined) this.#attempts.delete(first);
  }

  /** The message has ended, one way or the other. */
  #done({ seq }: Waiting): void {
    this.#attempts.delete(seq);
    if (this.#queue[0]?.seq === seq) this.#queue.shift();
    else if (this.#page[0]?.seq === seq) this.#page.shift();
  }

  #pause(lane: LaneState): void {
    const { clock, random } = this.#options;
    lane.failures += 1;
    lane.resumeAt = clock.steady() + pauseAfter(lane.failures, random);
  }

  #resume(lane: LaneState): void {
    lane.resumeAt = Number.NEGATIVE_INFINITY;
    this.#disarm(lane);
  }

  #arm(lane: LaneState, pause: number): void {
    lane.wake ??= this.#options.clock.after(pause, () => {
      delete lane.wake;
      this.#drive(lane);
    });
  }

  #disarm(lane: LaneState): void {
    lane.wake?.();
    delete lane.wake;
  }
}

/** The part of a message that destinations are asked with. */
export function asked({ topic, channel, body, origin }: OutMessage): Parameters<Destination['wants']>[0] {
  return {
    topic,
    body,
    ...(channel === undefined ? {} : { channel }),
    ...(origin === undefined ? {} : { origin }),
  };
}
