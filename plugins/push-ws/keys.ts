import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Account } from '../../core/plugin/services.ts';
import type { ReadDb, Store } from '../../core/store/database.ts';
import { SecretError, type Secrets } from '../../core/store/secrets.ts';
import { pushKeys } from './tables.ts';

/** An account, and which password it has. */
export type Owner = Pick<Account, 'userId' | 'passwordVersion'>;

export interface KeyOptions {
  store: Store;
  secrets: Secrets;
  now(): number;
}

/**
 * The keys users subscribe with: one each, drawn when first asked for, the same until the user has another password. That is
 * told by the account itself, so that a key is void also where nobody heard of the change.
 */
export class SubscriptionKeys {
  readonly #options: KeyOptions;

  constructor(options: KeyOptions) {
    this.#options = options;
  }

  /** The user's key, a UUID. */
  async keyOf({ userId, passwordVersion }: Owner): Promise<string> {
    const stored = this.#stored(this.#options.store.read, userId, passwordVersion);
    if (stored !== undefined) return stored;
    const { store, secrets, now } = this.#options;
    const key = randomUUID();
    const row = {
      userId,
      sealedKey: secrets.seal(key, place(userId)),
      keyHash: secrets.lookupHash(key),
      createdAt: now(),
      passwordVersion,
    };
    await store.write((tx) => {
      // Another request may have been quicker; a key that is void, or that this box cannot read any more, is replaced.
      if (this.#stored(tx, userId, passwordVersion) === undefined) {
        tx.insert(pushKeys).values(row).onConflictDoUpdate({ target: pushKeys.userId, set: row }).run();
      }
    });
    return this.#stored(store.read, userId, passwordVersion) ?? key;
  }

  /** The user a key belongs to, and with which password; undefined for a key that is none. */
  ownerOf(key: string): Owner | undefined {
    const { store, secrets } = this.#options;
    const hash = secrets.lookupHash(key);
    const row = store.read.select().from(pushKeys).where(eq(pushKeys.keyHash, hash)).get();
    return row && { userId: row.userId, passwordVersion: row.passwordVersion };
  }

  async remove(userId: number): Promise<void> {
    await this.#options.store.write((tx) => tx.delete(pushKeys).where(eq(pushKeys.userId, userId)).run());
  }

  #stored(db: Pick<ReadDb, 'select'>, userId: number, passwordVersion: number): string | undefined {
    const { secrets } = this.#options;
    const row = db.select().from(pushKeys).where(eq(pushKeys.userId, userId)).get();
    if (row?.passwordVersion !== passwordVersion) return undefined;
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
