import { Line, type LineOptions } from './line.ts';
import type { TargetRow } from './tables.ts';
import type { Targets } from './targets.ts';

export interface LinesOptions extends LineOptions {
  targets: Targets;
  /** A receiver cannot be opened: its key cannot be read, or its address is not allowed any more. */
  failed(row: TargetRow, reason: string): void;
}

/** The lines to all receivers that are switched on. Changes are made one after another. */
export class Lines {
  readonly #options: LinesOptions;
  readonly #lines = new Map<number, { line: Line; made: string }>();
  readonly #faults = new Map<number, string>();
  #last: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(options: LinesOptions) {
    this.#options = options;
  }

  /** Opens, closes and renews lines until they are as the receivers are set up. */
  refresh(): Promise<void> {
    const done = this.#last.then(() => this.#refresh());
    this.#last = done.catch(() => {});
    return done;
  }

  of(id: number): Line | undefined {
    return this.#lines.get(id)?.line;
  }

  /** Why there is no line to a receiver that is switched on. */
  faultOf(id: number): string | undefined {
    return this.#faults.get(id);
  }

  get faults(): number {
    return this.#faults.size;
  }

  /** Closes all of them, for good. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#last;
    await this.#closeThose(() => true);
  }

  async #refresh(): Promise<void> {
    if (this.#ended) return;
    const rows = this.#options.targets.list().filter(({ enabled }) => enabled);
    const wanted = new Map(rows.map((row) => [row.id, JSON.stringify(row)]));
    // Opened anew before anything is waited for: what is recorded meanwhile must find its line.
    const closing = this.#closeThose((id, made) => wanted.get(id) !== made);
    this.#faults.clear();
    for (const row of rows) {
      if (this.#lines.has(row.id) || this.#ended) continue;
      try {
        const key = this.#options.targets.keyOf(row);
        if (key === undefined) throw new Error('its key cannot be read any more: enter it again');
        this.#lines.set(row.id, { line: new Line(row, key, this.#options), made: JSON.stringify(row) });
      } catch (error) {
        this.#faults.set(row.id, (error as Error).message);
        this.#options.failed(row, (error as Error).message);
      }
    }
    await closing;
  }

  async #closeThose(which: (id: number, made: string) => boolean): Promise<void> {
    const going = [...this.#lines].filter(([id, { made }]) => which(id, made));
    for (const [id] of going) this.#lines.delete(id);
    await Promise.all(going.map(([, { line }]) => line.close()));
  }
}
