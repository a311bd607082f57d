import type { Role, RoleRights } from '../../../core/gateway/authorization.ts';

/** What `/p/users/users` says; times in ms. */
export interface ListedUser {
  id: number;
  name: string;
  role: Role;
  /** Granted; in force only together with `isAuthed`. */
  imageRight: boolean;
  isAuthed: boolean;
  mustChangePassword: boolean;
  createdAt: number;
  lastLoginAt: number | null;
  lockedUntil: number | null;
}

export interface UserList {
  users: ListedUser[];
  max: number;
  roles: Role[];
  /** What each role may do. */
  rights: RoleRights;
}

/** An account that was made or reset; the password is told this once. */
export interface Issued extends ListedUser {
  oneTimePassword?: string;
}
