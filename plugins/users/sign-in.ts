import { and, eq } from 'drizzle-orm';
import { CODE, type Code } from '../../core/gateway/errors.ts';
import { networkOf } from '../../core/gateway/network.ts';
import type { PluginContext } from '../../core/plugin/contract.ts';
import { operationPerformed, type Sessions } from '../../core/plugin/services.ts';
import type { Captchas } from './captcha.ts';
import type { Directory } from './directory.ts';
import { LOCK_AFTER, type LoginGuard, type Standing } from './login-guard.ts';
import { type PasswordHasher, tooMany } from './password-hash.ts';
import { type User, users } from './tables.ts';
import { Turns } from './turns.ts';

/** Password checks under way or waiting, in all and of one source: more are refused at once. */
const MAX_CHECKS = 64;
const MAX_CHECKS_OF_SOURCE = 32;
/** A flood of refusals is worth one line of the log in so many ms. */
const FLOOD_LOG_MS = 60_000;
const NAME_LOGGED = 49;

/** A password check that did not succeed. Its text is the same whether or not the account exists. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused';
  readonly standing: Standing;

  constructor(message: string, standing: Standing) {
    super(message);
    this.standing = standing;
  }
}

/** Who tries to sign in, from where, and how the operation log calls it. */
export interface Attempt {
  name: string;
  password: string;
  captcha?: string | undefined;
  source: string;
  /** `257 log in` */
  item: string;
}

export interface SignInParts {
  ctx: Pick<PluginContext, 'store' | 'clock' | 'emit' | 'log'>;
  sessions: Sessions;
  directory: Directory;
  hasher: PasswordHasher;
  guard: LoginGuard;
  captchas: Captchas;
  /** Takes over what was changed beside the running box, before a password is compared. */
  refresh(): void;
  /** Counts how checks end, for the metrics. */
  count(result: 'ok' | 'refused' | 'locked' | 'busy'): void;
}

/** Checks passwords, opens and closes sessions, and tells the operation log of it. */
export class SignIn {
  readonly #parts: SignInParts;
  readonly #turns = new Turns(MAX_CHECKS, MAX_CHECKS_OF_SOURCE);
  #floodLoggedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /**
   * Opens a session.
   * @throws SignInRefused; ContractError `unknownError` while too many others try
   */
  async logIn(attempt: Attempt): Promise<{ user: User; sessionId: string }> {
    const user = await this.#check(attempt, { withCaptcha: true });
    await this.#noteLogin(user, attempt.password);
    const sessionId = await this.#parts.sessions.open(user.id, attempt.source, user.passwordVersion);
    this.#tell(attempt, user.role, '', CODE.ok);
    return { user: this.#parts.directory.byId(user.id) ?? user, sessionId };
  }

  /** Ends a session. */
  async logOut(caller: { userName: string; role: string; sessionId: string }, source: string, item: string) {
    await this.#parts.sessions.close(caller.sessionId);
    this.#tell({ name: caller.userName, source, item }, caller.role, '', CODE.ok);
  }

  /** Tells the operation log that a user has set a new password. */
  noteChange(user: User, attempt: Pick<Attempt, 'name' | 'source' | 'item'>): void {
    this.#tell(attempt, user.role, 'new password', CODE.ok);
  }

  /**
   * Checks a password of somebody who is signed in already; failures count like those of logins.
   * @throws SignInRefused; ContractError `unknownError` while too many others try
   */
  async confirm(attempt: Attempt): Promise<User> {
    return this.#check(attempt, { withCaptcha: false });
  }

  async #check(attempt: Attempt, { withCaptcha }: { withCaptcha: boolean }): Promise<User> {
    const { name, source } = attempt;
    this.#refuseLocked(attempt);
    const network = networkOf(source);
    const leave = this.#turns.enter(network);
    if (!leave) throw this.#flooded();
    try {
      // One after the other: tries that run at once must not all see the same count of failures.
      return await this.#turns.inTurn(`${network} ${name}`, () => this.#checkNow(attempt, withCaptcha));
    } finally {
      leave();
    }
  }

