import { asc, count, inArray, max } from 'drizzle-orm';
import type { Alarms, NewAlarm } from '../../core/plugin/alarm-services.ts';
import type { Store, Tx } from '../../core/store/database.ts';
import { type CheckedAlarm, checkedAlarm } from './new-alarm.ts';
import { type AlarmRow, alarmShows, alarms } from './tables.ts';

/** Alarms that wait to be stored, at most. */
const MOST_WAITING = 500;
/** Rows one write job may remove for room: it holds the box's only writer. */
const MOST_REMOVED = 50;

export interface RaiserOptions {
  store: Store;
  /** Alarms that are kept, at most. */
  most(): number;
  /** Within the job that stores one: what others are to hear of it comes and goes with it. */
  alongside(tx: Tx, alarm: AlarmRow, shows: readonly string[]): void;
  /** One was stored. */
  raised(alarm: AlarmRow): void;
  /** Some had to make room. */
  madeRoom(count: number): void;
}

/** Takes alarms from other plugins. What comes back was stored first. */
export class Raiser implements Alarms {
  readonly #options: RaiserOptions;
  #waiting = 0;
  #idle: (() => void)[] = [];

  constructor(options: RaiserOptions) {
    this.#options = options;
  }

  /** Alarms that wait to be stored. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Stores an alarm, then tells the pages.
   * @throws TypeError for what is no alarm
   * @throws RangeError while too many wait, or when what it shows was deleted meanwhile
   * @throws Error of the store
   */
  async raise(alarm: NewAlarm): Promise<{ id: number }> {
    const checked = checkedAlarm(alarm);
    const { store, most, alongside, raised, madeRoom } = this.#options;
    if (this.#waiting >= MOST_WAITING) throw new RangeError('too many alarms wait to be stored');
    this.#waiting += 1;
    try {
      const { row, removed } = await store.write((tx) => {
        // Inside the job: what is deleted after this look is told of after this row is there.
        const gone = checked.pictures.some(({ path }) => !store.blobs.find(path));
        if (gone) throw new RangeError('what the alarm shows was deleted meanwhile');
        const stored = insert(tx, checked);
        alongside(tx, stored, checked.shows);
        return { row: stored, removed: makeRoom(tx, most()) };
      });
      if (removed > 0) madeRoom(removed);
      raised(row);
      return { id: row.id };
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) for (const done of this.#idle.splice(0)) done();
    }
  }

  /** Resolves when none waits. */
  idle(): Promise<void> {
    if (this.#waiting === 0) return Promise.resolve();
    return new Promise((done) => this.#idle.push(done));
  }
}

function insert(tx: Tx, { shows, captureId, origin, ...alarm }: CheckedAlarm): AlarmRow {
  const row = tx
    .insert(alarms)
    .values({ ...alarm, captureId: captureId ?? null, origin: origin ?? null, state: 'open' })
    .returning()
    .get();
  const keys = [...new Set(shows)];
  if (keys.length > 0) {
    tx.insert(alarmShows)
      .values(keys.map((key) => ({ alarm: row.id, key })))
      .run();
  }
  return row;
}

/** Removes what is too much, acknowledged ones first and of those the oldest; never the one that came last. */
function makeRoom(tx: Tx, most: number): number {
  const { kept, newest } = tx
    .select({ kept: count(), newest: max(alarms.id) })
    .from(alarms)
    .get() ?? { kept: 0 };
  const surplus = Math.min(MOST_REMOVED, kept - most);
  if (surplus <= 0) return 0;
  const ids = tx
    .select({ id: alarms.id })
    .from(alarms)
    // 'acknowledged' stands before 'open'.
    .orderBy(asc(alarms.state), asc(alarms.id))
    .limit(surplus)
    .all()
    .map(({ id }) => id)
    .filter((id) => id !== newest);
  if (ids.length > 0) tx.delete(alarms).where(inArray(alarms.id, ids)).run();
  return ids.length;
}
