import { gt, lt, or } from 'drizzle-orm';
import type { Store } from '../../core/store/database.ts';
import { begun } from './tables.ts';

/** It is remembered for so long, ms: far longer than an action is kept, also where the clock is set a little. */
const REMEMBERED_MS = 5 * 60_000;

export interface Beginning {
  message: string;
  rule: number;
  action: string;
  /** The time of what was seen, ms. */
  at: number;
}

/**
 * Notes that an action is about to be run. The outbox brings a message again when its delivery was called off or the box
 * was killed, and cannot know what became of it: a door may have opened.
 * @returns false where it was begun before
 * @throws StoreError where it cannot be noted, so that it must not be run
 */
export function begin(store: Store, beginning: Beginning, now: number): Promise<boolean> {
  return store.write((tx) => {
    tx.delete(begun)
      .where(or(lt(begun.at, now - REMEMBERED_MS), gt(begun.at, now + REMEMBERED_MS)))
      .run();
    return tx.insert(begun).values(beginning).onConflictDoNothing().run().changes > 0;
  });
}
