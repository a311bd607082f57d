import type { Logger } from 'pino';
import { z } from 'zod';
import type { InstalledModel } from '../models/install.ts';
import type { Models, ModelWatch } from './model-watch.ts';
import type { Settings } from './store/settings.ts';
import { modelFor } from './vision/planner.ts';

/** What a model of this task makes of a picture is kept, and can be compared with nothing that another one made. */
export const KEPT_TASK = 'face-embedding';
const SETTING = 'models.face-embedding';
const KINDS = ['real', 'demo'] as const;
type Kind = (typeof KINDS)[number];

const chosenSchema = z.object({ real: z.string().max(63).optional(), demo: z.string().max(63).optional() });
/** Ids of the models in force: that of real cameras, and that of the demo's. */
type Chosen = z.output<typeof chosenSchema>;

type Watch = Models & Pick<ModelWatch, 'start' | 'stop'>;

/**
 * The models that can be used, and the one place that decides by which of them faces are compared. Where a better model
 * for faces comes, the one that stored pictures were described by stays in force (`preferred`), until whoever stores them
 * says that the new one has described them as well. A model that cannot be used any more is relieved at once, and one of
 * the demo that made do for real faces is none that would have to stay.
 */
export class ModelsInForce implements Models {
  readonly #watch: Watch;
  readonly #settings: Pick<Settings, 'get' | 'set'>;
  readonly #log: Logger;
  readonly #listeners = new Set<() => void>();
  #models: InstalledModel[] = [];
  #chosen: Chosen = {};
  /** As it was written last, so that the next start goes on with it. */
  #written = '';
  #writing: Promise<void> = Promise.resolve();

  constructor(watch: Watch, settings: Pick<Settings, 'get' | 'set'>, log: Logger) {
    this.#watch = watch;
    this.#settings = settings;
    this.#log = log.child({ module: 'models' });
    watch.onChange(() => this.#decide());
  }

  get models(): InstalledModel[] {
    return this.#models;
  }

  get faults(): string[] {
    return this.#watch.faults;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async start(): Promise<void> {
    this.#chosen = this.#settings.get(SETTING, chosenSchema) ?? {};
    this.#written = JSON.stringify(this.#chosen);
    await this.#watch.start();
    this.#decide();
    await this.#writing;
  }

  stop(): void {
    this.#watch.stop();
  }

  /**
   * Every stored picture is described by these models: those that are to be in force are from now on. Others are passed
   * over, so that a change that was overtaken by the next one does nothing.
   */
  async takeOver(ids: readonly string[]): Promise<void> {
    const taken: Chosen = {};
    for (const kind of KINDS) {
      const wanted = this.#wanted(kind);
      if (wanted && wanted.id !== this.#chosen[kind] && ids.includes(wanted.id)) taken[kind] = wanted.id;
    }
    if (Object.keys(taken).length === 0) return;
    // Written first: after a crash the former model must not come back, whose embeddings go from now on.
    await this.#write({ ...this.#chosen, ...taken });
    Object.assign(this.#chosen, taken);
    this.#log.info({ models: taken }, 'a new model for faces is in force');
    this.#decide();
  }

  /** Decides anew with the models there are. */
  #decide(): void {
    for (const kind of KINDS) {
      const wanted = this.#wanted(kind);
      // Without any model the last one is remembered: it may be on its way back.
      if (wanted && !this.#usable(kind).some(({ id }) => id === this.#chosen[kind])) this.#chosen[kind] = wanted.id;
    }
    if (JSON.stringify(this.#chosen) !== this.#written) {
      this.#writing = this.#write({ ...this.#chosen }).catch((error: unknown) => {
        this.#log.warn({ err: error }, 'which model for faces is in force could not be written down');
      });
    }
    const before = JSON.stringify(this.#models);
    const preferred = new Set(KINDS.map((kind) => this.#chosen[kind]));
    this.#models = this.#watch.models.map((model) => {
      return preferred.has(model.id) ? { ...model, preferred: true as const } : model;
    });
    if (JSON.stringify(this.#models) !== before) for (const listener of [...this.#listeners]) listener();
  }

  /** Models for faces of a kind. */
  #usable(kind: Kind): InstalledModel[] {
    return this.#watch.models.filter(({ task, adapter, embedding, madeFor }) => {
      return task === KEPT_TASK && adapter !== null && embedding && (madeFor === 'demo') === (kind === 'demo');
    });
  }

  /** The one that would be chosen if nothing were stored. */
  #wanted(kind: Kind): InstalledModel | undefined {
    return modelFor(KEPT_TASK, this.#usable(kind), kind === 'demo' ? 'demo' : undefined);
  }

  async #write(chosen: Chosen): Promise<void> {
    this.#written = JSON.stringify(chosen);
    try {
      await this.#settings.set(SETTING, chosen);
    } catch (error) {
      this.#written = '';
      throw error;
    }
  }
}
