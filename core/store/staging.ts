import { mkdirSync, renameSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SharedRun, Turns } from '../concurrency.ts';
import { pathOfStagingName, stagingName } from './blob-path.ts';
import { asStoreError, codeOf, StoreBusyError } from './errors.ts';
import type { StoreLog } from './types.ts';

/** Files written at once: enough to keep the disk busy, without taking every one of libuv's 16 threads for long. */
const AT_ONCE = 12;
/** Streams (exports) last as long as their source; they have places of their own, so that captures never wait for them. */
const STREAMS_AT_ONCE = 2;
/** Bytes that may wait to be written. */
const BYTES_WAITING = 256 * 1024 * 1024;

/**
 * Where files wait until the row that names them is committed: `<folder>/staged/<path with ~ for />`.
 *
 * The folder is the journal. A file is durable here before its row is committed, and is renamed to its place after
 * the commit; the rename itself need not be synced. So whatever a crash leaves here is decided by one question at
 * the next start: is there a row for it? No scan of a million pictures, no journal file, and one directory to sync
 * for all writers instead of one for each camera.
 */
export class Staging {
  readonly #root: string;
  readonly #folder: string;
  readonly #handle: FileHandle;
  readonly #known = new Set<string>();
  readonly #turns = new Turns(AT_ONCE);
  readonly #streamTurns = new Turns(STREAMS_AT_ONCE);
  readonly #syncs: SharedRun;
  /** Discarded files being unlinked; their path may be staged again after that. */
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #log: StoreLog;
  #bytesWaiting = 0;

  private constructor(root: string, folder: string, handle: FileHandle, log: StoreLog) {
    this.#root = root;
    this.#folder = folder;
    this.#handle = handle;
    this.#log = log;
    this.#syncs = new SharedRun(() => handle.sync());
  }

  static async open(root: string, log: StoreLog): Promise<Staging> {
    const folder = join(root, 'staged');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new Staging(root, folder, await open(folder, 'r'), log);
  }

  /** Where a blob lies once it was settled. */
  place(path: string): string {
    return join(this.#root, path);
  }

  /** Where a blob lies until then. */
  waitingPlace(path: string): string {
    return join(this.#folder, stagingName(path));
  }

  /**
   * Writes `bytes` so that they survive a power cut, and gives their number. Throws `StoreBusyError`,
   * `StoreFullError`, RangeError (more than `mostBytes`), or a plain Error when `path` is staged already.
   */
  async put(path: string, bytes: Uint8Array | AsyncIterable<Uint8Array>, mostBytes: number): Promise<number> {
    const expected = bytes instanceof Uint8Array ? bytes.byteLength : 0;
    if (expected > mostBytes) throw new RangeError(`${path} has ${expected} bytes, more than ${mostBytes}`);
    if (this.#bytesWaiting + expected > BYTES_WAITING) throw new StoreBusyError('too many pictures wait to be written');
    this.#bytesWaiting += expected;
    try {
      const turns = bytes instanceof Uint8Array ? this.#turns : this.#streamTurns;
      const size = await turns.take(() => this.#write(path, bytes, mostBytes));
      await this.#syncs.run().catch(async (error: unknown) => {
        await this.discard(path);
        throw error;
      });
      return size;
    } catch (error) {
      throw asStoreError(error);
    } finally {
      this.#bytesWaiting -= expected;
    }
  }

  async #write(path: string, bytes: Uint8Array | AsyncIterable<Uint8Array>, mostBytes: number): Promise<number> {
    await this.#leaving.get(path);
    await this.#makePlace(path);
    const file = await open(this.waitingPlace(path), 'wx', 0o600).catch((error: unknown) => {
      if (codeOf(error) === 'EEXIST') throw new Error(`${path} is being stored already`);
      throw error;
    });
    try {
      let size = 0;
      for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
        size += chunk.byteLength;
        if (size > mostBytes) throw new RangeError(`${path} has more than ${mostBytes} bytes`);
        await writeAll(file, chunk);
      }
      await file.datasync();
      // It is on the disk: nothing waits for the descriptor.
      void file.close().catch(() => {});
      return size;
    } catch (error) {
      await file.close().catch(() => {});
      await this.discard(path);
      throw error;
    }
  }

  /** Makes the folder of the final place now, so that the rename after the commit has little left to fail on. */
  async #makePlace(path: string): Promise<void> {
    const folder = dirname(this.place(path));
    if (this.#known.has(folder)) return;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    this.#known.add(folder);
  }

  /** Moves a committed blob to its place. Synchronous: nobody may see the row before the file. */
  settle(path: string): void {
    try {
      renameSync(this.waitingPlace(path), this.place(path));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      mkdirSync(dirname(this.place(path)), { recursive: true, mode: 0o700 });
      renameSync(this.waitingPlace(path), this.place(path));
    }
  }

  /** Removes a staged file whose row will not come. Never throws: what stays is removed at the next start. */
  discard(path: string): Promise<void> {
    const leaving = unlink(this.waitingPlace(path))
      .catch((error: unknown) => {
        if (codeOf(error) !== 'ENOENT') this.#log.warn({ err: error, path }, 'a staged file could not be removed');
      })
      .finally(() => this.#leaving.delete(path));
    this.#leaving.set(path, leaving);
    return leaving;
  }

  /** Resolves when every discarded file is gone. */
  async idle(): Promise<void> {
    await Promise.all(this.#leaving.values());
  }

  /** What an earlier process left: paths, and names that are not the store's. */
  async leftOvers(): Promise<{ paths: string[]; strange: string[] }> {
    const names = await readdir(this.#folder);
    const paths: string[] = [];
    const strange: string[] = [];
    for (const name of names) {
      const path = pathOfStagingName(name);
      if (path === undefined) strange.push(name);
      else paths.push(path);
    }
    return { paths, strange };
  }

  async close(): Promise<void> {
    await this.idle();
    await this.#handle.close();
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.byteLength; ) {
    const { bytesWritten } = await file.write(bytes, at, bytes.byteLength - at);
    at += bytesWritten;
  }
}
