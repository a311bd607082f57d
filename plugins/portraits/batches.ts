import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Clock } from '../../core/plugin/contract.ts';
import { type Exports, exportKey } from '../../core/plugin/export-services.ts';
import { type BatchPicture, enrolBatch, resultList } from './batch.ts';
import type { Batch, BatchNotes, NotedPicture } from './batch-notes.ts';
import { idOf } from './file-name.ts';
import type { Library } from './library.ts';
import { LONGEST } from './person.ts';

/** What has not begun so long after the batch came is refused: the answer has to get through to a client that still waits. ms */
export const BATCH_MS = 9 * 60 * 1000;
/** Batches that wait for the one that is running; their pictures are held in memory. */
const MOST_WAITING = 4;
/** So long it is tried to make a list, ms: names of people are not kept for a plugin that does not come. */
const LIST_PATIENCE_MS = 10 * 60 * 1000;

export interface BatchesParts {
  library: Pick<Library, 'needDatabase' | 'enrol'>;
  notes: BatchNotes;
  clock: Pick<Clock, 'steady'>;
  /** Undefined while nobody makes files for download. */
  exports(): Exports | undefined;
  /** An error of the box that the client is told of only in part. */
  failed(error: unknown, what: string): void;
}

export interface SentBatch {
  libId: number;
  /** As the client calls it. */
  uuid: string;
  quality: 'low' | 'high';
  pictures: readonly BatchPicture[];
}

/** Batches of pictures, one after the other, and the lists that say what became of each picture. */
export class Batches {
  readonly #parts: BatchesParts;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #stopping = false;
  /** Those that are this run's own: nobody else ends them. */
  readonly #running = new Set<string>();
  /** Since when the list of a batch could not be made, steady ms. */
  readonly #delayed = new Map<string, number>();

  constructor(parts: BatchesParts) {
    this.#parts = parts;
  }

  /**
   * Enrols the pictures of a batch when its turn has come.
   * @returns how many are out, and the path of the list of results; '' where it could not be made (yet)
   * @throws ContractError -117, -3596 there is no picture, -1 too many batches are waiting
   */
  async enrol({ libId, uuid, quality, pictures }: SentBatch): Promise<{ refused: number; listPath: string }> {
    const { library, notes, clock } = this.#parts;
    library.needDatabase(libId);
    if (pictures.length === 0) throw new ContractError(CODE.wrongParameter, 'no picture was sent');
    if (this.#stopping) throw new ContractError(CODE.unknownError, 'the box stops: try again later');
    if (this.#waiting > MOST_WAITING) {
      throw new ContractError(CODE.unknownError, 'too many batches are waiting: try again later');
    }
    this.#waiting += 1;
    // Its turn may come late, and nobody waits the longer for that.
    const end = clock.steady() + BATCH_MS;
    let id = '';
    const noted = notes.begin({ libId, uuid, files: pictures.map(({ file }) => file) }, (given) => {
      id = given;
      this.#running.add(id);
    });
    const turn = this.#last;
    const done = Promise.all([noted, turn]).then(async () => {
      const refused = await this.#run(id, { libId, uuid, quality, pictures }, end);
      return { refused, listPath: await this.#finish(id, libId, uuid) };
    });
    // Whichever ends last: one that could not even be noted does not hand on the turn of the one before.
    this.#last = Promise.allSettled([turn, done]).then(() => {});
    return done.finally(() => {
      this.#waiting -= 1;
      this.#running.delete(id);
    });
  }

  /** Makes the lists of batches that were interrupted, or could not be made. To be called at the start and now and then. */
  async finishOpen(): Promise<void> {
    for (const { id, libId, uuid } of this.#parts.notes.open()) {
      if (!this.#stopping && !this.#running.has(id)) await this.#finish(id, libId, uuid);
    }
    await this.#parts.notes.forget();
  }

  /** The batches of the last day, the newest first. */
  recent(most: number): Batch[] {
    return this.#parts.notes.recent(most);
  }

  /** Begins nothing more and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#last;
  }

  /**
   * Gives how many pictures are out.
   * @param end nothing is begun after it, steady ms
   */
  async #run(id: string, { libId, quality, pictures }: SentBatch, end: number): Promise<number> {
    const { library, notes, clock, failed } = this.#parts;
    let unnoted: unknown;
    const refused = await enrolBatch(library, pictures, {
      libId,
      quality,
      over: () => {
        if (this.#stopping) return 'the box stops';
        return clock.steady() > end ? 'the batch took too long' : undefined;
      },
      stored: (tx, at, portrait) => notes.stored(tx, id, at, portrait),
      refused: (at, refusal) =>
        notes.refused(id, at, refusal).catch((error: unknown) => {
          unnoted ??= error;
        }),
      failed: (error) => failed(error, 'a picture of a batch could not be enrolled'),
    });
    // Told once: on a full disk it is every picture.
    if (unnoted) failed(unnoted, 'why pictures of a batch are not in could not be noted');
    return refused;
  }

  /** Makes the list of a batch and gives its path; '' where that is to be tried again, or is given up. */
  async #finish(id: string, libId: number, uuid: string): Promise<string> {
    const { notes, clock, failed } = this.#parts;
    let results: NotedPicture[] = [];
    let listPath = '';
    try {
      results = await notes.results(id);
      const file = await this.#list(libId, uuid, results);
      listPath = file?.path ?? '';
    } catch (error) {
      failed(error, 'the list of results of a batch could not be made');
    }
    const since = this.#delayed.get(id) ?? clock.steady();
    if (listPath === '' && clock.steady() - since < LIST_PATIENCE_MS) {
      this.#delayed.set(id, since);
      return '';
    }
    try {
      await notes.ended(id, { enrolled: results.filter(({ code }) => code === CODE.ok).length, listPath });
      this.#delayed.delete(id);
    } catch (error) {
      failed(error, 'a batch could not be brought to its end');
    }
    return listPath;
  }

  /** Undefined: nobody makes files for download. */
  #list(libId: number, uuid: string, results: readonly NotedPicture[]): Promise<{ path: string }> | undefined {
    const there = this.#parts.notes.there(results.flatMap(({ image }) => image ?? []));
    // A batch takes minutes: whoever was erased meanwhile must not be named again.
    const isGone = ({ image }: NotedPicture) => image !== undefined && !there.has(image);
    const told = results.map((one) => (isGone(one) ? { ...one, file: '', imgId: '' } : one));
    // Names of files are names of people: the list goes with them, also with those who were in already, or come in under
    // that id when it is sent again.
    const shows = told.flatMap(({ file, imgId, image }) => {
      const imgIds = [image === undefined ? undefined : there.get(image), imgId || idOf(file)];
      // What is longer is nobody's id.
      return imgIds.flatMap((one) => (one && one.length <= LONGEST.imgId ? exportKey(libId, one) : []));
    });
    const name = uuid
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .slice(0, 60);
    return this.#parts.exports()?.file(`image_${name}.csv`, 'people', resultList(told), [...new Set(shows)]);
  }
}
