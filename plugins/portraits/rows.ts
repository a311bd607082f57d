import { eq } from 'drizzle-orm';
import type { Embedding, IndexedFace } from '../../core/plugin/face-services.ts';
import type { Tx } from '../../core/store/database.ts';
import type { Portrait } from './shapes.ts';
import { portraitEmbeddings, portraitImages } from './tables.ts';
import type { Vault } from './vault.ts';

export type ImageRow = typeof portraitImages.$inferSelect;

export function toPortrait(row: ImageRow): Portrait {
  const { id, libId, imgId, imgPath, quality, createTime, updateTime } = row;
  return {
    id,
    libId,
    imgId,
    imgPath,
    name: row.personName,
    gender: row.personGender,
    age: row.personAge,
    hasIdcard: row.personIdcard !== '',
    hasAddress: row.personAddr !== '',
    quality,
    createTime,
    updateTime,
  };
}

/** Seals embeddings of a picture that has none of these models inside a write job; gives them as the index takes them. */
export function insertEmbeddings(
  tx: Tx,
  image: Pick<ImageRow, 'id' | 'libId' | 'imgPath'>,
  embeddings: readonly Embedding[],
  vault: Vault,
): IndexedFace[] {
  return embeddings.map(({ model, vector }) => {
    const sealed = vault.sealVector(image.imgPath, model, vector);
    tx.insert(portraitEmbeddings).values({ image: image.id, model, vector: sealed }).run();
    return { id: image.id, library: image.libId, model, vector };
  });
}

/** Removes pictures with their rows and embeddings inside a write job; gives the number of embeddings. */
export function removeImages(tx: Tx, images: readonly Pick<Portrait, 'id' | 'imgPath'>[]): number {
  let embeddings = 0;
  for (const { id, imgPath } of images) {
    embeddings += tx
      .delete(portraitEmbeddings)
      .where(eq(portraitEmbeddings.image, id))
      .returning({ image: portraitEmbeddings.image })
      .all().length;
    tx.delete(portraitImages).where(eq(portraitImages.id, id)).run();
    tx.dropBlob(imgPath);
  }
  return embeddings;
}
