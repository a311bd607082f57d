import { setImmediate as nextTurn } from 'node:timers/promises';
import { Life } from '../plugin/life.ts';
import type {
  DeadLetter,
  Destination,
  DestinationReport,
  OpenDestination,
  Outbox,
  OutMessage,
} from '../plugin/push-services.ts';
import type { Store, Tx } from '../store/database.ts';
import type { RetentionPolicy } from '../store/retention.ts';
import type { StoreLog } from '../store/types.ts';
import { Absentees } from './absentees.ts';
import type { OutboxClock } from './clock.ts';
import { GiveUps } from './give-ups.ts';
import { OutboxKeeper } from './keeper.ts';
import { Receiver } from './receiver.ts';
import {
  bytesWaiting,
  countWaiting,
  deadLetters,
  destinationRows,
  ensureDestination,
  eraseDead,
  eraseMessages,
  holding,
  insertMessage,
  newest,
  noteDestination,
  oldest,
  removeDestination,
  showing,
  waitingFor,
} from './rows.ts';
import { wanting } from './wishes.ts';

/** Messages that may wait for one destination. */
export const MOST_WAITING = 20_000;
/** Bytes of all messages that wait, without pictures. */
const MOST_BYTES = 128 * 1024 * 1024;
/** A message may have so many, without pictures. */
const LARGEST = 256 * 1024;
/** Rows one job may give up to make room for a message. */
const ROOM = 50;
/** Rows one write job removes. */
const BATCH = 200;
const ID = /^[\w./:@-]{1,200}$/;

export interface OutboxOptions {
  store: Store;
  log: StoreLog;
  clock: OutboxClock;
  random?(): number;
  /** The wall clock was set, so that nothing may be given up for its age; default never. */
  clockDoubted?(): boolean;
  /** Something to be shown has changed. */
  changed?(): void;
  /** Messages that may wait for one destination; default 20,000. */
  mostWaiting?: number;
  /** Messages of one destination that may be set aside; default 1,000. */
  mostAside?: number;
  /** Bytes; default 128 MiB. */
  mostBytes?: number;
  /** Bytes of pictures that are kept on the disk for deliveries alone; default 2 GiB. */
  mostHeld?: number;
}

/**
 * The core's `outbox@1`. A message and its deliveries are committed with the record they tell of; sending begins after
 * the commit and never holds it up. What cannot be kept (too much waits, the disk is nearly full) is given up and
 * counted, so that recording goes on.
 */
export class OutboxService implements Outbox {
  readonly #options: OutboxOptions;
  readonly #receivers = new Map<string, Receiver>();
  readonly #closing = new Map<string, Promise<unknown>>();
  readonly #absentees: Absentees;
  readonly #gaveUp: GiveUps;
  readonly #keeper: OutboxKeeper;

