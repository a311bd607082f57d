import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type {
  Embedding,
  EmbeddingModel,
  ExaminedFace,
  FaceHit,
  FaceIndex,
  Images,
} from '../../core/plugin/face-services.ts';
import type { Databases } from './databases.ts';
import { embeddingOf, modelFor, refusal } from './examination.ts';
import type { People } from './people.ts';
import type { Near, PortraitDatabase } from './shapes.ts';

/** From this similarity on somebody who is enrolled may be there already. */
export const LIKELY_SAME = 80;
/** So many of them are told. */
export const MOST_ALIKE = 5;

export interface LikenessParts {
  databases: Databases;
  people: People;
  index: Pick<FaceIndex, 'search'>;
  images: Pick<Images, 'models'>;
  /** Stored pictures the models in force have not described yet, which would be missed; undefined while not known. */
  waiting(): number | undefined;
}

/** Finds those who look like somebody, in databases that may be searched with different models. */
export class Likenesses {
  readonly #parts: LikenessParts;

  constructor(parts: LikenessParts) {
    this.#parts = parts;
  }

  /**
   * @param libIds unknown ones are passed over
   * @param threshold least similarity 0..100
   * @returns the nearest first
   * @throws ContractError -1 while the index or the embeddings are not complete: nobody may pass for a stranger
   */
  async nearest(
    face: Pick<ExaminedFace, 'embeddings'>,
    { libIds, threshold, most }: { libIds: readonly number[]; threshold: number; most: number },
  ): Promise<Near[]> {
    const waiting = this.#parts.waiting();
    if (waiting !== 0) {
      const message = `${waiting ?? 'some'} stored pictures are still to be described by the models in use: try again later`;
      throw new ContractError(CODE.unknownError, message);
    }
    const searches = [...this.#byModel(libIds)].map(async ([model, libraries]) => {
      const least = threshold > 0 ? { least: model.cosine(threshold) } : {};
      const { vector } = embeddingOf(face, model);
      return { model, hits: await this.#parts.index.search({ model: model.id, vector, libraries, most, ...least }) };
    });
    try {
      // When all have answered: who is erased while one is still searching is named by none.
      const near = (await Promise.all(searches)).flatMap(({ hits, model }) => this.described(hits, model));
      return near.sort((a, b) => b.similarity - a.similarity || a.portrait.id - b.portrait.id).slice(0, most);
    } catch (error) {
      throw refusal(error);
    }
  }

  /** What the index found as people; those who were erased meanwhile are left out. */
  described(hits: readonly FaceHit[], model: Pick<EmbeddingModel, 'similarity'>): Near[] {
    const portraits = this.#parts.people.byIds(hits.map(({ id }) => id));
    const databases = new Map<number, PortraitDatabase>(this.#parts.databases.list().map((one) => [one.libId, one]));
    return hits.flatMap(({ id, cosine }) => {
      const portrait = portraits.get(id);
      const database = portrait && databases.get(portrait.libId);
      if (!database) return [];
      const { libName, libType } = database;
      return { portrait, libName, libType, cosine, similarity: model.similarity(cosine) };
    });
  }

  /** Similarity 0..100 of two faces. @throws ContractError -1 */
  between(a: Pick<ExaminedFace, 'embeddings'>, b: Pick<ExaminedFace, 'embeddings'>): number {
    const model = modelFor(this.#parts.images.models());
    if (!model) throw new ContractError(CODE.unknownError, 'no model describes faces');
    return model.similarity(cosine(embeddingOf(a, model), embeddingOf(b, model)));
  }

  #byModel(libIds: readonly number[]): Map<EmbeddingModel, number[]> {
    const models = this.#parts.images.models();
    const grouped = new Map<EmbeddingModel, number[]>();
    for (const libId of new Set(libIds)) {
      const database = this.#parts.databases.get(libId);
      if (!database) continue;
      const model = modelFor(models, database.origin);
      if (!model) throw new ContractError(CODE.unknownError, 'no model describes faces');
      grouped.set(model, [...(grouped.get(model) ?? []), libId]);
    }
    return grouped;
  }
}

function cosine(a: Embedding, b: Embedding): number {
  let sum = 0;
  for (const [at, value] of a.vector.entries()) sum += value * (b.vector[at] ?? 0);
  return sum;
}
