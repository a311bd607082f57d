import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { ExaminedFace, ExaminedPicture, Images } from '../../core/plugin/face-services.ts';
import { type Databases, STRANGERS } from './databases.ts';
import { countedFaces, examined, onlyFace, soleFace } from './examination.ts';
import { LIKELY_SAME, type Likenesses, MOST_ALIKE } from './likeness.ts';
import type { Likeness, Near, OneFace } from './shapes.ts';

export interface ComparisonParts {
  databases: Databases;
  images: Pick<Images, 'examine'>;
  likenesses: Likenesses;
}

/** Comparing pictures that come from outside. Everything it refuses is a `ContractError`. */
export class Comparison {
  readonly #parts: ComparisonParts;

  constructor(parts: ComparisonParts) {
    this.#parts = parts;
  }

  /**
   * The faces of a picture, the largest first, with what they look like.
   * @param wishes crops: with a JPEG of each face
   * @throws ContractError -1101 there is none, -1104, -1110, -1
   */
  async detect(picture: Uint8Array, wishes: { crops?: boolean } = {}): Promise<ExaminedPicture> {
    const found = await examined(this.#parts.images, picture, { attributes: true, ...wishes });
    if (found.faces.length === 0) throw new ContractError(CODE.noFaceFound);
    return found;
  }

  /**
   * The one face of a picture that counts, with what it looks like, whatever its quality.
   * @throws ContractError -1101, -1109, -1104, -1110, -1
   */
  async detectOne(picture: Uint8Array): Promise<ExaminedFace> {
    return soleFace(await this.detect(picture));
  }

  /**
   * Looks at a picture before it is enrolled: its faces (perhaps none), and where exactly one counts, who looks much
   * like it in all databases.
   * @throws ContractError -1104, -1110, -1
   */
  async preview(picture: Uint8Array): Promise<{ picture: ExaminedPicture } & Likeness> {
    const found = await examined(this.#parts.images, picture, { embeddings: 'largest' });
    const [face, ...others] = countedFaces(found);
    if (!face || others.length > 0) return { picture: found, near: [] };
    const libIds = this.#parts.databases.list().map(({ libId }) => libId);
    try {
      const query = { libIds, threshold: LIKELY_SAME, most: MOST_ALIKE };
      return { picture: found, near: await this.#parts.likenesses.nearest(face, query) };
    } catch (error) {
      if (error instanceof ContractError) return { picture: found, near: [], nearFault: error.message };
      throw error;
    }
  }

  /**
   * Who in these databases looks like the one face of the picture.
   * @param threshold least similarity 0..100
   * @throws ContractError -1101, -1102, -1104, -1109, -1110, -1108 a database is not known, -1106 none is named,
   *   -1107 all are empty, -1 while the index of faces is not ready
   */
  async oneToMany(
    picture: Uint8Array,
    query: { libIds: readonly number[]; threshold: number; most: number },
  ): Promise<OneFace & { near: Near[] }> {
    const { databases, likenesses } = this.#parts;
    if (query.libIds.length === 0) throw new ContractError(CODE.noDatabaseGiven);
    const named = query.libIds.filter((libId) => libId !== STRANGERS).map((libId) => databases.get(libId));
    if (named.includes(undefined)) throw new ContractError(CODE.unknownDatabaseInList);
    if (!named.some((database) => database && database.pictures > 0)) throw new ContractError(CODE.databaseEmpty);
    const found = await this.oneFace(picture);
    return { ...found, near: await likenesses.nearest(found.face, query) };
  }

  /**
   * How much the one face of a picture is like that of another.
   * @returns similarity 0..100
   * @throws ContractError -1101, -1102, -1104, -1109, -1110, -1
   */
  async oneToOne(a: Uint8Array, b: Uint8Array): Promise<{ similarity: number; first: OneFace; second: OneFace }> {
    const [first, second] = [await this.oneFace(a), await this.oneFace(b)];
    return { similarity: this.#parts.likenesses.between(first.face, second.face), first, second };
  }

  /**
   * The one face of a picture, described by the models in use.
   * @throws ContractError -1101, -1102, -1104, -1109, -1110, -1
   */
  async oneFace(picture: Uint8Array): Promise<OneFace> {
    const found = await examined(this.#parts.images, picture, { embeddings: 'largest' });
    return { width: found.width, height: found.height, face: onlyFace(found, 'low') };
  }
}
