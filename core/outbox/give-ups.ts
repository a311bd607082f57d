import type { Tx } from '../store/database.ts';
import type { StoreLog } from '../store/types.ts';
import type { OutboxClock } from './clock.ts';
import { giveUp, waitingFor } from './rows.ts';

/** Losses are told of once in so long, ms. */
const TELL_MS = 60_000;

export interface GiveUpsOptions {
  log: StoreLog;
  clock: OutboxClock;
  /** These no longer wait for this destination. */
  forget(destination: string, seqs: ReadonlySet<number>): void;
}

/** Gives deliveries up within jobs, counts them and says so now and then. */
export class GiveUps {
  readonly #options: GiveUpsOptions;
  /** Of the disk that had no room even for counting: by destination. */
  readonly #unnoted = new Map<string, number>();
  /** By destination and reason. */
  readonly #untold = new Map<string, Map<string, number>>();
  #toldAt = Number.NEGATIVE_INFINITY;
  /** Prevents that the rest is told when its minute is over. */
  #keepQuiet: (() => void) | undefined;

  constructor(options: GiveUpsOptions) {
    this.#options = options;
  }

  /** Messages of one destination. */
  of(tx: Tx, destination: string, seqs: readonly number[], reason: string): void {
    if (seqs.length === 0) return;
    const { clock, forget } = this.#options;
    const given = seqs.map((seq) => ({ seq, reason }));
    const gone = giveUp(tx, destination, given, clock.now());
    tx.afterCommit(() => {
      forget(destination, new Set(seqs));
      this.tell([destination], reason, gone);
    });
  }

  /** Messages, whoever they wait for. @returns how many deliveries there were */
  all(tx: Tx, seqs: readonly number[], reason: string): number {
    if (seqs.length === 0) return 0;
    const waiting = waitingFor(tx, seqs);
    for (const [destination, some] of waiting) this.of(tx, destination, some, reason);
    return [...waiting.values()].flat().length;
  }

  /** One message that could not even be put in. */
  unstored(tx: Tx, destinations: readonly string[], reason: string): void {
    tx.afterCommit(() => {
      for (const id of destinations) this.#unnoted.set(id, this.unnoted(id) + 1);
      this.tell(destinations, reason, 1);
    });
  }

  /** Of a destination since the start: those that no table counts. */
  unnoted(destination: string): number {
    return this.#unnoted.get(destination) ?? 0;
  }

  /** Tells what is not told yet: no more is to come. */
  stop(): void {
    if (this.#untold.size > 0) this.#tellAll();
    this.#keepQuiet?.();
  }

  /** Says now or within a minute that deliveries have ended so. @param count of each destination */
  tell(destinations: readonly string[], reason: string, count: number): void {
    const { clock } = this.#options;
    for (const id of destinations) {
      const reasons = this.#untold.get(id) ?? new Map<string, number>();
      this.#untold.set(id, reasons.set(reason, (reasons.get(reason) ?? 0) + count));
    }
    const wait = this.#toldAt + TELL_MS - clock.steady();
    if (wait <= 0) this.#tellAll();
    else this.#keepQuiet ??= clock.after(wait, () => this.#tellAll());
  }

  #tellAll(): void {
    const { log, clock } = this.#options;
    this.#keepQuiet?.();
    this.#keepQuiet = undefined;
    this.#toldAt = clock.steady();
    const deliveries = [...this.#untold].map(([id, reasons]) => [id, Object.fromEntries(reasons)] as const);
    log.warn({ deliveries: Object.fromEntries(deliveries) }, 'deliveries were given up');
    this.#untold.clear();
  }
}
