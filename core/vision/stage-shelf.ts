import { within } from '../plugin/deadline.ts';
import type { PlannedStage, WorkerSettings } from './protocol.ts';
import { stuckText } from './quarantine.ts';
import type { StageInstance, StageModule } from './stage.ts';

/** A stage that stands, with its plan. */
export interface Made {
  instance: StageInstance;
  planned: PlannedStage;
}

export interface ShelfEvents {
  /** What is about to be done and may hang; empty: nothing any more. */
  doing(what: string): void;
  /** The stage cannot be made; it is not tried again while the worker lives. */
  failed(stage: string, reason: string): void;
  log(level: 'info' | 'warn', stage: string, fields: object, text: string): void;
}

/** The stages of a worker, each made when the first camera wants it. */
export class StageShelf {
  readonly #settings: WorkerSettings;
  readonly #events: ShelfEvents;
  readonly #made = new Map<string, Promise<Made | undefined>>();

  constructor(settings: WorkerSettings, events: ShelfEvents) {
    this.#settings = settings;
    this.#events = events;
  }

  /** Undefined for a stage that cannot be made. */
  get(id: string): Promise<Made | undefined> {
    const known = this.#made.get(id);
    if (known) return known;
    const made = this.#make(id).catch((error: unknown) => {
      this.#events.failed(id, error instanceof Error ? error.message : String(error));
      return undefined;
    });
    this.#made.set(id, made);
    return made;
  }

  async close(): Promise<void> {
    for (const made of this.#made.values()) await (await made)?.instance.close?.();
  }

  async #make(id: string): Promise<Made | undefined> {
    const { stages, threads, createMs } = this.#settings;
    const planned = stages.find((stage) => stage.id === id);
    if (!planned) return undefined;
    const { log, doing } = this.#events;
    doing(stuckText({ stage: id }));
    try {
      const instance = await within(createMs, `the making of stage "${id}"`, async () => {
        const module = ((await import(planned.module)) as { default: StageModule }).default;
        return module.create({
          id,
          options: planned.options,
          ...(planned.model ? { model: planned.model } : {}),
          threads,
          log: {
            info: (fields, text) => log('info', id, fields, text),
            warn: (fields, text) => log('warn', id, fields, text),
          },
        });
      });
      return { instance, planned };
    } finally {
      doing('');
    }
  }
}
