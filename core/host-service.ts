import { resolve } from 'node:path';
import type { Config } from './config.ts';
import { CODE, ContractError } from './gateway/errors.ts';
import type { RecentLog } from './log.ts';
import type { Clock } from './plugin/contract.ts';
import type { PluginHost } from './plugin/host.ts';
import type { Host, WorkerReport } from './plugin/services.ts';
import { leaveSafeMode } from './start/safe-mode.ts';
import type { Starts } from './start/starts.ts';
import type { Store } from './store/database.ts';
import { diskFault } from './store/disk-fault.ts';
import { DISK_LIMIT, type Retention } from './store/retention.ts';

const RESTART_PAUSE_MS = 300;

export interface HostParts {
  version: string;
  config: Config;
  firstStart: boolean;
  /** `clock.steady()` when the box began to start. */
  began: number;
  clock: Clock;
  store: Store;
  retention: Retention;
  recentLog: RecentLog;
  /** The record of starts; without it every start is a normal one. */
  starts: Starts | undefined;
  /** Starting this box anew: `check` throws what stands in the way of it, `go` stops and starts it. */
  restart: { check(): void; go(): void } | undefined;
  /** Which need the service themselves, so they are asked for later. */
  plugins(): PluginHost;
  workers(): WorkerReport[];
}

/** What the box as a whole tells plugins of itself, and lets them do with it. */
export function createHost(parts: HostParts): Host {
  const { version, config, firstStart, began, clock, store, retention, recentLog, starts, restart } = parts;
  const { plugins, workers } = parts;
  const mode = starts?.mode ?? 'normal';
  const lastGood = mode === 'normal' ? undefined : starts?.lastGood();
  return {
    version,
    firstStart,
    demo: {
      ...(config.demo === undefined ? {} : { wanted: config.demo }),
      ...(config.sceneFolder === undefined ? {} : { sceneFolder: resolve(config.sceneFolder) }),
    },
    // By what has really passed: the clock may have been set since.
    get startedAt() {
      return Math.round(clock.now() - (clock.steady() - began));
    },
    start: {
      mode,
      failed: [...(starts?.failed ?? [])],
      ...(lastGood ? { lastGoodAt: lastGood.savedAt } : {}),
      putBack: mode === 'normal' ? [] : (starts?.putBack()?.keys ?? []),
    },
    startNormally: async (newer) => {
      if (!starts || mode === 'normal') throw new ContractError(CODE.wrongParameter, 'the box is not in safe mode');
      restart?.check();
      await leaveSafeMode(starts, store, newer);
      // A moment later, so that whoever asked still gets the answer.
      setTimeout(() => restart?.go(), RESTART_PAUSE_MS);
    },
    plugins: () => plugins().reports(),
    workers,
    pluginConfig: (id) => plugins().pluginConfig(id),
    setPluginConfig: (id, values) => plugins().setPluginConfig(id, values),
    changePluginConfig: (id, change) => plugins().changePluginConfig(id, change),
    setEnabled: (id, enabled, withNeeders) => plugins().setEnabled(id, enabled, withNeeders),
    recentLog: (limit) => recentLog.newest(limit),
    storage: async () => {
      const { bytes, databaseBytes, disk } = await store.usage();
      const fault = diskFault({ disk, reserveOut: store.reserve.out, stillFull: retention.last()?.stillFull });
      const sizes = { pictures: bytes, database: databaseBytes, diskTotal: disk.total, diskFree: disk.free };
      return { ...sizes, ...(fault ? { fault } : {}) };
    },
    retention: () => {
      const last = retention.last();
      const doubtedUntil = retention.doubtedUntil();
      const removed = Object.values(last?.removed ?? {}).reduce((sum, one) => sum + one.aged + one.forRoom, 0);
      return {
        ...(last ? { lastRun: last.finishedAt } : {}),
        removed,
        ...(doubtedUntil === undefined ? {} : { doubtedUntil }),
        rules: retention.rules(),
        diskPercent: DISK_LIMIT * 100,
      };
    },
  };
}
