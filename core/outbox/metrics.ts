import type { Registry } from 'prom-client';
import { metricsFor } from '../metrics.ts';
import type { DestinationReport, Outbox } from '../plugin/push-services.ts';
import type { Store } from '../store/database.ts';

/** Shows what waits for whom, by the destination's id, and what it keeps on the disk. */
export function showOutbox(metrics: Registry, outbox: Pick<Outbox, 'reports'>, store: Pick<Store, 'blobs'>): void {
  const core = metricsFor(metrics, 'core');
  const show = (name: string, help: string, value: (report: DestinationReport) => number) =>
    core.gauge(
      `deliveries_${name}`,
      help,
      () => outbox.reports().map((report) => ({ labels: { destination: report.id }, value: value(report) })),
      ['destination'],
    );
  show('waiting', 'Messages that wait to be delivered', ({ waiting }) => waiting);
  show('delivered', 'Messages delivered', ({ delivered }) => delivered);
  show('dead', 'Messages given up', ({ dead }) => dead);
  show('failures', 'Failures in a row', ({ failures }) => failures);
  core.gauge(
    'deliveries_held_bytes',
    'Pictures that are kept for deliveries alone',
    () => store.blobs.heldTotals().bytes,
  );
}
