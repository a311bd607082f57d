import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type {
  CapturedFace,
  CapturedFaces,
  CapturedFacesState,
  Embedding,
  Images,
} from '../../core/plugin/face-services.ts';
import { refusal } from './examination.ts';

export interface CaptureSearchParts {
  images: Pick<Images, 'models'>;
  /** Undefined while nobody keeps captures. */
  captured(): CapturedFaces | undefined;
}

/** A capture of somebody like the one who is looked for. */
export interface SimilarCapture extends CapturedFace {
  /** 0..100 */
  similarity: number;
}

export type CaptureSearchState = Omit<CapturedFacesState, 'state'> & {
  state: CapturedFacesState['state'] | 'no-captures' | 'no-model';
};

export interface CaptureQuery {
  /** Least similarity 0..100. */
  threshold: number;
  most: number;
  /** ms, the second exclusive. */
  from?: number | undefined;
  to?: number | undefined;
  channels?: readonly number[] | undefined;
}

/** Finds the captures that show somebody. */
export class CaptureSearch {
  readonly #parts: CaptureSearchParts;

  constructor(parts: CaptureSearchParts) {
    this.#parts = parts;
  }

  /** Whether captures can be searched now. */
  state(): CaptureSearchState {
    const { captured, images } = this.#parts;
    const service = captured();
    if (!service) return { state: 'no-captures', faces: 0, total: 0 };
    const state = service.state();
    if (state.state !== 'off' && images.models().length === 0) return { state: 'no-model', faces: 0, total: 0 };
    return state;
  }

  /**
   * What a stored capture can be searched by: its face as it was described then, or its picture where nothing of it is
   * kept, or by a model that is not in use any more.
   * @throws ContractError -105 there is no such capture
   */
  faceOf(captureId: string): { embeddings: Embedding[] } | { cropPath: string } {
    const face = this.#service().face(captureId);
    if (!face) throw new ContractError(CODE.noSuchData, 'no such capture', '', 'captureId');
    const { cropPath, embedding } = face;
    const models = this.#parts.images.models();
    const known =
      embedding && models.some(({ id, dimension }) => id === embedding.model && dimension === embedding.vector.length);
    return known ? { embeddings: [embedding] } : { cropPath };
  }

  /**
   * The captures most like a face, best first. Those that another model described are not among them.
   * @param embeddings of the face, by the models in use
   * @throws ContractError -1 while captures cannot be searched, with the reason; also where no model is in use any more
   *   that described the face
   */
  async search(embeddings: readonly Embedding[], { threshold, ...query }: CaptureQuery): Promise<SimilarCapture[]> {
    const service = this.#service();
    const models = new Map(this.#parts.images.models().map((model) => [model.id, model]));
    const searches = embeddings.flatMap(({ model: id, vector }) => {
      const model = models.get(id);
      if (!model) return [];
      const least = threshold > 0 ? { least: model.cosine(threshold) } : {};
      const similar = (hit: CapturedFace): SimilarCapture => ({ ...hit, similarity: model.similarity(hit.cosine) });
      return [service.search({ model: id, vector, ...query, ...least }).then((hits) => hits.map(similar))];
    });
    // Nothing was compared: that is not the same as nobody.
    if (searches.length === 0) {
      throw new ContractError(CODE.unknownError, 'the models for faces are being changed: try again');
    }
    try {
      const found = (await Promise.all(searches)).flat();
      return found.sort((a, b) => b.similarity - a.similarity || b.time - a.time).slice(0, query.most);
    } catch (error) {
      throw refusal(error);
    }
  }

  #service(): CapturedFaces {
    const service = this.#parts.captured();
    const { state } = this.state();
    const reasons: Partial<Record<typeof state, string>> = {
      'no-captures': 'the plugin captures is off',
      'no-model': 'no model describes faces',
      off: 'faces of captures are not kept, see keepFaces in the settings of captures',
    };
    const reason = reasons[state];
    if (!service || reason) throw new ContractError(CODE.unknownError, `not available: ${reason}`);
    return service;
  }
}
