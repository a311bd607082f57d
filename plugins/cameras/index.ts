import { z } from 'zod';
import { captureRecorded, trackRecognised } from '../../core/plugin/capture-services.ts';
import { definePlugin, on, provide } from '../../core/plugin/contract.ts';
import { portraitsErased } from '../../core/plugin/face-services.ts';
import { cameraSwitches } from '../../core/plugin/push-services.ts';
import { cameraDatabases, cameraDirectory, camerasChanged, guestCameras, vision } from '../../core/plugin/services.ts';
import { cameraStatusChanged } from '../../core/vision/keys.ts';
import { info, unknownStatus } from './answers.ts';
import { Bindings } from './bindings.ts';
import { type Camera, CHANNELS, planOf, UNITS } from './camera.ts';
import { AllCameras, Guests } from './guests.ts';
import { messages } from './messages.ts';
import { Probes } from './probes.ts';
import { Roster } from './roster.ts';
import { routes } from './routes.ts';
import * as tables from './tables.ts';
import { StatusFeed, topics } from './topics.ts';
import { TrackNames } from './track-names.ts';

export default definePlugin({
  config: z.object({
    computeUnits: z
      .int()
      .min(UNITS.VIDEO)
      .max(CHANNELS * UNITS.VIDEO)
      .default(16)
      .describe('Computing power of the box: a stream camera takes 2 units, a capture camera 1'),
  }),
  use: { vision },
  tables,
  ui: {
    pages: [
      {
        id: 'cameras',
        slot: 'cameras',
        title: 'cameras.title',
        module: 'list.ts',
        access: { area: 'devices', action: 'see' },
      },
      {
        id: 'camera',
        slot: 'cameras',
        title: 'camera.title',
        module: 'edit.ts',
        access: { area: 'devices', action: 'change' },
        hidden: true,
      },
      { id: 'live', slot: 'live', title: 'live.title', module: 'live.ts', access: { area: 'records', action: 'see' } },
    ],
  },
  setup: (ctx) => {
    const setUpAt = ctx.clock.now();
    const feed = new StatusFeed();
    const probes = new Probes(ctx.use.vision);
    const units = () => ctx.config.computeUnits;
    const bindings = new Bindings(() => guests.list());
    const roster = new Roster({
      store: ctx.store,
      secrets: ctx.secrets,
      log: ctx.log,
      units,
      bindings,
      seenAt: (url) => probes.factsOf(url),
      onChanged: (channel) => {
        guests.place();
        tell([channel]);
      },
    });
    const guests = new Guests({
      taken: () => roster.channels(),
      steady: () => ctx.clock.steady(),
      onChanged: (channels) => tell(channels),
    });
    const all = new AllCameras(roster, guests);
    /** Of each channel, the address vision speaks of: a change is in the roster a moment before it is in a plan. */
    const seen = new Map<number, string>();
    const applyPlans = () => {
      const plans = all.list().flatMap((camera) => planOf(camera) ?? []);
      seen.clear();
      for (const { channel, url } of plans) seen.set(channel, url);
      ctx.use.vision.setCameras(plans);
    };
    const tell = (channels: number[]) => {
      applyPlans();
      for (const channel of channels) {
        named.forget(channel);
        ctx.emit(camerasChanged, { channel });
        // Of a camera that is off, vision says nothing more.
        const camera = roster.get(channel);
        if (camera && !camera.enabled) feed.tell(unknownStatus(camera, ctx.clock.now()));
      }
      ctx.changed('cameras');
    };
    const statusOf = (camera: Camera) => ctx.use.vision.status(camera.channel) ?? unknownStatus(camera, setUpAt);
    const online = (channel: number) => ctx.use.vision.status(channel);
    const named = new TrackNames(online);
    roster.load();

    return {
      messages: messages({ roster, all, units, statusOf }),
      routes: routes({ roster, all, probes, vision: ctx.use.vision, units, statusOf }),
      topics: topics({ all, feed, names: named, vision: ctx.use.vision, statusOf }),
      services: [
        provide(cameraDirectory, {
          get: (channel) => {
            const camera = roster.get(channel) ?? guests.recent(channel);
            return camera && info(camera, online(channel));
          },
          list: () => all.list().map((camera) => info(camera, online(camera.channel))),
        }),
        provide(guestCameras, guests),
        provide(cameraDatabases, bindings),
        provide(cameraSwitches, {
          enabled: (channel) => roster.get(channel)?.enabled,
          setEnabled: async (channel, enabled) => {
            all.findOwn(channel);
            await roster.modify(channel, { enabled });
          },
        }),
      ],
      on: [
        on(cameraStatusChanged, async (status) => {
          feed.tell(status);
          const { channel, state, width, height } = status;
          if (state !== 'online') named.forget(channel);
          if (state !== 'online' || !width || !height) return;
          guests.learn(channel, { width, height });
          await roster.learn(channel, { width, height }, seen.get(channel));
        }),
        on(captureRecorded, (record) => named.told(record)),
        on(trackRecognised, (verdict) => named.told(verdict)),
        on(portraitsErased, ({ keys }) => named.erased(keys, ctx.clock.now())),
      ],
      start: applyPlans,
      reconfigure: () => ctx.changed('cameras'),
      health: () => {
        const unreadable = roster.list().filter((camera) => camera.url === undefined);
        if (unreadable.length > 0) {
          return {
            state: 'degraded' as const,
            detail: `addresses cannot be opened with the key of this box, enter them again: ${names(unreadable)}`,
          };
        }
        // A camera that is offline is no fault of this plugin.
        const offline = roster.list().filter((camera) => camera.enabled && statusOf(camera).state === 'offline');
        return { state: 'ok' as const, ...(offline.length > 0 ? { detail: `offline: ${names(offline)}` } : {}) };
      },
    };
  },
});

function names(cameras: Camera[]): string {
  return cameras.map(({ channel, name }) => `${channel} "${name}"`).join(', ');
}
