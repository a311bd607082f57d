import { join } from 'node:path';
import { alarmArchive } from '../../core/plugin/alarm-services.ts';
import { captureArchive, captureRecorded } from '../../core/plugin/capture-services.ts';
import { definePlugin, on, optional } from '../../core/plugin/contract.ts';
import { guestPortraits } from '../../core/plugin/face-services.ts';
import { cameraDirectory, camerasChanged, guestCameras, host } from '../../core/plugin/services.ts';
import { routes } from './routes.ts';
import { DemoSite } from './site.ts';
import { stateSchema } from './state.ts';
import { Stills } from './stills.ts';

const KEY = 'demo-site';

/** Rendered scenes as cameras, for a box that has none yet. */
export default definePlugin({
  use: {
    cameras: cameraDirectory,
    guests: guestCameras,
    host,
    archive: optional(captureArchive),
    alarms: optional(alarmArchive),
    portraits: optional(guestPortraits),
  },
  ui: {
    pages: [
      {
        id: 'demo-site',
        slot: 'cameras',
        title: 'title',
        module: 'page.ts',
        access: { area: 'devices', action: 'see' },
        order: 5,
      },
    ],
    widgets: [
      {
        id: 'demo-site-note',
        place: 'overview',
        module: 'note.ts',
        access: { area: 'devices', action: 'see' },
        order: -1,
      },
    ],
  },
  setup: (ctx) => {
    const { use, store, log } = ctx;
    const site = new DemoSite({
      folder: use.host.demo.sceneFolder ?? join(import.meta.dirname, 'scenes'),
      wanted: use.host.demo.wanted,
      firstStart: use.host.firstStart,
      cameras: use.cameras,
      guests: use.guests,
      archive: () => ctx.use.archive,
      alarms: () => ctx.use.alarms,
      portraits: () => ctx.use.portraits,
      stored: () => store.settings.get(KEY, stateSchema),
      store: (state) => store.settings.set(KEY, state),
      now: () => ctx.clock.now(),
      log,
      changed: () => ctx.changed('demo-site'),
    });
    const stills = new Stills(() => ctx.dataFolder());
    return {
      routes: routes(site, stills),
      on: [
        on(camerasChanged, () => site.camerasChanged()),
        on(captureRecorded, ({ origin }) => {
          if (origin === 'demo') site.recorded();
        }),
      ],
      // Not waited for: the box answers while clips are checked.
      start: () => void site.open(),
      stop: () => site.stop(),
      health: () => {
        // A scene that is damaged is no fault of a box: it has real cameras to look at.
        const detail = site.faults.join('; ');
        return { state: 'ok' as const, ...(detail ? { detail } : {}) };
      },
    };
  },
});
