import { setImmediate as nextTurn } from 'node:timers/promises';
import { and, asc, eq, inArray, lt, lte, max, min, type SQL } from 'drizzle-orm';
import type { ReadDb, Store, Tx } from '../../core/store/database.ts';
import type { RetentionPolicy } from '../../core/store/retention.ts';
import { captures } from './tables.ts';

/** Rows one write job deletes: it holds the box's only writer. */
const BATCH = 200;

/** Deletes captures with their pictures inside a write job and gives their ids; of more than `limit` the oldest. */
function remove(tx: Tx, condition: SQL | undefined, limit: number): string[] {
  const { seq, id, cropPath, framePath, time } = captures;
  const rows = tx
    .select({ seq, id, cropPath, framePath })
    .from(captures)
    .where(condition)
    .orderBy(asc(time))
    .limit(limit)
    .all();
  if (rows.length === 0) return [];
  tx.delete(captures)
    .where(
      inArray(
        captures.seq,
        rows.map((row) => row.seq),
      ),
    )
    .run();
  for (const row of rows) {
    tx.dropBlob(row.cropPath);
    tx.dropBlob(row.framePath);
  }
  return rows.map((row) => row.id);
}

/** Deletes those of the ids that exist, and are of the kind where one is given; gives the deleted ones. */
export function removeByIds(store: Store, ids: readonly string[], kind?: 'face' | 'body'): Promise<string[]> {
  const ofKind = kind === undefined ? undefined : eq(captures.kind, kind);
  return store.write((tx) => remove(tx, and(inArray(captures.id, [...ids]), ofKind), ids.length));
}

/**
 * Deletes every capture there is at this moment, in small jobs with room for others between them. Those that are
 * recorded meanwhile stay.
 */
export async function removeAll(store: Store): Promise<number> {
  const last =
    store.read
      .select({ seq: max(captures.seq) })
      .from(captures)
      .get()?.seq ?? 0;
  let removed = 0;
  for (;;) {
    const batch = await store.write((tx) => remove(tx, lte(captures.seq, last), BATCH).length);
    removed += batch;
    if (batch < BATCH) return removed;
    await nextTurn();
  }
}

/**
 * Captures go when they are too old, and the oldest ones when the disk fills up.
 * @param keepDays 0 keeps them for ever
 * @param erased told after the commit
 */
export function retentionPolicy(
  read: ReadDb,
  keepDays: () => number,
  erased: (ids: string[]) => void,
): RetentionPolicy {
  const told = (tx: Tx, ids: string[]): number => {
    if (ids.length > 0) tx.afterCommit(() => erased(ids));
    return ids.length;
  };
  return {
    name: 'captures',
    keepDays,
    removeOlderThan: (tx, time, limit) => told(tx, remove(tx, lt(captures.time, time), limit)),
    removeOldest: (tx, limit) => told(tx, remove(tx, undefined, limit)),
    oldest: () =>
      read
        .select({ time: min(captures.time) })
        .from(captures)
        .get()?.time ?? undefined,
  };
}
