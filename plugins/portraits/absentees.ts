import { and, eq, sql } from 'drizzle-orm';
import type { Store, Tx } from '../../core/store/database.ts';
import type { PortraitDatabase } from './shapes.ts';
import { portraitAbsentees, portraitImages } from './tables.ts';

/**
 * People of the demo whom somebody erased. Their databases come back with every start, and they with them, were it not
 * remembered. Only ids of the demo's own are kept, and nothing of a database that is the user's.
 */
export class Absentees {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Within the job that erases them from a database. */
  note(tx: Tx, { origin, libType }: PortraitDatabase, imgIds: readonly string[]): void {
    if (!origin) return;
    for (const imgId of imgIds)
      tx.insert(portraitAbsentees).values({ origin, libType, imgId }).onConflictDoNothing().run();
  }

  /** Within the job that takes a whole database away: everybody in it. */
  noteAll(tx: Tx, { origin, libId, libType }: PortraitDatabase): void {
    if (!origin) return;
    tx.run(sql`INSERT OR IGNORE INTO ${portraitAbsentees} (origin, lib_type, img_id)
      SELECT ${origin}, ${libType}, ${portraitImages.imgId} FROM ${portraitImages} WHERE ${portraitImages.libId} = ${libId}`);
  }

  has({ origin, libType }: PortraitDatabase, imgId: string): boolean {
    if (!origin) return false;
    const condition = and(
      eq(portraitAbsentees.origin, origin),
      eq(portraitAbsentees.libType, libType),
      eq(portraitAbsentees.imgId, imgId),
    );
    return this.#store.read.select().from(portraitAbsentees).where(condition).get() !== undefined;
  }

  /** The demo has left: all of them may come again with the next one. */
  async forget(origin: 'demo'): Promise<void> {
    await this.#store.write((tx) => {
      tx.delete(portraitAbsentees).where(eq(portraitAbsentees.origin, origin)).run();
    });
  }
}
