import { gt, lte } from 'drizzle-orm';
import { CODE } from '../../core/gateway/errors.ts';
import type { PluginContext } from '../../core/plugin/contract.ts';
import type { Outbox } from '../../core/plugin/push-services.ts';
import { accountChanged, operationPerformed, type Sessions } from '../../core/plugin/services.ts';
import type { Directory } from './directory.ts';
import type { LoginGuard } from './login-guard.ts';
import { consoleActs } from './tables.ts';
import { accountMessage } from './telling.ts';

const EVERY_MS = 1000;

export interface ConsoleWatchParts {
  ctx: Pick<PluginContext, 'store' | 'log' | 'emit' | 'changed'>;
  sessions: Sessions;
  outbox: Pick<Outbox, 'add'>;
  directory: Directory;
  guard: LoginGuard;
}

/**
 * Takes note of passwords that were reset with `npm run users` beside the running box: reads the accounts again, ends
 * their sessions, opens their locks, and tells the operation log.
 */
export class ConsoleWatch {
  readonly #parts: ConsoleWatchParts;
  #seen = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ConsoleWatchParts) {
    this.#parts = parts;
  }

  /** Looks once a second: an open page may send no request that could notice. */
  start(): void {
    this.#timer = setInterval(() => this.#tick(), EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Looks now; costs one read of a table that is empty nearly always. */
  check(): void {
    const { ctx, directory, guard, sessions, outbox } = this.#parts;
    const acts = ctx.store.read.select().from(consoleActs).where(gt(consoleActs.id, this.#seen)).all();
    const newest = acts.at(-1)?.id;
    if (newest === undefined) return;
    this.#seen = newest;
    directory.load();
    for (const { time, userId, userName } of acts) {
      guard.forget(userName);
      this.#report(sessions.closeAllOf(userId));
      ctx.emit(accountChanged, { userId, change: 'password' });
      ctx.emit(operationPerformed, {
        time,
        userName: '(console)',
        role: '',
        module: 'users',
        item: 'npm run users -- reset',
        detail: `one-time password for "${userName}"`,
        source: 'console',
        result: CODE.ok,
      });
    }
    ctx.changed('users');
    this.#report(
      ctx.store.write((tx) => {
        tx.delete(consoleActs).where(lte(consoleActs.id, newest)).run();
        for (const { time, userId, userName } of acts) {
          outbox.add(tx, accountMessage(userId, userName, 'password', time));
        }
      }),
    );
  }

  #tick(): void {
    try {
      this.check();
    } catch (error) {
      this.#parts.ctx.log.warn({ err: error }, 'resets from the console could not be looked for');
    }
  }

  #report(done: Promise<unknown>): void {
    done.catch((error: unknown) =>
      this.#parts.ctx.log.error({ err: error }, 'a reset from the console was not taken over completely'),
    );
  }
}
