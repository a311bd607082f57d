import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { ReadDb, Store } from '../../core/store/database.ts';
import { SecretError, type Secrets } from '../../core/store/secrets.ts';
import { pushKeys } from './tables.ts';

export interface KeyOptions {
  store: Store;
  secrets: Secrets;
  now(): number;
}

/** The keys users subscribe with: one each, drawn when first asked for, the same until it is taken away. */
export class SubscriptionKeys {
  readonly #options: KeyOptions;

  constructor(options: KeyOptions) {
    this.#options = options;
  }

  /** The user's key, a UUID. */
  async keyOf(userId: number): Promise<string> {
    const stored = this.#stored(this.#options.store.read, userId);
    if (stored !== undefined) return stored;
    const { store, secrets, now } = this.#options;
    const key = randomUUID();
    const row = {
      userId,
      sealedKey: secrets.seal(key, place(userId)),
      keyHash: secrets.lookupHash(key),
      createdAt: now(),
    };
    await store.write((tx) => {
      // Another request may have been quicker; a key this box cannot read any more is replaced.
      if (this.#stored(tx, userId) === undefined) {
        tx.insert(pushKeys).values(row).onConflictDoUpdate({ target: pushKeys.userId, set: row }).run();
      }
    });
    return this.#stored(store.read, userId) ?? key;
  }

  /** The user a key belongs to; undefined for a key that is none. */
  userOf(key: string): number | undefined {
    const { store, secrets } = this.#options;
    const hash = secrets.lookupHash(key);
    return store.read.select().from(pushKeys).where(eq(pushKeys.keyHash, hash)).get()?.userId;
  }

  async remove(userId: number): Promise<void> {
    await this.#options.store.write((tx) => tx.delete(pushKeys).where(eq(pushKeys.userId, userId)).run());
  }

  #stored(db: Pick<ReadDb, 'select'>, userId: number): string | undefined {
    const { secrets } = this.#options;
    const row = db.select().from(pushKeys).where(eq(pushKeys.userId, userId)).get();
    if (!row) return undefined;
    try {
      return secrets.open(row.sealedKey, place(userId));
    } catch (error) {
      // Sealed with the key of another box: put back from a copy without its secret.key.
      if (error instanceof SecretError) return undefined;
      throw error;
    }
  }
}

function place(userId: number): string {
  return `push-key:${userId}`;
}
