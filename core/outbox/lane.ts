import { Life } from '../plugin/life.ts';
import type { Lane as LaneName } from '../plugin/push-services.ts';
import { Attempt, type Outcome } from './attempt.ts';
import type { OutboxClock } from './clock.ts';
import type { Pause } from './pause.ts';
import type { Waiting } from './rows.ts';

/** A destination that answers without waiting for anything must not keep the event loop: it goes on after so many. */
const TURN = 50;

/** The first message of a lane that failed. */
export interface Failure {
  waiting: Waiting;
  reason: string;
  /** So many were under way, with it: any of them may be why. */
  suspects: number;
}

export interface LaneOptions {
  name: LaneName;
  /** Deliveries that may be under way at once. */
  window: number;
  /** A delivery may take so long, ms. */
  deadline: number;
  clock: OutboxClock;
  pause: Pause;
  /** The message whose turn it is. */
  next(): Waiting | undefined;
  /** Does not reject. */
  make(attempt: Attempt, waiting: Waiting): Promise<Outcome>;
  /** Takes note of an ending. True: the lane has failed at it. */
  ended(waiting: Waiting, outcome: Outcome): boolean;
  /** Nothing is under way any more since it failed. */
  failed(failure: Failure): void;
  /** Something went wrong that is no fault of the receiver. */
  broke(error: unknown): void;
}

/**
 * Begins deliveries in the order of their messages, as many at once as its window lets. When one fails, those behind it
 * that are under way come to their own ends, none is begun meanwhile, and after the pause it goes on with the first that
 * has not arrived. As many as were under way go one by one then: the message that a connection broke over is found out,
 * and takes no others with it again and again.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #underWay = new Map<number, Attempt>();
  #failure: Failure | undefined;
  /** So many more go alone. */
  #alone = 0;
  #driving = false;
  #turn = 0;
  #soon: NodeJS.Immediate | undefined;
  /** A look at the deadlines lies ahead. */
  #watched = false;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get pause(): Pause {
    return this.#options.pause;
  }

  get busy(): boolean {
    return this.#underWay.size > 0;
  }

  /** It has failed, and what comes now is not tried at once. */
  get away(): boolean {
    return this.#failure !== undefined || this.pause.left > 0;
  }

  readonly has = (seq: number): boolean => this.#underWay.has(seq);

  /** Begins what may begin: the core's own work, whoever's record set it off. Does not throw. */
  drive(): void {
    if (this.#driving) return;
    this.#driving = true;
    try {
      Life.outside(() => {
        while (this.#hasRoom()) {
          const next = this.#options.next();
          if (!next) break;
          void this.#deliver(next);
        }
      });
    } catch (error) {
      this.#options.broke(error);
      this.pause.grow();
      this.pause.arm();
    } finally {
      this.#driving = false;
    }
  }

  /** The next so many go alone, whatever the window. */
  goAlone(count: number): void {
    this.#alone = Math.max(this.#alone, count);
  }

  /** Ends what is under way: all of it, or these. */
  callOff(seqs?: ReadonlySet<number>): void {
    for (const [seq, attempt] of this.#underWay) if (!seqs || seqs.has(seq)) attempt.callOff();
  }

  #hasRoom(): boolean {
    if (this.#failure) return false;
    const { pause, window } = this.#options;
    if (pause.left > 0) {
      pause.arm();
      return false;
    }
    return this.#underWay.size < (pause.failures > 0 || this.#alone > 0 ? 1 : window);
  }

  async #deliver(waiting: Waiting): Promise<void> {
    const attempt = new Attempt(this.#options.clock.steady());
    this.#underWay.set(waiting.seq, attempt);
    this.#watch(attempt);
    const outcome = await this.#options.make(attempt, waiting);
    this.#underWay.delete(waiting.seq);
    try {
      if (!this.#options.ended(waiting, outcome)) this.#alone = Math.max(0, this.#alone - 1);
      else if (outcome.kind === 'failed') this.#note(waiting, outcome.reason);
      if (this.#failure && !this.busy) {
        const failure = this.#failure;
        this.#failure = undefined;
        this.goAlone(failure.suspects);
        this.#options.failed(failure);
      }
    } catch (error) {
      this.#options.broke(error);
    }
    this.#turn += 1;
    if (this.#options.window > 1 || this.#turn % TURN === 0) this.#driveSoon();
    else this.drive();
  }

  /** One timer for all that are under way: who began first comes to the deadline first. */
  #watch(first: Attempt): void {
    if (this.#watched) return;
    this.#watched = true;
    const { clock, deadline } = this.#options;
    clock.after(first.began + deadline - clock.steady(), () => {
      this.#watched = false;
      for (const attempt of this.#underWay.values()) {
        if (attempt.began + deadline > clock.steady()) return this.#watch(attempt);
        attempt.expire(deadline);
      }
    });
  }

  /** Places that come free together are filled together: a connection then carries several messages in one write. */
  #driveSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.drive();
    });
  }

  /** Of several the first in the order counts: it is the one to go on with. */
  #note(waiting: Waiting, reason: string): void {
    const suspects = this.#failure?.suspects ?? this.#underWay.size + 1;
    if (!this.#failure || waiting.seq < this.#failure.waiting.seq) this.#failure = { waiting, reason, suspects };
  }
}
