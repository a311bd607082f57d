import { setTimeout as pause } from 'node:timers/promises';
import { and, asc, between, eq, notExists, or } from 'drizzle-orm';
import type { Logger } from 'pino';
import { type Embedding, FaceIndexError, type Images, PictureError } from '../../core/plugin/face-services.ts';
import type { Store } from '../../core/store/database.ts';
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
  images: Pick<Images, 'examine' | 'models' | 'onModels'>;
  known: KnownFaces;
  log: Pick<Logger, 'info' | 'warn'>;
  unusedMs?: number;
  busyMs?: number;
  againMs?: number;
}

export interface ReembeddingState {
  /** Pictures still without embeddings of a model in use; undefined while that is not known. */
  waiting: number | undefined;
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
 * the other behind everything else; what the others made of them goes on serving meanwhile, and is dropped when its
 * model has not been in use for a while and nothing is missing.
 */
export class Reembedding {
  readonly #parts: ReembeddingParts;
  readonly #ending = new AbortController();
  #running: Promise<void> | undefined;
  #again = false;
  #dropping: NodeJS.Timeout | undefined;
  #retrying: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;
  /** Nothing can be made of them by the models of the last run. */
  readonly #hopeless = new Set<number>();
  /** How often the service failed over a picture. */
  readonly #failures = new Map<number, number>();
  #lastModels = '';
  #waiting: number | undefined;
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
    return { waiting: this.#waiting, done: this.#done, given: size, ...(this.#fault ? { fault: this.#fault } : {}) };
  }

  /** Every picture has embeddings of every model in use, but for those nothing can be made of. */
  get complete(): boolean {
    return this.#waiting === 0 && !this.#running;
  }

  /** Looks again for pictures that lack something. */
  kick(): void {
    if (this.#ending.signal.aborted) return;
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
    const models = this.#inUse();
    this.#fault = undefined;
    this.#done = 0;
    if (models.length === 0) return;
    // Others may see what these did not.
    if (models.join() !== this.#lastModels) {
      this.#hopeless.clear();
      this.#failures.clear();
    }
    this.#lastModels = models.join();
    let lacking = 0;
    for await (const rows of this.#lacking(models)) lacking += rows.length;
    this.#waiting = lacking;
    if (lacking > 0) this.#parts.log.info({ pictures: lacking, models }, 'stored pictures are described anew');
    for await (const rows of this.#lacking(models)) {
      for (const row of rows) {
        await this.#describe(row, models);
        this.#ending.signal.throwIfAborted();
        // A model came or went: whoever is to be described by which is another question now.
        if (this.#again) return;
        this.#done += 1;
        this.#waiting = Math.max(0, this.#waiting - 1);
      }
    }
    this.#waiting = 0;
    if (this.#done > 0) this.#parts.log.info({ pictures: this.#done }, 'stored pictures were described anew');
    this.#dropLater();
  }

  #inUse(): string[] {
    return this.#parts.images.models().map(({ id }) => id);
  }

  async #describe(row: Stored, models: readonly string[]): Promise<void> {
    const { store, vault, known } = this.#parts;
    const embeddings = await this.#embeddings(row);
    if (models.some((id) => !embeddings.some(({ model }) => model === id))) this.#hopeless.add(row.id);
    if (embeddings.length === 0) return;
    let indexed: Promise<void> | undefined;
    await store.write((tx) => {
      // Somebody who was erased meanwhile must not come back.
      const there = tx
        .select({ id: portraitImages.id })
        .from(portraitImages)
        .where(eq(portraitImages.id, row.id))
        .get();
      if (!there) return;
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
      const { store, vault, known } = this.#parts;
      // Only while nothing is missing: what is no longer used may be all there is of a picture.
      const goesOn = () => this.complete && !this.#ending.signal.aborted;
      dropUnused({ store, vault, known, goesOn }, this.#inUse(), this.#hopeless).catch((error: unknown) => {
        if (this.#ending.signal.aborted) return;
        this.#parts.log.warn({ err: error }, 'embeddings of models that are no longer used could not be removed');
      });
    }, this.#parts.unusedMs ?? UNUSED_MS);
    this.#dropping.unref();
  }
}
