import { setImmediate as nextTurn } from 'node:timers/promises';
import { and, asc, eq, gt, inArray, lt, lte, max, type SQL } from 'drizzle-orm';
import type { AlarmArchive } from '../../core/plugin/alarm-services.ts';
import type { Store, Tx } from '../../core/store/database.ts';
import type { RetentionPolicy } from '../../core/store/retention.ts';
import { type AlarmRow, alarmShows, alarms } from './tables.ts';

/** Rows one write job removes, and keys one query asks for. */
const BATCH = 200;

/**
 * Alarms go with what they show. Everything here runs in small write jobs with room for others between them, and can be
 * done again after a crash without harm.
 */
export class Remover implements AlarmArchive {
  readonly #store: Store;
  readonly #removed: () => void;

  /** @param removed told after each job that removed something */
  constructor(store: Store, removed: () => void) {
    this.#store = store;
    this.#removed = removed;
  }

  /** Removes the alarms of these captures. @returns how many went */
  async ofCaptures(ids: readonly string[]): Promise<number> {
    let gone = 0;
    for (const some of pieces(ids)) gone += await this.#remove(inArray(alarms.captureId, some));
    return gone;
  }

  /** Removes the alarms that show somebody of these (`exportKey`). @returns how many went */
  async eraseOf(keys: readonly string[]): Promise<number> {
    let gone = 0;
    for (const some of pieces(keys)) {
      const { alarm, key } = alarmShows;
      gone += await this.#removeSteps((tx) =>
        tx.selectDistinct({ id: alarm }).from(alarmShows).where(inArray(key, some)).limit(BATCH).all(),
      );
    }
    return gone;
  }

  /** Removes what an origin raised. @returns how many went */
  erase(origin: 'demo'): Promise<number> {
    return this.#remove(eq(alarms.origin, origin));
  }

  /** All captures were deleted: their alarms go, and those without any; alarms of captures taken meanwhile stay. */
  afterAllCaptures(): Promise<number> {
    return this.#sweep((alarm) => alarm.captureId === null || alarm.pictures.length === 0 || this.#isOrphan(alarm));
  }

  /** Removes alarms whose captures or people were deleted while nobody here could hear it. @returns how many went */
  orphans(): Promise<number> {
    return this.#sweep((alarm) => this.#isOrphan(alarm));
  }

  /** A picture of what it goes with is no longer kept. */
  #isOrphan({ captureId, pictures }: Pick<AlarmRow, 'captureId' | 'pictures'>): boolean {
    const bound = pictures.filter(({ label }) => captureId !== null || label === 'library');
    return bound.some(({ path }) => !this.#store.blobs.find(path));
  }

  /** Looks at all there are now, oldest first, and removes those that fit. */
  async #sweep(fits: (alarm: AlarmRow) => boolean): Promise<number> {
    const { read } = this.#store;
    const last = read
      .select({ id: max(alarms.id) })
      .from(alarms)
      .get()?.id;
    let gone = 0;
    let after = 0;
    while (typeof last === 'number' && after < last) {
      const rows = read
        .select()
        .from(alarms)
        .where(and(gt(alarms.id, after), lte(alarms.id, last)))
        .orderBy(asc(alarms.id))
        .limit(BATCH)
        .all();
      if (rows.length === 0) break;
      after = rows.at(-1)!.id;
      const ids = rows.filter(fits).map(({ id }) => id);
      if (ids.length > 0) gone += await this.#remove(inArray(alarms.id, ids));
      await nextTurn();
    }
    return gone;
  }

  #remove(condition: SQL): Promise<number> {
    return this.#removeSteps((tx) => tx.select({ id: alarms.id }).from(alarms).where(condition).limit(BATCH).all());
  }

  async #removeSteps(choose: (tx: Tx) => { id: number }[]): Promise<number> {
    let gone = 0;
    for (;;) {
      const batch = await this.#store.write((tx) => remove(tx, choose(tx)));
      gone += batch;
      if (batch > 0) this.#removed();
      if (batch < BATCH) return gone;
      await nextTurn();
    }
  }
}

/**
 * Alarms go when they are too old. They are a few hundred bytes each and hold no pictures of their own, so there is no
 * room to be won by removing them; those of captures that had to make room go with them.
 * @param keepDays 0 keeps them for ever
 */
export function retentionPolicy(keepDays: () => number, removed: () => void): RetentionPolicy {
  return {
    name: 'alarms',
    keepDays,
    removeOlderThan: (tx, time, limit) => {
      const old = tx.select({ id: alarms.id }).from(alarms).where(lt(alarms.time, time)).orderBy(asc(alarms.time));
      const gone = remove(tx, old.limit(limit).all());
      if (gone > 0) tx.afterCommit(removed);
      return gone;
    },
    removeOldest: () => 0,
  };
}

function remove(tx: Tx, rows: readonly { id: number }[]): number {
  if (rows.length === 0) return 0;
  const ids = rows.map(({ id }) => id);
  // Whom they show goes with them (ON DELETE CASCADE).
  return Number(tx.delete(alarms).where(inArray(alarms.id, ids)).run().changes);
}

function* pieces<T>(all: readonly T[]): Generator<T[]> {
  for (let from = 0; from < all.length; from += BATCH) yield all.slice(from, from + BATCH);
}
