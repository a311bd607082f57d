import { setImmediate as nextTurn } from 'node:timers/promises';
import { asc, count, eq, gt } from 'drizzle-orm';
import type { FaceSource, IndexedFace } from '../../core/plugin/face-services.ts';
import type { Store } from '../../core/store/database.ts';
import { portraitEmbeddings, portraitImages } from './tables.ts';
import type { Vault } from './vault.ts';

/** Rows that are read and opened in one turn of the event loop: 3 ms. */
const TURN = 64;

interface SealedFace {
  id: number;
  library: number;
  imgPath: string;
  model: string;
  vector: Buffer;
}

/** Gives the index of faces every stored embedding, opened. */
export class StoredFaces implements FaceSource {
  readonly #store: Store;
  readonly #vault: Vault;
  #unreadable = 0;

  constructor(store: Store, vault: Vault) {
    this.#store = store;
    this.#vault = vault;
  }

  /** Embeddings that could not be opened when they were last read: they were sealed with another key. */
  get unreadable(): number {
    return this.#unreadable;
  }

  async count(): Promise<number> {
    const [found] = await this.#store.query.select({ n: count() }).from(portraitEmbeddings);
    return found?.n ?? 0;
  }

  /** All faces of a picture are in one answer: one alone with more than `most` goes beyond that. */
  async read(after: number, most: number): Promise<IndexedFace[]> {
    if (after <= 0) this.#unreadable = 0;
    const faces: IndexedFace[] = [];
    let last = after;
    while (faces.length < most) {
      const rows = this.#rows(last, Math.min(TURN, most - faces.length));
      if (rows.length === 0 || (faces.length > 0 && faces.length + rows.length > most)) break;
      for (const row of rows) {
        const face = this.#opened(row);
        if (face) faces.push(face);
      }
      last = rows.at(-1)!.id;
      await nextTurn();
    }
    return faces;
  }

  /** Some of the faces behind a picture: those of whole pictures. */
  #rows(after: number, most: number): SealedFace[] {
    const rows = this.#select(gt(portraitEmbeddings.image, after), most + 1);
    if (rows.length <= most) return rows;
    const next = rows.at(-1)!.id;
    const whole = rows.filter(({ id }) => id !== next);
    return whole.length > 0 ? whole : this.#select(eq(portraitEmbeddings.image, next));
  }

  #select(condition: ReturnType<typeof eq>, most = -1): SealedFace[] {
    return this.#store.read
      .select({
        id: portraitEmbeddings.image,
        library: portraitImages.libId,
        imgPath: portraitImages.imgPath,
        model: portraitEmbeddings.model,
        vector: portraitEmbeddings.vector,
      })
      .from(portraitEmbeddings)
      .innerJoin(portraitImages, eq(portraitImages.id, portraitEmbeddings.image))
      .where(condition)
      .orderBy(asc(portraitEmbeddings.image), asc(portraitEmbeddings.model))
      .limit(most)
      .all();
  }

  #opened({ id, library, imgPath, model, vector }: SealedFace): IndexedFace | undefined {
    try {
      return { id, library, model, vector: this.#vault.openVector(imgPath, model, vector) };
    } catch {
      this.#unreadable += 1;
      return undefined;
    }
  }
}
