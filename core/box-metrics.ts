import type { Registry } from 'prom-client';
import type { GalleryService } from './gallery/index-service.ts';
import type { Bodies } from './gateway/body.ts';
import type { LiveGateway } from './gateway/live.ts';
import type { RunningServer } from './gateway/server.ts';
import type { WireGateway } from './gateway/websocket.ts';
import type { ImageService } from './images/service.ts';
import { metricsFor } from './metrics.ts';
import { showOutbox } from './outbox/metrics.ts';
import type { OutboxService } from './outbox/outbox.ts';
import type { WorkerReport } from './plugin/services.ts';
import type { Store } from './store/database.ts';
import { showVision, showWorkers } from './vision/metrics.ts';
import type { VisionService } from './vision/service.ts';

export interface Measured {
  wire: WireGateway;
  live: LiveGateway;
  bodies: Bodies;
  /** Undefined while the box does not listen yet. */
  connections(): ReturnType<RunningServer['connections']> | undefined;
  store: Store;
  deliveries: OutboxService;
  gallery: GalleryService;
  pictures: ImageService;
  eyes: VisionService;
  workers(): WorkerReport[];
}

/** The figures of the core itself at `/metrics`. */
export function showBox(metrics: Registry, measured: Measured): void {
  const { wire, live, bodies, connections, store, deliveries, gallery, pictures, eyes, workers } = measured;
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
  core.gauge('connections', 'Open TCP connections', () => connections()?.open ?? 0);
  core.gauge('connections_refused', 'Connections cut because too many were open', () => connections()?.refused ?? 0);
  core.gauge('bodies_bytes', 'Bytes held by bodies of requests under way', () => bodies.held);
  core.gauge('bodies_refused', 'Bodies refused because too much was sent at once', () => bodies.refused);
  showVision(metrics, eyes);
  showWorkers(metrics, workers);
  showOutbox(metrics, deliveries, store);
  core.gauge('gallery_faces', 'Faces in the index', () => gallery.state().faces);
  core.gauge('images_waiting', 'Pictures from outside that wait to be examined', () => pictures.waiting);
  core.gauge('vision_captures_dropped', 'Captures the vision worker had to drop', () => eyes.capturesDropped);
}
