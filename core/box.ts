import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { z } from 'zod';
import { installRecommended } from '../models/install.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { Bus } from './events/bus.ts';
import { OutboxService } from './events/outbox.ts';
import { realTime } from './events/outbox-clock.ts';
import { showOutbox } from './events/outbox-metrics.ts';
import { CAPTURED_CAPACITY, GalleryService } from './gallery/index-service.ts';
import { createApp } from './gateway/app.ts';
import { Bodies } from './gateway/body.ts';
import { type Certificate, ensureCertificate } from './gateway/certificate.ts';
import { CODE, ContractError } from './gateway/errors.ts';
import { LiveGateway } from './gateway/live.ts';
import { listen, type RunningServer } from './gateway/server.ts';
import { SessionRegistry } from './gateway/sessions.ts';
import { UiGateway } from './gateway/ui.ts';
import { WireGateway } from './gateway/websocket.ts';
import { ImageService } from './images/service.ts';
import type { RecentLog } from './log.ts';
import { createMetrics, metricsFor } from './metrics.ts';
import { ModelWatch } from './model-watch.ts';
import { ActionRegistry } from './plugin/actions.ts';
import { type Clock, provide } from './plugin/contract.ts';
import { captureIndex, faceIndex, images, portraitsErased } from './plugin/face-services.ts';
import { PluginHost } from './plugin/host.ts';
import { actions, outbox, outgoing, reactions } from './plugin/push-services.ts';
import { ReactionRegistry } from './plugin/reactions.ts';
import {
  type Accounts,
  accountChanged,
  accounts,
  type Host,
  host,
  sessions,
  vision,
  workerInOrder,
} from './plugin/services.ts';
import { enterSafeMode, goodNow, leaveSafeMode, leftOut } from './start/safe-mode.ts';
import type { LastGood, Starts } from './start/starts.ts';
import { openStore } from './store/database.ts';
import { diskFault } from './store/disk-fault.ts';
import { createRetention, DISK_LIMIT } from './store/retention.ts';
import { showVision, showWorkers } from './vision/metrics.ts';
import { VisionService } from './vision/service.ts';

