import { setTimeout as pause } from 'node:timers/promises';
import { and, asc, between, eq, notExists, or } from 'drizzle-orm';
import type { Logger } from 'pino';
import { type Embedding, FaceIndexError, type Images, PictureError } from '../../core/plugin/face-services.ts';
import type { Store, Tx } from '../../core/store/database.ts';
import type { KnownFaces } from './known-faces.ts';
import { type ImageRow, insertEmbeddings } from './rows.ts';
import { portraitEmbeddings, portraitImages } from './tables.ts';
import { dropUnused, windows } from './unused-embeddings.ts';
import type { Vault } from './vault.ts';

/** The service for pictures has no room: so long later it is asked again. */
const BUSY_MS = 2_000;
/** What failed for another reason than the picture is tried again after so long, ms. */
const AGAIN_MS = 60_000;
/** The service failed over a picture so often: then it is the picture's fault, and not that of the moment. */
const MOST_FAILURES = 5;
/** Models come and go for a moment when cameras are changed: only after so long without use nothing of them is kept. */
const UNUSED_MS = 60 * 60 * 1000;

export interface ReembeddingParts {
  store: Store;
  vault: Vault;
  images: Pick<Images, 'examine' | 'models' | 'onModels' | 'takeOver'>;
  known: KnownFaces;
  log: Pick<Logger, 'info' | 'warn'>;
  unusedMs?: number;
  busyMs?: number;
  againMs?: number;
}

export interface ReembeddingState {
  /** Pictures still without embeddings of a model in use; undefined while that is not known. */
  waiting: number | undefined;
  /** Those of them that lack one of a model in force: they would be missed. */
  missed: number | undefined;
  /** Pictures done since this began. */
  done: number;
  /** Pictures no face was found in any more, or that could not be read: they are not recognised. */
  given: number;
  /** What keeps it from going on, in a sentence. */
  fault?: string;
}

type Stored = Pick<ImageRow, 'id' | 'libId' | 'imgPath'>;

/**
 * Keeps every stored picture described by every model in use. When a model comes, it looks at all pictures, one after
 * the other behind everything else. The former one serves meanwhile; when nothing is missing, the new one takes over, and
 * what models made is dropped that have not been in use for a while.
 */
export class Reembedding {
  readonly #parts: ReembeddingParts;
  readonly #ending = new AbortController();
  #running: Promise<void> | undefined;
  #again = false;
  #dropping: NodeJS.Timeout | undefined;
  #retrying: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;
  /** Models that have looked at stored pictures since this began. */
  readonly #tried = new Set<string>();
  /** Nothing can be made of them by those models. */
  readonly #hopeless = new Set<number>();
  /** How often the service failed over a picture. */
  readonly #failures = new Map<number, number>();
  /** Models that have described everything. */
  #through: readonly string[] = [];
  #waiting: number | undefined;
  #missed: number | undefined;
  #done = 0;
  #fault: string | undefined;

  constructor(parts: ReembeddingParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stopListening = this.#parts.images.onModels(() => this.kick());
    this.kick();
  }

