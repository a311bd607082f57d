import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import type { PasswordHasher } from './password-hash.ts';
import { oneTimePassword } from './password-rule.ts';

/**
 * Work on the accounts from the box's console, whether it runs or not: the store belongs to the running process, so
 * this opens the database beside it and leaves a note for it in `users_console_acts`.
 */

const DATABASE = 'gatehouse.db';
/** How long to wait while the box is writing, ms. */
const PATIENCE_MS = 10_000;

export interface ListedUser {
  id: number;
  name: string;
  role: string;
  must_change_password: number;
  last_login_at: number | null;
}

/** @throws Error that says what is wrong with the data folder */
export function listUsers(folder: string): ListedUser[] {
  return withDatabase(
    folder,
    (db) =>
      db
        .prepare('SELECT id, name, role, must_change_password, last_login_at FROM users ORDER BY id')
        .all([]) as ListedUser[],
  );
}

/**
 * Sets a one-time password, which must be changed at the next login, opens locks and ends the sessions of the account.
 * @param now wall clock, ms
 * @returns the password
 * @throws Error when there is no such account, or the data folder cannot be used
 */
export async function resetPassword(
  folder: string,
  name: string,
  hasher: PasswordHasher,
  now: number,
): Promise<string> {
  const password = oneTimePassword();
  const hash = await hasher.hash(password);
  withDatabase(folder, (db) => {
    db.exec('BEGIN IMMEDIATE');
    try {
      const user = db.prepare('SELECT id, name FROM users WHERE name = ?').get([name]) as
        | { id: number; name: string }
        | undefined;
      if (!user) throw new Error(`there is no user "${name}"; "list" shows them`);
      db.prepare(
        'UPDATE users SET password_hash = ?, password_version = password_version + 1, must_change_password = 1 ' +
          'WHERE id = ?',
      ).run([hash, BigInt(user.id)]);
      // The driver binds numbers as REAL and bigints as INTEGER.
      db.prepare('INSERT INTO users_console_acts (time, user_id, user_name) VALUES (?, ?, ?)').run([
        BigInt(now),
        BigInt(user.id),
        user.name,
      ]);
      db.exec('COMMIT');
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  });
  return password;
}

function withDatabase<T>(folder: string, use: (db: Database.Database) => T): T {
  const file = join(folder, DATABASE);
  if (!existsSync(file)) {
    throw new Error(`there is no ${file}: set GATEHOUSE_DATA_DIR to the box's data folder, or start the box once`);
  }
  const db = new Database(file);
  try {
    db.prepare(`PRAGMA busy_timeout = ${PATIENCE_MS}`).all([]);
    const known = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'users_console_acts'").get([]);
    if (!known) throw new Error(`${file} holds no accounts yet: start the box once`);
    return use(db);
  } finally {
    db.close();
  }
}
