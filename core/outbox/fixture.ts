import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Destination, Lane, OutMessage } from '../plugin/push-services.ts';
import type { Store } from '../store/database.ts';
import { atEnd, type Collected, temporaryStore } from '../store/fixture.ts';
import type { OutboxClock } from './clock.ts';
import { OutboxService } from './outbox.ts';

/** What the tests of the outbox share. */

/** Time that passes only when it is told to. */
export class SimulatedTime implements OutboxClock {
  #steady = 1_000;
  /** Wall clock minus steady clock; may be set. */
  offset = Date.UTC(2026, 10, 21, 12);
  #timers: { at: number; act: () => void }[] = [];

  now(): number {
    return this.#steady + this.offset;
  }

  steady(): number {
    return this.#steady;
  }

  after(ms: number, act: () => void): () => void {
    const timer = { at: this.#steady + Math.max(0, ms), act };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Lets time pass, timer by timer, with room for what each sets off. */
  async pass(ms: number): Promise<void> {
    const end = this.#steady + ms;
    await settled();
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#steady = Math.max(this.#steady, next.at);
      next.act();
      await settled();
    }
    this.#steady = end;
    await settled();
  }
}

/** Some turns of the event loop: what was set off and needs no disk is done then. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

export interface Delivered {
  id: string;
  lane: Lane;
  attempt: number;
  at: number;
}

/** A receiver that notes what it is sent and does as it is told. */
export class TestReceiver implements Destination {
  readonly id: string;
  readonly name = 'Test';
  readonly attempts: Delivered[] = [];
  readonly arrived: Delivered[] = [];
  deadline?: number;
  keep?: number;
  readonly #clock: OutboxClock;
  /** What a delivery does beyond being noted; rejects where it fails. */
  manner: (message: OutMessage, context: { signal: AbortSignal; lane: Lane }) => Promise<void> = async () => {};
  pictures: (Uint8Array | undefined)[] = [];
  wanted = (_topic: string): boolean => true;

  constructor(clock: OutboxClock, id = 'test/one') {
    this.id = id;
    this.#clock = clock;
  }

  wants = ({ topic }: { topic: string }): boolean => this.wanted(topic);

  deliver: Destination['deliver'] = async (message, picture, context) => {
    const { lane, attempt } = context;
    const entry = { id: message.id, lane, attempt, at: this.#clock.steady() };
    this.attempts.push(entry);
    for (const { path } of message.pictures) this.pictures.push(await picture(path));
    await this.manner(message, context);
    this.arrived.push(entry);
  };

  /** From now on a delivery takes until it is let go. @returns lets go of the newest */
  hold(): () => void {
    let answer = () => {};
    this.manner = () =>
      new Promise<void>((resolve) => {
        answer = resolve;
      });
    return () => answer();
  }

  /** Ids that arrived, of one lane or of both. */
  ids(lane?: Lane): string[] {
    return this.arrived.filter((one) => lane === undefined || one.lane === lane).map(({ id }) => id);
  }
}

export const message = (change: Partial<OutMessage> = {}): OutMessage => ({
  id: randomUUID(),
  topic: 'capture',
  time: Date.UTC(2026, 10, 21, 11),
  channel: 1,
  body: { quality: 80 },
  pictures: [],
  shows: [],
  ...change,
});

export interface TestOutbox {
  store: Store;
  folder: string;
  log: Collected;
  clock: SimulatedTime;
  outbox: OutboxService;
  /** Puts messages in, in one job each. */
  put(...messages: OutMessage[]): Promise<void>;
}

export async function startOutbox(
  t: TestContext,
  options: Partial<ConstructorParameters<typeof OutboxService>[0]> & { folder?: string } = {},
): Promise<TestOutbox> {
  const { folder: given, ...rest } = options;
  const { store, folder, log } = await temporaryStore(t, given === undefined ? {} : { folder: given });
  const clock = new SimulatedTime();
  const outbox = new OutboxService({ store, log, clock, random: () => 0.5, ...rest });
  atEnd(t, () => outbox.stop());
  return {
    store,
    folder,
    log,
    clock,
    outbox,
    put: async (...messages) => {
      await Promise.all(messages.map((one) => store.write((tx) => outbox.add(tx, one))));
    },
  };
}

/** Stores a picture. */
export async function storePicture(store: Store, path: string, bytes: Uint8Array = Buffer.from(path)): Promise<void> {
  const staged = await store.blobs.stage({ path, bytes, owner: 'captures' });
  await store.write((tx) => tx.addBlob(staged), { staged: [staged] });
}

/** Messages the database holds. */
export function stored(store: Store): number {
  return store.read.get<{ messages: number }>('SELECT messages FROM outbox_totals').messages;
}
