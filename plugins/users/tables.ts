import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Role } from '../../core/gateway/authorization.ts';

/** One row per account. Times in ms since 1970 UTC. */
export const users = sqliteTable('users', {
  id: integer('id').primaryKey({ autoIncrement: true }).notNull(),
  name: text('name').notNull(),
  role: text('role').$type<Role>().notNull(),
  passwordHash: text('password_hash').notNull(),
  /** Grows with every change of the password. */
  passwordVersion: integer('password_version').notNull(),
  mustChangePassword: integer('must_change_password', { mode: 'boolean' }).notNull(),
  /** Whether what was granted to the account is in force. */
  isAuthed: integer('is_authed', { mode: 'boolean' }).notNull(),
  /** Granted; in force only together with `isAuthed`. */
  imageRight: integer('image_right', { mode: 'boolean' }).notNull(),
  createdAt: integer('created_at').notNull(),
  lastLoginAt: integer('last_login_at'),
});

/** Passwords reset from the console, until the running box has taken note. */
export const consoleActs = sqliteTable('users_console_acts', {
  id: integer('id').primaryKey({ autoIncrement: true }).notNull(),
  time: integer('time').notNull(),
  userId: integer('user_id').notNull(),
  userName: text('user_name').notNull(),
});

export type User = typeof users.$inferSelect;
