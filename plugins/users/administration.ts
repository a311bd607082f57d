import { eq } from 'drizzle-orm';
import { ROLES, type Role } from '../../core/gateway/authorization.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { PluginContext } from '../../core/plugin/contract.ts';
import type { Outbox } from '../../core/plugin/push-services.ts';
import { type AccountChange, accountChanged, type Sessions } from '../../core/plugin/services.ts';
import type { Tx } from '../../core/store/database.ts';
import { type Directory, MAX_USERS } from './directory.ts';
import type { LoginGuard } from './login-guard.ts';
import type { PasswordHasher } from './password-hash.ts';
import { checkPasswordRule, oneTimePassword } from './password-rule.ts';
import { type User, users } from './tables.ts';
import { accountMessage } from './telling.ts';

/** Makes, changes and deletes accounts, and tells everybody who has to know. */

export interface NewUser {
  name: string;
  role: string;
  imageRight: boolean;
  /** Without one a one-time password is made. */
  password?: string | undefined;
}

export interface UserChange {
  role?: string | undefined;
  imageRight?: boolean | undefined;
  isAuthed?: boolean | undefined;
  password?: string | undefined;
  /** Sets a one-time password. */
  resetPassword?: boolean | undefined;
}

export interface Administered {
  user: User;
  /** Shown once: only its hash is kept. */
  oneTimePassword?: string;
}

export interface AdministrationParts {
  ctx: Pick<PluginContext, 'store' | 'clock' | 'emit' | 'changed'>;
  sessions: Sessions;
  outbox: Pick<Outbox, 'add'>;
  directory: Directory;
  hasher: PasswordHasher;
  guard: LoginGuard;
}

type Columns = Partial<typeof users.$inferInsert>;

export class Administration {
  readonly #parts: AdministrationParts;

  constructor(parts: AdministrationParts) {
    this.#parts = parts;
  }

