import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { and, asc, eq, inArray, notBetween, type SQL } from 'drizzle-orm';
import type { Logger } from 'pino';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { AlarmArchive } from '../../core/plugin/alarm-services.ts';
import type { CaptureArchive, EnrolledPicture } from '../../core/plugin/capture-services.ts';
import type { Clock } from '../../core/plugin/contract.ts';
import { type Exports, exportKey } from '../../core/plugin/export-services.ts';
import type { Outbox } from '../../core/plugin/push-services.ts';
import type { CameraDatabases } from '../../core/plugin/services.ts';
import type { Store, Tx } from '../../core/store/database.ts';
import type { Absentees } from './absentees.ts';
import type { Databases } from './databases.ts';
import type { KnownFaces } from './known-faces.ts';
import { removeImages } from './rows.ts';
import type { PortraitDatabase, Receipt } from './shapes.ts';
import { portraitDatabases, portraitErasures, portraitImages } from './tables.ts';

/** People one write job erases: it holds the box's only writer. */
const STEP = 100;
/**
 * What a camera saw before somebody was erased may be stored after it: so much later everything is looked through once
 * more. Comparisons have deadlines of seconds.
 */
const AFTERMATH_MS = 60_000;

export interface ErasureParts {
  store: Store;
  databases: Databases;
  absentees: Absentees;
  known: KnownFaces;
  clock: Pick<Clock, 'now'>;
  log: Pick<Logger, 'info' | 'warn'>;
  /** Services that may come and go. */
  bindings(): Pick<CameraDatabases, 'boundIn'> | undefined;
  captures(): CaptureArchive | undefined;
  alarms(): AlarmArchive | undefined;
  outbox(): Pick<Outbox, 'erase'> | undefined;
  exports(): Exports | undefined;
  /** Pictures of these numbers are no longer stored. */
  left(ids: readonly number[]): void;
  /** They left a database: whoever keeps something of them lets it go. */
  erased(libId: number, imgIds: string[]): void;
}

/** Somebody who has left a database. */
type Gone = Pick<typeof portraitImages.$inferSelect, 'imgId' | 'imgPath' | 'takenFrom'>;

/**
 * Removes people with everything the box has of them. Rows, pictures and embeddings go in one job, which also notes whom
 * it removed: what a crash keeps from being removed elsewhere is made up for by `sweep`.
 */
export class Erasure {
  readonly #parts: ErasureParts;
  /** Databases that are being emptied. */
  readonly #emptying = new Map<number, Promise<Receipt>>();
  #sweeping: Promise<void> | undefined;

  constructor(parts: ErasureParts) {
    this.#parts = parts;
  }

  /**
   * @param noted called when all of them are out of the database, with a note of what others have of them
   * @throws ContractError -117, -126 none of them is there
   */
  async erase(libId: number, imgIds: readonly string[], noted?: () => void): Promise<Receipt> {
    const database = this.#parts.databases.need(libId);
    const receipt = emptyReceipt();
    for (let at = 0; at < imgIds.length; at += STEP) {
      const step = imgIds.slice(at, at + STEP);
      const last = at + STEP >= imgIds.length;
      const which = { these: inArray(portraitImages.imgId, step), from: database };
      await this.#eraseSome(libId, which, receipt, last ? noted : undefined);
    }
    if (receipt.pictures === 0) throw new ContractError(CODE.noSuchImage);
    this.#parts.log.info({ ...receipt }, 'people were erased');
    return receipt;
  }

