import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import type { Tx } from './database.ts';
import type { DiskUse, RetentionOptions, RetentionPolicy, RetentionReport } from './retention.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS = 30;
const BATCH = 200;
/** Above this share of the disk the oldest records go. */
export const DISK_LIMIT = 0.8;
/**
 * Where even deleting every record would not reach the first limit, others fill the disk: then records go only to keep
 * so much free, a twentieth of a small disk.
 */
const LAST_FREE = 256 * 1024 * 1024;
const LAST_LIMIT = 0.95;
/** So many rows deleted without a byte more of free space: deleting does not help, and must not go on. */
const ROWS_WITHOUT_EFFECT = 2000;

/** Bytes that records keep free for whoever fills the disk. */
export function lastRoom({ total }: DiskUse): number {
  return Math.min(LAST_FREE, (1 - LAST_LIMIT) * total);
}

/** Days a policy's rows are kept; 0 is for ever. */
export function daysOf(policy: RetentionPolicy, options: RetentionOptions): number {
  return policy.keepDays?.() ?? options.days?.() ?? DAYS;
}

/** One run of retention: first age, then room. */
export class RetentionRun {
  readonly #options: RetentionOptions;
  readonly #policies: RetentionPolicy[];
  readonly #batch: number;
  readonly #report: RetentionReport;
  /** Policies that are not asked again in this run: empty or failing. */
  readonly #done = new Set<RetentionPolicy>();
  #stopped = false;

  /** @param doubtedUntil the clock is not believed before, so nothing goes for its age; ms */
  constructor(options: RetentionOptions, policies: RetentionPolicy[], doubtedUntil?: number) {
    this.#options = options;
    this.#policies = policies;
    this.#batch = options.batch ?? BATCH;
    this.#report = {
      startedAt: options.clock.now(),
      finishedAt: 0,
      removed: Object.fromEntries(policies.map(({ name }) => [name, { aged: 0, forRoom: 0 }])),
      useBefore: undefined,
      useAfter: undefined,
      stillFull: undefined,
      inVain: false,
      doubtedUntil,
      errors: [],
    };
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Does not reject. */
  async run(): Promise<RetentionReport> {
    const { store } = this.#options;
    try {
      store.blobs.maintain();
      this.#report.useBefore = share(await readDisk(this.#options));
      for (const policy of this.#policies) await this.#removeAged(policy);
      await this.#makeRoom();
      await store.blobs.idle();
      this.#report.useAfter = share(await readDisk(this.#options));
      if (this.#report.useAfter < DISK_LIMIT) await store.reserve.fill();
    } catch (error) {
      this.#report.errors.push(messageOf(error));
    }
    this.#report.finishedAt = this.#options.clock.now();
    return this.#report;
  }

  async #removeAged(policy: RetentionPolicy): Promise<void> {
    const days = this.#daysOf(policy);
    if (days === 0 || this.#report.doubtedUntil !== undefined) return;
    const before = this.#report.startedAt - days * DAY_MS;
    let removed = this.#batch;
    while (removed >= this.#batch && !this.#stopped) {
      removed = await this.#remove(policy, 'aged', (tx) => policy.removeOlderThan(tx, before, this.#batch));
    }
  }

  #daysOf(policy: RetentionPolicy): number {
    const days = daysOf(policy, this.#options);
    if (days >= 0) return days;
    this.#report.errors.push(`${policy.name}: ${days} is no number of days; nothing was deleted for its age`);
    return 0;
  }

  async #makeRoom(): Promise<void> {
    let mostFree = 0;
    let rowsSince = 0;
    for (let turn = 0; !this.#stopped; turn++) {
      await this.#options.store.blobs.idle();
      const disk = await readDisk(this.#options);
      if (!this.#mustDelete(disk)) return;
      if (disk.free > mostFree) {
        mostFree = disk.free;
        rowsSince = 0;
      } else if (rowsSince >= ROWS_WITHOUT_EFFECT) {
        this.#report.stillFull = `deleting ${rowsSince} rows freed no space`;
        this.#report.inVain = true;
        return;
      }
      const policy = this.#next(turn);
      if (!policy) {
        this.#report.stillFull = 'no records are left to delete';
        this.#report.inVain = true;
        return;
      }
      const removed = await this.#remove(policy, 'forRoom', (tx) => policy.removeOldest(tx, this.#batch));
      if (removed === 0) this.#done.add(policy);
      rowsSince += removed;
    }
  }

  /** Whether records must go for room; says in the report why they do not although the disk is above its limit. */
  #mustDelete(disk: DiskUse): boolean {
    this.#report.stillFull = undefined;
    if (share(disk) <= DISK_LIMIT) return false;
    if (this.#options.whenFull?.() === 'freeze') {
      this.#report.stillFull = 'the box is set to keep its records when the disk is full';
      return false;
    }
    const wanted = disk.total - disk.free - DISK_LIMIT * disk.total;
    const last = lastRoom(disk);
    const records = this.#deletable();
    // Nothing is deleted in vain: the records must be enough for one limit or the other.
    if (records >= wanted || (disk.free < last && records >= last - disk.free)) return true;
    this.#report.stillFull = 'other files fill the disk: deleting every record would not be enough';
    return false;
  }

  /** Bytes that deleting every record would free. What no policy may delete, such as portraits, does not count. */
  #deletable(): number {
    let sum = 0;
    for (const policy of this.#policies) {
      if (this.#done.has(policy)) continue;
      try {
        sum += policy.bytes?.() ?? 0;
      } catch (error) {
        this.#giveUpOn(policy, error);
      }
    }
    return sum;
  }

  #giveUpOn(policy: RetentionPolicy, error: unknown): void {
    this.#done.add(policy);
    this.#report.errors.push(`${policy.name}: ${messageOf(error)}`);
  }

  /** The policy whose turn it is: those that tell their age count as one and send the oldest. */
  #next(turn: number): RetentionPolicy | undefined {
    const open = this.#policies.filter((policy) => !this.#done.has(policy));
    const dated = open
      .flatMap((policy) => ({ policy, time: policy.oldest?.() }))
      .filter((entry): entry is { policy: RetentionPolicy; time: number } => entry.time !== undefined)
      .sort((a, b) => a.time - b.time);
    const turns = open.filter((policy) => policy.oldest === undefined);
    if (dated[0]) turns.push(dated[0].policy);
    return turns[turn % turns.length];
  }

