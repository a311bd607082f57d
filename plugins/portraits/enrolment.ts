import { randomUUID } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Clock } from '../../core/plugin/contract.ts';
import { type Embedding, FaceIndexError, type Images } from '../../core/plugin/face-services.ts';
import { facebasePath } from '../../core/store/blob-path.ts';
import type { Store, Tx } from '../../core/store/database.ts';
import type { Databases } from './databases.ts';
import { examined, onlyFace } from './examination.ts';
import type { KnownFaces } from './known-faces.ts';
import { checkedImgId, checkedPerson } from './person.ts';
import { type ImageRow, insertEmbeddings, removeImages, toPortrait } from './rows.ts';
import type { EnrolRequest, Portrait } from './shapes.ts';
import { portraitImages } from './tables.ts';
import type { Vault } from './vault.ts';

export interface EnrolmentParts {
  /** Plugin. */
  owner: string;
  store: Store;
  databases: Databases;
  vault: Vault;
  clock: Pick<Clock, 'now'>;
  images: Pick<Images, 'examine' | 'models'>;
  known: KnownFaces;
  /** Somebody was enrolled under models that have changed meanwhile. */
  incomplete(): void;
}

type NewRow = Omit<ImageRow, 'id'>;

/** The id is taken, or the same picture is in the database. */
export class AlreadyThereError extends ContractError {
  /** The picture that is in the way. */
  readonly image: number;

  constructor(code: typeof CODE.imageIdExists | typeof CODE.imageExists, image: number) {
    super(code);
    this.image = image;
  }
}

/** Takes people in: a picture is examined, made durable, and committed in one job with its row and its embeddings. */
export class Enrolment {
  readonly #parts: EnrolmentParts;

  constructor(parts: EnrolmentParts) {
    this.#parts = parts;
  }

  /**
   * @returns who was enrolled, once searches find him
   * @throws ContractError as `Library.enrol` says
   */
  async enrol(request: EnrolRequest): Promise<{ portrait: Portrait; embeddings: Embedding[] }> {
    const { databases, images, vault, store } = this.#parts;
    const { libId } = request;
    databases.need(libId);
    const imgId = request.imgId ? checkedImgId(request.imgId) : randomUUID();
    const person = checkedPerson(request.person);
    const digest = vault.digest(request.picture);
    // Said again where it counts, in the job; said now, nobody waits for an examination in vain.
    this.#refuse(store.read, { libId, imgId, digest });

    const lane = request.lane ?? 'prompt';
    const picture = await examined(images, request.picture, { jpeg: true, embeddings: 'largest', lane });
    const { quality, embeddings } = onlyFace(picture, request.quality);
    if (embeddings.length === 0) throw new ContractError(CODE.unknownError, 'no model describes faces');

    const { clock, owner } = this.#parts;
    const now = clock.now();
    const imgPath = facebasePath(libId, now, store.blobs.nextNumber());
    const row: NewRow = {
      libId,
      imgId,
      imgPath,
      personName: person.name,
      personGender: person.gender,
      personAge: person.age,
      personIdcard: vault.sealText(imgPath, 'idcard', person.idcard),
      personAddr: vault.sealText(imgPath, 'addr', person.address),
      digest,
      takenFrom: request.takenFrom ?? '',
      quality: Math.round(quality.score),
      createTime: now,
      updateTime: now,
    };
    const staged = await store.blobs.stage({ path: imgPath, bytes: picture.jpeg, owner, area: 'people' });
    let indexed: Promise<void> | undefined;
    const portrait = await store.write(
      (tx) => {
        this.#refuse(tx, row);
        const stored = tx.insert(portraitImages).values(row).returning().get();
        const faces = insertEmbeddings(tx, stored, embeddings, vault);
        tx.addBlob(staged);
        databases.counted(tx, libId, 1);
        tx.afterCommit(() => {
          indexed = this.#parts.known.put(faces);
          // Waited for below; whoever fails before gets to it is not left with a stray rejection.
          indexed.catch(() => {});
        });
        const enrolled = toPortrait(stored);
        request.alongside?.(tx, enrolled);
        return enrolled;
      },
      { staged: [staged] },
    );
    await this.#untilIndexed(indexed, portrait, request);
    const has = new Set(embeddings.map(({ model }) => model));
    if (images.models().some(({ id, coming }) => !coming && !has.has(id))) this.#parts.incomplete();
    return { portrait, embeddings };
  }

  /** Somebody the index has no room for would never be recognised: he is not kept. */
  async #untilIndexed(
    indexed: Promise<void> | undefined,
    portrait: Portrait,
    request: Pick<EnrolRequest, 'alongside'>,
  ): Promise<void> {
    try {
      await indexed;
    } catch (error) {
      if (!(error instanceof FaceIndexError)) throw error;
      await this.#parts.store.write((tx) => {
        const { id } = portraitImages;
        // Somebody may have erased him meanwhile, and counted that.
        if (!tx.select({ id }).from(portraitImages).where(eq(id, portrait.id)).get()) return;
        removeImages(tx, [portrait]);
        this.#parts.databases.counted(tx, portrait.libId, -1);
        request.alongside?.(tx, undefined);
      });
      throw new ContractError(CODE.tooManyImages, error.message);
    }
  }

  /** @throws ContractError -117, -122, -1100, -116 */
  #refuse(db: Pick<Tx, 'select'> | Pick<Store['read'], 'select'>, row: Pick<NewRow, 'libId' | 'imgId' | 'digest'>) {
    const { libId, imgId, digest } = row;
    this.#parts.databases.refuseFull(db, libId);
    const same = (column: typeof portraitImages.imgId | typeof portraitImages.digest, value: string) =>
      db
        .select({ id: portraitImages.id })
        .from(portraitImages)
        .where(and(eq(portraitImages.libId, libId), eq(column, value)))
        .get();
    const namesake = same(portraitImages.imgId, imgId);
    if (namesake) throw new AlreadyThereError(CODE.imageIdExists, namesake.id);
    const copy = same(portraitImages.digest, digest);
    if (copy) throw new AlreadyThereError(CODE.imageExists, copy.id);
  }
}