  /** @throws ContractError `userExists`, `tooManyUsers`, `passwordTooWeak`, `noSuchRole`, `wrongParameter` */
  async create({ name, role, imageRight, password }: NewUser): Promise<Administered> {
    const { hasher, ctx, directory } = this.#parts;
    const known = assignableRole(role);
    refuseTaken(name, directory.list());
    const secret = chosenOrOneTime(password);
    const passwordHash = await hasher.hash(secret.password);
    const id = await this.#write((tx) => {
      // Another account may have been made while the hash was.
      refuseTaken(name, tx.select({ name: users.name }).from(users).all());
      const made = tx
        .insert(users)
        .values({
          name,
          role: known,
          imageRight,
          passwordHash,
          passwordVersion: 1,
          mustChangePassword: secret.oneTime,
          isAuthed: true,
          createdAt: ctx.clock.now(),
        })
        .returning({ id: users.id })
        .get();
      this.#tell(tx, { id: made.id, name }, 'made');
      return made.id;
    });
    ctx.emit(accountChanged, { userId: id, change: 'made' });
    return this.#administered(id, secret);
  }

  /**
   * Changes what is given of an account.
   * @param actorId who does it: one's own password is changed with the current one, never here
   * @throws ContractError `noSuchUser`, `noSuchRole`, `passwordTooWeak`, `wrongParameter`
   */
  async change(id: number, change: UserChange, actorId: number): Promise<Administered> {
    const user = this.#existing(id);
    const { role, imageRight, isAuthed, password, resetPassword } = change;
    const newRole = role === undefined ? undefined : roleFor(user, role);
    if (password !== undefined && resetPassword) {
      throw new ContractError(CODE.wrongParameter, 'give a password or ask for a reset, not both');
    }
    const setsPassword = password !== undefined || resetPassword === true;
    if (setsPassword && id === actorId) {
      throw new ContractError(CODE.wrongParameter, 'change your own password with the current one');
    }
    const secret = setsPassword ? chosenOrOneTime(password) : undefined;
    await this.#update(user, {
      ...(newRole === undefined ? {} : { role: newRole }),
      ...(imageRight === undefined ? {} : { imageRight }),
      ...(isAuthed === undefined ? {} : { isAuthed }),
      ...(secret ? await this.#passwordColumns(secret) : {}),
    });
    return this.#administered(id, secret);
  }

  /**
   * Sets one's own password; every other session of the account ends.
   * @param user as they were before their current password was asked for: one that an administrator set meanwhile stays
   * @throws ContractError `passwordTooWeak`, `currentPasswordWrong`
   */
  async setOwnPassword(user: User, next: string, sessionId: string): Promise<User> {
    checkPasswordRule(next);
    if (await this.#parts.hasher.verify(next, user.passwordHash)) {
      throw new ContractError(CODE.passwordTooWeak, 'the new password must differ from the current one');
    }
    const columns = await this.#passwordColumns({ password: next, oneTime: false });
    await this.#update(user, columns, { session: sessionId, version: user.passwordVersion });
    return this.#existing(user.id);
  }

  /** @throws ContractError `noSuchUser`, `cannotDeleteOneself`, `wrongParameter` for the super admin */
  async remove(id: number, actorId: number): Promise<User> {
    const user = this.#existing(id);
    if (id === actorId) throw new ContractError(CODE.cannotDeleteOneself);
    if (user.role === 'super-admin') {
      throw new ContractError(CODE.wrongParameter, 'the super admin cannot be deleted');
    }
    await this.#write((tx) => {
      tx.delete(users).where(eq(users.id, id)).run();
      this.#tell(tx, user, 'removed');
    });
    this.#parts.ctx.emit(accountChanged, { userId: id, change: 'removed', userName: user.name });
    await this.#parts.sessions.closeAllOf(id);
    return user;
  }

  /** @param own where somebody sets their own password: the session that stays, and which password they confirmed */
  async #update(user: User, columns: Columns, own?: { session: string; version: number }): Promise<void> {
    const { ctx, sessions, guard } = this.#parts;
    if (Object.keys(columns).length === 0) return;
    const password = columns.passwordHash !== undefined;
    const rights = columns.role !== undefined || columns.imageRight !== undefined || columns.isAuthed !== undefined;
    const found = await this.#write((tx) => {
      const { passwordVersion } = tx.select().from(users).where(eq(users.id, user.id)).get() ?? {};
      if (passwordVersion === undefined) return false;
      if (own && own.version !== passwordVersion) throw new ContractError(CODE.currentPasswordWrong);
      const version = password ? { passwordVersion: passwordVersion + 1 } : {};
      tx.update(users)
        .set({ ...columns, ...version })
        .where(eq(users.id, user.id))
        .run();
      if (password) this.#tell(tx, user, 'password');
      if (rights) this.#tell(tx, user, 'rights');
      return true;
    });
    if (!found) throw new ContractError(CODE.noSuchUser);
    if (password) {
      guard.forget(user.name);
      const ended = sessions.closeAllOf(user.id, own?.session);
      ctx.emit(accountChanged, { userId: user.id, change: 'password' });
      await ended;
    }
    if (rights) ctx.emit(accountChanged, { userId: user.id, change: 'rights' });
  }

  /** In the job that changes an account: whoever is to be told of it is, also when the box is killed right after. */
  #tell(tx: Tx, { id, name }: Pick<User, 'id' | 'name'>, change: AccountChange['change']): void {
    const { ctx, outbox } = this.#parts;
    outbox.add(tx, accountMessage(id, name, change, ctx.clock.now()));
  }

  async #passwordColumns({ password, oneTime }: Secret): Promise<Columns> {
    return { passwordHash: await this.#parts.hasher.hash(password), mustChangePassword: oneTime };
  }

  /** Writes; the accounts in memory are those of the database again before anybody else runs. */
  async #write<T>(job: (tx: Tx) => T): Promise<T> {
    const { ctx, directory } = this.#parts;
    return ctx.store.write((tx) => {
      tx.afterCommit(() => {
        directory.load();
        ctx.changed('users');
      });
      return job(tx);
    });
  }

  #existing(id: number): User {
    const user = this.#parts.directory.byId(id);
    if (!user) throw new ContractError(CODE.noSuchUser);
    return user;
  }

  #administered(id: number, secret: Secret | undefined): Administered {
    return { user: this.#existing(id), ...(secret?.oneTime ? { oneTimePassword: secret.password } : {}) };
  }
}

interface Secret {
  password: string;
  oneTime: boolean;
}

function chosenOrOneTime(password: string | undefined): Secret {
  if (password === undefined) return { password: oneTimePassword(), oneTime: true };
  checkPasswordRule(password);
  return { password, oneTime: false };
}

function refuseTaken(name: string, existing: { name: string }[]): void {
  if (existing.some((user) => user.name.toLowerCase() === name.toLowerCase())) {
    throw new ContractError(CODE.userExists);
  }
  if (existing.length >= MAX_USERS)
    throw new ContractError(CODE.tooManyUsers, `the box holds ${MAX_USERS} users at most`);
}

function knownRole(role: string): Role {
  const found = ROLES.find((one) => one === role);
  if (!found) throw new ContractError(CODE.noSuchRole, `no such role; there are ${ROLES.join(', ')}`);
  return found;
}

function assignableRole(role: string): Role {
  const found = knownRole(role);
  if (found === 'super-admin') throw new ContractError(CODE.wrongParameter, 'there is exactly one super admin');
  return found;
}

function roleFor(user: User, role: string): Role {
  if (user.role !== 'super-admin') return assignableRole(role);
  if (knownRole(role) === 'super-admin') return 'super-admin';
  throw new ContractError(CODE.wrongParameter, 'the super admin keeps this role: there must be one');
}