  /**
   * @param alsoBound one that a camera compares with, too
   * @param noted called when it is gone for everybody
   * @throws ContractError -117, -123
   */
  async eraseDatabase(
    libId: number,
    { alsoBound = false, noted }: { alsoBound?: boolean; noted?: () => void } = {},
  ): Promise<Receipt> {
    const { store, databases, absentees, bindings, log } = this.#parts;
    // From here on it is gone for everybody, and its name is free.
    await store.write((tx) => {
      const database = databases.needIn(tx, libId);
      if (!alsoBound && bindings()?.boundIn(tx, libId)) throw new ContractError(CODE.databaseBoundToCamera);
      // Whoever brought it takes it away whatever compares with it, and may bring everybody again.
      if (!alsoBound) absentees.noteAll(tx, database);
      tx.update(portraitDatabases)
        .set({ leaving: true, libName: `leaving ${randomUUID()}` })
        .where(eq(portraitDatabases.libId, libId))
        .run();
    });
    noted?.();
    const receipt = await this.#empty(libId);
    log.info({ ...receipt }, 'a portrait database was erased');
    return receipt;
  }

  /** Finishes what was interrupted, and looks once more for what came after an erasure. To be called now and then. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweepAll().finally(() => {
      this.#sweeping = undefined;
    });
    return this.#sweeping;
  }

  async #sweepAll(): Promise<void> {
    const { store } = this.#parts;
    const { libId } = portraitDatabases;
    const leaving = store.read
      .select({ libId })
      .from(portraitDatabases)
      .where(eq(portraitDatabases.leaving, true))
      .all();
    for (const database of leaving) await this.#empty(database.libId);
    // Without the archive of captures nothing can be said of them: the notes are kept until it is there.
    while (this.#parts.captures() && (await this.#sweepSome())) await nextTurn();
  }

  /** Removes a database that nobody is put into any more. */
  #empty(libId: number): Promise<Receipt> {
    const known = this.#emptying.get(libId);
    if (known) return known;
    const emptying = this.#emptyInSteps(libId).finally(() => this.#emptying.delete(libId));
    this.#emptying.set(libId, emptying);
    return emptying;
  }

  async #emptyInSteps(libId: number): Promise<Receipt> {
    const receipt = emptyReceipt();
    while ((await this.#eraseSome(libId, undefined, receipt)) > 0) await nextTurn();
    await this.#parts.store.write((tx) => {
      tx.delete(portraitDatabases).where(eq(portraitDatabases.libId, libId)).run();
    });
    await this.#parts.known.removeLibrary(libId);
    return receipt;
  }

  /**
   * Erases some of those that fit, adds them to the receipt and gives their number.
   * @param which undefined: everybody, since the database goes
   */
  async #eraseSome(
    libId: number,
    which: { these: SQL; from: PortraitDatabase } | undefined,
    receipt: Receipt,
    noted?: () => void,
  ): Promise<number> {
    const { store, known, absentees, left } = this.#parts;
    let forgotten: Promise<void> = Promise.resolve();
    const { people, embeddings } = await store.write((tx) => {
      const { id, imgId, imgPath, takenFrom } = portraitImages;
      const rows = tx
        .select({ id, imgId, imgPath, takenFrom })
        .from(portraitImages)
        .where(and(eq(portraitImages.libId, libId), which?.these))
        .orderBy(asc(id))
        .limit(STEP)
        .all();
      const removed = removeImages(tx, rows);
      this.#note(tx, libId, rows);
      if (which) absentees.note(tx, which.from, imgIdsOf(rows));
      this.#parts.databases.counted(tx, libId, -rows.length);
      tx.afterCommit(() => {
        const ids = rows.map((row) => row.id);
        left(ids);
        forgotten = known.remove(ids);
      });
      return { people: rows, embeddings: removed };
    });
    if (people.length === 0) return 0;
    noted?.();
    await forgotten;
    receipt.pictures += people.length;
    receipt.embeddings += embeddings;
    await this.#letGo(libId, people, receipt);
    return people.length;
  }

  #note(tx: Tx, libId: number, people: readonly Gone[]): void {
    const erasedAt = this.#parts.clock.now();
    for (const { imgId, imgPath, takenFrom } of people) {
      tx.insert(portraitErasures).values({ libId, imgId, imgPath, erasedAt, takenFrom }).run();
    }
  }

  /** What others have of them goes, and is added to the receipt. What fails here is tried again by `sweep`. */
  async #letGo(libId: number, people: readonly Gone[], receipt: Receipt): Promise<void> {
    const { captures, alarms, outbox, exports, erased, log } = this.#parts;
    const imgIds = imgIdsOf(people);
    const keys = imgIds.map((imgId) => exportKey(libId, imgId));
    const counted = async (what: 'alarms' | 'messages' | 'exports', act: () => Promise<number> | undefined) => {
      receipt[what] += (await act()) ?? 0;
    };
    const tried = async (what: string, act: () => Promise<void>) => {
      try {
        await act();
      } catch (error) {
        receipt.unfinished = true;
        log.warn({ err: error }, `${what} of people who were erased could not be removed yet`);
      }
    };
    // Asked for before others hear of it: who hears it lets go of the same, and only who removes it first can count it.
    const first = [
      tried('messages', () => counted('messages', () => outbox()?.erase(keys))),
      tried('alarms', () => counted('alarms', () => alarms()?.eraseOf(keys))),
    ];
    erased(libId, imgIds);
    await Promise.all(first);
    await tried('exports', () => counted('exports', () => exports()?.erase(keys)));
    const archive = captures();
    if (!archive) {
      // Captures may be there all the same, and go when their plugin comes back.
      receipt.unfinished = true;
      return;
    }
    await tried('captures', async () => {
      const removed = await archive.eraseOf(libId, picturesOf(people), takenFrom(people));
      receipt.captures += removed.captures;
      receipt.messages += removed.messages;
      receipt.exports += removed.exports;
    });
  }

  /** Looks once more for what shows some of those who were erased a while ago. False: there is none of them left. */
  async #sweepSome(): Promise<boolean> {
    const { store, clock } = this.#parts;
    const now = clock.now();
    // Of later than this the clock was set back since: nobody knows how long ago it was, and waiting could take years.
    const rows = store.read
      .select()
      .from(portraitErasures)
      .where(notBetween(portraitErasures.erasedAt, now - AFTERMATH_MS + 1, now + AFTERMATH_MS))
      .orderBy(asc(portraitErasures.erasedAt))
      .limit(STEP)
      .all();
    const [first] = rows;
    if (!first) return false;
    const some = rows.filter((row) => row.libId === first.libId);
    // An id may be somebody else's by now, of whom others keep what they have; only captures know the picture as well.
    const free = imgIdsOf(some).filter((imgId) => !this.#isThere(first.libId, imgId));
    if (free.length > 0) this.#parts.erased(first.libId, free);
    // An archive that shows who came after them can be made again.
    await this.#parts.exports()?.erase(imgIdsOf(some).map((imgId) => exportKey(first.libId, imgId)));
    await this.#parts.captures()?.eraseOf(first.libId, picturesOf(some), takenFrom(some));
    await store.write((tx) => {
      const { libId, imgId, imgPath } = portraitErasures;
      for (const done of some) {
        const note = and(eq(libId, done.libId), eq(imgId, done.imgId), eq(imgPath, done.imgPath));
        tx.delete(portraitErasures).where(note).run();
      }
    });
    return true;
  }

  #isThere(libId: number, imgId: string): boolean {
    return (
      this.#parts.store.read
        .select({ id: portraitImages.id })
        .from(portraitImages)
        .where(and(eq(portraitImages.libId, libId), eq(portraitImages.imgId, imgId)))
        .get() !== undefined
    );
  }
}

function picturesOf(people: readonly Gone[]): EnrolledPicture[] {
  return people.map(({ imgId, imgPath }) => ({ imageId: imgId, imagePath: imgPath }));
}

function imgIdsOf(people: readonly Pick<Gone, 'imgId'>[]): string[] {
  return people.map(({ imgId }) => imgId);
}

function takenFrom(people: readonly Gone[]): string[] {
  return people.flatMap((person) => person.takenFrom || []);
}

function emptyReceipt(): Receipt {
  return { pictures: 0, embeddings: 0, captures: 0, alarms: 0, messages: 0, exports: 0, unfinished: false };
}
