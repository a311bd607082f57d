import {
  type DeadLetter,
  type Destination,
  type DestinationReport,
  type OpenDestination,
  type Outbox,
  type OutMessage,
  RefusedError,
} from '../../core/plugin/push-services.ts';

/** A stand-in for the outbox: one lane in memory, tried again after a moment, nothing kept. */
export class MemoryOutbox implements Outbox {
  readonly pictures = new Map<string, Uint8Array>();
  readonly #reports = new Map<string, DestinationReport>();
  readonly #open = new Map<string, { destination: Destination; queue: OutMessage[]; kick: () => void }>();
  readonly #waiting = new Map<string, OutMessage[]>();
  readonly pauseMs: number;

  constructor(pauseMs = 30) {
    this.pauseMs = pauseMs;
  }

  open(destination: Destination): OpenDestination {
    const { id, name } = destination;
    if (this.#open.has(id)) throw new Error(`${id} is open`);
    const queue = this.#waiting.get(id) ?? [];
    this.#waiting.set(id, queue);
    const report = this.#reports.get(id) ?? { id, name, open: true, waiting: 0, delivered: 0, dead: 0, failures: 0 };
    this.#reports.set(id, Object.assign(report, { open: true, name }));
    const ending = new AbortController();
    let wake: (() => void) | undefined;
    const kick = () => wake?.();
    const sleep = (ms?: number) =>
      new Promise<void>((done) => {
        const timer = ms === undefined ? undefined : setTimeout(done, ms);
        wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    const run = async () => {
      while (!ending.signal.aborted) {
        const [message] = queue;
        if (!message) {
          await sleep();
          continue;
        }
        try {
          const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(destination.deadline ?? 15_000)]);
          const context = { signal, lane: 'live' as const, attempt: report.failures + 1 };
          await destination.deliver(message, async (path) => this.pictures.get(path), context);
          report.delivered += 1;
          report.failures = 0;
          delete report.refused;
          if (queue[0] === message) queue.shift();
        } catch (error) {
          report.lastError = (error as Error).message;
          report.failures += 1;
          if (error instanceof RefusedError) {
            report.dead += 1;
            report.refused = (report.refused ?? 0) + 1;
            if (queue[0] === message) queue.shift();
          } else if (!ending.signal.aborted) {
            await sleep(this.pauseMs);
          }
        }
      }
    };
    this.#open.set(id, { destination, queue, kick });
    const running = run();
    return {
      retry: kick,
      close: async () => {
        // As the outbox does: the id is free at once, whatever is still under way.
        this.#open.delete(id);
        report.open = false;
        ending.abort();
        kick();
        await running;
      },
    };
  }

  add(_: unknown, message: OutMessage): void {
    for (const { destination, queue, kick } of this.#open.values()) {
      if (!destination.wants(message)) continue;
      queue.push(message);
      kick();
    }
  }

  async remove(id: string): Promise<void> {
    this.#waiting.delete(id);
    this.#reports.delete(id);
  }

  reports(): DestinationReport[] {
    return [...this.#reports.values()].map((one) => ({ ...one, waiting: this.#waiting.get(one.id)?.length ?? 0 }));
  }

  async erase(shows: readonly string[]): Promise<number> {
    let gone = 0;
    for (const [id, queue] of this.#waiting) {
      const kept = queue.filter((one) => !one.shows.some((key) => shows.includes(key)));
      gone += queue.length - kept.length;
      queue.splice(0, queue.length, ...kept);
      this.#waiting.set(id, queue);
    }
    return gone;
  }

  eraseIn(): number {
    throw new Error('nothing is erased within a job here');
  }

  retry(id: string): boolean {
    this.#open.get(id)?.kick();
    return this.#open.has(id);
  }

  async forget(id: string): Promise<number> {
    return this.#waiting.get(id)?.splice(0).length ?? 0;
  }

  deadLetters(): DeadLetter[] {
    return [];
  }
}