  async #checkNow(attempt: Attempt, withCaptcha: boolean): Promise<User> {
    const { directory, hasher, guard, captchas, refresh, count } = this.#parts;
    const { name, password, captcha, source } = attempt;
    refresh();
    const { captchaNeeded } = this.#refuseLocked(attempt);
    if (withCaptcha && captchaNeeded && !captchas.take(captcha, source)) {
      throw this.#refused(attempt, captcha === undefined ? 'a captcha is needed' : 'wrong captcha');
    }
    const user = directory.byName(name);
    const right = await hasher.verify(password, user?.passwordHash);
    // The account may have been deleted, or its password changed, in the meantime.
    const current = user && directory.byId(user.id);
    if (!right || !current || current.passwordHash !== user.passwordHash) {
      throw this.#refused(attempt, 'wrong user name or password');
    }
    guard.succeeded(name, source);
    count('ok');
    return current;
  }

  #refuseLocked({ name, source }: Attempt): Standing {
    const standing = this.#parts.guard.standing(name, source);
    if (standing.lockedMs === 0) return standing;
    // Not in the operation log: the failure that closed the lock is there, and a flood must not fill the disk.
    this.#parts.count('locked');
    throw new SignInRefused(lockedText(standing), standing);
  }

  #refused(attempt: Attempt, reason: string): SignInRefused {
    const { guard, count, directory } = this.#parts;
    const standing = guard.failed(attempt.name, attempt.source);
    count('refused');
    const tries = `failure ${LOCK_AFTER - standing.triesLeft} of ${LOCK_AFTER} before the lock`;
    const role = directory.byName(attempt.name)?.role ?? '';
    this.#tell(attempt, role, `${reason}; ${tries}`, CODE.wrongUserOrPassword);
    if (standing.lockedMs > 0) return new SignInRefused(`${reason}; ${lockedText(standing)}`, standing);
    const left = standing.triesLeft === 1 ? '1 try is left' : `${standing.triesLeft} tries are left`;
    const next = standing.captchaNeeded ? ', with a captcha (verify_code)' : '';
    return new SignInRefused(`${reason}; ${left}${next}`, standing);
  }

  #flooded(): Error {
    const { ctx, count } = this.#parts;
    count('busy');
    const now = ctx.clock.now();
    if (Math.abs(now - this.#floodLoggedAt) > FLOOD_LOG_MS) {
      this.#floodLoggedAt = now;
      ctx.log.warn({ limit: MAX_CHECKS }, 'more logins at once than can be checked: some are refused');
    }
    return tooMany();
  }

  /** Keeps the time of the login, and a hash at today's cost. */
  async #noteLogin(user: User, password: string): Promise<void> {
    const { ctx, directory, hasher } = this.#parts;
    const stale = user.passwordHash;
    try {
      const renewed = hasher.outdated(stale) ? { passwordHash: await hasher.hash(password) } : {};
      await ctx.store.write((tx) => {
        tx.update(users)
          .set({ lastLoginAt: ctx.clock.now(), ...renewed })
          .where(and(eq(users.id, user.id), eq(users.passwordHash, stale)))
          .run();
        tx.afterCommit(() => directory.load());
      });
    } catch (error) {
      // A full disk must not keep the one out who comes to tidy it up.
      ctx.log.warn({ err: error, user: user.name }, 'the time of a login could not be kept');
    }
  }

  #tell(attempt: Pick<Attempt, 'name' | 'source' | 'item'>, role: string, detail: string, result: Code): void {
    const { ctx } = this.#parts;
    ctx.emit(operationPerformed, {
      time: ctx.clock.now(),
      userName: [...attempt.name].slice(0, NAME_LOGGED).join(''),
      role,
      module: 'users',
      item: attempt.item,
      detail,
      source: attempt.source,
      result,
    });
  }
}

function lockedText({ lockedMs }: Standing): string {
  return `too many failed logins: locked for ${Math.ceil(lockedMs / 1000)} more seconds`;
}
