import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from './connection.ts';
import { codeOf } from './errors.ts';
import type { StoreLog } from './types.ts';

/** The migrations of a plugin cannot be applied; the message names plugin and file and says what is wrong. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

interface MigrationFile {
  name: string;
  sql: string;
  sha256: string;
}

const FILE_NAME = /^\d{4}_[a-z0-9_-]+\.sql$/;

/**
 * Applies what is new in `folder` (`NNNN_name.sql`, in the order of the numbers), each file in a transaction of its
 * own, and gives the names of the files applied. A folder that does not exist counts as empty.
 *
 * Every plugin has its own list in the table `migrations`, compared by content: drizzle's migrator compares only the
 * newest time, and so skips migrations silently when plugins share a table.
 * Throws `MigrationError`; files before the failing one stay applied.
 * @param attempt applies one file; it may try again
 */
export async function migrate(
  connection: Connection,
  plugin: string,
  folder: string,
  log?: Pick<StoreLog, 'info'>,
  attempt: (act: () => void) => Promise<void> = async (act) => act(),
): Promise<string[]> {
  const files = await readFolder(plugin, folder);
  connection.exec(`CREATE TABLE IF NOT EXISTS migrations (
    plugin TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL,
    PRIMARY KEY (plugin, name)
  ) WITHOUT ROWID`);
  const applied = connection
    .prepare('SELECT name, sha256 FROM migrations WHERE plugin = ? ORDER BY name')
    .all(plugin) as Pick<MigrationFile, 'name' | 'sha256'>[];
  const pending = compare(plugin, files, applied);
  const names = pending.map((file) => file.name);
  // Nothing else happens meanwhile: whoever waits for the box shall find out why.
  if (applied.length > 0 && names.length > 0) {
    log?.info(
      { module: plugin, migrations: names },
      'tables of a former version are changed; with many records this takes a while',
    );
  }
  for (const file of pending) await attempt(() => apply(connection, plugin, file));
  return names;
}

async function readFolder(plugin: string, folder: string): Promise<MigrationFile[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const files: MigrationFile[] = [];
  for (const name of names.filter((name) => name.endsWith('.sql')).sort()) {
    if (!FILE_NAME.test(name)) throw new MigrationError(`${plugin}: ${name} is not named like 0001_first.sql`);
    if (files.at(-1)?.name.slice(0, 4) === name.slice(0, 4)) {
      throw new MigrationError(`${plugin}: ${files.at(-1)?.name} and ${name} have the same number`);
    }
    const sql = await readFile(join(folder, name), 'utf8');
    files.push({ name, sql, sha256: createHash('sha256').update(sql).digest('hex') });
  }
  return files;
}

/** The files still to be applied, or a `MigrationError` when history was changed. */
function compare(
  plugin: string,
  files: MigrationFile[],
  applied: Pick<MigrationFile, 'name' | 'sha256'>[],
): MigrationFile[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  for (const { name, sha256 } of applied) {
    const file = byName.get(name);
    if (!file) {
      throw new MigrationError(
        `${plugin}: migration ${name} was applied to this database but its file is gone; is this an older version?`,
      );
    }
    if (file.sha256 !== sha256) {
      throw new MigrationError(
        `${plugin}: migration ${name} was changed after it was applied; undo that and write a new migration`,
      );
    }
    byName.delete(name);
  }
  const newest = applied.at(-1)?.name;
  const pending = [...byName.values()];
  const late = pending.find((file) => newest !== undefined && file.name < newest);
  if (late) {
    throw new MigrationError(`${plugin}: migration ${late.name} comes before ${newest}, which was applied already`);
  }
  return pending;
}

function apply(connection: Connection, plugin: string, file: MigrationFile): void {
  refuseControl(plugin, file);
  // SQLite's way to rebuild a table: with foreign keys on, dropping the old one would empty the tables that refer to it.
  connection.exec('PRAGMA foreign_keys = OFF');
  try {
    connection.exec('BEGIN IMMEDIATE');
    connection.exec(file.sql);
    checkResult(connection, plugin, file);
    connection
      .prepare('INSERT INTO migrations (plugin, name, sha256, applied_at) VALUES (?, ?, ?, ?)')
      .run(plugin, file.name, file.sha256, Date.now());
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK');
    if (error instanceof MigrationError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`${plugin}: migration ${file.name} failed and was undone: ${reason}`, { cause: error });
  } finally {
    connection.exec('PRAGMA foreign_keys = ON');
  }
}

function checkResult(connection: Connection, plugin: string, file: MigrationFile): void {
  const broken = connection.prepare('PRAGMA foreign_key_check').all() as { table: string; parent: string }[];
  if (broken[0]) {
    throw new MigrationError(
      `${plugin}: migration ${file.name} leaves ${broken.length} rows without their parent, ` +
        `the first in ${broken[0].table} (parent ${broken[0].parent})`,
    );
  }
  const deferred = connection
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%INITIALLY%DEFERRED%'")
    .get() as { name: string } | undefined;
  if (deferred) {
    throw new MigrationError(
      `${plugin}: migration ${file.name} makes a foreign key of ${deferred.name} INITIALLY DEFERRED; ` +
        'it would fail at the commit, and with it the other writes of the batch',
    );
  }
}

/** A file that ends its transaction could no longer be undone. */
function refuseControl(plugin: string, file: MigrationFile): void {
  const code = file.sql.replace(/--.*$|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"/gm, ' ');
  const word = /(?:^|;)\s*(begin|commit|rollback|savepoint|release|attach|detach|vacuum|pragma)\b/i.exec(code)?.[1];
  if (word) {
    throw new MigrationError(`${plugin}: migration ${file.name} contains ${word.toUpperCase()}, which is the store's`);
  }
}
