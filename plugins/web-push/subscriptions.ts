import { and, asc, count, eq, inArray } from 'drizzle-orm';
import { z } from 'zod';
import type { NoticeRule } from '../../core/events/notice-rule.ts';
import type { Language } from '../../core/events/told.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Account } from '../../core/plugin/services.ts';
import type { Store } from '../../core/store/database.ts';
import { KeptRows } from '../../core/store/kept-rows.ts';
import type { Secrets } from '../../core/store/secrets.ts';
import type { Browser } from './sending.ts';
import { type SubscriptionRow, subscriptions } from './tables.ts';

export const MOST_OF_ONE = 10;
const MOST = 200;

/** A browser that is pushed to. */
export interface Subscription extends Wishes {
  id: number;
  userId: number;
  browser: Browser;
  /** Tells a page which of them is its own browser, without the address. */
  endpointHash: string;
  createdAt: number;
  /** Of the account when it subscribed. */
  passwordVersion: number;
}

/** What somebody chooses for a browser. */
export interface Wishes {
  name: string;
  language: Language;
  details: boolean;
  rule: NoticeRule;
}

const sealedBrowser = z.object({
  endpoint: z.string(),
  keys: z.object({ p256dh: z.string(), auth: z.string() }),
});

/** The browsers: sealed in the database, and open in memory, because every alarm asks. */
export class Subscriptions {
  readonly #secrets: Secrets;
  readonly #account: (userId: number) => Account | undefined;
  readonly #rows: KeptRows<Subscription>;

  /**
   * @param account as it is now
   * @param changed told after each change
   */
  constructor(
    store: Store,
    secrets: Secrets,
    account: (userId: number) => Account | undefined,
    changed: () => void = () => {},
  ) {
    this.#secrets = secrets;
    this.#account = account;
    const rows = (read: Store['read']) => read.select().from(subscriptions).orderBy(asc(subscriptions.id)).all();
    this.#rows = new KeptRows(store, (read) => rows(read).flatMap((row) => this.#opened(row) ?? []), changed);
  }

  /** Those of accounts that are there, subscribed with the password of today: whoever knew one that leaked hears nothing. */
  list(): readonly Subscription[] {
    return this.#rows.list().filter((one) => this.#holds(one));
  }

  /** @throws ContractError `noSuchData`, also for one of somebody else */
  of(userId: number, id: number): Subscription {
    const found = this.list().find((one) => one.id === id && one.userId === userId);
    if (!found) throw new ContractError(CODE.noSuchData, 'no such browser');
    return found;
  }

  /**
   * Takes a browser; one that is known belongs to who signed in there last.
   * @throws ContractError where there are too many, or the account is gone
   */
  async add(userId: number, browser: Browser, wishes: Wishes, createdAt: number): Promise<void> {
    const { passwordVersion } = this.#account(userId) ?? {};
    if (passwordVersion === undefined) throw new ContractError(CODE.notLoggedIn);
    const endpointHash = this.#secrets.lookupHash(browser.endpoint);
    const sealed = this.#secrets.seal(JSON.stringify(browser), place(endpointHash));
    await this.#rows.write((tx) => {
      tx.delete(subscriptions).where(eq(subscriptions.endpointHash, endpointHash)).run();
      const have = (where?: ReturnType<typeof eq>) =>
        tx.select({ n: count() }).from(subscriptions).where(where).get()?.n ?? 0;
      if (have(eq(subscriptions.userId, userId)) >= MOST_OF_ONE) {
        throw new ContractError(CODE.wrongParameter, `at most ${MOST_OF_ONE} browsers are possible: remove one`);
      }
      if (have() >= MOST) throw new ContractError(CODE.wrongParameter, 'too many browsers are subscribed to this box');
      tx.insert(subscriptions)
        .values({ userId, sealed, endpointHash, ...wishes, createdAt, passwordVersion })
        .run();
    });
  }

  /** @throws ContractError `noSuchData` */
  async change(userId: number, id: number, wishes: Wishes): Promise<void> {
    this.of(userId, id);
    await this.#rows.write((tx) => tx.update(subscriptions).set(wishes).where(mine(userId, id)).run());
  }

  /** @throws ContractError `noSuchData` */
  async remove(userId: number, id: number): Promise<void> {
    this.of(userId, id);
    await this.#rows.write((tx) => tx.delete(subscriptions).where(mine(userId, id)).run());
  }

  /** Its push service does not know it any more. */
  async removeGone(id: number): Promise<void> {
    await this.#rows.write((tx) => tx.delete(subscriptions).where(eq(subscriptions.id, id)).run());
  }

  async removeAllOf(userId: number): Promise<void> {
    if (!this.#rows.list().some((one) => one.userId === userId)) return;
    await this.#rows.write((tx) => tx.delete(subscriptions).where(eq(subscriptions.userId, userId)).run());
  }

  /** Removes those that do not hold any more: an account or its password may have changed while nobody listened. */
  async removeVoid(): Promise<void> {
    const gone = this.#rows.list().filter((one) => !this.#holds(one));
    if (gone.length === 0) return;
    const ids = gone.map(({ id }) => id);
    await this.#rows.write((tx) => tx.delete(subscriptions).where(inArray(subscriptions.id, ids)).run());
  }

  async removeAll(): Promise<void> {
    await this.#rows.write((tx) => tx.delete(subscriptions).run());
  }

  /** The hash by which a page knows its own browser. */
  hashOf(endpoint: string): string {
    return this.#secrets.lookupHash(endpoint);
  }

  #holds({ userId, passwordVersion }: Subscription): boolean {
    return this.#account(userId)?.passwordVersion === passwordVersion;
  }

  /** Undefined where it was sealed by another box. */
  #opened({ sealed, ...row }: SubscriptionRow): Subscription | undefined {
    try {
      const browser = sealedBrowser.parse(JSON.parse(this.#secrets.open(sealed, place(row.endpointHash))));
      return { ...row, browser };
    } catch {
      return undefined;
    }
  }
}

function mine(userId: number, id: number) {
  return and(eq(subscriptions.id, id), eq(subscriptions.userId, userId));
}

function place(endpointHash: string): string {
  return `web-push:${endpointHash}`;
}
