import { hash as digest, randomBytes } from 'node:crypto';
import { eq, lt } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Caller, Clock } from '../plugin/contract.ts';
import type { Account, Accounts, Sessions } from '../plugin/services.ts';
import type { Store } from '../store/database.ts';
import { StoreFullError } from '../store/errors.ts';

/** A session ends after this long without a request or an open page, ms. */
export const IDLE_MS = 30 * 60_000;
/** The time of the last request is written to disk at most this often, ms. */
const FLUSH_MS = 60_000;
const MAX_PER_USER = 64;

export const sessionsTable = sqliteTable('sessions', {
  tokenHash: text('token_hash').primaryKey(),
  userId: integer('user_id').notNull(),
  passwordVersion: integer('password_version').notNull(),
  source: text('source').notNull(),
  createdAt: integer('created_at').notNull(),
  lastSeen: integer('last_seen').notNull(),
});

type Row = typeof sessionsTable.$inferSelect;

/** A session, with its last request on the clock that is never set: setting the other one ends none and spares none. */
interface Live extends Row {
  seenAt: number;
}

const hash = (sessionId: string) => digest('sha256', sessionId, 'hex');

/** Sessions in memory with their rows in the database behind them, so that a page survives a restart of the box. */
export class SessionRegistry implements Sessions {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #accounts: () => Accounts | undefined;
  readonly #rows = new Map<string, Live>();
  readonly #unwritten = new Set<string>();
  /** Sessions that have ended, whose rows are still to be deleted: left alone they would come back with the next start. */
  readonly #doomed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  readonly #ended: ((sessionHash: string) => void)[] = [];

  /** @param accounts gives the accounts service, undefined while no plugin offers it: then nobody is signed in */
  constructor(store: Store, clock: Clock, accounts: () => Accounts | undefined) {
    this.#store = store;
    this.#clock = clock;
    this.#accounts = accounts;
  }

  async start(): Promise<void> {
    const now = this.#clock.now();
    const oldest = now - IDLE_MS;
    await this.#store.write((tx) => tx.delete(sessionsTable).where(lt(sessionsTable.lastSeen, oldest)).run());
    for (const row of this.#store.read.select().from(sessionsTable).all()) {
      // Seen in the future: the clock was set back while the box was off.
      const age = Math.max(0, now - row.lastSeen);
      this.#rows.set(row.tokenHash, { ...row, seenAt: this.#clock.steady() - age });
    }
    // What cannot be written now, on a full disk, is tried again with the next flush.
    this.#timer = setInterval(() => this.#flush().catch(() => {}), FLUSH_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flush();
  }

  /** Calls back when a session has ended, for open sockets; the argument is what `key()` gives for its id. */
  onEnded(callback: (sessionKey: string) => void): void {
    this.#ended.push(callback);
  }

  /** Name of a session inside the process that does not give its id away. */
  key(sessionId: string): string {
    return hash(sessionId);
  }

  /**
   * Who is behind a session id; a request counts as activity.
   * @param touch false only asks
   */
  find(sessionId: string, touch = true): Caller | undefined {
    const row = this.#rows.get(hash(sessionId));
    if (!row) return undefined;
    const steady = this.#clock.steady();
    const account = this.#accounts()?.find(row.userId);
    if (!account || steady - row.seenAt > IDLE_MS || account.passwordVersion !== row.passwordVersion) {
      if (this.#accounts()) this.#remove([row.tokenHash]).catch(() => {});
      return undefined;
    }
    if (touch) {
      row.seenAt = steady;
      row.lastSeen = this.#clock.now();
      this.#unwritten.add(row.tokenHash);
    }
    return caller(account, sessionId);
  }

  async open(userId: number, source: string, passwordVersion: number): Promise<string> {
    const sessionId = randomBytes(24).toString('base64url');
    const now = this.#clock.now();
    const row: Live = {
      tokenHash: hash(sessionId),
      userId,
      passwordVersion,
      source,
      createdAt: now,
      lastSeen: now,
      seenAt: this.#clock.steady(),
    };
    const own = [...this.#rows.values()].filter((one) => one.userId === userId);
    own.sort((a, b) => a.seenAt - b.seenAt);
    const tooMany = own.slice(0, Math.max(0, own.length + 1 - MAX_PER_USER)).map((one) => one.tokenHash);
    this.#rows.set(row.tokenHash, row);
    try {
      await this.#remove(tooMany);
      await this.#store.write((tx) => tx.insert(sessionsTable).values(row).run());
    } catch (error) {
      // On a full disk somebody must still be able to sign in and make room; this session ends with the process.
      if (!(error instanceof StoreFullError)) throw error;
    }
    return sessionId;
  }

  async close(sessionId: string): Promise<void> {
    await this.#remove([hash(sessionId)]);
  }

  async closeAllOf(userId: number, except?: string): Promise<void> {
    const kept = except === undefined ? undefined : this.#rows.get(hash(except));
    const account = this.#accounts()?.find(userId);
    if (kept && account) {
      // Before anything is waited for: a request of the kept session may come in between.
      kept.passwordVersion = account.passwordVersion;
      this.#unwritten.add(kept.tokenHash);
    }
    const others = [...this.#rows.values()].filter((row) => row.userId === userId && row !== kept);
    await this.#remove(others.map((row) => row.tokenHash));
    await this.#flush();
  }

  /** Ends sessions at once, and deletes their rows with all those that could not be deleted before. */
  async #remove(hashes: string[]): Promise<void> {
    for (const one of hashes) {
      if (!this.#rows.delete(one)) continue;
      this.#unwritten.delete(one);
      this.#doomed.add(one);
      for (const callback of this.#ended) callback(one);
    }
    const doomed = [...this.#doomed];
    if (doomed.length === 0) return;
    await this.#store.write((tx) => {
      for (const one of doomed) tx.delete(sessionsTable).where(eq(sessionsTable.tokenHash, one)).run();
    });
    for (const one of doomed) this.#doomed.delete(one);
  }

  async #flush(): Promise<void> {
    const hashes = [...this.#unwritten];
    this.#unwritten.clear();
    try {
      await this.#write(hashes);
    } catch (error) {
      for (const one of hashes) this.#unwritten.add(one);
      throw error;
    }
  }

  /** What is known of these sessions; those nobody used for long end. */
  async #write(hashes: string[]): Promise<void> {
    const rows = hashes.flatMap((one) => this.#rows.get(one) ?? []);
    const steady = this.#clock.steady();
    await this.#remove([...this.#rows.values()].filter((row) => steady - row.seenAt > IDLE_MS).map((r) => r.tokenHash));
    if (rows.length === 0) return;
    await this.#store.write((tx) => {
      for (const row of rows) {
        // Ended meanwhile: its row must not come back.
        if (this.#rows.get(row.tokenHash) !== row) continue;
        tx.insert(sessionsTable)
          .values(row)
          .onConflictDoUpdate({
            target: sessionsTable.tokenHash,
            set: { lastSeen: row.lastSeen, passwordVersion: row.passwordVersion },
          })
          .run();
      }
    });
  }
}

function caller(account: Account, sessionId: string): Caller {
  const { userId, userName, role, imageRight, mustChangePassword } = account;
  return { userId, userName, role, imageRight, mustChangePassword, sessionId };
}
