import { AsyncLocalStorage } from 'node:async_hooks';
import { ContractError } from '../gateway/errors.ts';
import { StoreBusyError, StoreFullError } from '../store/errors.ts';

/** A call that keeps the event loop from everybody else for so long is told and counted, ms. */
const HELD_MS = 250;
/** Of one plugin's loud faults so many are told: a timer that throws thousands of times a minute must not fill the log. */
const TOLD_EVERY_MS = 10_000;

/** Where a plugin's error came to light. */
export type ErrorKind = 'request' | 'event' | 'health' | 'stray';

/** What a plugin has cost and broken since the box started, over all its lives. */
export class Tally {
  readonly errors: Record<ErrorKind, number> = { request: 0, event: 0, health: 0, stray: 0 };
  /** Time spent in its calls without giving the event loop back, ms. */
  busyMs = 0;
  /** Times it held the event loop longer than it should. */
  holds = 0;
  #lastHeld = Number.NEGATIVE_INFINITY;
  readonly #told = new Map<string, number>();

  /** Counts a time of `ms` that has just ended; one that was seen twice, in a call and from outside, is one. */
  heldFor(ms: number): void {
    const now = performance.now();
    if (this.#lastHeld < now - ms) this.holds += 1;
    this.#lastHeld = now;
  }

  /** Whether this kind of news may go to the log again. */
  mayTell(what: string): boolean {
    const now = performance.now();
    if (now - (this.#told.get(what) ?? Number.NEGATIVE_INFINITY) < TOLD_EVERY_MS) return false;
    this.#told.set(what, now);
    return true;
  }
}

export interface LifeOptions {
  plugin: string;
  /** The plugin's folder: its name in a stack tells whose code ran. */
  folder: string;
  tally: Tally;
  /** Whether the plugin will be started again, after this life or at the box's next start; default never. */
  returns?(): boolean;
  /** An error of this life that no caller was there to take. */
  strayed(error: unknown): void;
  /** A call kept the event loop for `ms`. */
  held(what: string, ms: number): void;
}

const current = new AsyncLocalStorage<Life | undefined>();

/** Time the innermost calls of this turn have taken so far: it is theirs, not of the call around them. ms */
let inner = 0;

/**
 * A plugin from setup to stop. Everything it runs goes through `run`, so that timers and promises made in there carry
 * the life they belong to, and everything it registers is taken back when the life ends.
 */
export class Life {
  readonly plugin: string;
  readonly folder: string;
  readonly tally: Tally;
  /** Optional services it looked at in setup and start: it may have kept them or registered something with them. */
  readonly held = new Set<string>();
  starting = true;
  /** It has failed and is about to be taken down. */
  faulted = false;
  /** It is being taken down, or has been. */
  leaving = false;
  #ended = false;
  readonly #options: LifeOptions;
  readonly #undo: (() => void)[] = [];

  constructor(options: LifeOptions) {
    this.plugin = options.plugin;
    this.folder = options.folder;
    this.tally = options.tally;
    this.#options = options;
  }

  /** Whose code runs now, as far as the runtime knows. */
  static get current(): Life | undefined {
    return current.getStore();
  }

  /** Runs what is the core's own work, whoever's call or error set it off. */
  static outside<T>(work: () => T): T {
    return current.run(undefined, work);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** It leaves, and another life of its plugin will take its place: whatever is kept for the plugin goes on. */
  get away(): boolean {
    return this.leaving && (this.#options.returns?.() ?? false);
  }

  /**
   * Calls the plugin's code under its name and measures how long it keeps the event loop.
   * @param what for the log, for example `message 9000`
   */
  run<T>(what: string, work: () => T): T {
    const before = inner;
    inner = 0;
    const began = performance.now();
    try {
      return current.run(this, work);
    } finally {
      const whole = performance.now() - began;
      const own = whole - inner;
      inner = before + whole;
      this.tally.busyMs += own;
      if (own >= HELD_MS) {
        this.tally.heldFor(own);
        this.#options.held(what, own);
      }
    }
  }

  /** The function under the plugin's name; what it throws or rejects with is counted and goes on to the caller. */
  guard<A extends unknown[], R>(kind: ErrorKind, what: string, work: (...args: A) => R): (...args: A) => R {
    return (...args) => {
      let result: R;
      try {
        result = this.run(what, () => work(...args));
      } catch (error) {
        this.#count(kind, error);
        throw error;
      }
      if (result instanceof Promise) result.catch((error: unknown) => this.#count(kind, error));
      return result;
    };
  }

  /** @throws Error when the life is over: a forgotten timer must not register anything in the name of the next one */
  mustLast(): void {
    if (this.#ended) throw new Error(`plugin "${this.plugin}" has been stopped meanwhile`);
  }

  /** Remembers how to take back what was registered. */
  onEnd(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Takes back everything registered, the last first. */
  end(): void {
    this.#ended = true;
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }

  strayed(error: unknown): void {
    this.tally.errors.stray += 1;
    this.#options.strayed(error);
  }

  #count(kind: ErrorKind, error: unknown): void {
    // A refusal is an answer, and a full or busy store nobody's fault.
    if (error instanceof ContractError || error instanceof StoreFullError || error instanceof StoreBusyError) return;
    this.tally.errors[kind] += 1;
  }
}
