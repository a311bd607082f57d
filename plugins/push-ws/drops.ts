import type { WireSocket } from '../../core/plugin/contract.ts';

/** Each client's losses are told of once in so long, ms. */
const TELL_MS = 60_000;

export interface DropLogOptions {
  warn(fields: object, text: string): void;
  /** ms since some moment, never set */
  steady(): number;
}

interface Losses {
  source: string;
  userId: number;
  untold: number;
  toldAt: number;
}

/** Says which clients lose captures because they read too slowly: at once, then once a minute each, the rest at the end. */
export class DropLog {
  readonly #options: DropLogOptions;
  /** By socket; those who have lost nothing are not in it. */
  readonly #losses = new Map<number, Losses>();

  constructor(options: DropLogOptions) {
    this.#options = options;
  }

  /** A capture was not sent to this client. */
  add({ id, source }: WireSocket, userId: number): void {
    const losses = this.#losses.get(id) ?? { source, userId, untold: 0, toldAt: Number.NEGATIVE_INFINITY };
    this.#losses.set(id, losses);
    losses.untold += 1;
    if (this.#options.steady() - losses.toldAt >= TELL_MS) this.#tell(losses);
  }

  /** The client is gone. */
  end({ id }: WireSocket): void {
    const losses = this.#losses.get(id);
    this.#losses.delete(id);
    if (losses && losses.untold > 0) this.#tell(losses);
  }

  #tell(losses: Losses): void {
    const { source, userId: user, untold: captures } = losses;
    this.#options.warn({ source, user, captures }, 'captures were not pushed: the client reads too slowly');
    losses.untold = 0;
    losses.toldAt = this.#options.steady();
  }
}
