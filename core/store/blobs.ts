import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { blobPath, isBlobPath } from './blob-path.ts';
import type { BlobInput, BlobRow, BlobTotals, BlobTx, OpenBlob, StagedBlob } from './blob-types.ts';
import type { Connection } from './connection.ts';
import { Doomed } from './doomed.ts';
import type { SqlClient } from './drizzle-libsql.ts';
import { codeOf, StoreFullError, WriteJobError } from './errors.ts';
import type { JobFate } from './job-scope.ts';
import type { Reserve } from './reserve.ts';
import { Sequence } from './sequence.ts';
import { Staging } from './staging.ts';
import { OpenFile, type StoredRow, toRow } from './stored-blob.ts';
import type { StoreClock, StoreLog } from './types.ts';
import type { JobDb } from './write-queue.ts';

const LARGEST = 1024 * 1024 * 1024;
/** A staged file that nobody added to a row for so long belongs to a caller that failed between the two. */
const FORGOTTEN_MS = 60 * 60 * 1000;

/**
 * Pictures and other files, each with a row in `blobs`. The one place where a row and its file come and go together:
 * `stage` makes the file durable, `tx.addBlob` commits its row, `tx.dropBlob` removes both.
 * A path is not used again while its deleted file is being removed.
 */
export class Blobs {
  readonly #read: Connection;
  readonly #staging: Staging;
  readonly #doomed: Doomed;
  readonly #numbers: Sequence;
  readonly #clock: StoreClock;
  readonly #steady: () => number;
  readonly #log: StoreLog;
  readonly #reserve: Reserve;
  readonly #live = new Set<Staged>();

  private constructor(parts: {
    read: Connection;
    staging: Staging;
    doomed: Doomed;
    numbers: Sequence;
    clock: StoreClock;
    steady: () => number;
    log: StoreLog;
    reserve: Reserve;
  }) {
    this.#read = parts.read;
    this.#staging = parts.staging;
    this.#doomed = parts.doomed;
    this.#numbers = parts.numbers;
    this.#clock = parts.clock;
    this.#steady = parts.steady;
    this.#log = parts.log;
    this.#reserve = parts.reserve;
  }

  /** Opens the blob store and finishes what a crash left. `write` is the store's queue. */
  static async open(parts: {
    folder: string;
    read: Connection;
    write: <T>(job: (tx: JobDb) => T) => Promise<T>;
    clock: StoreClock;
    steady: () => number;
    log: StoreLog;
    reserve: Reserve;
  }): Promise<Blobs> {
    const { folder, read, write, clock, steady, log, reserve } = parts;
    const numbers = await Sequence.open('blob', write, log);
    const staging = await Staging.open(folder, log);
    const doomed = new Doomed(read, staging, write, log);
    const blobs = new Blobs({ read, staging, doomed, numbers, clock, steady, log, reserve });
    await blobs.#sweepOrphans();
    doomed.kick();
    return blobs;
  }

  /** A number for a path, never given twice. */
  nextNumber(): number {
    return this.#numbers.next();
  }

