import type { Registry as MetricsRegistry } from 'prom-client';
import { metricsFor } from '../metrics.ts';
import type { Tally } from './life.ts';

export interface Counted {
  id: string;
  running: boolean;
  restarts: number;
  /** Events it listens to. */
  listeners: number;
  tally: Tally;
}

/** Figures of every plugin in `/metrics`, kept by the core over all of a plugin's lives. */
export function showPlugins(registry: MetricsRegistry, plugins: () => Counted[]): void {
  const metrics = metricsFor(registry, 'core');
  const each = (name: string, help: string, value: (plugin: Counted) => number) =>
    metrics.gauge(
      name,
      help,
      () => plugins().map((plugin) => ({ labels: { plugin: plugin.id }, value: value(plugin) })),
      ['plugin'],
    );
  each('plugin_running', '1 while the plugin runs', ({ running }) => Number(running));
  each('plugin_restarts', 'Times the plugin was started again after a fault', ({ restarts }) => restarts);
  each('plugin_listeners', 'Events the plugin listens to', ({ listeners }) => listeners);
  each('plugin_busy_seconds', 'Time the event loop spent in calls of the plugin', ({ tally }) => tally.busyMs / 1000);
  each('plugin_loop_holds', 'Calls of the plugin that held the event loop too long', ({ tally }) => tally.holds);
  metrics.gauge(
    'plugin_errors',
    'Errors of the plugin by where they came to light: request, event, health, stray',
    () =>
      plugins().flatMap(({ id, tally }) =>
        Object.entries(tally.errors).map(([kind, value]) => ({ labels: { plugin: id, kind }, value })),
      ),
    ['plugin', 'kind'],
  );
}
