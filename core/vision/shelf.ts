import { within } from '../plugin/deadline.ts';
import type { PlannedDescriber, PlannedStage, WorkerSettings } from './protocol.ts';
import { stuckText } from './quarantine.ts';
import type { StageContext } from './stage.ts';

/** A stage or describer that stands, with its plan. */
export interface Made<Planned, Instance> {
  instance: Instance;
  planned: Planned;
}

/** What the module of a stage or describer exports. */
interface Module<Instance> {
  create(context: StageContext): Instance | Promise<Instance>;
}

export interface ShelfEvents {
  /** What is about to be done and may hang; empty: nothing any more. */
  doing(what: string): void;
  /** It cannot be made; it is not tried again while the worker lives. */
  failed(id: string, reason: string): void;
  log(level: 'info' | 'warn', id: string, fields: object, text: string): void;
}

/** The stages or the describers of a worker, each made when the first camera wants it. */
export class Shelf<
  Planned extends PlannedStage | PlannedDescriber,
  Instance extends { close?(): void | Promise<void> },
> {
  readonly #planned: Planned[];
  readonly #settings: Pick<WorkerSettings, 'threads' | 'createMs'>;
  readonly #events: ShelfEvents;
  readonly #made = new Map<string, Promise<Made<Planned, Instance> | undefined>>();

  constructor(planned: Planned[], settings: Pick<WorkerSettings, 'threads' | 'createMs'>, events: ShelfEvents) {
    this.#planned = planned;
    this.#settings = settings;
    this.#events = events;
  }

  /** Undefined for one that cannot be made. */
  get(id: string): Promise<Made<Planned, Instance> | undefined> {
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

  async #make(id: string): Promise<Made<Planned, Instance> | undefined> {
    const { threads, createMs } = this.#settings;
    const planned = this.#planned.find((one) => one.id === id);
    if (!planned) return undefined;
    const { log, doing } = this.#events;
    doing(stuckText({ stage: id }));
    try {
      const instance = await within(createMs, `the making of "${id}"`, async () => {
        const module = ((await import(planned.module)) as { default: Module<Instance> }).default;
        return module.create({
          id,
          options: planned.options,
          ...(planned.model ? { model: planned.model } : {}),
          ...('further' in planned && planned.further ? { further: planned.further } : {}),
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
