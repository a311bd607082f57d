import type { Account, Accounts } from '../../core/plugin/services.ts';
import type { Store } from '../../core/store/database.ts';
import { type User, users } from './tables.ts';

/** Accounts a box can hold. */
export const MAX_USERS = 32;

/**
 * All accounts in memory, so that every request can be answered without the database. Whoever writes accounts calls
 * `load` after the commit.
 */
export class Directory implements Accounts {
  readonly #store: Pick<Store, 'read'>;
  #byId = new Map<number, User>();
  #byName = new Map<string, User>();

  constructor(store: Pick<Store, 'read'>) {
    this.#store = store;
    this.load();
  }

  /** Reads the accounts anew. */
  load(): void {
    const rows = this.#store.read.select().from(users).orderBy(users.id).all();
    this.#byId = new Map(rows.map((user) => [user.id, user]));
    this.#byName = new Map(rows.map((user) => [user.name, user]));
  }

  find(userId: number): Account | undefined {
    const user = this.#byId.get(userId);
    if (!user) return undefined;
    return {
      userId: user.id,
      userName: user.name,
      role: user.role,
      imageRight: mayViewImages(user),
      mustChangePassword: user.mustChangePassword,
      passwordVersion: user.passwordVersion,
    };
  }

  byId(id: number): User | undefined {
    return this.#byId.get(id);
  }

  /** By the name as it is written: capitals count. */
  byName(name: string): User | undefined {
    return this.#byName.get(name);
  }

  list(): User[] {
    return [...this.#byId.values()];
  }
}

/** Whether the right to view images is in force: granted, and the account authorised. */
export function mayViewImages({ isAuthed, imageRight }: Pick<User, 'isAuthed' | 'imageRight'>): boolean {
  return isAuthed && imageRight;
}