  constructor(options: OutboxOptions) {
    this.#options = options;
    const { store, log, clock } = options;
    this.#absentees = new Absentees(clock);
    this.#gaveUp = new GiveUps({ log, clock, forget: (id, seqs) => this.#receivers.get(id)?.forget(seqs) });
    this.#keeper = new OutboxKeeper({
      store,
      log,
      clock,
      gaveUp: this.#gaveUp,
      clockDoubted: () => this.#clockDoubted(),
      erase: (keys) => this.erase(keys),
      ...(options.mostHeld === undefined ? {} : { mostHeld: options.mostHeld }),
    });
  }

  /** Begins to look after what grows old. */
  async start(): Promise<void> {
    await this.#keeper.start();
  }

  /** Closes what is open; everything that waits is kept. */
  async stop(): Promise<void> {
    await this.#keeper.stop();
    await Promise.all([...this.#receivers.values()].map((receiver) => this.#close(receiver)));
    // Those that their plugins closed, too: what arrived at them last is still to be noted.
    await Promise.all(this.#closing.values());
    this.#gaveUp.stop();
  }

  /** Looks now at disk, ages and erasures that could not be finished; otherwise every few seconds. */
  look(): Promise<void> {
    return this.#keeper.look();
  }

  /** Removes what shows these people, again and again until it is done. */
  eraseSurely(keys: readonly string[]): void {
    this.#keeper.eraseSurely(keys);
  }

  /** What waits gives up its pictures before newer records do. */
  retention(): RetentionPolicy {
    const { store } = this.#options;
    return {
      name: 'deliveries',
      keepDays: () => 0,
      removeOlderThan: () => 0,
      removeOldest: (tx, limit) => {
        const seqs = holding(tx, limit).map(({ seq }) => seq);
        return this.#gaveUp.all(tx, seqs, 'the disk was full');
      },
      oldest: () => holding(store.read, 1)[0]?.addedAt,
      bytes: () => store.blobs.heldTotals().bytes,
    };
  }

  open(destination: Destination): OpenDestination {
    const { id } = destination;
    if (!ID.test(id)) throw new TypeError(`"${id}" cannot be the id of a destination`);
    if (this.#receivers.has(id)) throw new Error(`a destination "${id}" is open already`);
    const { store, log, clock, random = Math.random, changed = () => {}, mostAside } = this.#options;
    const life = Life.current;
    const run = <T>(work: () => T): T => (life && !life.ended ? life.run(`delivery to ${id}`, work) : work());
    const clockDoubted = () => this.#clockDoubted();
    const lost = (reason: string) => this.#gaveUp.tell([id], reason, 1);
    const tools = { store, log, clock, random, clockDoubted, run, changed, lost };
    const receiver = new Receiver({ destination, ...tools, mostAside });
    this.#receivers.set(id, receiver);
    this.#absentees.delete(id);
    const noted = (this.#closing.get(id) ?? Promise.resolve()).then(() =>
      store.write((tx) => noteDestination(tx, receiver.row)),
    );
    noted
      .catch((error: unknown) => log.warn({ err: error, destination: id }, 'a destination could not be noted'))
      .then(() => receiver.start());
    const close = () => {
      if (life?.away && this.#receivers.get(id) === receiver) this.#absentees.add(receiver, life);
      return this.#close(receiver);
    };
    life?.onEnd(() => void close());
    changed();
    return { retry: () => receiver.retry(), close };
  }

  #clockDoubted(): boolean {
    return this.#options.clockDoubted?.() ?? false;
  }

  async #close(receiver: Receiver): Promise<void> {
    const { id } = receiver.destination;
    if (this.#receivers.get(id) !== receiver) return;
    this.#receivers.delete(id);
    // Whoever opens it again begins when this one, and those before it, have noted what arrived.
    const closing = Promise.all([this.#closing.get(id), Life.outside(() => receiver.close())]).finally(() => {
      if (this.#closing.get(id) === closing) this.#closing.delete(id);
    });
    this.#closing.set(id, closing);
    await closing;
    this.#options.changed?.();
  }

  add(tx: Tx, message: OutMessage): void {
    const takers = wanting([...this.#receivers.values(), ...this.#absentees.receivers], message, this.#options.log);
    if (takers.length === 0) return;
    const content = this.#contentOf(message);
    const ids = takers.map(({ destination }) => destination.id);
    if (content === undefined || this.#keeper.nearlyFull) {
      const reason = content === undefined ? 'the message is none, or too large' : 'the disk was nearly full';
      this.#gaveUp.unstored(tx, ids, reason);
      return;
    }
    const { clock, mostWaiting = MOST_WAITING, mostBytes = MOST_BYTES } = this.#options;
    for (const receiver of takers) ensureDestination(tx, receiver.row);
    const addedAt = clock.now();
    const seq = insertMessage(tx, { message, content, addedAt }, ids);
    for (const id of ids) {
      const surplus = Math.min(ROOM, countWaiting(tx, id) - mostWaiting);
      if (surplus > 0) this.#gaveUp.of(tx, id, oldest(tx, surplus, id), 'too many waited');
    }
    for (let turn = 0; turn < ROOM && bytesWaiting(tx) > mostBytes; turn++) {
      const first = oldest(tx, 1).filter((one) => one !== seq);
      if (first.length === 0) break;
      this.#gaveUp.all(tx, first, 'too much waited');
    }
    tx.afterCommit(() => {
      for (const receiver of takers) receiver.took({ seq, addedAt, message });
    });
  }

  /** The message as JSON; undefined for what cannot be stored: that is no reason not to store what it tells of. */
  #contentOf(message: OutMessage): string | undefined {
    try {
      const content = JSON.stringify(message);
      const texts = [...message.shows, ...message.pictures.map(({ path }) => path)];
      const storable = content.length <= LARGEST && texts.every((text) => !text.includes('\0'));
      return storable ? content : undefined;
    } catch {
      return undefined;
    }
  }

  async remove(id: string): Promise<void> {
    const receiver = this.#receivers.get(id);
    if (receiver) await this.#close(receiver);
    this.#absentees.delete(id);
    await this.#empty(id, () => {});
    await this.#options.store.write((tx) => {
      // Somebody may have opened it again meanwhile.
      if (!this.#receivers.has(id)) removeDestination(tx, id);
    });
    this.#options.changed?.();
  }

  async forget(id: string): Promise<number> {
    const { log } = this.#options;
    let gone = 0;
    await this.#empty(id, (seqs) => {
      gone += seqs.length;
    });
    if (gone > 0) log.info({ destination: id, gone }, 'what waited for a receiver was given up by hand');
    this.#options.changed?.();
    return gone;
  }

  /** Gives up what waits now, in small jobs. */
  async #empty(id: string, took: (seqs: number[]) => void): Promise<void> {
    const { store } = this.#options;
    // What is added meanwhile stays: it would never end otherwise.
    const last = await store.write((tx) => newest(tx, id));
    for (;;) {
      const seqs = await store.write((tx) => {
        const some = oldest(tx, BATCH, id).filter((seq) => seq <= last);
        this.#gaveUp.of(tx, id, some, 'given up by hand');
        return some;
      });
      took(seqs);
      if (seqs.length < BATCH) return;
      await nextTurn();
    }
  }

  retry(id: string): boolean {
    const receiver = this.#receivers.get(id);
    receiver?.retry();
    return receiver !== undefined;
  }

  reports(): DestinationReport[] {
    return destinationRows(this.#options.store.read).map(({ keep: _keep, lastDelivered, oldest: first, ...row }) => {
      const receiver = this.#receivers.get(row.id);
      const { unwritten, ...state } = receiver?.state ?? { unwritten: { arrived: 0, dead: 0 }, failures: 0 };
      const waiting = Math.max(0, row.waiting - unwritten.arrived - unwritten.dead);
      return {
        id: row.id,
        name: row.name,
        open: receiver !== undefined,
        waiting,
        ...(first === null || waiting === 0 ? {} : { oldest: first }),
        delivered: row.delivered + unwritten.arrived,
        dead: row.dead + unwritten.dead + this.#gaveUp.unnoted(row.id),
        ...(lastDelivered === null ? {} : { lastDelivered }),
        ...state,
      };
    });
  }

  deadLetters(id: string): DeadLetter[] {
    return deadLetters(this.#options.store.read, id);
  }

  async erase(shows: readonly string[]): Promise<number> {
    let gone = 0;
    for (let at = 0; at < shows.length; at += BATCH) {
      const some = shows.slice(at, at + BATCH);
      gone += await this.#options.store.write((tx) => this.eraseIn(tx, some));
      await nextTurn();
    }
    return gone;
  }

  eraseIn(tx: Tx, shows: readonly string[]): number {
    if (shows.length === 0) return 0;
    const seqs = showing(tx, shows);
    const dead = eraseDead(tx, shows);
    if (seqs.length === 0) return dead;
    const theirs = waitingFor(tx, seqs);
    const gone = eraseMessages(tx, seqs);
    tx.afterCommit(() => {
      for (const [id, some] of theirs) this.#receivers.get(id)?.forget(new Set(some));
    });
    return gone + dead;
  }
}