  /**
   * Writes a file durably. Throws TypeError for a bad path, `StoreBusyError`, `StoreFullError`, or an Error when the
   * path is being stored already.
   */
  async stage(input: BlobInput): Promise<StagedBlob> {
    const path = blobPath(input.path);
    if (this.#reserve.out && !(await this.#reserve.fill())) {
      throw new StoreFullError('full', new Error('the reserve is given up'));
    }
    const size = await this.#staging.put(path, input.bytes, LARGEST);
    const row: BlobRow = {
      path,
      size,
      owner: input.owner,
      area: input.area,
      picture: input.picture ?? true,
      createdAt: this.#clock.now(),
    };
    const staged = new Staged(row, this.#steady(), (gone) => this.#discard(gone));
    this.#live.add(staged);
    return staged;
  }

  /** The row of a stored file, by its exact path; undefined for anything else, hostile paths included. */
  find(path: string): BlobRow | undefined {
    if (!isBlobPath(path)) return undefined;
    const found = this.#read.prepare('SELECT * FROM blobs WHERE path = ?').get(path);
    return found === undefined ? undefined : toRow(found as StoredRow);
  }

  /** Files for download, with whom they belong to. */
  downloads(): Pick<BlobRow, 'path' | 'owner'>[] {
    // As a range of the key: no other file is looked at.
    const all = "SELECT path, owner FROM blobs WHERE path > 'tmp/' AND path < 'tmp0'";
    return this.#read.prepare(all).all() as Pick<BlobRow, 'path' | 'owner'>[];
  }

  /** Opens a stored file; undefined when there is none, or when its file is missing or damaged (which is logged). */
  async open(path: string): Promise<OpenBlob | undefined> {
    const row = this.find(path);
    if (!row) return undefined;
    const handle = await this.#openFile(path);
    if (handle && (await handle.stat()).size === row.size) return new OpenFile(row, handle);
    await handle?.close();
    // It may have been deleted between the two looks.
    if (this.find(path)) this.#log.error({ path }, handle ? 'a stored file is damaged' : 'a stored file is missing');
    return undefined;
  }

  /**
   * Reads a stored file for whoever has pinned it, also one that is dropped for everybody else; undefined when it is gone
   * or damaged.
   */
  async readPinned(path: string): Promise<Uint8Array | undefined> {
    if (!isBlobPath(path)) return undefined;
    const size = this.#sizeOf(path);
    if (size === undefined) return undefined;
    const handle = await this.#openFile(path);
    if (!handle) return undefined;
    try {
      // Mostly in one read, which tells a longer file, too: `readFile` asks for the size first, and for the end afterwards.
      const room = Buffer.allocUnsafe(size + 1);
      let known = 0;
      for (let more = 1; more > 0 && known < size; known += more) {
        more = (await handle.read(room, known, room.length - known, known)).bytesRead;
      }
      return known === size ? room.subarray(0, size) : undefined;
    } finally {
      // Nobody waits for it: closing what was only read cannot go wrong in a way that matters.
      handle.close().catch(() => {});
    }
  }

  /** Files that are dropped and only kept for whoever has pinned them. */
  heldTotals(): BlobTotals {
    const sum = 'SELECT count(*) AS files, coalesce(sum(held), 0) AS bytes FROM blob_pins WHERE held IS NOT NULL';
    return this.#read.prepare(sum).get() as BlobTotals;
  }

  /** Files and bytes of one owner, or of all. */
  totals(owner?: string): BlobTotals {
    const sum = 'SELECT coalesce(sum(files), 0) AS files, coalesce(sum(bytes), 0) AS bytes FROM blob_totals';
    const found = owner ? this.#read.prepare(`${sum} WHERE owner = ?`).get(owner) : this.#read.prepare(sum).get();
    return found as BlobTotals;
  }

  /** Tries again what could not be removed, and gives up staged files that were forgotten. */
  maintain(): void {
    const oldest = this.#steady() - FORGOTTEN_MS;
    for (const staged of this.#live) if (staged.since < oldest) staged.discard();
    this.#doomed.kick();
  }

  /** Resolves when every deletion begun so far was tried. */
  async idle(): Promise<void> {
    await this.#doomed.idle();
    await this.#staging.idle();
  }

  /** First half of closing, while rows can still be written. */
  async finish(): Promise<void> {
    await this.#doomed.close();
  }

  /** Second half, after the last write. */
  async close(): Promise<void> {
    for (const staged of this.#live) staged.discard();
    await this.#staging.close();
  }

  /** What a write job can do with files. */
  inJob(fate: JobFate, client: SqlClient): BlobTx {
    return {
      addBlob: (staged) => {
        if (!(staged instanceof Staged) || staged.state !== 'waiting') {
          throw new WriteJobError(`${staged.path} is not waiting for a row: it was added or discarded already`);
        }
        const { path, size, owner, area, picture, createdAt } = staged.row;
        const leaving =
          'SELECT 1 FROM doomed_blobs WHERE path = ? UNION ALL SELECT 1 FROM blob_pins WHERE path = ? AND held IS NOT NULL';
        if (client.prepare(leaving).get(path, path)) {
          throw new WriteJobError(`${path} is being deleted: store the new file under a new path`);
        }
        client
          .prepare('INSERT INTO blobs VALUES (?, ?, ?, ?, ?, ?)')
          .run(path, size, owner, area ?? null, picture, createdAt);
        staged.state = 'adding';
        fate.onCommit(() => this.#settle(staged));
        fate.onRollback(() => this.#discard(staged));
      },
      dropBlob: (path) => {
        const size = client.prepare('SELECT size FROM blobs WHERE path = ?').get(path) as { size: number } | undefined;
        if (!size) return false;
        client.prepare('DELETE FROM blobs WHERE path = ?').run(path);
        if (client.prepare('UPDATE blob_pins SET held = ? WHERE path = ?').run(size.size, path).changes === 0) {
          this.#doom(path, fate, client);
        }
        return true;
      },
      pinBlob: (path) => {
        client
          .prepare('INSERT INTO blob_pins (path, pins) VALUES (?, 1) ON CONFLICT (path) DO UPDATE SET pins = pins + 1')
          .run(path);
      },
      unpinBlobs: (paths) => {
        const all = JSON.stringify(paths);
        const named = 'SELECT value, count(*) AS times FROM json_each(?) GROUP BY value';
        client
          .prepare(
            `UPDATE blob_pins SET pins = pins - times FROM (${named}) AS named WHERE blob_pins.path = named.value`,
          )
          .run(all);
        const last = 'pins <= 0 AND path IN (SELECT value FROM json_each(?))';
        const held = client.prepare(`SELECT path FROM blob_pins WHERE held IS NOT NULL AND ${last}`).all(all);
        client.prepare(`DELETE FROM blob_pins WHERE ${last}`).run(all);
        for (const { path } of held as { path: string }[]) this.#doom(path, fate, client);
      },
    };
  }

  #doom(path: string, fate: JobFate, client: SqlClient): void {
    client.prepare('INSERT INTO doomed_blobs (path) VALUES (?)').run(path);
    fate.onCommit(() => this.#doomed.kick());
  }

  /** Size of a stored file, or of one that is dropped and pinned. */
  #sizeOf(path: string): number | undefined {
    const [size] = this.#read.prepare('SELECT size FROM blobs WHERE path = ?').raw().get(path) ?? [];
    return (size as number | undefined) ?? this.#held(path);
  }

  /** Size of a file that is dropped and pinned. */
  #held(path: string): number | undefined {
    const found = this.#read.prepare('SELECT held FROM blob_pins WHERE path = ?').get(path);
    return (found as { held: number | null } | undefined)?.held ?? undefined;
  }

  #settle(staged: Staged): void {
    staged.state = 'kept';
    this.#live.delete(staged);
    this.#moveToPlace(staged.path);
  }

  #moveToPlace(path: string): void {
    try {
      this.#staging.settle(path);
    } catch (error) {
      // It is safe where it lies, is read from there, and the next start tries again.
      this.#log.warn({ err: error, path }, 'a stored file could not be moved to its place');
    }
  }

  #discard(staged: Staged): void {
    if (staged.state === 'kept' || staged.state === 'discarded') return;
    staged.state = 'discarded';
    this.#live.delete(staged);
    void this.#staging.discard(staged.path);
  }