  async stop(): Promise<void> {
    this.#stopListening?.();
    clearTimeout(this.#dropping);
    clearTimeout(this.#retrying);
    this.#ending.abort();
    await this.#running;
  }

  get state(): ReembeddingState {
    const { size } = this.#hopeless;
    const fault = this.#fault ? { fault: this.#fault } : {};
    return { waiting: this.#waiting, missed: this.#missed, done: this.#done, given: size, ...fault };
  }

  /** Every picture has embeddings of every model in use, but for those nothing can be made of. */
  get complete(): boolean {
    return this.#waiting === 0 && !this.#running;
  }

  /** Pictures that are no longer stored: nothing is said of them any more. */
  forget(ids: readonly number[]): void {
    for (const id of ids) {
      this.#hopeless.delete(id);
      this.#failures.delete(id);
    }
  }

  /** Looks again for pictures that lack something. */
  kick(): void {
    if (this.#ending.signal.aborted) return;
    // One is in force that has not described everything: nobody knows yet who would be missed.
    if (this.#models().inForce.some((id) => !this.#through.includes(id))) this.#missed = undefined;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.#run()
      .catch((error: unknown) => {
        if (this.#ending.signal.aborted) return;
        this.#fault = error instanceof Error ? error.message : String(error);
        this.#parts.log.warn({ err: error }, 'stored pictures could not be described by the models in use');
        clearTimeout(this.#retrying);
        this.#retrying = setTimeout(() => this.kick(), this.#parts.againMs ?? AGAIN_MS);
        this.#retrying.unref();
      })
      .finally(() => {
        this.#running = undefined;
        if (this.#again) {
          this.#again = false;
          this.kick();
        }
      });
  }

  async #run(): Promise<void> {
    const { inForce, coming } = this.#models();
    const models = [...inForce, ...coming];
    this.#fault = undefined;
    this.#done = 0;
    if (models.length === 0) return;
    // Those that would be missed go first.
    const missed = await this.#count(inForce);
    if (this.#again) return;
    this.#missed = missed;
    if (coming.length === 0) this.#waiting = missed;
    if (!(await this.#describeAll(inForce))) return;
    this.#through = inForce;
    this.#missed = 0;
    if (coming.length > 0) {
      this.#waiting = await this.#count(models);
      if (!(await this.#describeAll(models))) return;
    }
    this.#through = models;
    this.#waiting = 0;
    if (this.#done > 0) this.#parts.log.info({ pictures: this.#done }, 'stored pictures were described anew');
    if (coming.length > 0) await this.#parts.images.takeOver(coming);
    this.#dropLater();
  }

  /** Ids of the models in use. */
  #models(): { inForce: string[]; coming: string[] } {
    const models = this.#parts.images.models();
    const ids = (wanted: boolean) => models.filter(({ coming = false }) => coming === wanted).map(({ id }) => id);
    return { inForce: ids(false), coming: ids(true) };
  }

  /** Describes pictures that lack one of the wanted models. False: the models have changed meanwhile. */
  async #describeAll(wanted: readonly string[]): Promise<boolean> {
    for await (const rows of this.#lacking(wanted)) {
      for (const row of rows) {
        const embeddings = await this.#describe(row);
        this.#ending.signal.throwIfAborted();
        // A model came or went: whoever is to be described by which is another question now.
        if (this.#again) return false;
        const absent = wanted.find((id) => !embeddings.some(({ model }) => model === id));
        // It sees the face and says nothing: it is the model's fault, and it must not take over.
        if (embeddings.length > 0 && absent) throw new Error(`the model ${absent} cannot be used for pictures`);
        this.#done += 1;
        if (this.#waiting) this.#waiting -= 1;
        if (this.#missed) this.#missed -= 1;
      }
    }
    return !this.#again;
  }

  /** Pictures that lack one of these models, before they are described by them. */
  async #count(models: readonly string[]): Promise<number> {
    // Others may see what those before did not.
    if (models.some((id) => !this.#tried.has(id))) {
      this.#hopeless.clear();
      this.#failures.clear();
    }
    for (const id of models) this.#tried.add(id);
    let pictures = 0;
    for await (const rows of this.#lacking(models)) pictures += rows.length;
    if (pictures > 0) this.#parts.log.info({ pictures, models }, 'stored pictures are described anew');
    return pictures;
  }

  /** @returns what was made of it; nothing, where nothing can be */
  async #describe(row: Stored): Promise<Embedding[]> {
    const { store, vault, known } = this.#parts;
    const embeddings = await this.#embeddings(row);
    if (embeddings.length === 0) {
      // Of somebody who was erased meanwhile it would be said for ever.
      if (isStored(store.read, row)) this.#hopeless.add(row.id);
      return [];
    }
    let indexed: Promise<void> | undefined;
    await store.write((tx) => {
      // Somebody who was erased meanwhile must not come back.
      if (!isStored(tx, row)) return;
      const has = new Set(
        tx
          .select({ model: portraitEmbeddings.model })
          .from(portraitEmbeddings)
          .where(eq(portraitEmbeddings.image, row.id))
          .all()
          .map(({ model }) => model),
      );
      const missing = embeddings.filter(({ model }) => !has.has(model));
      const faces = insertEmbeddings(tx, row, missing, vault);
      tx.afterCommit(() => {
        indexed = known.put(faces);
        indexed.catch(() => {});
      });
    });
    try {
      await indexed;
    } catch (error) {
      if (!(error instanceof FaceIndexError)) throw error;
      // They are stored, and would be missed without anybody knowing: said in the health until there is room.
      throw new Error(`the index of faces has no room for all models in use: ${error.message}`);
    }
    return embeddings;
  }

  /** What the models in use make of a stored picture. */
  async #embeddings({ id, imgPath }: Stored): Promise<Embedding[]> {
    const file = await this.#parts.store.blobs.open(imgPath);
    if (!file) return [];
    const picture = await file.bytes();
    for (;;) {
      try {
        const { faces } = await this.#parts.images.examine(picture, { embeddings: 'largest', lane: 'batch' });
        // One face was in it when it was enrolled; another model may see somebody in the wallpaper.
        return faces[0]?.embeddings ?? [];
      } catch (error) {
        if (!(error instanceof PictureError)) throw error;
        if (error.fault === 'no-model') throw error;
        // A service that is down for a while must not make strangers of all who are stored.
        if (error.fault === 'failed' && this.#failedAgain(id) < MOST_FAILURES) throw error;
        if (error.fault !== 'busy') return [];
        await pause(this.#parts.busyMs ?? BUSY_MS, undefined, { signal: this.#ending.signal });
      }
    }
  }

  #failedAgain(id: number): number {
    const failures = (this.#failures.get(id) ?? 0) + 1;
    this.#failures.set(id, failures);
    return failures;
  }

  /** Pictures that lack embeddings of some of these models and are not given up, some of them in each step. */
  async *#lacking(models: readonly string[]): AsyncGenerator<Stored[], void> {
    const { read } = this.#parts.store;
    const { id, libId, imgPath } = portraitImages;
    const lacks = (model: string) =>
      notExists(
        read
          .select({ image: portraitEmbeddings.image })
          .from(portraitEmbeddings)
          .where(and(eq(portraitEmbeddings.model, model), eq(portraitEmbeddings.image, id))),
      );
    for await (const [first, last] of windows(read)) {
      this.#ending.signal.throwIfAborted();
      const rows = read
        .select({ id, libId, imgPath })
        .from(portraitImages)
        .where(and(between(id, first, last), or(...models.map(lacks))))
        .orderBy(asc(id))
        .all();
      yield rows.filter((row) => !this.#hopeless.has(row.id));
    }
  }

  #dropLater(): void {
    clearTimeout(this.#dropping);
    this.#dropping = setTimeout(() => {
      const { store, vault, images, known } = this.#parts;
      const inUse = images.models().map(({ id }) => id);
      // Only while nothing is missing: what is no longer used may be all there is of a picture.
      const goesOn = () => this.complete && !this.#ending.signal.aborted;
      dropUnused({ store, vault, known, goesOn }, inUse, this.#hopeless).catch((error: unknown) => {
        if (this.#ending.signal.aborted) return;
        this.#parts.log.warn({ err: error }, 'embeddings of models that are no longer used could not be removed');
      });
    }, this.#parts.unusedMs ?? UNUSED_MS);
    this.#dropping.unref();
  }
}

function isStored(db: Pick<Tx, 'select'> | Pick<Store['read'], 'select'>, { id }: Stored): boolean {
  return db.select({ id: portraitImages.id }).from(portraitImages).where(eq(portraitImages.id, id)).get() !== undefined;
}
