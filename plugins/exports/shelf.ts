import { randomBytes } from 'node:crypto';
import { asc, count, eq, inArray, lt, type SQL, sum } from 'drizzle-orm';
import { instantToLocal } from '../../core/clock.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { ExportEntry, Exports } from '../../core/plugin/export-services.ts';
import type { BlobInput, Store, Tx } from '../../core/store/database.ts';
import type { RetentionPolicy } from '../../core/store/retention.ts';
import { addressName } from './address-name.ts';
import { endedBy, zipped } from './archive.ts';
import { type ExportKind, exportedFiles, exportShows } from './tables.ts';

/** Files of a kind that are kept at the same time; beyond either the oldest go before their day is over. */
export const MOST_KEPT = {
  archive: { files: 100, bytes: 4 * 1024 ** 3 },
  file: { files: 5_000, bytes: 512 * 1024 ** 2 },
  // Cut faces come by the dozen: a list keeps its day whatever becomes of them.
  picture: { files: 5_000, bytes: 512 * 1024 ** 2 },
} as const;
/** Archives that are made or wait to be made; whoever asks for more is told to come later. */
export const MOST_AT_ONCE = 4;
/** One that is not finished by then waits for something that never comes, ms. */
const DEADLINE_MS = 10 * 60 * 1000;
/** Keys one write job looks up: it holds the box's only writer. */
const BATCH = 500;

/** 32 signs that nobody takes for one another; 20 of them are 100 bits. */
const SIGNS = 'abcdefghijkmnpqrstuvwxyz23456789';
const PASSWORD_LENGTH = 20;

type AreaOfExport = Parameters<Exports['archive']>[1];

export interface ShelfOptions {
  owner: string;
  store: Store;
  now(): number;
  zone(): string;
}

/** A file that is being made. */
interface Making {
  kind: ExportKind;
  shows: ReadonlySet<string>;
  abort: AbortController;
  done: Promise<unknown>;
}

/** Files for download: made, kept for a day, and let go when somebody in them is erased. */
export class Shelf implements Exports {
  readonly #options: ShelfOptions;
  readonly #making = new Set<Making>();
  /** Addresses given in this second: a file that is gone already may still be leaving the disk. */
  #given = { second: '', paths: new Set<string>() };

  constructor(options: ShelfOptions) {
    this.#options = options;
  }

