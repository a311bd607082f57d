import { mayViewImages } from './directory.ts';
import type { LoginGuard } from './login-guard.ts';
import type { User } from './tables.ts';

/** Accounts as they leave the box; never with anything of a password. */

/** The signed-in user: `imageRight` is what is in force. */
export function ownUser(user: User) {
  const { id, name, role, mustChangePassword } = user;
  return { id, name, role, imageRight: mayViewImages(user), mustChangePassword };
}

/** An account in the list: `imageRight` is what was granted. Times in ms since 1970 UTC. */
export function listedUser(user: User, guard: LoginGuard) {
  const { id, name, role, imageRight, isAuthed, mustChangePassword, createdAt, lastLoginAt } = user;
  const lockedUntil = guard.lockedUntil(name) ?? null;
  return { id, name, role, imageRight, isAuthed, mustChangePassword, createdAt, lastLoginAt, lockedUntil };
}
