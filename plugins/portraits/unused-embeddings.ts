import { setImmediate as nextTurn } from 'node:timers/promises';
import { and, between, eq, inArray, max, notInArray } from 'drizzle-orm';
import type { Store } from '../../core/store/database.ts';
import type { KnownFaces } from './known-faces.ts';
import { portraitEmbeddings, portraitImages } from './tables.ts';
import type { Vault } from './vault.ts';

/** Pictures that are looked through in one turn of the event loop: a millisecond. */
const WINDOW = 250;
/** Pictures one write job changes: it holds the box's only writer. */
const STEP = 100;

/** Numbers of pictures, from and to, up to the newest, as many at a time as are looked through in one turn. */
export async function* windows(read: Store['read']): AsyncGenerator<[first: number, last: number], void> {
  const newest = () =>
    read
      .select({ id: max(portraitImages.id) })
      .from(portraitImages)
      .get()?.id ?? 0;
  for (let first = 1; first <= newest(); first += WINDOW) {
    yield [first, first + WINDOW - 1];
    await nextTurn();
  }
}

export interface DroppingParts {
  store: Store;
  vault: Vault;
  known: KnownFaces;
  /** Asked before each step. */
  goesOn(): boolean;
}

/**
 * Removes what models that are not among these made of stored pictures, in small steps. Without any model nothing goes.
 * @param spared pictures that keep what there is of them
 */
export async function dropUnused(
  parts: DroppingParts,
  models: readonly string[],
  spared: ReadonlySet<number>,
): Promise<void> {
  if (models.length === 0) return;
  const unused = notInArray(portraitEmbeddings.model, [...models]);
  const { read } = parts.store;
  for await (const [first, last] of windows(read)) {
    const ids = read
      .selectDistinct({ image: portraitEmbeddings.image })
      .from(portraitEmbeddings)
      .where(and(between(portraitEmbeddings.image, first, last), unused))
      .all()
      .map(({ image }) => image)
      .filter((id) => !spared.has(id));
    for (let at = 0; at < ids.length; at += STEP) {
      if (!parts.goesOn()) return;
      await dropOf(parts, ids.slice(at, at + STEP), models);
    }
  }
}

async function dropOf(
  { store, vault, known }: DroppingParts,
  ids: readonly number[],
  models: readonly string[],
): Promise<void> {
  const ofThese = inArray(portraitEmbeddings.image, [...ids]);
  let replaced: Promise<void> = Promise.resolve();
  await store.write((tx) => {
    tx.delete(portraitEmbeddings)
      .where(and(ofThese, notInArray(portraitEmbeddings.model, [...models])))
      .run();
    const rest = tx
      .select({
        id: portraitImages.id,
        library: portraitImages.libId,
        imgPath: portraitImages.imgPath,
        model: portraitEmbeddings.model,
        vector: portraitEmbeddings.vector,
      })
      .from(portraitEmbeddings)
      .innerJoin(portraitImages, eq(portraitImages.id, portraitEmbeddings.image))
      .where(ofThese)
      .all();
    tx.afterCommit(() => {
      const faces = rest.map(({ imgPath, vector, ...face }) => ({
        ...face,
        vector: vault.openVector(imgPath, face.model, vector),
      }));
      // The index forgets pictures as a whole.
      replaced = known.replace([...ids], faces);
    });
  });
  await replaced;
}
