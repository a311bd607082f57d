import { inArray, lte } from 'drizzle-orm';
import type { PluginContext } from '../../core/plugin/contract.ts';
import type { Operation } from '../../core/plugin/services.ts';
import type { Tx } from '../../core/store/database.ts';
import { toEntry } from './entry.ts';
import { Flood } from './flood.ts';
import { operationLog } from './tables.ts';

/** Entries that may wait while the database does not take them. */
const CAPACITY = 2000;
/** Entries stored, and surplus ones removed, in one write job. */
const BATCH = 200;
const RETRY_MS = 1000;
const MINUTE_MS = 60_000;
/** How long a drop shows as degraded, ms. */
const DROP_SHOWN_MS = 60 * 60_000;

export interface RecorderParts {
  ctx: Pick<PluginContext, 'store' | 'log' | 'clock' | 'changed'>;
  /** Entries to keep; the oldest beyond them are removed. */
  maxEntries(): number;
}

/** Stores what happened, in order and in batches; when the database stands still, the oldest waiting entries go. */
export class Recorder {
  readonly #parts: RecorderParts;
  readonly #waiting: Operation[] = [];
  #storing: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  readonly #flood = new Flood();
  #minute: NodeJS.Timeout | undefined;
  #fault: string | undefined;
  #stopped = false;
  #droppedAt = Number.NEGATIVE_INFINITY;
  /** Entries lost since the start. */
  dropped = 0;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Takes an operation; stored soon. What is too much of one account is told in one entry when the minute is over. */
  add(operation: Operation): void {
    const takes = this.#flood.takes(operation);
    if (!this.#minute && !this.#stopped) this.#minute = setTimeout(() => this.#endMinute(), MINUTE_MS).unref();
    if (takes) this.#keep(operation);
  }

  #endMinute(): void {
    this.#minute = undefined;
    for (const sum of this.#flood.end(this.#parts.ctx.clock.now())) this.#keep(sum);
  }

  #keep(operation: Operation): void {
    this.#waiting.push(toEntry(operation));
    if (this.#waiting.length > CAPACITY) {
      this.#waiting.shift();
      this.dropped += 1;
      this.#droppedAt = this.#parts.ctx.clock.now();
    }
    this.#storeSoon();
  }

  /** Stores what waits and takes a last try at what failed. */
  async stop(): Promise<void> {
    clearTimeout(this.#minute);
    this.#endMinute();
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    await this.#storing;
    if (this.#waiting.length > 0) await this.#storeAll();
  }

  /** What is wrong, or undefined. */
  fault(): string | undefined {
    const lost = this.dropped > 0 ? `${this.dropped} entries were lost since the start` : undefined;
    if (this.#fault) return [`entries cannot be stored: ${this.#fault}`, lost].filter(Boolean).join('; ');
    const recent = Math.abs(this.#parts.ctx.clock.now() - this.#droppedAt) < DROP_SHOWN_MS;
    return recent ? lost : undefined;
  }

  #storeSoon(): void {
    if (this.#storing || this.#retry || this.#stopped) return;
    this.#storing = this.#storeAll().finally(() => {
      this.#storing = undefined;
      // What was added after the last look and before this one.
      if (this.#waiting.length > 0) this.#storeSoon();
    });
  }

  async #storeAll(): Promise<void> {
    const { ctx, maxEntries } = this.#parts;
    while (this.#waiting.length > 0) {
      // They leave the queue first: what is added meanwhile must push out waiting entries, not these.
      const batch = this.#waiting.splice(0, BATCH);
      try {
        await ctx.store.write((tx) => {
          const rows = tx.insert(operationLog).values(batch).returning({ id: operationLog.id }).all();
          trim(tx, (rows.at(-1)?.id ?? 0) - maxEntries());
        });
      } catch (error) {
        this.#putBack(batch, error as Error);
        return;
      }
      this.#fault = undefined;
      ctx.changed('entries');
    }
  }

  #putBack(batch: Operation[], error: Error): void {
    const { ctx } = this.#parts;
    if (!this.#fault) ctx.log.error({ err: error }, 'the operation log cannot be stored; tried again');
    this.#fault = error.message;
    this.#waiting.unshift(...batch);
    const surplus = this.#waiting.length - CAPACITY;
    if (surplus > 0) {
      this.#waiting.splice(0, surplus);
      this.dropped += surplus;
      this.#droppedAt = ctx.clock.now();
    }
    if (this.#stopped) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#storeSoon();
    }, RETRY_MS);
    this.#retry.unref();
  }
}

/** Removes entries up to a number, a few at a time: a lowered limit must not hold the database for long. */
function trim(tx: Tx, upTo: number): void {
  if (upTo <= 0) return;
  const old = tx
    .select({ id: operationLog.id })
    .from(operationLog)
    .where(lte(operationLog.id, upTo))
    .orderBy(operationLog.id)
    .limit(2 * BATCH);
  tx.delete(operationLog).where(inArray(operationLog.id, old)).run();
}
