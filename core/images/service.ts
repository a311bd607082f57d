import type { Logger } from 'pino';
import { type InstalledModel, missingTask, usableModels } from '../../models/install.ts';
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
import { ModelWatch } from './model-watch.ts';
import { embeddingModelOf, type ImagePlan, planImages } from './plan.ts';
import type { ImageSettings } from './protocol.ts';

/** A picture that takes longer has hung: 40 megapixels with a hundred faces take some seconds on a small box. */
const PICTURE_MS = 20_000;

export interface ImagesOptions {
  dataFolder: string;
  log: Logger;
  /** Threads of one inference; default 1. */
  threads?: number;
  /** What the health page shows has changed. */
  changed?(): void;
  /** The models there are; by default those of the data folder, and those that come with the box. */
  readModels?(): Promise<InstalledModel[]>;
  /** How often models are looked for, ms. */
  lookMs?: number;
  pictureMs?: number;
  limits?: Partial<ExaminerLimits>;
  /** What the worker is held to, where not to the usual. */
  childLimits?: Partial<ChildLimits>;
}

/** The core's side of pictures from outside: plans the models, and has pictures examined in a process of its own. */
export class ImageService implements Images {
  readonly #options: ImagesOptions;
  readonly #watch: ModelWatch;
  readonly #examiner: Examiner;
  readonly #listeners = new Set<() => void>();
  #plan: ImagePlan = { detectors: [], embedders: [], attributes: [] };
  #models: EmbeddingModel[] = [];

  constructor(options: ImagesOptions) {
    this.#options = options;
    const { dataFolder, log, lookMs, limits, childLimits, changed } = options;
    const read = options.readModels ?? (async () => (await usableModels(dataFolder)).models);
    this.#watch = new ModelWatch({
      dataFolder,
      read,
      log,
      changed: (models) => this.#replan(models),
      ...(lookMs === undefined ? {} : { lookMs }),
    });
    this.#examiner = new Examiner({
      settings: this.#settings(),
      log,
      ...(changed ? { changed } : {}),
      ...(limits ? { limits } : {}),
      ...(childLimits ? { childLimits } : {}),
    });
  }

  /** Reads which models there are. The worker is started by the first picture. */
  async start(): Promise<void> {
    await this.#watch.start();
    this.#replan(this.#watch.models);
  }

  /** Pictures that wait are refused as `busy`. */
  async stop(): Promise<void> {
    this.#watch.stop();
    await this.#examiner.stop();
  }

  /** `stopped` while nothing is to be done, which is no fault. */
  get report(): WorkerReport {
    return this.#examiner.report;
  }

  /** Pictures that wait, and the one under way. */
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

  #settings(): ImageSettings {
    const { threads = 1, pictureMs = PICTURE_MS } = this.#options;
    return { plan: this.#plan, threads, pictureMs };
  }

  #replan(models: InstalledModel[]): void {
    const before = JSON.stringify(this.#plan.embedders);
    this.#plan = planImages(models);
    this.#models = this.#plan.embedders.flatMap((model) => embeddingModelOf(model) ?? []);
    this.#examiner.configure(this.#settings());
    if (JSON.stringify(this.#plan.embedders) === before) return;
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        this.#options.log.error({ module: 'images', err: error }, 'a listener failed');
      }
    }
  }
}
