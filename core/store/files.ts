import { chmod, mkdir, open, stat } from 'node:fs/promises';
import { codeOf } from './errors.ts';
import type { StoreLog } from './types.ts';

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder only the box's own user can enter, or tightens the one that is there. */
export async function makePrivateFolder(folder: string, log: StoreLog): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const mode = (await stat(folder)).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  await chmod(folder, 0o700);
  log.warn({ folder, mode: mode.toString(8) }, 'others could enter the data folder; its permissions were tightened');
}

/**
 * Makes a file only the box's own user can read, or tightens the one that is there; SQLite gives its log the same mode.
 * An existing file is not opened: closing any descriptor of a database drops the locks this process holds on it.
 */
export async function makePrivateFile(file: string): Promise<void> {
  try {
    await chmod(file, 0o600);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    const handle = await open(file, 'ax', 0o600);
    await handle.close();
  }
}
