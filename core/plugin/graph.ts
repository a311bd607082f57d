import type { FoundPlugin } from './manifest.ts';

/** The order in which plugins are set up, and those that cannot be. */
export interface PluginOrder {
  order: FoundPlugin[];
  /** Plugin id to the reason it is left out. */
  refused: Map<string, string>;
}

/**
 * Orders plugins so that each comes after those whose services it uses. Left out, with the reason: a faulty manifest,
 * a service two plugins claim, a message range that overlaps an earlier plugin's, a required service nobody offers,
 * a circle of requirements. An optional service puts its offerer first where that makes no circle.
 * @param coreServices services the core offers itself
 */
export function orderPlugins(found: FoundPlugin[], coreServices: string[]): PluginOrder {
  const refused = new Map<string, string>();
  const providers = new Map<string, string>(coreServices.map((service) => [service, 'core']));
  const ranges: { from: number; to: number; id: string }[] = [];
  const candidates: FoundPlugin[] = [];

  for (const plugin of found) {
    const fault = plugin.fault ?? clash(plugin, providers, ranges);
    if (fault) {
      refused.set(plugin.id, fault);
      continue;
    }
    for (const service of plugin.manifest?.provides ?? []) providers.set(service, plugin.id);
    for (const [from, to] of plugin.manifest?.messages ?? []) ranges.push({ from, to, id: plugin.id });
    candidates.push(plugin);
  }

  const byId = new Map(candidates.map((plugin) => [plugin.id, plugin]));
  const order: FoundPlugin[] = [];
  const placed = new Set<string>();
  const visiting = new Set<string>();

  const visit = (plugin: FoundPlugin): string | undefined => {
    if (placed.has(plugin.id)) return undefined;
    if (visiting.has(plugin.id)) return `its requirements go round in a circle through "${plugin.id}"`;
    visiting.add(plugin.id);
    const fault = visitNeeds(plugin);
    visiting.delete(plugin.id);
    if (fault) {
      refused.set(plugin.id, fault);
      return fault;
    }
    placed.add(plugin.id);
    order.push(plugin);
    return undefined;
  };

  const visitNeeds = (plugin: FoundPlugin): string | undefined => {
    for (const service of plugin.manifest?.requires ?? []) {
      const provider = providers.get(service);
      if (!provider) return `needs ${service}, which no plugin offers`;
      const needed = byId.get(provider);
      if (!needed) continue;
      const known = refused.get(provider);
      const fault = known ?? visit(needed);
      if (fault) return visiting.has(provider) ? fault : `needs ${service} of "${provider}": ${fault}`;
    }
    for (const service of plugin.manifest?.optional ?? []) {
      const wanted = byId.get(providers.get(service) ?? '');
      if (wanted && !refused.has(wanted.id) && !requiresAny(wanted, visiting)) visit(wanted);
    }
    return undefined;
  };

  /** Whether a plugin is, or by its requirements comes to, one of those being visited. */
  const requiresAny = (plugin: FoundPlugin, wanted: Set<string>, seen = new Set<string>()): boolean => {
    if (wanted.has(plugin.id)) return true;
    if (seen.has(plugin.id)) return false;
    seen.add(plugin.id);
    return (plugin.manifest?.requires ?? []).some((service) => {
      const next = byId.get(providers.get(service) ?? '');
      return next !== undefined && requiresAny(next, wanted, seen);
    });
  };

  for (const plugin of candidates) if (!refused.has(plugin.id)) visit(plugin);
  return { order, refused };
}

function clash(
  plugin: FoundPlugin,
  providers: Map<string, string>,
  ranges: { from: number; to: number; id: string }[],
): string | undefined {
  for (const service of plugin.manifest?.provides ?? []) {
    const other = providers.get(service);
    if (other) return `offers ${service}, which "${other}" offers already`;
  }
  for (const [from, to] of plugin.manifest?.messages ?? []) {
    if (from > to) return `message range ${from}-${to} is the wrong way round`;
    const other = ranges.find((range) => from <= range.to && to >= range.from);
    if (other) return `message range ${from}-${to} overlaps that of "${other.id}" (${other.from}-${other.to})`;
  }
  return undefined;
}
