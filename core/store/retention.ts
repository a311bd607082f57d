import { ClockWatch } from './clock-watch.ts';
import type { Store, Tx } from './database.ts';
import { DISK_LIMIT, daysOf, lastRoom, RetentionRun, readDisk, share } from './retention-run.ts';
import type { StoreClock, StoreLog } from './types.ts';

export { DISK_LIMIT } from './retention-run.ts';

/**
 * Rows of one kind that grow old. The removing calls run in a write job, delete at most `limit` rows with their files
 * (`tx.dropBlob`) and return how many rows they deleted; fewer than `limit` means that nothing is left to delete.
 */
export interface RetentionPolicy {
  /** `captures.face` */
  name: string;
  /** Days to keep; 0 is for ever, undefined the box's general number. */
  keepDays?(): number | undefined;
  /** Deletes rows from before `time` (ms since 1970 UTC). */
  removeOlderThan(tx: Tx, time: number, limit: number): number;
  /** Deletes the oldest rows: the disk is filling up. */
  removeOldest(tx: Tx, limit: number): number;
  /** Time of the oldest row (ms), undefined when there is none. Kinds that tell it go oldest first, others in turn. */
  oldest?(): number | undefined;
  /**
   * Bytes on the disk that deleting every row would free. Rows without files leave it out: the database reuses their
   * space, but gives none back.
   */
  bytes?(): number;
}

/** Bytes. */
export interface DiskUse {
  total: number;
  free: number;
}

export interface RetentionReport {
  startedAt: number;
  finishedAt: number;
  /** Rows removed by each policy: for their age, and for room on the disk. */
  removed: Record<string, { aged: number; forRoom: number }>;
  /** Share of the disk in use, 0..1; undefined when the disk could not be read. */
  useBefore: number | undefined;
  useAfter: number | undefined;
  /** Why the disk is still above its limit, when it is. */
  stillFull: string | undefined;
  /** Records were deleted for room until none was left, or without freeing any: more of that would not help. */
  inVain: boolean;
  /** The clock was set a short time ago: nothing is deleted for its age before this time (ms). */
  doubtedUntil: number | undefined;
  /** `<policy>: <message>` */
  errors: string[];
}

export interface RetentionOptions {
  store: Store;
  log: StoreLog;
  clock: StoreClock;
  /** Days to keep records whose policy says nothing; default 30, 0 is for ever. */
  days?: () => number;
  /** What to do when the disk fills up: delete the oldest records (default), or leave them alone. */
  whenFull?: () => 'overwrite' | 'freeze';
  /** Reads the disk; default: the one the data folder is on. */
  readDisk?: () => Promise<DiskUse>;
  /** Rows one write job deletes at most; default 200. */
  batch?: number;
  /** Time from run to run, ms; default one hour. */
  everyMs?: number;
  /** Time from look to look at clock and disk, ms; default 5 s. A disk that fills up does not wait for the hour. */
  lookMs?: number;
  /** ms since some moment, never set; default `performance.now`. */
  steady?: () => number;
}

export interface Retention {
  /** Gives the function that takes the policy back. */
  register(policy: RetentionPolicy): () => void;
  /** What holds at this moment, by policy; 0 days is for ever. */
  rules(): { name: string; days: number }[];
  /** Runs now, or joins the run that is going on. Does not reject: errors stand in the report. */
  run(): Promise<RetentionReport>;
  /** The last finished run, for the health page. */
  last(): RetentionReport | undefined;
  /**
   * The clock was set a while ago, and nothing goes for its age before this moment, ms; undefined: it is believed. Looks at
   * the clock.
   */
  doubtedUntil(): number | undefined;
  /** Runs now, then every hour, and when the disk fills up in between. */
  start(): void;
  /** Ends after the batch in hand. */
  stop(): Promise<void>;
}

/** A full disk that could not be helped is looked at again when so much more of it is in use. */
const FULLER = 0.005;

/** Whether a run could free more of this disk than the last one did; where not, it waits for the hour. */
function mayHelp({ stillFull, inVain, useAfter }: RetentionReport, disk: DiskUse): boolean {
  if (stillFull === undefined || useAfter === undefined) return true;
  if (inVain) return false;
  if (share(disk) >= useAfter + FULLER) return true;
  return disk.free < lastRoom(disk) && (1 - useAfter) * disk.total >= lastRoom(disk);
}

/** Deletes records that are too old, and the oldest ones when the disk fills up, in small write jobs. */
export function createRetention(options: RetentionOptions): Retention {
  const { store, log, clock, everyMs = 60 * 60 * 1000, lookMs = 5_000 } = options;
  const watch = new ClockWatch({
    clock,
    steady: options.steady ?? (() => performance.now()),
    settings: store.settings,
    log,
  });
  const policies: RetentionPolicy[] = [];
  let last: RetentionReport | undefined;
  let current: { run: RetentionRun; report: Promise<RetentionReport> } | undefined;
  let timers: NodeJS.Timeout[] = [];

  const finish = (report: RetentionReport) => {
    last = report;
    current = undefined;
    const removed = Object.values(report.removed).reduce((sum, { aged, forRoom }) => sum + aged + forRoom, 0);
    if (report.errors.length > 0) log.error({ report }, 'retention ran with errors');
    else if (removed > 0 || report.stillFull !== undefined) log.info({ report }, 'retention ran');
    return report;
  };

  const run = (): Promise<RetentionReport> => {
    if (!current) {
      watch.look();
      const started = new RetentionRun(options, [...policies], watch.doubtedUntil());
      current = { run: started, report: started.run().then(finish) };
      void watch.keep();
    }
    return current.report;
  };

  const look = async (): Promise<void> => {
    watch.look();
    const disk = await readDisk(options);
    if (share(disk) > DISK_LIMIT && (!last || mayHelp(last, disk))) await run();
  };

  return {
    register(policy) {
      if (policies.some(({ name }) => name === policy.name)) {
        throw new Error(`a retention policy named ${policy.name} is registered already`);
      }
      policies.push(policy);
      return () => {
        const at = policies.indexOf(policy);
        if (at >= 0) policies.splice(at, 1);
      };
    },
    rules: () => policies.map((policy) => ({ name: policy.name, days: daysOf(policy, options) })),
    run,
    last: () => last,
    doubtedUntil: () => {
      watch.look();
      return watch.doubtedUntil();
    },
    start() {
      if (timers.length > 0) return;
      const failed = (error: unknown) => log.warn({ err: error }, 'the disk could not be looked at');
      timers = [setInterval(() => void run(), everyMs), setInterval(() => void look().catch(failed), lookMs)];
      for (const timer of timers) timer.unref();
      void run();
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      timers = [];
      current?.run.stop();
      await current?.report;
    },
  };
}
