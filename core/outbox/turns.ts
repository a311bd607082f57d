import type { ReadDb } from '../store/database.ts';
import { Aside } from './aside.ts';
import { Backlog } from './backlog.ts';
import type { Endings } from './endings.ts';
import type { Failure, Lane } from './lane.ts';
import type { Pause } from './pause.ts';
import { TOO_OLD, type Waiting } from './rows.ts';
import { Suspicion, type Verdict } from './suspicion.ts';

export interface TurnsOptions {
  destination: string;
  read: ReadDb;
  endings: Endings;
  /** Of the backlog. */
  lane(): Lane;
  /** The backlog may be sent up to here. */
  before(): number;
  tooOld(waiting: Waiting): boolean;
  /** Before what was set aside is tried. */
  asidePause: Pause;
  mostAside?: number | undefined;
}

/** Whose turn it is in the backlog: the first, one that shows whether the receiver is there, or one that was set aside. */
export class Turns {
  readonly aside: Aside;
  readonly #options: TurnsOptions;
  readonly #rows: Backlog;
  readonly #suspicion = new Suspicion();

  constructor(options: TurnsOptions) {
    this.#options = options;
    const { destination, read, endings, asidePause, mostAside } = options;
    this.#rows = new Backlog({ destination, read, ended: (seq) => endings.has(seq) });
    this.aside = new Aside({ destination, read, pause: asidePause, most: mostAside });
  }

  next(): Waiting | undefined {
    const lane = this.#options.lane();
    const { probe } = this.#suspicion;
    if (probe) return lane.has(probe.seq) ? undefined : probe;
    const first = this.#first(lane);
    // Whoever failed is gone.
    if (!first) lane.pause.reset();
    const due = lane.pause.failures === 0 ? this.aside.due(lane.has) : undefined;
    return due ?? first;
  }

  /** Something was recorded that is not in the live lane. */
  grew(): void {
    this.#rows.grew();
  }

  /** @param tries how often it was tried */
  failed(failure: Failure, tries: number): Verdict {
    return this.#suspicion.failed(failure, tries, (pass) => this.#rows.next(this.#options.before(), pass));
  }

  /** The receiver has answered to a message. Gives the one that is now known to fail alone. */
  answered(seq: number): Failure | undefined {
    return this.#suspicion.answered(seq);
  }

  setAside(seq: number, tries: number): void {
    this.#rows.remove(seq);
    this.#suspicion.clear();
    this.aside.add(seq, tries);
  }

  /** It has ended. */
  remove(seq: number): void {
    this.#rows.remove(seq);
    this.aside.ended(seq);
  }

  forget(gone: ReadonlySet<number>): void {
    this.#rows.forget(gone);
    this.aside.forget(gone);
    this.#suspicion.forget(gone);
  }

  #first(lane: Lane): Waiting | undefined {
    const { endings, before, tooOld } = this.#options;
    for (;;) {
      const first = this.#rows.next(before(), lane.has);
      if (!first || !tooOld(first)) return first;
      endings.gaveUp(first.seq, TOO_OLD);
      this.#rows.remove(first.seq);
      if (endings.full) return undefined;
    }
  }
}
