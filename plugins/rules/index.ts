import { definePlugin, optional } from '../../core/plugin/contract.ts';
import { actions, alarmDesk, outbox, pastAlarms, pastCaptures, reactions } from '../../core/plugin/push-services.ts';
import { cameraDirectory, type Operation, operationPerformed } from '../../core/plugin/services.ts';
import { offerActions } from './action-reactions.ts';
import { type Beginning, begin } from './begun.ts';
import { Firings } from './firings.ts';
import { Lines } from './lines.ts';
import { ACCESS, routes } from './routes.ts';
import { RuleBook } from './rule-book.ts';
import { Rules } from './rules.ts';
import * as tables from './tables.ts';

/** When this is seen, then tell them or do that. */
export default definePlugin({
  use: {
    outbox,
    reactions,
    actions: optional(actions),
    desk: optional(alarmDesk),
    alarms: optional(pastAlarms),
    captures: optional(pastCaptures),
    cameras: optional(cameraDirectory),
  },
  tables,
  ui: { pages: [{ id: 'rules', slot: 'settings', title: 'title', module: 'rules.ts', access: ACCESS, order: 5 }] },
  setup: (ctx) => {
    const { store, clock, use, log } = ctx;
    const fired = ctx.metrics.counter('fired_total', 'Times a rule fired', ['rule']);
    const changed = () => ctx.changed('rules');
    const now = () => clock.now();
    const zone = () => clock.zone;
    const steady = () => clock.steady();
    const book = new RuleBook(store);
    const firings = new Firings({
      ...{ store, zone, steady },
      fired: ({ id }) => fired.inc({ rule: String(id) }),
      noted: changed,
      failed: (error) => log.warn({ err: error }, 'when rules fired could not be noted'),
    });
    const lines = new Lines({ outbox: use.outbox, reactions: use.reactions, book, firings, zone, steady });
    ctx.metrics.gauge('rules', 'Rules that are switched on', () => book.list().filter(({ enabled }) => enabled).length);
    const follow = () =>
      lines.sync().catch((error: Error) => log.error({ err: error }, 'rules could not follow what is offered'));
    const endings: (() => void)[] = [];

    return {
      routes: routes({
        rules: new Rules({ outbox: use.outbox, reactions: use.reactions, book, firings, lines, now, changed }),
        reactions: use.reactions,
        desk: () => use.desk,
        captures: () => use.captures,
        alarms: () => use.alarms,
        cameras: () => use.cameras?.list() ?? [],
        now,
        zone,
      }),
      start: async () => {
        if (use.actions) {
          const performed = (operation: Operation) => ctx.emit(operationPerformed, operation);
          const noted = (beginning: Beginning) => begin(store, beginning, now());
          endings.push(offerActions({ actions: use.actions, reactions: use.reactions, now, begin: noted, performed }));
        }
        endings.push(
          use.reactions.onChanged(() => {
            void follow();
            changed();
          }),
        );
        await follow();
      },
      stop: async () => {
        for (const end of endings) end();
        await lines.close();
        await firings.settle();
      },
    };
  },
});
