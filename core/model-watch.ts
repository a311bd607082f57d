import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type InstalledModel, type UsableModels, usableModels } from '../models/install.ts';

/** How often the models folder is looked at, so that a model installed from the command line is used at once. */
const LOOK_MS = 5_000;
/** Some systems tell times of change in whole seconds: a folder that changed just now is looked at once more. */
const FRESH_MS = 2_000;

/** The models that can be used, as whoever runs them knows them. */
export interface Models {
  readonly models: InstalledModel[];
  /** What is wrong with models that are there and cannot be used, in sentences. */
  readonly faults: string[];
  /** Listens for other models than before. Gives the function that ends it. */
  onChange(listener: () => void): () => void;
}

export interface ModelWatchOptions {
  dataFolder: string;
  log: Logger;
  /** By default those of the data folder, and those that come with the box. */
  read?(): Promise<UsableModels>;
  lookMs?: number;
}

/** Knows the models that can be used, and tells when they change: one for the whole box. */
export class ModelWatch implements Models {
  readonly #options: ModelWatchOptions;
  readonly #log: Logger;
  readonly #listeners = new Set<() => void>();
  #usable: UsableModels = { models: [], faults: [] };
  #seen: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(options: ModelWatchOptions) {
    this.#options = options;
    this.#log = options.log.child({ module: 'models' });
  }

  get models(): InstalledModel[] {
    return this.#usable.models;
  }

  get faults(): string[] {
    return this.#usable.faults;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads which models there are, and looks after them from then on. */
  async start(): Promise<void> {
    await this.#read();
    this.#timer = setInterval(() => void this.#look(), this.#options.lookMs ?? LOOK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #read(): Promise<void> {
    const { read = () => usableModels(this.#options.dataFolder) } = this.#options;
    const usable = await read();
    for (const reason of usable.faults.filter((fault) => !this.faults.includes(fault))) {
      this.#log.warn({ reason }, 'a model is left out');
    }
    this.#usable = usable;
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const { mtimeMs } = await stat(join(this.#options.dataFolder, 'models'));
      if (mtimeMs === this.#seen) return;
      this.#seen = Date.now() - mtimeMs < FRESH_MS ? undefined : mtimeMs;
      const before = JSON.stringify(this.models);
      await this.#read();
      if (JSON.stringify(this.models) !== before) for (const listener of [...this.#listeners]) listener();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      this.#log.warn({ err: error }, 'the models folder cannot be read');
    } finally {
      this.#looking = false;
    }
  }
}
