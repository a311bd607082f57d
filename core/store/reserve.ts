import { open, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { asStoreError, codeOf, StoreFullError } from './errors.ts';
import type { StoreLog } from './types.ts';

const BYTES = 16 * 1024 * 1024;

/**
 * A file (of 16 MiB) that is given up when the disk is full: deleting records writes to the database first, and so a
 * disk that is full to the last byte could not even be tidied up. While it is given up no pictures are stored, or they
 * would take the space before anybody could use it.
 */
export class Reserve {
  readonly #folder: string;
  readonly #file: string;
  readonly #log: StoreLog;
  readonly #bytes: number;
  #out = false;
  #filling: Promise<boolean> | undefined;

  constructor(folder: string, log: StoreLog, bytes = BYTES) {
    this.#folder = folder;
    this.#file = join(folder, 'reserve');
    this.#log = log;
    this.#bytes = bytes;
  }

  /** It was given up and is not back yet, or there never was room for it. */
  get out(): boolean {
    return this.#out;
  }

  /** Makes the reserve when it is missing and there is room for it; whether it is there. Never throws. */
  fill(): Promise<boolean> {
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = undefined;
    });
    return this.#filling;
  }

  async #fill(): Promise<boolean> {
    try {
      if (!(await this.#isWhole())) {
        const { bavail, bsize } = await statfs(this.#folder);
        if (bavail * bsize < 4 * this.#bytes) return this.#noRoom();
        await this.#make();
      }
      if (this.#out) this.#log.info({ bytes: this.#bytes }, 'there is space again; the reserve is back');
      this.#out = false;
      return true;
    } catch (error) {
      await unlink(this.#file).catch(() => {});
      const reason = asStoreError(error);
      if (reason instanceof StoreFullError && reason.reason === 'full') return this.#noRoom();
      // Without it the box does what it can: what ails the disk shows at the captures themselves.
      this.#log.warn({ err: error }, 'no space could be reserved for tidying up a full disk');
      return false;
    }
  }

  /** Whether it lies there. What a crash left of it is removed. */
  async #isWhole(): Promise<boolean> {
    const found = await stat(this.#file).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (found === undefined) return false;
    if (found.size >= this.#bytes) return true;
    await unlink(this.#file);
    return false;
  }

  async #make(): Promise<void> {
    const file = await open(this.#file, 'wx', 0o600);
    try {
      const block = Buffer.alloc(64 * 1024);
      for (let written = 0; written < this.#bytes; ) written += (await file.write(block)).bytesWritten;
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** A start on a full disk finds none either: what is left of the space belongs to people there, too. */
  #noRoom(): false {
    if (!this.#out) {
      this.#log.warn({ bytes: this.#bytes }, 'there is no room for the reserve; no captures are stored until there is');
    }
    this.#out = true;
    return false;
  }

  /**
   * Runs what must succeed on a full disk, too: where it fails for that it runs once more, with the reserve given up.
   * A disk without a byte left may show as one that does not write.
   */
  async lend<T>(act: () => T | Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      if (asStoreError(error) instanceof StoreFullError && (await this.release())) return act();
      throw error;
    }
  }

  /** Gives the space up; false when there was none. */
  async release(): Promise<boolean> {
    // One that is being made would count as there although its file is gone.
    await this.#filling;
    try {
      await unlink(this.#file);
    } catch {
      return false;
    }
    this.#out = true;
    this.#log.warn({ bytes: this.#bytes }, 'the disk is full; the reserved space was given up');
    return true;
  }
}
