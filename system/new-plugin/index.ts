import { asc, desc, inArray, lt } from 'drizzle-orm';
import { z } from 'zod';
import { int, text } from '../../core/gateway/lenient.ts';
import { definePlugin, message, on, route } from '../../core/plugin/contract.ts';
import { personTracks } from '../../core/vision/keys.ts';
import { peopleCounted } from './keys.ts';
import * as tables from './tables.ts';
import { greetings } from './tables.ts';

/** Greets people by name, keeps whom it greeted, and shows how many people each camera sees. */
export default definePlugin({
  config: z.object({
    greeting: z.string().min(1).max(40).default('Hello').describe('What to say before the name'),
    keepDays: z
      .int()
      .min(0)
      .max(3650)
      .default(30)
      .describe('Days to keep greetings; 0 keeps them until room is needed'),
  }),
  tables,
  ui: { pages: [{ id: 'greeter', slot: 'records', title: 'title', module: 'page.ts', access: 'session' }] },
  setup: (ctx) => {
    const { store, clock } = ctx;
    const greeted = ctx.metrics.counter('greetings_total', 'Greetings since the start');
    /** People in view by channel; a camera that sees nobody is not in it. */
    const seen = new Map<number, number>();
    ctx.metrics.gauge(
      'people',
      'People a camera sees now',
      () => [...seen].map(([channel, value]) => ({ labels: { channel: String(channel) }, value })),
      ['channel'],
    );
    // Whatever grows must go again: the core calls this every hour, and when the disk fills up.
    ctx.retain({
      name: ctx.id,
      keepDays: () => ctx.config.keepDays,
      removeOlderThan: (tx, time, limit) => {
        const old = tx.select({ id: greetings.id }).from(greetings).where(lt(greetings.time, time)).limit(limit);
        return Number(tx.delete(greetings).where(inArray(greetings.id, old)).run().changes);
      },
      removeOldest: (tx, limit) => {
        const oldest = tx.select({ id: greetings.id }).from(greetings).orderBy(asc(greetings.id)).limit(limit);
        return Number(tx.delete(greetings).where(inArray(greetings.id, oldest)).run().changes);
      },
    });
    return {
      on: [
        on(peopleCounted, ({ channel, people }) => {
          if (people > 0) seen.set(channel, people);
          else seen.delete(channel);
        }),
      ],
      messages: [
        message({
          id: 9000,
          name: 'greet',
          access: { area: 'records', action: 'change' },
          request: z.object({ name: text({ min: 1, max: 40 }) }),
          handle: async ({ name }, call) => {
            await store.write((tx) => tx.insert(greetings).values({ time: clock.now(), name }).run());
            greeted.inc();
            call.remark(`greeted ${name}`);
            ctx.changed('greetings');
            return { text: `${ctx.config.greeting}, ${name}` };
          },
        }),
      ],
      routes: [
        route({
          method: 'GET',
          path: '/greetings',
          summary: 'Who was greeted, the newest first',
          access: 'session',
          query: z.object({ limit: int({ min: 1, max: 200 }).default(50) }),
          handle: ({ query }) => ({
            greetings: store.read.select().from(greetings).orderBy(desc(greetings.id)).limit(query.limit).all(),
          }),
        }),
      ],
      stages: [
        {
          id: 'greeter-count',
          module: new URL('./stages/count.ts', import.meta.url).href,
          in: [personTracks],
          out: [],
          tasks: ['body'],
          tells: [peopleCounted],
        },
      ],
    };
  },
});
