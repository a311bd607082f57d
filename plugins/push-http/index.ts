import { definePlugin, optional, type PluginContext, type PluginParts, provide } from '../../core/plugin/contract.ts';
import { outbox, outgoing, pushImages, reactions } from '../../core/plugin/push-services.ts';
import { deviceIdentity } from '../../core/plugin/services.ts';
import { ImageChoice } from './images.ts';
import { Lines } from './lines.ts';
import { messages } from './messages.ts';
import { pushReactions } from './reactions.ts';
import { Receivers } from './receivers.ts';
import { routes } from './routes.ts';
import * as tables from './tables.ts';
import { Targets } from './targets.ts';

const use = { outbox, outgoing, reactions: optional(reactions), identity: optional(deviceIdentity) };

/** @param heartbeatMs time between heartbeats */
export function setUp(ctx: PluginContext<unknown, typeof use>, heartbeatMs?: number): PluginParts<unknown> {
  const { store, secrets, clock, log } = ctx;
  const rules = ctx.use.outgoing;
  const offered = ctx.use.reactions?.by(ctx.id);
  // Offered anew when a receiver comes, goes, or answers again: what rules have for it is then tried at once.
  const offer = () => offered?.offer(pushReactions(targets.list(), (id) => lines.of(id)));
  const changed = () => {
    ctx.changed('targets');
    offer();
  };
  const now = () => clock.now();
  const settings = () => ({ deviceId: ctx.use.identity?.deviceId ?? '', zone: clock.zone });
  const images = new ImageChoice(store);
  const targets = new Targets({ store, secrets, rules, now });
  const beats = ctx.metrics.counter('heartbeats_total', 'Heartbeats sent, by how they ended', ['result']);
  const lines = new Lines({
    outbox: ctx.use.outbox,
    rules,
    targets,
    settings,
    now,
    changed,
    wanted: (part) => images.wanted(part),
    beat: (ok) => beats.inc({ result: ok ? 'ok' : 'failed' }),
    failed: ({ id }, reason) => log.warn({ target: id, reason }, 'nothing can be pushed to a receiver'),
    ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
  });
  const receivers = new Receivers({ targets, lines, outbox: ctx.use.outbox, changed });
  const testing = { targets, rules, settings, now, steady: () => clock.steady() };

  return {
    messages: messages({ receivers, targets, images }),
    routes: routes({ receivers, images, testing, changed }),
    services: [provide(pushImages, images)],
    start: async () => {
      await receivers.forgetRemoved();
      await lines.refresh();
      offer();
    },
    stop: () => lines.close(),
    health: () =>
      lines.faults === 0
        ? { state: 'ok' }
        : { state: 'degraded', detail: 'nothing can be pushed to a receiver: see Settings, HTTP pushes' },
  };
}

export default definePlugin({
  use,
  tables,
  ui: {
    pages: [
      {
        id: 'push-http',
        slot: 'settings',
        title: 'push.title',
        module: 'targets.ts',
        access: { area: 'people', action: 'see' },
        order: 20,
      },
    ],
  },
  setup: (ctx) => setUp(ctx),
});
