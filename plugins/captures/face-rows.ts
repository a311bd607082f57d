import { setImmediate as nextTurn } from 'node:timers/promises';
import { asc, count, eq, gt } from 'drizzle-orm';
import type { Embedding, FaceSource, IndexedFace } from '../../core/plugin/face-services.ts';
import type { Store, Tx } from '../../core/store/database.ts';
import type { Secrets } from '../../core/store/secrets.ts';
import { captureFaces, captures } from './tables.ts';

/** Rows that are read and opened in one turn of the event loop: 3 ms at 90 µs each. */
const TURN = 32;

/** A capture whose face is to be kept. */
export interface FaceToKeep {
  moment: number;
  id: string;
  channel: number;
  /** Of length 1. */
  embedding: { model: string; vector: readonly number[] };
}

/** Faces of captures as sealed numbers: whoever copies the database has none of them. */
export class FaceRows implements FaceSource {
  readonly #store: Store;
  readonly #secrets: Secrets;
  #unreadable = 0;

  constructor(store: Store, secrets: Secrets) {
    this.#store = store;
    this.#secrets = secrets;
  }

  /** Rows that could not be opened when they were last read: they were sealed with another key. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** Keeps a face within the job that stores its capture. @returns it as the index takes it */
  keep(tx: Tx, { moment, id, channel, embedding }: FaceToKeep): IndexedFace {
    const { model } = embedding;
    const vector = Float32Array.from(embedding.vector);
    const bytes = new Uint8Array(vector.buffer);
    tx.insert(captureFaces)
      .values({ moment, model, vector: this.#secrets.sealBytes(bytes, placeOf(id, model)) })
      .run();
    return { id: moment, library: channel, model, vector };
  }

  async count(): Promise<number> {
    const [found] = await this.#store.query.select({ n: count() }).from(captureFaces);
    return found?.n ?? 0;
  }

  /** The moment of the oldest that is kept. */
  oldest(): number | undefined {
    const { moment } = captureFaces;
    return this.#store.read.select({ moment }).from(captureFaces).orderBy(asc(moment)).limit(1).get()?.moment;
  }

  async read(after: number, most: number): Promise<IndexedFace[]> {
    if (after <= 0) this.#unreadable = 0;
    const faces: IndexedFace[] = [];
    for (let last = after; faces.length < most; await nextTurn()) {
      const rows = this.#select(gt(captureFaces.moment, last))
        .limit(Math.min(TURN, most - faces.length))
        .all();
      for (const row of rows) {
        const face = this.#opened(row);
        if (face) faces.push(face);
        else this.#unreadable += 1;
      }
      if (rows.length === 0) break;
      last = rows.at(-1)!.moment;
    }
    return faces;
  }

  /** Of one capture; undefined where there is none, or none that can be opened. */
  of(captureId: string): Embedding | undefined {
    const row = this.#select(eq(captures.id, captureId)).get();
    const face = row && this.#opened(row);
    return face && { model: face.model, vector: face.vector };
  }

  #select(condition: ReturnType<typeof eq>) {
    const { moment, model, vector } = captureFaces;
    return this.#store.read
      .select({ moment, model, vector, id: captures.id, channel: captures.channel })
      .from(captureFaces)
      .innerJoin(captures, eq(captures.moment, moment))
      .where(condition)
      .orderBy(asc(moment));
  }

  #opened(row: { moment: number; model: string; vector: Buffer; id: string; channel: number }) {
    try {
      const bytes = this.#secrets.openBytes(row.vector, placeOf(row.id, row.model));
      // Copied: floats begin at a multiple of four bytes.
      const vector = new Float32Array(new Uint8Array(bytes).buffer);
      return { id: row.moment, library: row.channel, model: row.model, vector };
    } catch {
      return undefined;
    }
  }
}

/** Sealed numbers are bound to their capture and cannot be moved to another. */
function placeOf(captureId: string, model: string): string {
  return `${captureId}:face:${model}`;
}
