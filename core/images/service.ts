import type { Logger } from 'pino';
import { missingTask } from '../../models/install.ts';
import type { Models } from '../model-watch.ts';
import {
  type EmbeddingModel,
  type ExaminedPicture,
  type ExamineWishes,
  type Images,
  PictureError,
} from '../plugin/face-services.ts';
import type { WorkerReport } from '../plugin/services.ts';
import type { ChildLimits } from '../processes/child-supervisor.ts';
import { Examiner, type ExaminerLimits } from './examiner.ts';
import { formatOf } from './format.ts';
import { PICTURE_LIMITS } from './limits.ts';
import { embeddingModels, type ImagePlan, NO_MODELS, planImages } from './plan.ts';
import type { ImageSettings } from './protocol.ts';

/**
 * A picture that takes longer to be decoded, or to be looked at, has hung: 40 megapixels with a hundred faces take some
 * seconds on a small box.
 */
const PICTURE_MS = 20_000;

export interface ImagesOptions {
  models: Models;
  /** Brings models that are coming into force; where none is preferred, none is coming. */
  takeOver?(ids: readonly string[]): Promise<void>;
  log: Logger;
  /** Threads of one inference; default 1. */
  threads?: number;
  /** What the health page shows has changed. */
  changed?(): void;
  pictureMs?: number;
  limits?: Partial<ExaminerLimits>;
  /** What the worker is held to, where not to the usual. */
  childLimits?: Partial<ChildLimits>;
}

/** The core's side of pictures from outside: plans the models, and has pictures examined in a process of its own. */
export class ImageService implements Images {
  readonly #options: ImagesOptions;
  readonly #examiner: Examiner;
  readonly #listeners = new Set<() => void>();
  #plan = NO_MODELS;
  #models: EmbeddingModel[] = [];
  #endModels: (() => void) | undefined;

  constructor(options: ImagesOptions) {
    this.#options = options;
    const { log, limits, childLimits, changed } = options;
    this.#examiner = new Examiner({
      settings: this.#settings(),
      log,
      ...(changed ? { changed } : {}),
      ...(limits ? { limits } : {}),
      ...(childLimits ? { childLimits } : {}),
    });
  }

  /** Plans with the models there are. The worker is started by the first picture. */
  start(): void {
    this.#replan();
    this.#endModels = this.#options.models.onChange(() => this.#replan());
  }

  /** Pictures that wait are refused as `busy`. */
  async stop(): Promise<void> {
    this.#endModels?.();
    await this.#examiner.stop();
  }

  /** `stopped` while nothing is to be done, which is no fault. */
  get report(): WorkerReport {
    return this.#examiner.report;
  }

  /** Pictures that wait, and those under way. */
  get waiting(): number {
    return this.#examiner.waiting;
  }

  async examine(picture: Uint8Array, wishes: ExamineWishes = {}): Promise<ExaminedPicture> {
    // What is no picture at all need not start a process.
    formatOf(picture);
    if (picture.length > PICTURE_LIMITS.bytes) {
      throw new PictureError('dimensions', `the picture has more than ${PICTURE_LIMITS.bytes / 1024 ** 2} MiB`);
    }
    const { detectors, embedders } = this.#plan;
    if (detectors.length === 0) throw new PictureError('no-model', missingTask('face-detection'));
    if (wishes.embeddings && embedders.length === 0) {
      throw new PictureError('no-model', missingTask('face-embedding'));
    }
    return this.#examiner.examine(picture, wishes);
  }

  models(): EmbeddingModel[] {
    return this.#models;
  }

  onModels(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async takeOver(ids: readonly string[]): Promise<void> {
    await this.#options.takeOver?.(ids);
  }

  #settings(): ImageSettings {
    const { threads = 1, pictureMs = PICTURE_MS } = this.#options;
    return { plan: this.#plan, threads, pictureMs };
  }

  #replan(): void {
    const described = ({ embedders, coming }: ImagePlan) => JSON.stringify([embedders, coming]);
    const before = described(this.#plan);
    this.#plan = planImages(this.#options.models.models);
    this.#models = embeddingModels(this.#plan);
    this.#examiner.configure(this.#settings());
    if (described(this.#plan) === before) return;
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        this.#options.log.error({ module: 'images', err: error }, 'a listener failed');
      }
    }
  }
}
