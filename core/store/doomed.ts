import { unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { inArray } from 'drizzle-orm';
import { SharedRun, Turns } from '../concurrency.ts';
import type { Connection } from './connection.ts';
import { codeOf } from './errors.ts';
import { syncFolder } from './files.ts';
import type { Staging } from './staging.ts';
import { doomedBlobs } from './tables.ts';
import type { StoreLog } from './types.ts';
import type { JobDb } from './write-queue.ts';

const PAGE = 500;
/** Unlinking takes a millisecond on some disks: not on the event loop, and not with every thread of the pool. */
const AT_ONCE = 4;

/**
 * Unlinks the files in `doomed_blobs`, and only then forgets them. The table is the list of work, so nothing is lost
 * by a crash and a million deletions take no memory. The folders are synced before a row goes, or a power cut could
 * bring back a picture nobody knows of.
 */
export class Doomed {
  readonly #read: Connection;
  readonly #staging: Staging;
  readonly #write: (job: (tx: JobDb) => void) => Promise<void>;
  readonly #log: StoreLog;
  readonly #passes: SharedRun;
  readonly #turns = new Turns(AT_ONCE);
  #pass: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(read: Connection, staging: Staging, write: (job: (tx: JobDb) => void) => Promise<void>, log: StoreLog) {
    this.#read = read;
    this.#staging = staging;
    this.#write = write;
    this.#log = log;
    this.#passes = new SharedRun(async () => {
      // A commit tells its jobs one after the other: first all of their files are in their places.
      await Promise.resolve();
      await this.#all();
    });
  }

  /** Starts on what is doomed by now. Failures are logged; the next call or the next start tries again. */
  kick(): void {
    if (this.#closed) return;
    this.#pass = this.#passes.run().catch((error: unknown) => {
      if (!this.#closed) this.#log.error({ err: error }, 'deleted pictures could not be removed; will be tried again');
    });
  }

  /** Resolves when everything doomed so far was tried. */
  idle(): Promise<void> {
    return this.#pass;
  }

  /** Ends after the page in hand. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#pass;
  }

  async #all(): Promise<void> {
    const next = this.#read.prepare('SELECT path FROM doomed_blobs WHERE path > ? ORDER BY path LIMIT ?');
    let last = '';
    while (!this.#closed) {
      const page = next.all(last, PAGE).map((row) => (row as { path: string }).path);
      if (page.length === 0) return;
      last = page.at(-1) ?? last;
      const gone = await this.#unlink(page);
      if (gone.length > 0) {
        await this.#write((tx) => void tx.delete(doomedBlobs).where(inArray(doomedBlobs.path, gone)).run());
      }
    }
  }

  /** Unlinks files and gives the paths of those that are surely gone. */
  async #unlink(paths: string[]): Promise<string[]> {
    const gone: string[] = [];
    const folders = new Set<string>();
    await Promise.all(
      paths.map((path) =>
        this.#turns.take(async () => {
          try {
            // A crash, or a full disk, can leave it in the staging folder. Looked for in the order it moves: the other
            // way round it could pass between the two looks, and stay for ever.
            for (const file of [this.#staging.waitingPlace(path), this.#staging.place(path)]) {
              if (await removed(file)) folders.add(dirname(file));
            }
            gone.push(path);
          } catch (error) {
            this.#log.warn({ err: error, path }, 'a deleted picture could not be removed');
          }
        }),
      ),
    );
    for (const folder of folders) await syncFolder(folder);
    return gone;
  }
}

/** Unlinks a file; false when there was none. */
async function removed(file: string): Promise<boolean> {
  try {
    await unlink(file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
