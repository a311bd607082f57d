import type { Destination, OutMessage } from '../plugin/push-services.ts';
import type { Store } from '../store/database.ts';
import type { StoreLog } from '../store/types.ts';
import type { Attempt, Outcome } from './attempt.ts';
import { THE_END } from './backlog.ts';
import type { OutboxClock } from './clock.ts';
import { Endings } from './endings.ts';
import { type Failure, Lane } from './lane.ts';
import { Pause } from './pause.ts';
import type { Waiting } from './rows.ts';
import { Tries } from './tries.ts';
import { Turns } from './turns.ts';

export const KEEP_MS = 24 * 60 * 60 * 1000;
/** Messages that just happened and wait in memory; what comes beyond them is backlog. */
const MOST_LIVE = 100;
const DEADLINE_MS = 15_000;
/** With as many set aside as there may be, one that alone fails so often is given up: it must not hold up the rest. */
const MOST_ALONE = 10;
/** A delivery that is under way may finish for so long when its destination is closed, ms. */
const CLOSING_MS = 1_000;

export interface ReceiverOptions {
  destination: Destination;
  store: Pick<Store, 'read' | 'write' | 'blobs'>;
  log: StoreLog;
  clock: OutboxClock;
  /** 0..1 */
  random(): number;
  /** Nothing may be given up for its age now: the wall clock was set. */
  clockDoubted(): boolean;
  /** Calls the plugin's code under the plugin's name. */
  run<T>(work: () => T): T;
  /** Messages that may be set aside; default 1,000. */
  mostAside?: number | undefined;
  /** A message was given up. */
  lost(reason: string): void;
  /** Something to be shown has changed. */
  changed(): void;
}

/**
 * An open destination with its two lanes. What is recorded while all is well goes through the live lane at once, from
 * memory. When a delivery fails there, everything that waits in it becomes backlog, and so does what is recorded during
 * the pause that follows. After the pause the next that is recorded is tried at once again: where a receiver only fails
 * over the first of the backlog, it does not keep the others from being prompt. The backlog is read from the database in
 * its order, and never overtakes the live lane: so each lane is in order, whatever moves from one to the other. What
 * alone fails is set aside (`Turns`).
 */
export class Receiver {
  readonly #options: ReceiverOptions;
  readonly #endings: Endings;
  readonly #live: Lane;
  readonly #backlog: Lane;
  readonly #turns: Turns;
  readonly #asidePause: Pause;
  #queue: Waiting[] = [];
  readonly #tries = new Tries();
  /** A live one has arrived since the backlog began to fail, and its pause was ended for that. */
  #woken = false;
  #lastError: string | undefined;
  /** In a row. */
  #refused = 0;
  #lastDelivered: number | undefined;
  #started = false;
  #closed = false;
  #whenStill: (() => void)[] = [];

