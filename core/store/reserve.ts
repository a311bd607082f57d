import { open, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './errors.ts';
import type { StoreLog } from './types.ts';

const BYTES = 16 * 1024 * 1024;

/**
 * A file (of 16 MiB) that is given up when the disk is full: deleting records writes to the database first, and so a
 * disk that is full to the last byte could not even be tidied up.
 */
export class Reserve {
  readonly #folder: string;
  readonly #file: string;
  readonly #log: StoreLog;
  readonly #bytes: number;

  constructor(folder: string, log: StoreLog, bytes = BYTES) {
    this.#folder = folder;
    this.#file = join(folder, 'reserve');
    this.#log = log;
    this.#bytes = bytes;
  }

  /** Makes the reserve when it is missing and there is room for it. Never throws. */
  async fill(): Promise<void> {
    try {
      const { bavail, bsize } = await statfs(this.#folder);
      if (bavail * bsize < 4 * this.#bytes) return;
      const file = await open(this.#file, 'wx', 0o600);
      try {
        const block = Buffer.alloc(64 * 1024);
        for (let written = 0; written < this.#bytes; written += block.length) await file.write(block);
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return;
      this.#log.warn({ err: error }, 'no space could be reserved for tidying up a full disk');
      await unlink(this.#file).catch(() => {});
    }
  }

  /** Gives the space up; false when there was none. */
  async release(): Promise<boolean> {
    try {
      await unlink(this.#file);
    } catch {
      return false;
    }
    this.#log.warn({ bytes: this.#bytes }, 'the disk is full; the reserved space was given up');
    return true;
  }
}
