import type { Store } from '../store/database.ts';
import type { StoreLog } from '../store/types.ts';
import type { OutboxClock } from './clock.ts';
import type { GiveUps } from './give-ups.ts';
import { destinationRows, expired, holding, TOO_OLD } from './rows.ts';

const LOOK_MS = 5_000;
/** What waits may keep so much of pictures on the disk that everybody else has deleted. */
const MOST_HELD = 2 * 1024 * 1024 * 1024;
/** With less free, records get the rest of the disk: bytes, and a share of a small disk. */
const LEAST_FREE = 64 * 1024 * 1024;
const LEAST_SHARE = 0.02;
/** Rows one job gives up. */
const BATCH = 200;
/** Erasures that wait for the disk; portraits make up for what is beyond. */
const MOST_ERASURES = 10_000;

export interface KeeperOptions {
  store: Store;
  log: StoreLog;
  clock: OutboxClock;
  gaveUp: GiveUps;
  clockDoubted(): boolean;
  erase(keys: readonly string[]): Promise<number>;
  mostHeld?: number;
}

/** Looks after what waits: its age, what it keeps on the disk, and whom it must not show any more. */
export class OutboxKeeper {
  readonly #options: KeeperOptions;
  #nearlyFull = false;
  #stopped = false;
  #disarm: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  readonly #toErase = new Set<string>();

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** There is so little space left that it is for records alone. */
  get nearlyFull(): boolean {
    return this.#nearlyFull;
  }

  async start(): Promise<void> {
    await this.look();
    this.#arm();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#disarm?.();
    await this.#looking;
  }

  eraseSurely(keys: readonly string[]): void {
    for (const key of keys) if (this.#toErase.size < MOST_ERASURES) this.#toErase.add(key);
    void this.#eraseNow();
  }

  /** Does not reject. */
  look(): Promise<void> {
    this.#looking ??= this.#lookAround()
      .catch((error: unknown) => {
        if (!this.#stopped)
          this.#options.log.warn({ err: error }, 'what waits for receivers could not be looked after');
      })
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#disarm = this.#options.clock.after(LOOK_MS, () => void this.look().then(() => this.#arm()));
  }

  async #lookAround(): Promise<void> {
    const { store, mostHeld = MOST_HELD } = this.#options;
    const { disk } = await store.usage();
    this.#nearlyFull = disk.free < Math.min(LEAST_FREE, disk.total * LEAST_SHARE);
    if (this.#toErase.size > 0) await this.#eraseNow();
    await this.#giveUpOld();
    while (!this.#stopped && store.blobs.heldTotals().bytes > mostHeld) {
      const gone = await store.write((tx) => {
        const seqs = holding(tx, BATCH).map(({ seq }) => seq);
        return this.#options.gaveUp.all(tx, seqs, 'too many pictures were kept for it');
      });
      if (gone === 0) return;
    }
  }

  /** Also what waits for destinations that nobody has opened. */
  async #giveUpOld(): Promise<void> {
    const { store, clock, gaveUp, clockDoubted } = this.#options;
    if (clockDoubted()) return;
    for (const { id, keep, waiting } of destinationRows(store.read)) {
      while (waiting > 0 && !this.#stopped) {
        const before = clock.now() - keep;
        // Most looks find nothing, and writing for that would be a commit every few seconds.
        if (expired(store.read, id, before, 1).length === 0) break;
        await store.write((tx) => gaveUp.of(tx, id, expired(tx, id, before, BATCH), TOO_OLD));
      }
    }
  }

  async #eraseNow(): Promise<void> {
    const keys = [...this.#toErase];
    try {
      await this.#options.erase(keys);
      for (const key of keys) this.#toErase.delete(key);
    } catch (error) {
      this.#options.log.warn({ err: error }, 'deliveries of what was erased could not be removed yet');
    }
  }
}
