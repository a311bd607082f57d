import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'gatehouse-run-';
/** The socket in it. */
export const SOCKET = 'socket';

/**
 * Makes a folder only this user can enter, where a child finds its supervisor. It stands in the folder that systemd gives
 * a service for this, which nobody tidies, else among the temporary files: the path of a Unix socket may hold no more than
 * some 100 characters.
 */
export async function makeMeetingFolder(parent = process.env['RUNTIME_DIRECTORY'] || tmpdir()): Promise<string> {
  await sweep(parent);
  return mkdtemp(join(parent, PREFIX));
}

/** Removes folders of cores that were killed: their sockets refuse everybody. */
async function sweep(parent: string): Promise<void> {
  const names = (await readdir(parent).catch(() => [])).filter((name) => name.startsWith(PREFIX));
  for (const name of names) {
    const folder = join(parent, name);
    if (await refuses(join(folder, SOCKET))) await rm(folder, { recursive: true, force: true }).catch(() => {});
  }
}

function refuses(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    // One without a socket is just being made; one of another user is not ours to judge.
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}