  /** One write job. A policy that fails is reported and left alone for the rest of the run. */
  async #remove(policy: RetentionPolicy, why: 'aged' | 'forRoom', job: (tx: Tx) => number): Promise<number> {
    if (this.#done.has(policy)) return 0;
    const { store } = this.#options;
    const counted = (tx: Tx): number => {
      const before = changesOf(tx);
      const removed = job(tx);
      if (!Number.isSafeInteger(removed) || removed < 0) throw new TypeError(`${removed} is no number of rows`);
      // A policy that only claims to delete would be called for ever.
      if (removed > 0 && changesOf(tx) === before) throw new Error(`it says that ${removed} rows went, but none did`);
      return removed;
    };
    // Other writes and requests come first.
    await nextTurn();
    try {
      // Deleting writes too: on a full disk it needs the reserve.
      const removed = await store.reserve.lend(() => store.write(counted));
      const sum = this.#report.removed[policy.name];
      if (sum) sum[why] += removed;
      return removed;
    } catch (error) {
      this.#giveUpOn(policy, error);
      return 0;
    }
  }
}

/** Rows changed on the write connection since it was opened. */
function changesOf(tx: Tx): number {
  return tx.get<{ n: number }>(sql`SELECT total_changes() AS n`).n;
}

/** The disk as the options read it. */
export async function readDisk({ readDisk: own, store }: RetentionOptions): Promise<DiskUse> {
  return own?.() ?? (await store.usage()).disk;
}

/** Of the disk in use, 0..1. */
export function share(disk: DiskUse): number {
  return 1 - disk.free / disk.total;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