/** Root of the installed program. */
const PROGRAM = join(import.meta.dirname, '..');
const RESTART_PAUSE_MS = 300;

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
  const store = await openStore({ folder: config.dataFolder, log: log.child({ module: 'store' }), clock });
  await store.migrate('gateway', join(import.meta.dirname, 'gateway/migrations'));
  const { starts } = options;
  const mode = starts?.mode ?? 'normal';
  if (starts && mode !== 'normal') await enterSafeMode(starts, store, startedAt);
  const lastGood = mode === 'normal' ? undefined : starts?.lastGood();
  const firstStart = store.settings.get('first-start', z.number()) === undefined;
  const protocol = store.settings.get('protocol', z.enum(['http', 'https'])) ?? config.protocol;

  const bus = new Bus(log);
  const metrics = createMetrics();
  const retention = createRetention({ store, log: log.child({ module: 'retention' }), clock, steady: clock.steady });
  // The registry belongs to the host, the host needs the services: those look it up when they are asked.
  const registry = () => plugins.registry;
  const changed = (plugin: string, what: string) => live.changed(plugin, what);

  const systemChanged = () => changed('system', 'vision');
  const models = new ModelWatch({ dataFolder: config.dataFolder, log });
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
  const pictures = new ImageService({ models, log, changed: systemChanged });
  const deliveries = new OutboxService({
    store,
    log: log.child({ module: 'outbox' }),
    clock: realTime(clock),
    clockDoubted: () => retention.clockDoubted(),
    changed: () => changed('system', 'deliveries'),
  });
  retention.register(deliveries.retention());
  bus.on(portraitsErased, 'core', ({ keys }) => deliveries.eraseSurely(keys));
  /** The processes beside this one. */
  const workers = () => [...eyes.workers(), ...gallery.workers(), ...captured.workers(), pictures.report];

  let accountsService: Accounts | undefined;
  const sessionRegistry = new SessionRegistry(store, clock, () => accountsService);
  const hostService: Host = {
    version,
    firstStart,
    demo: {
      ...(config.demo === undefined ? {} : { wanted: config.demo }),
      ...(config.sceneFolder === undefined ? {} : { sceneFolder: resolve(config.sceneFolder) }),
    },
    // By what has really passed: the clock may have been set since.
    get startedAt() {
      return Math.round(clock.now() - (clock.steady() - began));
    },
    start: {
      mode,
      failed: [...(starts?.failed ?? [])],
      ...(lastGood ? { lastGoodAt: lastGood.savedAt } : {}),
      putBack: mode === 'normal' ? [] : (starts?.putBack()?.keys ?? []),
    },
    startNormally: async (newer) => {
      if (!starts || mode === 'normal') throw new ContractError(CODE.wrongParameter, 'the box is not in safe mode');
      options.restart?.check();
      await leaveSafeMode(starts, store, newer);
      // A moment later, so that whoever asked still gets the answer.
      setTimeout(() => options.restart?.go(), RESTART_PAUSE_MS);
    },
    plugins: () => plugins.reports(),
    workers,
    pluginConfig: (id) => plugins.pluginConfig(id),
    setPluginConfig: (id, values) => plugins.setPluginConfig(id, values),
    setEnabled: (id, enabled, withNeeders) => plugins.setEnabled(id, enabled, withNeeders),
    recentLog: (limit) => options.recentLog.newest(limit),
    storage: async () => {
      const { bytes, databaseBytes, disk } = await store.usage();
      const fault = diskFault({ disk, reserveOut: store.reserve.out, stillFull: retention.last()?.stillFull });
      const sizes = { pictures: bytes, database: databaseBytes, diskTotal: disk.total, diskFree: disk.free };
      return { ...sizes, ...(fault ? { fault } : {}) };
    },
    retention: () => {
      const last = retention.last();
      const removed = Object.values(last?.removed ?? {}).reduce((sum, one) => sum + one.aged + one.forRoom, 0);
      return {
        ...(last ? { lastRun: last.finishedAt } : {}),
        removed,
        ...(last?.doubtedUntil ? { doubtedUntil: last.doubtedUntil } : {}),
        rules: retention.rules(),
        diskPercent: DISK_LIMIT * 100,
      };
    },
  };

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

  const core = metricsFor(metrics, 'core');
  core.gauge('websocket_clients', 'Clients of the interface WebSocket', () => wire.clients);
  core.gauge('websocket_dropped_frames', 'Frames not sent because a client read too slowly', () => wire.dropped);
  core.gauge('websocket_cut', 'Clients of the interface WebSocket cut because they read nothing', () => wire.cut);
  core.gauge('pages', 'Open pages of the web UI', () => live.pages);
  core.gauge('pages_dropped_messages', 'Messages not sent because a page read too slowly', () => live.dropped);
  core.gauge('pages_cut', 'Pages cut because they read nothing', () => live.cut);
  core.gauge('queries_waiting', 'Queries that wait for a query process', () => store.queryStats().waiting);
  core.gauge('queries_overdue', 'Queries ended because they took too long', () => store.queryStats().overdue);
  core.gauge('query_process_crashes', 'Query processes that ended by themselves', () => store.queryStats().crashes);
  core.gauge('connections', 'Open TCP connections', () => server?.connections().open ?? 0);
  core.gauge(
    'connections_refused',
    'Connections cut because too many were open',
    () => server?.connections().refused ?? 0,
  );
  core.gauge('bodies_bytes', 'Bytes held by bodies of requests under way', () => bodies.held);
  core.gauge('bodies_refused', 'Bodies refused because too much was sent at once', () => bodies.refused);
  showVision(metrics, eyes);
  showWorkers(metrics, workers);
  showOutbox(metrics, deliveries, store);
  core.gauge('gallery_faces', 'Faces in the index', () => gallery.state().faces);
  core.gauge('images_waiting', 'Pictures from outside that wait to be examined', () => pictures.waiting);
  core.gauge('vision_captures_dropped', 'Captures the vision worker had to drop', () => eyes.capturesDropped);

  const bodies = new Bodies();
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
    if (config.fetchModels) fetchModels(config.dataFolder, log);
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

/** A box with internet gets the recommended models at its first start; one without says on its pages what is missing. */
function fetchModels(dataFolder: string, log: Logger): void {
  const child = log.child({ module: 'models' });
  installRecommended(dataFolder, (progress) => child.info(progress, 'recommended model')).catch((error: Error) =>
    child.warn({ reason: error.message }, 'the recommended models could not be fetched'),
  );
}
