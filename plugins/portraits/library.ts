import type { Embedding } from '../../core/plugin/face-services.ts';
import type { Tx } from '../../core/store/database.ts';
import type { Absentees } from './absentees.ts';
import { type Databases, STRANGERS } from './databases.ts';
import type { Enrolment } from './enrolment.ts';
import type { Erasure } from './erasure.ts';
import { LIKELY_SAME, type Likenesses, MOST_ALIKE } from './likeness.ts';
import type { People } from './people.ts';
import type {
  DatabaseQuery,
  Enrolled,
  EnrolRequest,
  LibraryType,
  Likeness,
  Page,
  PersonFields,
  Portrait,
  PortraitDatabase,
  PortraitQuery,
  Receipt,
} from './shapes.ts';

export interface LibraryParts {
  databases: Databases;
  absentees: Absentees;
  people: People;
  enrolment: Enrolment;
  erasure: Erasure;
  likenesses: Likenesses;
  /** Something of the databases or the people in them has changed. */
  changed(): void;
}

/**
 * The portrait databases and who is in them. Everything it refuses is a `ContractError` with the code of the interface.
 */
export class Library {
  readonly #parts: LibraryParts;

  constructor(parts: LibraryParts) {
    this.#parts = parts;
  }

  /** All databases, by id; those that are being deleted are not among them. */
  databases(): PortraitDatabase[] {
    return this.#parts.databases.list();
  }

  /** Some of them, ordered by time of creation. */
  queryDatabases(query: DatabaseQuery): Page<PortraitDatabase> {
    return this.#parts.databases.query(query);
  }

  /** @throws ContractError -117 */
  needDatabase(libId: number): PortraitDatabase {
    return this.#parts.databases.need(libId);
  }

  database(libId: number): PortraitDatabase | undefined {
    return this.#parts.databases.get(libId);
  }

  /** Whether cameras may be bound to it, inside a write job; clients may mean strangers, too. */
  isKnownIn(tx: Tx, libId: number): boolean {
    return libId === STRANGERS || this.#parts.databases.getIn(tx, libId) !== undefined;
  }

  /** @throws ContractError -118 too many, -119 the name is taken, -3596 it has no or too many characters */
  createDatabase(libName: string, libType: LibraryType, origin?: 'demo'): Promise<PortraitDatabase> {
    return this.#told(this.#parts.databases.create(libName, libType, origin));
  }

  /** @throws ContractError -117 there is none, -119 the name is taken, -3596 */
  modifyDatabase(libId: number, change: { libName?: string; libType?: LibraryType }): Promise<PortraitDatabase> {
    return this.#told(this.#parts.databases.modify(libId, change));
  }

  /**
   * Erases everybody in it, in small steps, and then the database itself. What a crash interrupts goes on at the next
   * start.
   * @param options alsoBound: though a camera compares with it; noted: called when it is gone for everybody
   * @throws ContractError -117 there is none, -123 a camera compares with it
   */
  removeDatabase(libId: number, options: { alsoBound?: boolean; noted?: () => void } = {}): Promise<Receipt> {
    return this.#told(this.#parts.erasure.eraseDatabase(libId, options));
  }

  get(libId: number, imgId: string): Portrait | undefined {
    return this.#parts.people.get(libId, imgId);
  }

  /** @throws ContractError -117, -126 */
  need(libId: number, imgId: string): Portrait {
    return this.#parts.people.need(libId, imgId);
  }

  /** By the number of the picture, as the index of faces knows it. */
  byId(id: number): Portrait | undefined {
    return this.byIds([id]).get(id);
  }

  /** Those of these numbers that are there, by number. */
  byIds(ids: readonly number[]): Map<number, Portrait> {
    return this.#parts.people.byIds(ids);
  }

  /** Those of these that are there, in this order. */
  byImgIds(libId: number, imgIds: readonly string[]): Portrait[] {
    return this.#parts.people.byImgIds(libId, imgIds);
  }

  /** @throws ContractError -117 */
  page(query: PortraitQuery): Promise<Page<Portrait>> {
    return this.#parts.people.page(query);
  }

  /** The stored JPEG, upright, at most 1920 pixels long; undefined when there is none any more. */
  picture(portrait: Pick<Portrait, 'imgPath'>): Promise<Uint8Array | undefined> {
    return this.#parts.people.picture(portrait);
  }

  /**
   * Examines a picture and takes it into a database.
   * @throws ContractError -117, -116 the same picture is there, -122 too many, -1100 the id is taken, -2754 and -3596
   *   for ids, -1101 no face, -1109 several, -1102 poor, -1104 no picture, -1110 dimensions, -1 with the reason
   */
  async enrol(request: EnrolRequest): Promise<Enrolled> {
    const { portrait, embeddings } = await this.#told(this.#parts.enrolment.enrol(request));
    const { alike = request.lane !== 'batch' } = request;
    if (!alike) return { portrait, near: [], nearFault: 'nobody is looked for in a batch' };
    return { portrait, ...(await this.#alike(portrait, embeddings)) };
  }

  /**
   * Changes what is told of a person; what is undefined, or a mask of stars only, stays as it is.
   * @throws ContractError -117, -126, -3596
   */
  modify(libId: number, imgId: string, change: Partial<PersonFields>): Promise<Portrait> {
    return this.#told(this.#parts.people.modify(libId, imgId, change));
  }

  /**
   * Erases people: rows, pictures, embeddings, what the index, captures and exports have of them. Those that are not
   * there are passed over.
   * @param noted called when they are out of the database: what others still have of them goes, whatever happens
   * @throws ContractError -117, -126 none of them is there
   */
  remove(libId: number, imgIds: readonly string[], noted?: () => void): Promise<Receipt> {
    return this.#told(this.#parts.erasure.erase(libId, imgIds, noted));
  }

  /** Somebody of the demo whom somebody erased from this database of it. */
  wasErased(libId: number, imgId: string): boolean {
    const database = this.database(libId);
    return database !== undefined && this.#parts.absentees.has(database, imgId);
  }

  /** The databases of an origin have left: `wasErased` begins anew. */
  forgetErased(origin: 'demo'): Promise<void> {
    return this.#parts.absentees.forget(origin);
  }

  /**
   * What is told of a person, in clear: only for those with the right, and to be noted in the operation log.
   * @throws ContractError -117, -126, -1 where it was sealed with another key
   */
  readClear(libId: number, imgId: string): PersonFields {
    return this.#parts.people.readClear(libId, imgId);
  }

  /** Who else looks like somebody who was enrolled. It is a hint, and never a reason to fail. */
  async #alike(portrait: Portrait, embeddings: Embedding[]): Promise<Likeness> {
    const libIds = this.databases().map(({ libId }) => libId);
    try {
      const query = { libIds, threshold: LIKELY_SAME, most: MOST_ALIKE + 1 };
      const near = await this.#parts.likenesses.nearest({ embeddings }, query);
      return { near: near.filter((one) => one.portrait.id !== portrait.id).slice(0, MOST_ALIKE) };
    } catch (error) {
      return { near: [], nearFault: error instanceof Error ? error.message : String(error) };
    }
  }

  async #told<T>(change: Promise<T>): Promise<T> {
    const done = await change;
    this.#parts.changed();
    return done;
  }
}
