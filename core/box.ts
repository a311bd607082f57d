import { join } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { installRecommended } from '../models/install.ts';
import { showBox } from './box-metrics.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { Bus } from './events/bus.ts';
import { CAPTURED_CAPACITY, GalleryService } from './gallery/index-service.ts';
import { createApp } from './gateway/app.ts';
import { Bodies } from './gateway/body.ts';
import { type Certificate, ensureCertificate } from './gateway/certificate.ts';
import { LiveGateway } from './gateway/live.ts';
import { listen, type RunningServer } from './gateway/server.ts';
import { SessionRegistry } from './gateway/sessions.ts';
import { UiGateway } from './gateway/ui.ts';
import { WireGateway } from './gateway/websocket.ts';
import { createHost } from './host-service.ts';
import { ImageService } from './images/service.ts';
import type { RecentLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { ModelWatch } from './model-watch.ts';
import { ModelsInForce } from './models-in-force.ts';
import { realTime } from './outbox/clock.ts';
import { OutboxService } from './outbox/outbox.ts';
import { ActionRegistry } from './plugin/actions.ts';
import { type Clock, provide } from './plugin/contract.ts';
import { captureIndex, faceIndex, images, portraitsErased } from './plugin/face-services.ts';
import { PluginHost } from './plugin/host.ts';
import { actions, outbox, outgoing, reactions } from './plugin/push-services.ts';
import { ReactionRegistry } from './plugin/reactions.ts';
import { type Accounts, accountChanged, accounts, host, sessions, vision, workerInOrder } from './plugin/services.ts';
import { enterSafeMode, goodNow, leftOut } from './start/safe-mode.ts';
import type { LastGood, Starts } from './start/starts.ts';
import { openStore } from './store/database.ts';
import { createRetention } from './store/retention.ts';
import { VisionService } from './vision/service.ts';

/** Root of the installed program. */
const PROGRAM = join(import.meta.dirname, '..');

export interface BoxOptions {
  config: Config;
  version: string;
  log: Logger;
  recentLog: RecentLog;
  clock?: Clock;
  /** Folder of plugins; tests put their own beside. */
  pluginRoot?: string;
  /** The record of starts; without it every start is a normal one. */
  starts?: Starts;
  /** Starting this box anew: `check` throws what stands in the way of it, `go` stops and starts it. */
  restart?: { check(): void; go(): void };
}

export interface Box {
  address: string;
  /** SHA-256 fingerprint of the certificate in HTTPS mode. */
  fingerprint?: string;
  /** What to come back to, should later starts fail. */
  good(): Omit<LastGood, 'savedAt'>;
  stop(): Promise<void>;
}

/**
 * Puts the box together in the direction things flow: store, vision, plugins, gateway; and takes it apart the other
 * way round.
 * @throws Error when something fails without which there is no box: the store, or the port it listens on
 */
export async function startBox(options: BoxOptions): Promise<Box> {
  const { config, log, version } = options;
  const clock = options.clock ?? systemClock;
  const startedAt = clock.now();
  const began = clock.steady();
  const { steady } = clock;
  const store = await openStore({ folder: config.dataFolder, log: log.child({ module: 'store' }), clock, steady });
  await store.migrate('gateway', join(import.meta.dirname, 'gateway/migrations'));
  const { starts } = options;
  const mode = starts?.mode ?? 'normal';
  if (starts && mode !== 'normal') await enterSafeMode(starts, store, startedAt);
  const lastGood = mode === 'normal' ? undefined : starts?.lastGood();
  const firstStart = store.settings.get('first-start', z.number()) === undefined;
  const protocol = store.settings.get('protocol', z.enum(['http', 'https'])) ?? config.protocol;

  const bus = new Bus(log);
  const metrics = createMetrics();
  const retention = createRetention({ store, log: log.child({ module: 'retention' }), clock, steady });
  // The registry belongs to the host, the host needs the services: those look it up when they are asked.
  const registry = () => plugins.registry;
  const changed = (plugin: string, what: string) => live.changed(plugin, what);

  const systemChanged = () => changed('system', 'vision');
  const models = new ModelsInForce(new ModelWatch({ dataFolder: config.dataFolder, log }), store.settings, log);
  const eyes = new VisionService({
    models,
    clipFolder: config.clipFolder,
    threads: config.inferenceThreads,
    analysisRate: config.analysisRate,
    bus,
    registry,
    log: log.child({ module: 'vision' }),
    changed: systemChanged,
  });
  const gallery = new GalleryService({ log, changed: systemChanged });
  // A process of its own: while captures are read or are too many, who comes by is recognised all the same.
  const captured = new GalleryService({
    name: 'captured faces',
    log,
    capacity: CAPTURED_CAPACITY,
    changed: systemChanged,
  });
  const pictures = new ImageService({ models, takeOver: (ids) => models.takeOver(ids), log, changed: systemChanged });
  const deliveries = new OutboxService({
    store,
    log: log.child({ module: 'outbox' }),
    clock: realTime(clock),
    clockDoubted: () => retention.doubtedUntil() !== undefined,
    changed: () => changed('system', 'deliveries'),
  });
  retention.register(deliveries.retention());
  bus.on(portraitsErased, 'core', ({ keys }) => deliveries.eraseSurely(keys));
  /** The processes beside this one. */
  const workers = () => [...eyes.workers(), ...gallery.workers(), ...captured.workers(), pictures.report];

  let accountsService: Accounts | undefined;
  const sessionRegistry = new SessionRegistry(store, clock, () => accountsService);
  const hostService = createHost({
    ...{ version, config, firstStart, began, clock, store, retention, workers },
    recentLog: options.recentLog,
    starts,
    restart: options.restart,
    plugins: () => plugins,
  });

  const plugins = new PluginHost({
    coreVersion: version,
    pluginRoot: options.pluginRoot ?? join(PROGRAM, 'plugins'),
    store,
    retention,
    bus,
    log,
    clock,
    metrics,
    services: [
      provide(vision, eyes),
      provide(sessions, sessionRegistry),
      provide(host, hostService),
      provide(images, pictures),
      provide(faceIndex, gallery),
      provide(captureIndex, captured),
      provide(outbox, deliveries),
      provide(actions, new ActionRegistry()),
      provide(reactions, new ReactionRegistry()),
      provide(outgoing, { allowLoopback: config.allowLoopbackPush }),
    ],
    firstStart: firstStart && config.adminPassword ? { adminPassword: config.adminPassword } : {},
    leaveOut: (manifests) => leftOut(mode, lastGood, manifests),
    changed,
    partsChanged: () => {
      accountsService = plugins.service(accounts);
      live.dropStale();
      eyes.stagesChanged();
      changed('core', 'pages');
    },
  });

  const wire = new WireGateway(registry, log.child({ module: 'websocket' }));
  const live = new LiveGateway(registry, sessionRegistry, log.child({ module: 'live' }));
  bus.on(accountChanged, 'core', ({ userId }) => live.rightsChanged(userId));
  const ui = new UiGateway({
    folder: join(PROGRAM, 'ui'),
    version,
    protocol: () => protocol,
    zone: () => clock.zone,
    startMode: mode,
    authority: () => certificate?.authority,
    registry,
    sessions: sessionRegistry,
  });

  const bodies = new Bodies();
  const connections = () => server?.connections();
  showBox(metrics, { wire, live, bodies, connections, store, deliveries, gallery, pictures, eyes, workers });

  const app = createApp({
    bodies,
    registry: plugins.registry,
    sessions: sessionRegistry,
    bus,
    clock,
    log: log.child({ module: 'gateway' }),
    blobs: store.blobs,
    metrics,
    version,
    ui,
    secure: () => protocol === 'https',
    health: async () => {
      const reports = await plugins.reports();
      const running = workers();
      const { fault } = await hostService.storage();
      const well =
        mode === 'normal' &&
        fault === undefined &&
        reports.every((one) => one.state === 'RUNNING' || one.state === 'DISABLED') &&
        running.every(workerInOrder);
      return {
        status: well ? 'ok' : 'degraded',
        detail: { version, start: mode, plugins: reports, workers: running, disk: fault ?? 'ok' },
      };
    },
  });

  /** All but the listening ports, first the worker: what it captures while it ends is still stored by the plugins. */
  const takeApart = async () => {
    models.stop();
    await eyes.stop();
    await plugins.stop();
    await deliveries.stop();
    await Promise.all([gallery.stop(), captured.stop(), pictures.stop()]);
    await sessionRegistry.stop();
    await store.close();
  };

  let certificate: Certificate | undefined;
  let server: RunningServer | undefined;
  try {
    await sessionRegistry.start();
    await Promise.all([models.start(), gallery.start(), captured.start(), deliveries.start()]);
    pictures.start();
    await plugins.start();
    if (firstStart && !plugins.service(accounts)) {
      // A box nobody can sign in to must not count as started once: the next start would take another way.
      const reason = (await plugins.reports()).find((one) => one.state !== 'RUNNING')?.reason;
      throw new Error(`no plugin offers accounts: ${reason ?? 'plugins/users is missing'}`);
    }
    // After the plugins: with their stages known, the worker need not be renewed at once.
    await eyes.start();
    if (protocol === 'https') certificate = await ensureCertificate(config.dataFolder);
    server = await listen({
      protocol,
      host: config.host,
      httpPort: config.httpPort,
      httpsPort: config.httpsPort,
      ...(certificate ? { certificate } : {}),
      app,
      sessions: sessionRegistry,
      wire,
      live,
      log,
    });
  } catch (error) {
    await takeApart();
    throw error;
  }
  if (firstStart) {
    await store.settings.set('protocol', protocol);
    await store.settings.set('first-start', startedAt);
  }
  if (config.fetchModels && store.settings.get(MODELS_FETCHED, z.number()) === undefined) {
    fetchModels(config.dataFolder, log, () => store.settings.set(MODELS_FETCHED, Date.now()));
  }
  retention.start();

  return {
    address: server.address,
    ...(certificate ? { fingerprint: certificate.fingerprint } : {}),
    good: () => goodNow(config, plugins.ids(), store),
    async stop() {
      await retention.stop();
      wire.closeAll();
      live.closeAll();
      await server.close();
      await takeApart();
    },
  };
}

/** When all recommended models had been fetched once: what somebody removes afterwards stays away. */
const MODELS_FETCHED = 'models-fetched';

/**
 * A box with internet gets the recommended models at its first start, or at the next one where that was cut short; one without
 * says on its pages what is missing.
 */
function fetchModels(dataFolder: string, log: Logger, fetched: () => Promise<void>): void {
  const child = log.child({ module: 'models' });
  installRecommended(dataFolder, (progress) => child.info(progress, 'recommended model'))
    .then(fetched)
    .catch((error: Error) => child.warn({ reason: error.message }, 'the recommended models could not be fetched'));
}
