import { asc, inArray, lt } from 'drizzle-orm';
import { z } from 'zod';
import { definePlugin, on } from '../../core/plugin/contract.ts';
import { operationPerformed } from '../../core/plugin/services.ts';
import { Recorder } from './recorder.ts';
import { routes } from './routes.ts';
import * as tables from './tables.ts';
import { operationLog } from './tables.ts';

/** Keeps who did what, logins included, and shows it to those who manage accounts. */
export default definePlugin({
  config: z.object({
    days: z.int().min(0).max(3650).default(365).describe('Days to keep entries; 0 keeps them for ever'),
    maxEntries: z
      .int()
      .min(1000)
      .max(1_000_000)
      .default(200_000)
      .describe('Entries to keep; beyond them the oldest go'),
  }),
  tables,
  // Who may not see the log must not shorten it either.
  configArea: 'accounts',
  ui: {
    pages: [
      {
        id: 'operation-log',
        slot: 'settings',
        title: 'log.title',
        module: 'log.ts',
        access: { area: 'accounts', action: 'see' },
        order: 3,
      },
    ],
  },
  setup: (ctx) => {
    const recorder = new Recorder({
      ctx,
      maxEntries: () => (ctx.configFault ? Number.POSITIVE_INFINITY : ctx.config.maxEntries),
    });
    ctx.metrics.gauge('entries_waiting', 'Entries not stored yet', () => recorder.waiting);
    ctx.metrics.gauge('entries_dropped', 'Entries lost since the start', () => recorder.dropped);
    ctx.retain({
      name: 'operation-log',
      keepDays: () => ctx.config.days,
      removeOlderThan: (tx, time, limit) => {
        const old = tx
          .select({ id: operationLog.id })
          .from(operationLog)
          .where(lt(operationLog.time, time))
          .orderBy(asc(operationLog.time))
          .limit(limit);
        return Number(tx.delete(operationLog).where(inArray(operationLog.id, old)).run().changes);
      },
      // Lines of text free next to nothing, and they tell who filled the disk.
      removeOldest: () => 0,
    });
    return {
      routes: routes(ctx),
      on: [on(operationPerformed, (operation) => recorder.add(operation))],
      stop: () => recorder.stop(),
      // Both numbers are read when they are needed.
      reconfigure: () => {},
      health: () => {
        const detail = recorder.fault();
        return detail === undefined ? { state: 'ok' as const } : { state: 'degraded' as const, detail };
      },
    };
  },
});