  async #openFile(path: string): Promise<FileHandle | undefined> {
    for (const file of [this.#staging.place(path), this.#staging.waitingPlace(path)]) {
      try {
        return await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
      }
    }
    return undefined;
  }

  /** Settles or removes what a crash left in the staging folder. */
  async #sweepOrphans(): Promise<void> {
    const { paths, strange } = await this.#staging.leftOvers();
    if (strange.length > 0)
      this.#log.warn({ files: strange.slice(0, 10) }, 'files in staged/ that the store did not make');
    let orphans = 0;
    for (const path of paths) {
      if (this.find(path) || this.#held(path) !== undefined) this.#moveToPlace(path);
      else {
        orphans++;
        await this.#staging.discard(path);
      }
    }
    if (paths.length > 0)
      this.#log.info({ moved: paths.length - orphans, removed: orphans }, 'unfinished files settled');
  }
}

class Staged implements StagedBlob {
  readonly row: BlobRow;
  /** ms of the steady clock: the wall clock may be set while a file waits. */
  readonly since: number;
  state: 'waiting' | 'adding' | 'kept' | 'discarded' = 'waiting';
  readonly #giveUp: (staged: Staged) => void;

  constructor(row: BlobRow, since: number, giveUp: (staged: Staged) => void) {
    this.row = row;
    this.since = since;
    this.#giveUp = giveUp;
  }

  get path(): string {
    return this.row.path;
  }

  get size(): number {
    return this.row.size;
  }

  discard(): void {
    if (this.state === 'waiting') this.#giveUp(this);
  }
}
