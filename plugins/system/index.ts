import { z } from 'zod';
import { type Action, decide } from '../../core/gateway/authorization.ts';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { int } from '../../core/gateway/lenient.ts';
import { type Call, definePlugin, optional, route } from '../../core/plugin/contract.ts';
import { outbox } from '../../core/plugin/push-services.ts';
import { cameraDirectory, host, vision } from '../../core/plugin/services.ts';
import { SWITCHED_OFF } from '../../core/vision/keys.ts';
import { deliveryRoutes } from './deliveries.ts';
import { problemsOf } from './problems.ts';

/** The box looking at itself: what runs, what does not and why, and the settings of every plugin. */
export default definePlugin({
  use: { host, vision, outbox, cameras: optional(cameraDirectory) },
  ui: {
    pages: [
      { id: 'overview', slot: 'overview', title: 'overview.title', module: 'overview.ts', access: 'session' },
      {
        id: 'settings',
        slot: 'settings',
        title: 'settings.title',
        module: 'settings.ts',
        access: { area: 'people', action: 'see' },
        order: 1,
      },
      { id: 'system', slot: 'system', title: 'health.title', module: 'health.ts', access: 'session' },
      {
        id: 'log',
        slot: 'system',
        title: 'log.title',
        module: 'log.ts',
        access: { area: 'accounts', action: 'see' },
        order: 2,
      },
    ],
  },
  setup: ({ use, clock }) => {
    /** Settings of a plugin for somebody who may see or change what they are about. */
    const settingsOf = (id: string, action: Action, { caller }: Call) => {
      const found = use.host.pluginConfig(id);
      if (!found) throw new ContractError(CODE.noSuchData, `plugin "${id}" has no settings`);
      if (decide({ area: found.area, action }, caller) !== 'allowed') throw new ContractError(CODE.notAllowed);
      const { schema, values } = found;
      return { schema, values };
    };
    const changeOfSettings = (
      method: 'PUT' | 'PATCH',
      summary: string,
      change: (id: string, values: Record<string, unknown>) => Promise<void>,
    ) =>
      route({
        method,
        path: '/plugins/:id/config',
        summary,
        access: { area: 'people', action: 'change' },
        params: z.object({ id: z.string() }),
        body: z.record(z.string(), z.unknown()),
        handle: async ({ params, body }, call) => {
          settingsOf(params.id, 'change', call);
          await change(params.id, body);
          call.remark(`settings of ${params.id}: ${Object.keys(body).join(', ')}`);
          return settingsOf(params.id, 'see', call);
        },
      });
    const routes = [
      route({
        method: 'GET',
        path: '/overview',
        summary: 'State of the box: plugins, cameras, stages, models, storage, and what needs somebody',
        access: 'session',
        handle: async (_input, { caller }) => {
          const [plugins, storage] = await Promise.all([use.host.plugins(), use.host.storage()]);
          // Cameras and where they hang are for those who may see devices.
          const seesCameras = decide({ area: 'devices', action: 'see' }, caller) === 'allowed';
          const cameras = (seesCameras ? (use.cameras?.list() ?? []) : []).map((camera) => {
            const { channel, name, enabled } = camera;
            const none = { channel, state: 'offline' as const, ...(enabled ? {} : { reason: SWITCHED_OFF }) };
            return { ...(use.vision.status(channel) ?? none), name };
          });
          const facts = {
            start: use.host.start,
            plugins,
            storage,
            cameras,
            workers: use.host.workers(),
            stages: seesCameras ? use.vision.stages() : [],
            missingModels: use.vision.missingModels(),
            modelFaults: use.vision.modelFaults(),
          };
          const seesPushes = decide({ area: 'people', action: 'see' }, caller) === 'allowed';
          const problems = problemsOf({ ...facts, destinations: seesPushes ? use.outbox.reports() : [] });
          return {
            version: use.host.version,
            startedAt: use.host.startedAt,
            now: clock.now(),
            zone: clock.zone,
            state: problems.some((problem) => problem.severe) ? 'degraded' : 'ok',
            problems,
            ...facts,
            retention: use.host.retention(),
          };
        },
      }),
      route({
        method: 'POST',
        path: '/start-normally',
        summary: 'Leaves safe mode and starts the box anew; with newer, with the settings safe mode had put back',
        access: { area: 'accounts', action: 'change' },
        body: z.object({ newer: z.boolean().default(false) }),
        handle: async ({ body }, call) => {
          call.remark(body.newer ? 'with the newer settings' : 'with the settings as they are');
          await use.host.startNormally(body.newer);
          return {};
        },
      }),
      route({
        method: 'GET',
        path: '/log',
        summary: 'Newest lines of the log, oldest first',
        access: { area: 'accounts', action: 'see' },
        query: z.object({ limit: int({ min: 1, max: 1000 }).default(200) }),
        handle: ({ query }) => ({ lines: use.host.recentLog(query.limit) }),
      }),
      route({
        method: 'GET',
        path: '/plugins/:id/config',
        summary: 'Schema and values of the settings of a plugin; secrets are masked',
        access: { area: 'people', action: 'see' },
        params: z.object({ id: z.string() }),
        handle: ({ params }, call) => settingsOf(params.id, 'see', call),
      }),
      changeOfSettings(
        'PUT',
        'Replaces the settings of a plugin; a secret of only stars stays as it is, what is left out gets its usual value',
        (id, values) => use.host.setPluginConfig(id, values),
      ),
      changeOfSettings(
        'PATCH',
        'Changes those settings of a plugin that are given; null is the usual value again',
        (id, values) => use.host.changePluginConfig(id, values),
      ),
      route({
        method: 'PUT',
        path: '/plugins/:id/enabled',
        summary: 'Switches a plugin on or off; withNeeders switches off what needs it, too, which is refused otherwise',
        access: { area: 'people', action: 'change' },
        params: z.object({ id: z.string() }),
        body: z.object({ enabled: z.boolean(), withNeeders: z.boolean().default(false) }),
        handle: async ({ params: { id }, body }, call) => {
          const neededBy = (await use.host.plugins()).find((one) => one.id === id)?.neededBy ?? [];
          call.remark(`${id}: ${body.enabled ? 'on' : 'off'}`);
          if (!body.enabled && body.withNeeders && neededBy.length > 0) call.remark(`with ${neededBy.join(', ')}`);
          await use.host.setEnabled(id, body.enabled, body.withNeeders);
          return { plugins: await use.host.plugins() };
        },
      }),
    ];
    return { routes: [...routes, ...deliveryRoutes(use.outbox)] };
  },
});
