import { z } from 'zod';
import { alarmArchive, alarms } from '../../core/plugin/alarm-services.ts';
import { capturesErased } from '../../core/plugin/capture-services.ts';
import { definePlugin, on, optional, provide } from '../../core/plugin/contract.ts';
import { portraitsErased } from '../../core/plugin/face-services.ts';
import { alarmDesk, outbox, type PastMessages, pastAlarms } from '../../core/plugin/push-services.ts';
import { Desk } from './desk.ts';
import { AlarmFeed } from './feed.ts';
import { Insisting } from './insisting.ts';
import { AlarmList } from './list.ts';
import { Raiser } from './raising.ts';
import { Remover, retentionPolicy } from './removing.ts';
import { routes } from './routes.ts';
import * as tables from './tables.ts';
import { alarmMessage } from './telling.ts';
import { viewOf } from './view.ts';

/** Stopping waits so long for alarms that are being stored, ms. */
const STOP_MS = 4_000;

/** Keeps what other plugins say somebody should look at, until somebody has, and for a while after. */
export default definePlugin({
  config: z.object({
    keepDays: z
      .int()
      .min(0)
      .max(3650)
      .default(30)
      .describe('Days to keep alarms; 0 keeps them as long as their captures'),
    maxAlarms: z
      .int()
      .min(1000)
      .max(50_000)
      .default(20_000)
      .describe('Alarms to keep; beyond them the oldest go, acknowledged ones first'),
  }),
  use: { outbox: optional(outbox) },
  tables,
  ui: {
    pages: [
      {
        id: 'alarms',
        slot: 'alarms',
        title: 'alarms.title',
        module: 'alarms.ts',
        access: { area: 'records', action: 'see' },
      },
    ],
    widgets: [
      {
        id: 'alarms-open',
        place: 'overview',
        module: 'open-alarms.ts',
        access: { area: 'records', action: 'see' },
        order: 0,
      },
    ],
  },
  setup: (ctx) => {
    const { store, log } = ctx;
    const feed = new AlarmFeed();
    const raisedCount = ctx.metrics.counter('raised_total', 'Alarms stored', ['kind']);
    const removed = () => ctx.changed('alarms');
    const remover = new Remover(store, removed);
    const insisting = new Insisting((error) => log.warn({ err: error }, 'alarms could not be removed yet'));
    const raiser = new Raiser({
      store,
      most: () => (ctx.configFault ? Number.POSITIVE_INFINITY : ctx.config.maxAlarms),
      alongside: (tx, alarm, shows) => ctx.use.outbox?.add(tx, alarmMessage(alarm, shows)),
      raised: (alarm) => {
        raisedCount.inc({ kind: alarm.kind });
        feed.tell(viewOf(alarm));
      },
      madeRoom: (count) => {
        log.warn({ count }, 'alarms had to make room for newer ones');
        removed();
      },
    });
    ctx.metrics.gauge('waiting', 'Alarms waiting to be stored', () => raiser.waiting);
    ctx.retain(retentionPolicy(() => ctx.config.keepDays, removed));

    const list = new AlarmList(store);
    const past: PastMessages = {
      since: async (from, most) => (await list.since(from, most)).map(({ row, shows }) => alarmMessage(row, shows)),
    };

    return {
      services: [
        provide(alarms, raiser),
        provide(alarmArchive, remover),
        provide(alarmDesk, new Desk(ctx)),
        provide(pastAlarms, past),
      ],
      on: [
        on(capturesErased, ({ ids }) =>
          insisting.until(() => (ids === 'all' ? remover.afterAllCaptures() : remover.ofCaptures(ids))),
        ),
        on(portraitsErased, ({ keys }) => insisting.until(() => remover.eraseOf(keys))),
      ],
      routes: routes({ ctx, list }),
      topics: feed.topics(),
      // Not waited for. What was deleted while this plugin was off, or in the moment of a power cut, was told to nobody.
      start: () => void insisting.until(() => remover.orphans()),
      stop: async () => {
        insisting.stop();
        await untilOr(raiser.idle(), STOP_MS);
      },
      // Both numbers are read when they are needed.
      reconfigure: () => {},
    };
  },
});

/** Waits for the end of something, but not longer than `ms`. */
async function untilOr(end: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([end, deadline]);
  clearTimeout(timer);
}
