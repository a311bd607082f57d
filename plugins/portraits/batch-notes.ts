import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { and, asc, desc, eq, gte, inArray, isNotNull, isNull, lt, sql } from 'drizzle-orm';
import { CODE } from '../../core/gateway/errors.ts';
import type { Clock } from '../../core/plugin/contract.ts';
import type { Store, Tx } from '../../core/store/database.ts';
import type { BatchResult, Refusal } from './batch.ts';
import type { Portrait } from './shapes.ts';
import { portraitBatches, portraitBatchPictures, portraitImages } from './tables.ts';
import type { Vault } from './vault.ts';

/** Names sealed, or rows read and opened, before others have their turn: about a millisecond. */
const STEP = 100;
/** So long after its end a batch is remembered: its list is there no longer. ms */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;
/** So many batches are remembered. */
const MOST_REMEMBERED = 500;
/** What stands in the list for a picture that the box did not get to. */
const INTERRUPTED = { code: CODE.unknownError, text: 'interrupted, not stored' };

export type Batch = typeof portraitBatches.$inferSelect;

/** A picture of a batch: what became of it, and as which picture it was stored, or which one was in its way. */
export type NotedPicture = Omit<BatchResult, 'image'> & { image: number | undefined };

export interface BatchNotesParts {
  store: Store;
  vault: Vault;
  clock: Pick<Clock, 'now'>;
}

/**
 * What becomes of the pictures of batches, written as it happens, for each stored one in the very job that stores it: the
 * list of a batch that a power cut ended is made from it afterwards, and agrees with the database.
 */
export class BatchNotes {
  readonly #store: Store;
  readonly #vault: Vault;
  readonly #clock: Pick<Clock, 'now'>;

  constructor({ store, vault, clock }: BatchNotesParts) {
    this.#store = store;
    this.#vault = vault;
    this.#clock = clock;
  }

  /**
   * A batch is accepted: each of its files is noted, with nothing become of it yet.
   * @param noted called with its id as soon as it is one of those that `open` tells
   */
  async begin(
    { libId, uuid, files }: { libId: number; uuid: string; files: readonly string[] },
    noted: (id: string) => void,
  ): Promise<void> {
    const id = randomUUID();
    const sealed: string[] = [];
    for (const [at, file] of files.entries()) {
      if (at % STEP === STEP - 1) await nextTurn();
      sealed.push(this.#vault.sealText(placeOf(id, at), 'file', file));
    }
    await this.#store.write((tx) => {
      tx.insert(portraitBatches).values({ id, libId, uuid, pictures: files.length, began: this.#clock.now() }).run();
      // One statement for thousands of rows, which other writes wait for.
      tx.run(
        sql`INSERT INTO ${portraitBatchPictures} (batch, at, file) SELECT ${id}, key, value FROM json_each(${JSON.stringify(sealed)})`,
      );
      tx.afterCommit(() => noted(id));
    });
  }

  /** In the job that stores a picture; undefined: in the one that takes it back, and why is told by `refused`. */
  stored(tx: Tx, batch: string, at: number, portrait: Portrait | undefined): void {
    const told = portrait
      ? { image: portrait.id, imgId: portrait.imgId, code: CODE.ok, text: 'stored' }
      : { image: null, imgId: '', code: null, text: '' };
    this.#note(tx, batch, at, told);
  }

  async refused(batch: string, at: number, refusal: Refusal): Promise<void> {
    await this.#store.write((tx) => this.#note(tx, batch, at, { ...refusal, image: refusal.image ?? null }));
  }

  /** What became of every picture of a batch, in its order. @throws SecretError where the names were sealed with another key */
  async results(batch: string): Promise<NotedPicture[]> {
    const { batch: ofBatch, at } = portraitBatchPictures;
    const results: NotedPicture[] = [];
    for (;;) {
      const rows = this.#store.read
        .select()
        .from(portraitBatchPictures)
        .where(and(eq(ofBatch, batch), gte(at, results.length)))
        .orderBy(asc(at))
        .limit(STEP)
        .all();
      for (const { file, image, imgId, code, text, ...row } of rows) {
        const told = code === null ? INTERRUPTED : { code, text };
        const name = this.#vault.openText(placeOf(batch, row.at), 'file', file);
        results.push({ file: name, imgId, ...told, image: image ?? undefined });
      }
      if (rows.length < STEP) return results;
      await nextTurn();
    }
  }

  /** Those of these pictures that are there now, with their ids as clients know them. */
  there(images: readonly number[]): Map<number, string> {
    const { id, imgId } = portraitImages;
    const rows = this.#store.read
      .select({ id, imgId })
      .from(portraitImages)
      .where(inArray(id, [...images]))
      .all();
    return new Map(rows.map((row) => [row.id, row.imgId]));
  }

  /** The list of a batch is made, or given up: what stood in it is forgotten here. */
  async ended(batch: string, { enrolled, listPath }: { enrolled: number; listPath: string }): Promise<void> {
    const { batch: ofBatch, code } = portraitBatchPictures;
    await this.#store.write((tx) => {
      const open = and(eq(ofBatch, batch), isNull(code));
      const interrupted = tx.select({ code }).from(portraitBatchPictures).where(open).get() !== undefined;
      tx.delete(portraitBatchPictures).where(eq(ofBatch, batch)).run();
      tx.update(portraitBatches)
        .set({ ended: this.#clock.now(), enrolled, interrupted, listPath })
        .where(eq(portraitBatches.id, batch))
        .run();
    });
  }

  /** Batches whose list is still to be made, the oldest first. */
  open(): Batch[] {
    const { ended, began } = portraitBatches;
    return this.#store.read.select().from(portraitBatches).where(isNull(ended)).orderBy(asc(began)).all();
  }

  /** The batches of the last day, the newest first. */
  recent(most: number): Batch[] {
    return this.#store.read.select().from(portraitBatches).orderBy(desc(portraitBatches.began)).limit(most).all();
  }

  /** Forgets those that ended long ago, and the oldest of too many. */
  async forget(): Promise<void> {
    const { id, began, ended } = portraitBatches;
    const { read } = this.#store;
    const old = read
      .select({ id })
      .from(portraitBatches)
      .where(lt(ended, this.#clock.now() - REMEMBERED_MS))
      .all();
    const tooMany = read
      .select({ id })
      .from(portraitBatches)
      .where(isNotNull(ended))
      .orderBy(desc(began))
      .limit(MOST_REMEMBERED)
      .offset(MOST_REMEMBERED)
      .all();
    const ids = [...old, ...tooMany].map((row) => row.id);
    if (ids.length === 0) return;
    await this.#store.write((tx) => {
      tx.delete(portraitBatches).where(inArray(id, ids)).run();
    });
  }

  #note(
    tx: Tx,
    batch: string,
    at: number,
    told: Omit<typeof portraitBatchPictures.$inferInsert, 'batch' | 'at' | 'file'>,
  ) {
    tx.update(portraitBatchPictures)
      .set(told)
      .where(and(eq(portraitBatchPictures.batch, batch), eq(portraitBatchPictures.at, at)))
      .run();
  }
}

/** What a name is bound to when it is sealed. */
function placeOf(batch: string, at: number): string {
  return `batch/${batch}/${at}`;
}
