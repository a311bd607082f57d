import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { InstalledModel } from '../../models/install.ts';

/** How often the models folder is looked at, so that a model installed from the command line is used at once. */
const LOOK_MS = 5_000;
/** Some systems tell times of change in whole seconds: a folder that changed just now is looked at once more. */
const FRESH_MS = 2_000;

export interface ModelWatchOptions {
  dataFolder: string;
  read(): Promise<InstalledModel[]>;
  /** Other models than before can be used. */
  changed(models: InstalledModel[]): void;
  log: Logger;
  lookMs?: number;
}

/** Knows the models that can be used, and tells when they change. */
export class ModelWatch {
  readonly #options: ModelWatchOptions;
  #models: InstalledModel[] = [];
  #seen: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(options: ModelWatchOptions) {
    this.#options = options;
  }

  get models(): InstalledModel[] {
    return this.#models;
  }

  async start(): Promise<void> {
    this.#models = await this.#options.read();
    this.#timer = setInterval(() => void this.#look(), this.#options.lookMs ?? LOOK_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const { mtimeMs } = await stat(join(this.#options.dataFolder, 'models'));
      if (mtimeMs === this.#seen) return;
      this.#seen = Date.now() - mtimeMs < FRESH_MS ? undefined : mtimeMs;
      const models = await this.#options.read();
      if (JSON.stringify(models) === JSON.stringify(this.#models)) return;
      this.#models = models;
      this.#options.changed(models);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      this.#options.log.warn({ module: 'images', err: error }, 'the models folder cannot be read');
    } finally {
      this.#looking = false;
    }
  }
}
