import type { Manifest } from './manifest.ts';

/** A plugin as far as its needs go. */
export interface Needing {
  manifest?: Manifest;
  /** Optional services a running plugin has looked at while it was set up. */
  held: ReadonlySet<string>;
  running: boolean;
}

/**
 * Plugins that cannot run without `id`, and those that cannot run without them.
 * @param order of starting: whoever needs a service comes after the plugin that offers it
 */
export function needersOf(id: string, order: readonly string[], plugins: (id: string) => Needing): string[] {
  const services = new Set(plugins(id).manifest?.provides);
  return later(id, order).filter((other) => {
    const { manifest } = plugins(other);
    const needs = manifest?.requires.some((service) => services.has(service)) ?? false;
    if (needs) for (const service of manifest?.provides ?? []) services.add(service);
    return needs;
  });
}

/**
 * Running plugins that must start anew when the services of `ids` come or go, and those that use theirs: they require
 * them, or have looked at them when they were set up, and may have kept them or registered something with them.
 */
export function usersOf(ids: readonly string[], order: readonly string[], plugins: (id: string) => Needing): string[] {
  const services = new Set(ids.flatMap((id) => plugins(id).manifest?.provides ?? []));
  const first = order.find((id) => ids.includes(id));
  return later(first, order).filter((other) => {
    const { manifest, held, running } = plugins(other);
    if (ids.includes(other) || !running) return false;
    const uses = [...(manifest?.requires ?? []), ...held].some((service) => services.has(service));
    if (uses) for (const service of manifest?.provides ?? []) services.add(service);
    return uses;
  });
}

/** Only plugins further down the order: where optional needs go round in a circle, somebody has to come first. */
function later(id: string | undefined, order: readonly string[]): string[] {
  const at = id === undefined ? -1 : order.indexOf(id);
  return at < 0 ? [] : order.slice(at + 1);
}
