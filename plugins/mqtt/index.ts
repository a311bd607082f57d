import { definePlugin, type Health, on, optional } from '../../core/plugin/contract.ts';
import { actions, alarmDesk, cameraSwitches, outbox, outgoing, reactions } from '../../core/plugin/push-services.ts';
import { cameraDirectory, camerasChanged, deviceIdentity, host, vision } from '../../core/plugin/services.ts';
import { cameraStatusChanged } from '../../core/vision/keys.ts';
import { Link } from './link.ts';
import { routes } from './routes.ts';
import { settings } from './settings.ts';
import * as tables from './tables.ts';

/** Speaks with a broker: tells what happens, what there is, and takes commands where they are allowed. */
export default definePlugin({
  config: settings,
  configArea: 'devices',
  use: {
    host,
    vision,
    outbox,
    outgoing,
    cameras: optional(cameraDirectory),
    identity: deviceIdentity,
    switches: optional(cameraSwitches),
    desk: optional(alarmDesk),
    actions: optional(actions),
    reactions: optional(reactions),
  },
  tables,
  ui: {
    pages: [
      {
        id: 'mqtt',
        slot: 'settings',
        title: 'title',
        module: 'page.ts',
        access: { area: 'devices', action: 'see' },
        order: 60,
      },
    ],
  },
  setup: (ctx) => {
    const { config, use, clock } = ctx;
    const { serial, deviceId } = use.identity;
    const box = { serial, name: deviceId, version: use.host.version };
    let link: Link | undefined;

    const counts = () => Object.entries(link?.commands.counts ?? {});
    ctx.metrics.gauge('connected', 'The connection to the broker stands', () =>
      link?.state.state === 'connected' ? 1 : 0,
    );
    ctx.metrics.gauge('published', 'Messages the broker has acknowledged', () => link?.broker.published ?? 0);
    ctx.metrics.gauge(
      'commands',
      'Commands, by what became of them',
      () => counts().map(([result, value]) => ({ labels: { result }, value })),
      ['result'],
    );

    const health = (): Health => {
      if (!link) return { state: 'ok', detail: 'no broker is set up' };
      const { state, since, lastError } = link.state;
      if (state === 'connected') return lastError ? { state: 'degraded', detail: lastError } : { state: 'ok' };
      if (!lastError && clock.now() - since < 10_000) return { state: 'ok', detail: 'connecting' };
      return { state: 'degraded', detail: `no connection to ${new URL(config.url).host}: ${lastError ?? 'no answer'}` };
    };

    return {
      on: [
        on(camerasChanged, () => link?.camerasChanged()),
        on(cameraStatusChanged, ({ channel, state }) => link?.cameraTold(channel, state === 'online')),
      ],
      routes: routes({ link: () => link, settings: config, reports: () => use.outbox.reports() }),
      start: async () => {
        if (config.url === '') {
          // Nobody is to receive what still waits.
          await use.outbox.remove('mqtt/main');
          return;
        }
        link = new Link({
          ctx,
          settings: config,
          box,
          rules: use.outgoing,
          outbox: use.outbox,
          vision: use.vision,
          cameras: () => use.cameras?.list(),
          switches: () => use.switches,
          desk: () => use.desk,
          actions: () => use.actions,
          offered: use.reactions?.by('mqtt'),
        });
        await link.start();
      },
      stop: async () => {
        await link?.stop();
        link = undefined;
      },
      health,
    };
  },
});