  /** @throws ContractError when too many archives are being made, or when this one is too large or was ended */
  async archive(
    kind: string,
    area: AreaOfExport,
    entries: AsyncIterable<ExportEntry>,
    shows: readonly string[],
  ): Promise<{ path: string; password: string }> {
    if ([...this.#making].filter((one) => one.kind === 'archive').length >= MOST_AT_ONCE) {
      throw new ContractError(CODE.unknownError, 'too many exports at once: try again in a minute');
    }
    const password = newPassword();
    const path = await this.#make('archive', shows, (signal) => ({
      path: this.#freshPath(addressName(kind).stem, '.zip'),
      bytes: zipped(endedBy(entries, signal), password),
      area,
      picture: true,
    }));
    return { path, password };
  }

  /** @throws ContractError when somebody it shows was erased meanwhile */
  async file(
    name: string,
    area: AreaOfExport,
    data: Uint8Array | string,
    shows: readonly string[],
    { picture = false }: { picture?: boolean } = {},
  ): Promise<{ path: string }> {
    const { stem, extension } = addressName(name);
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
    const path = await this.#make(picture ? 'picture' : 'file', shows, () => ({
      path: this.#freshPath(stem, extension),
      bytes,
      area,
      picture,
    }));
    return { path };
  }

  /** Forgets files that went while the plugin did not run. */
  async reconcile(): Promise<void> {
    const { store } = this.#options;
    const rows = store.read.select({ path: exportedFiles.path }).from(exportedFiles).all();
    const gone = rows.map(({ path }) => path).filter((path) => !store.blobs.find(path));
    for (let at = 0; at < gone.length; at += BATCH) {
      await store.write((tx) => removePaths(tx, gone.slice(at, at + BATCH)));
    }
  }

  async erase(shows: readonly string[]): Promise<number> {
    this.#abort(shows);
    let removed = 0;
    for (let from = 0; from < shows.length; from += BATCH) {
      const some = shows.slice(from, from + BATCH);
      const step = await this.#options.store.write((tx) => {
        // Whole databases are erased at once, and mostly nobody has exported anything.
        const isEmpty = !tx.select().from(exportShows).limit(1).get();
        return isEmpty ? undefined : removeShowing(tx, some);
      });
      if (step === undefined) break;
      removed += step;
    }
    return removed;
  }

  eraseIn(tx: Tx, shows: readonly string[]): number {
    this.#abort(shows);
    let removed = 0;
    for (let from = 0; from < shows.length; from += BATCH)
      removed += removeShowing(tx, shows.slice(from, from + BATCH));
    return removed;
  }

  /** Ends what is being made and shows one of these. */
  #abort(shows: readonly string[]): void {
    const gone = new ContractError(CODE.unknownError, 'somebody in this export was erased meanwhile: export it again');
    for (const making of this.#making) if (shows.some((one) => making.shows.has(one))) making.abort.abort(gone);
  }

  /** Files and bytes that are kept. */
  kept(): { files: number; bytes: number } {
    return this.#options.store.blobs.totals(this.#options.owner);
  }

  /** Ends what is being made; what was begun leaves nothing. */
  async stop(): Promise<void> {
    const stopping = new ContractError(CODE.unknownError, 'the export was ended: the box stops or its settings change');
    const making = [...this.#making];
    for (const { abort } of making) abort.abort(stopping);
    await Promise.allSettled(making.map(({ done }) => done));
  }

  /** Files go after a day, and the oldest ones when the disk fills up. */
  retentionPolicy(): RetentionPolicy {
    const { store, owner } = this.#options;
    const { read, blobs } = store;
    const { created } = exportedFiles;
    return {
      name: 'exports',
      keepDays: () => 1,
      removeOlderThan: (tx, time, limit) => removePaths(tx, oldest(tx, limit, lt(created, time))),
      removeOldest: (tx, limit) => removePaths(tx, oldest(tx, limit)),
      oldest: () => read.select({ created }).from(exportedFiles).orderBy(asc(created)).limit(1).get()?.created,
      bytes: () => blobs.totals(owner).bytes,
    };
  }

  /** Makes a file and gives its path; whatever ends it, nothing of it is left. */
  async #make(
    kind: ExportKind,
    shows: readonly string[],
    input: (signal: AbortSignal) => Omit<BlobInput, 'owner'>,
  ): Promise<string> {
    const abort = new AbortController();
    const late = new ContractError(CODE.unknownError, 'the export took too long: export it in parts');
    const timer = setTimeout(() => abort.abort(late), DEADLINE_MS);
    const done = this.#write(kind, shows, input(abort.signal), abort.signal);
    const making: Making = { kind, shows: new Set(shows), abort, done };
    this.#making.add(making);
    try {
      return await done;
    } finally {
      clearTimeout(timer);
      this.#making.delete(making);
    }
  }

  async #write(
    kind: ExportKind,
    shows: readonly string[],
    input: Omit<BlobInput, 'owner'>,
    signal: AbortSignal,
  ): Promise<string> {
    const { store, owner, now } = this.#options;
    const staged = await store.blobs.stage({ ...input, owner });
    const { path, size } = staged;
    const created = now();
    await store.write(
      (tx) => {
        // Erasing may have come between the last entry and now.
        signal.throwIfAborted();
        tx.insert(exportedFiles).values({ path, kind, size, created }).run();
        for (const one of new Set(shows)) tx.insert(exportShows).values({ shows: one, path }).run();
        tx.addBlob(staged);
        makeRoom(tx, kind, path);
      },
      { staged: [staged] },
    );
    return path;
  }

  /** `tmp/face_2026-01-31-12-00-00.zip`; the second one of a second ends in `_2`. */
  #freshPath(stem: string, extension: string): string {
    const { store, now, zone } = this.#options;
    const second = instantToLocal(now(), zone()).replace(/[ :]/g, '-');
    if (this.#given.second !== second) this.#given = { second, paths: new Set() };
    const { paths } = this.#given;
    for (let number = 1; ; number += 1) {
      const path = `tmp/${stem}_${second}${number === 1 ? '' : `_${number}`}${extension}`;
      if (paths.has(path) || store.blobs.find(path)) continue;
      paths.add(path);
      return path;
    }
  }
}

function newPassword(): string {
  return Array.from(randomBytes(PASSWORD_LENGTH), (byte) => SIGNS[byte % SIGNS.length]).join('');
}

function oldest(tx: Tx, limit: number, condition?: SQL): string[] {
  const { path, created } = exportedFiles;
  const rows = tx.select({ path }).from(exportedFiles).where(condition).orderBy(asc(created)).limit(limit).all();
  return rows.map((row) => row.path);
}

/** The oldest of a kind go until what is left is within its limits; the one that has just come stays. */
function makeRoom(tx: Tx, kind: ExportKind, newest: string): void {
  const { path, size, created } = exportedFiles;
  const limits = MOST_KEPT[kind];
  const ofKind = eq(exportedFiles.kind, kind);
  const totals = tx
    .select({ files: count(), bytes: sum(size).mapWith(Number) })
    .from(exportedFiles)
    .where(ofKind)
    .get();
  let { files, bytes } = { files: totals?.files ?? 0, bytes: totals?.bytes ?? 0 };
  while (files > limits.files || bytes > limits.bytes) {
    const [first] = tx.select({ path, size }).from(exportedFiles).where(ofKind).orderBy(asc(created)).limit(1).all();
    if (!first || first.path === newest) return;
    removePaths(tx, [first.path]);
    files -= 1;
    bytes -= first.size;
  }
}

function removeShowing(tx: Tx, shows: readonly string[]): number {
  const { path } = exportShows;
  const found = tx
    .selectDistinct({ path })
    .from(exportShows)
    .where(inArray(exportShows.shows, [...shows]))
    .all();
  return removePaths(
    tx,
    found.map((row) => row.path),
  );
}

function removePaths(tx: Tx, paths: string[]): number {
  if (paths.length === 0) return 0;
  tx.delete(exportShows).where(inArray(exportShows.path, paths)).run();
  tx.delete(exportedFiles).where(inArray(exportedFiles.path, paths)).run();
  for (const path of paths) tx.dropBlob(path);
  return paths.length;
}
