import type { IncomingMessage } from 'node:http';
import type { Caller } from '../plugin/contract.ts';
import { type Allowance, BodyReading } from './body-reading.ts';
import { CODE, ContractError } from './errors.ts';
import { lingerAfter } from './linger.ts';
import { networkOf } from './network.ts';
import { type GatewayContext, headerOf, sourceOf } from './request.ts';

/**
 * Bodies of requests are held in memory as a whole, so what all of them may take together is one budget: strangers and
 * those who are signed in have a pool each, and of neither pool one source gets everything.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** Bytes of one body. Somebody who must still change the password has no pictures to bring. */
const MOST = { stranger: 256 * KIB, session: 64 * MIB };
/** Bytes of all bodies under way, and of those from one source. */
const POOL = { stranger: 16 * MIB, session: 128 * MIB };
const POOL_OF_SOURCE = { stranger: 8 * MIB, session: 96 * MIB };
/** So much of every body needs no room in a pool: signing in always works. Bounded by the number of connections. */
const FREE = 16 * KIB;
/** A body may take so long, and longer by a second for so many bytes that have come. */
const PATIENCE_MS = 10_000;
const SLOWEST = 4 * KIB;

type Kind = keyof typeof POOL;

/** Bytes of one kind of callers: in all, and by source. */
class Pool {
  readonly #most: number;
  readonly #mostOfSource: number;
  readonly #ofSource = new Map<string, number>();
  #held = 0;

  constructor(kind: Kind) {
    this.#most = POOL[kind];
    this.#mostOfSource = POOL_OF_SOURCE[kind];
  }

  get held(): number {
    return this.#held;
  }

  /** False: there is no room. */
  take(source: string, bytes: number): boolean {
    const ofSource = (this.#ofSource.get(source) ?? 0) + bytes;
    if (this.#held + bytes > this.#most || ofSource > this.#mostOfSource) return false;
    this.#held += bytes;
    this.#ofSource.set(source, ofSource);
    return true;
  }

  give(source: string, bytes: number): void {
    this.#held -= bytes;
    const left = (this.#ofSource.get(source) ?? 0) - bytes;
    if (left > 0) this.#ofSource.set(source, left);
    else this.#ofSource.delete(source);
  }
}

/** How often bodies under way are looked at, ms. */
const LOOK_MS = 500;

/** Reads bodies within limits of size, time and memory. */
export class Bodies {
  readonly #pools: Record<Kind, Pool> = { stranger: new Pool('stranger'), session: new Pool('session') };
  readonly #patienceMs: number;
  /** One clock for all: most bodies are there before a clock of their own would have been set. */
  readonly #underWay = new Set<BodyReading>();
  /** Bodies refused because all the others took the room. */
  refused = 0;

  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
    setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** Bytes that bodies take at this moment, without what each has free. */
  get held(): number {
    return this.#pools.stranger.held + this.#pools.session.held;
  }

  /**
   * The body as bytes. Its room is given back when the request has been answered.
   * @throws ContractError `wrongParameter` when it is too large, too slow or ends early, `unknownError` when too much
   * is being sent at once; the rest is not kept
   */
  read(c: GatewayContext, caller: Caller | undefined): Promise<Uint8Array<ArrayBuffer>> {
    const kind: Kind = caller && !caller.mustChangePassword ? 'session' : 'stranger';
    const share = new Share(c, MOST[kind], this.#pools[kind], this.#patienceMs, this);
    const refusal = share.tooLarge(Number(headerOf(c, 'content-length') ?? 0));
    if (refusal) return Promise.reject(refusal);
    return new BodyReading(c.env.incoming as IncomingMessage, share, this.#underWay).whole;
  }

  #look(): void {
    for (const reading of this.#underWay) reading.look();
  }
}

/** What one body may take of all. */
class Share implements Allowance {
  readonly #c: GatewayContext;
  readonly #most: number;
  readonly #pool: Pool;
  readonly #patienceMs: number;
  #source: string | undefined;
  #held = 0;
  readonly #count: { refused: number };

  /** @param count of bodies that were refused because all the others took the room */
  constructor(c: GatewayContext, most: number, pool: Pool, patienceMs: number, count: { refused: number }) {
    this.#c = c;
    this.#most = most;
    this.#pool = pool;
    this.#patienceMs = patienceMs;
    this.#count = count;
  }

  tooLarge(size: number): ContractError | undefined {
    if (!(size > this.#most)) return undefined;
    return this.#refusal(`the body is larger than ${this.#most} bytes`, CODE.wrongParameter);
  }

  tooMuch(size: number): ContractError | undefined {
    const refusal = this.tooLarge(size);
    if (refusal || this.#hold(size - FREE)) return refusal;
    this.#count.refused += 1;
    return this.#refusal('too much is being sent to the box at once: try again in a few seconds', CODE.unknownError);
  }

  tooSlow(ms: number, size: number): ContractError | undefined {
    if (ms < this.#patienceMs + (size / SLOWEST) * 1000) return undefined;
    return this.#refusal('the body comes too slowly', CODE.wrongParameter);
  }

  #refusal(message: string, code: typeof CODE.wrongParameter | typeof CODE.unknownError): ContractError {
    // What is still under way is not kept: the connection cannot be used again.
    this.#c.header('connection', 'close');
    if (this.#c.env.incoming) lingerAfter(this.#c.env.incoming as IncomingMessage);
    return new ContractError(code, message);
  }

  /** Takes room for so many bytes in all; false when there is none. */
  #hold(bytes: number): boolean {
    const { outgoing } = this.#c.env;
    // A client that has gone gets no room: nobody would give it back.
    if (bytes <= this.#held || outgoing === undefined || outgoing.destroyed) return true;
    const source = this.#source ?? this.#begin(outgoing);
    if (!this.#pool.take(source, bytes - this.#held)) return false;
    this.#held = bytes;
    return true;
  }

  /** The room is given back with the end of the answer. */
  #begin(outgoing: GatewayContext['env']['outgoing']): string {
    const source = networkOf(sourceOf(this.#c));
    this.#source = source;
    outgoing.once('close', () => {
      this.#pool.give(source, this.#held);
      this.#held = 0;
    });
    return source;
  }
}