  constructor(options: ReceiverOptions) {
    this.#options = options;
    const { destination, store, log, clock, random } = options;
    const room = () => this.#go();
    this.#endings = new Endings({ destination: destination.id, store, log, now: () => clock.now(), room });
    this.#asidePause = new Pause({ clock, random, wake: () => this.#backlog.drive() });
    this.#turns = new Turns({
      destination: destination.id,
      read: store.read,
      endings: this.#endings,
      lane: () => this.#backlog,
      before: () => this.#queue[0]?.seq ?? THE_END,
      tooOld: ({ addedAt }) => addedAt + this.keep <= clock.now() && !options.clockDoubted(),
      asidePause: this.#asidePause,
      mostAside: options.mostAside,
    });
    const lane = (name: 'live' | 'backlog', next: () => Waiting | undefined, failed: (failure: Failure) => void) => {
      const made: Lane = new Lane({
        name,
        window: Math.max(1, destination.window ?? 1),
        deadline: destination.deadline ?? DEADLINE_MS,
        clock,
        pause: new Pause({ clock, random, wake: () => made.drive() }),
        next: () => (this.#started && !this.#closed && !this.#endings.full ? next() : undefined),
        make: (attempt, waiting) => this.#make(name, attempt, waiting),
        ended: (waiting, outcome) => this.#ended(made, waiting, outcome),
        failed: (failure) => {
          if (!this.#closed) failed(failure);
        },
        broke: (error) => log.error({ err: error, destination: destination.id }, 'a lane of deliveries failed'),
      });
      return made;
    };
    this.#live = lane(
      'live',
      () => this.#queue.find(({ seq }) => !this.#live.has(seq)),
      (failure) => this.#liveFailed(failure),
    );
    this.#backlog = lane(
      'backlog',
      () => this.#turns.next(),
      (failure) => this.#backlogFailed(failure),
    );
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
    const { left } = this.#backlog.pause;
    const failures = Math.max(this.#live.pause.failures, this.#backlog.pause.failures);
    return {
      unwritten: this.#endings.counts,
      failures,
      ...(this.#refused === 0 ? {} : { refused: this.#refused }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...(this.#lastDelivered === undefined ? {} : { lastDelivered: this.#lastDelivered }),
      ...(failures > 0 && left > 0 ? { pausedUntil: Math.round(this.#options.clock.now() + left) } : {}),
      ...(this.#turns.aside.size > 0 ? { aside: this.#turns.aside.size } : {}),
    };
  }

  /** A message was committed. */
  took(waiting: Waiting): void {
    try {
      this.#options.run(() => this.destination.took?.(waiting.message));
    } catch (error) {
      this.#options.log.error(
        { err: error, destination: this.destination.id },
        'a destination failed over what it took',
      );
    }
    if (this.#closed) return;
    if (this.#live.away || this.#queue.length >= MOST_LIVE) this.#turns.grew();
    else this.#queue.push(waiting);
    // Not within the commit: others wait for it.
    setImmediate(() => this.#go());
  }

  /** Messages are gone: nothing of them may be sent any more. */
  forget(gone: ReadonlySet<number>): void {
    this.#queue = this.#queue.filter(({ seq }) => !gone.has(seq));
    this.#turns.forget(gone);
    for (const seq of gone) this.#tries.forget(seq);
    for (const lane of [this.#live, this.#backlog]) lane.callOff(gone);
  }

  retry(): void {
    for (const pause of [this.#live.pause, this.#backlog.pause, this.#asidePause]) pause.end();
    this.#go();
  }

  /** Resolves when no delivery is under way and all endings are noted. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const pause of [this.#live.pause, this.#backlog.pause, this.#asidePause]) pause.disarm();
    const enough = setTimeout(() => {
      this.#live.callOff();
      this.#backlog.callOff();
    }, CLOSING_MS);
    if (this.#live.busy || this.#backlog.busy) {
      await new Promise<void>((resolve) => this.#whenStill.push(resolve));
    }
    clearTimeout(enough);
    await this.#endings.settle();
  }

  #go(): void {
    this.#live.drive();
    this.#backlog.drive();
  }

  #make(lane: 'live' | 'backlog', underWay: Attempt, { seq, message }: Waiting): Promise<Outcome> {
    const { destination, run } = this.#options;
    const attempt = this.#tries.add(seq);
    return underWay.make(destination, message, { lane, attempt, picture: this.#picturesOf(message) }, run);
  }

  #picturesOf({ pictures }: OutMessage): (path: string) => Promise<Uint8Array | undefined> {
    return async (path) =>
      pictures.some((one) => one.path === path) ? this.#options.store.blobs.readPinned(path) : undefined;
  }

  #ended(lane: Lane, { seq }: Waiting, outcome: Outcome): boolean {
    if (this.#closed && !this.#live.busy && !this.#backlog.busy) for (const still of this.#whenStill.splice(0)) still();
    switch (outcome.kind) {
      case 'calledOff':
        return false;
      case 'failed':
        if (this.#closed) return false;
        this.#lastError = outcome.reason;
        if (!this.#turns.aside.has(seq)) return true;
        this.#turns.aside.failed(seq);
        return false;
      case 'refused':
        this.#lastError = outcome.reason;
        this.#refused += 1;
        this.#options.lost(`refused for good: ${outcome.reason}`);
        this.#endings.gaveUp(seq, outcome.reason);
        break;
      case 'arrived':
        this.#lastDelivered = this.#options.clock.now();
        this.#refused = 0;
        this.#endings.arrived(seq);
    }
    this.#done(seq);
    this.#answered(lane, seq);
    return false;
  }

  /** The receiver is there. */
  #answered(lane: Lane, seq: number): void {
    if (lane.pause.failures > 0) this.#options.changed();
    lane.pause.reset();
    const proven = this.#turns.answered(seq);
    if (proven) this.#setAside(proven);
    if (lane === this.#backlog) {
      if (this.#live.pause.failures === 0) return;
      this.#live.pause.reset();
      this.#live.drive();
      return;
    }
    // Once: where it is only its first that fails, the backlog keeps its own pauses.
    if (this.#backlog.pause.failures > 0 && !this.#woken) {
      this.#woken = true;
      this.#backlog.pause.end();
    }
    this.#backlog.drive();
  }

  #liveFailed({ reason, suspects }: Failure): void {
    this.#live.pause.grow();
    this.#backlog.goAlone(suspects);
    // Older than whatever the backlog has not read yet, so nothing is out of order there.
    this.#queue = [];
    this.#turns.grew();
    this.#doubt();
    this.#backlog.pause.follow(this.#live.pause);
    this.#failed(this.#live, reason);
    this.#backlog.drive();
  }

  #backlogFailed(failure: Failure): void {
    const verdict = this.#turns.failed(failure, this.#tries.of(failure.waiting.seq));
    if (verdict === 'ask another') return;
    if (verdict === 'alone' && this.#setAside(failure)) return;
    this.#doubt();
    this.#backlog.pause.grow();
    this.#failed(this.#backlog, failure.reason);
  }

  /** The backlog begins to fail, or goes on failing. */
  #doubt(): void {
    if (this.#backlog.pause.failures === 0) this.#woken = false;
  }

  #failed(lane: Lane, reason: string): void {
    if (lane.pause.failures === 1) this.#warn(reason, 'a receiver cannot be reached');
    this.#options.changed();
  }

  /** Tries a message later, and goes on without it. False: it cannot be, and stays the first. */
  #setAside({ waiting: { seq }, reason }: Failure): boolean {
    const tries = this.#tries.of(seq);
    if (!this.#turns.aside.full) {
      this.#turns.setAside(seq, tries);
      this.#warn(reason, 'a message that alone fails was set aside');
    } else if (tries >= MOST_ALONE) {
      const why = `others arrived while this one failed: ${reason}`;
      this.#endings.gaveUp(seq, why);
      this.#options.lost(why);
      this.forget(new Set([seq]));
    } else {
      return false;
    }
    this.#backlog.pause.reset();
    this.#options.changed();
    return true;
  }

  #warn(reason: string, words: string): void {
    this.#options.log.warn({ destination: this.destination.id, reason }, words);
  }

  /** The message has ended, one way or the other. */
  #done(seq: number): void {
    this.#tries.forget(seq);
    this.#turns.remove(seq);
    const at = this.#queue.findIndex((one) => one.seq === seq);
    if (at >= 0) this.#queue.splice(at, 1);
  }
}
