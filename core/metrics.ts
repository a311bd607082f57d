import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { PluginMetrics } from './plugin/contract.ts';

/** Prometheus registry of the core process, with the process's own figures (memory, event loop delay, handles). */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'gatehouse_' });
  return registry;
}

/**
 * Counters and gauges under `gatehouse_<owner>_`; what is registered again replaces the old.
 * @param onEnd takes how to unregister each of them; a metric of a stopped plugin would tell what is no longer so
 */
export function metricsFor(
  registry: Registry,
  owner: string,
  onEnd: (unregister: () => void) => void = () => {},
): PluginMetrics {
  const full = (name: string) => `gatehouse_${owner.replaceAll('-', '_')}_${name}`;
  const register = <M extends Counter | Gauge>(name: string, metric: M): M => {
    onEnd(() => {
      if (registry.getSingleMetric(name) === metric) registry.removeSingleMetric(name);
    });
    return metric;
  };
  return {
    counter(name, help, labels = []) {
      registry.removeSingleMetric(full(name));
      const counter = register(
        full(name),
        new Counter({ name: full(name), help, labelNames: labels, registers: [registry] }),
      );
      return { inc: (values, by = 1) => (values ? counter.inc(values, by) : counter.inc(by)) };
    },
    gauge(name, help, collect, labels = []) {
      registry.removeSingleMetric(full(name));
      const gauge = new Gauge({
        name: full(name),
        help,
        labelNames: labels,
        registers: [registry],
        collect() {
          let value: ReturnType<typeof collect>;
          try {
            value = collect();
          } catch {
            // A plugin whose services are away has nothing to say; the others still have.
            this.reset();
            return;
          }
          if (typeof value === 'number') return this.set(value);
          this.reset();
          for (const one of value) this.set(one.labels, one.value);
        },
      });
      register(full(name), gauge);
    },
  };
}
