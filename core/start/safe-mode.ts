import type { Manifest } from '../plugin/manifest.ts';
import type { Store } from '../store/database.ts';
import type { LastGood, StartMode, Starts } from './starts.ts';

/** Stored settings of plugins, and which plugins are switched off. */
const PLUGIN_SETTINGS = 'plugin';

/**
 * Puts the settings of plugins back to those the box last ran well with, once per stay in safe mode: what somebody
 * changes from then on stays changed. The settings as they stood are kept first, so that they can be taken up again also
 * where the process is killed on the way.
 */
export async function enterSafeMode(starts: Starts, store: Store, now: number): Promise<void> {
  const good = starts.lastGood();
  const begun = starts.putBack();
  if (!good || (begun && !begun.underWay)) return;
  const settings = begun?.settings ?? store.settings.rows(PLUGIN_SETTINGS);
  const keys = begun?.keys ?? store.settings.differences(PLUGIN_SETTINGS, good.settings);
  starts.rememberPutBack({ at: now, keys, settings, underWay: true });
  await store.settings.replace(PLUGIN_SETTINGS, good.settings);
  starts.rememberPutBack({ at: now, keys, settings });
}

/** Lets the next start be a normal one; with `newer`, with the settings that were put back when safe mode began. */
export async function leaveSafeMode(starts: Starts, store: Store, newer: boolean): Promise<void> {
  const done = starts.putBack();
  if (newer && done) await store.settings.replace(PLUGIN_SETTINGS, done.settings);
  starts.rememberPutBack(undefined);
  starts.forget();
}

/** What makes this configuration the last good one, should the next starts fail. */
export function goodNow(config: Record<string, unknown>, plugins: string[], store: Store): Omit<LastGood, 'savedAt'> {
  const { dataFolder: _folder, adminPassword: _password, ...kept } = config;
  return { config: kept, plugins, settings: store.settings.rows(PLUGIN_SETTINGS) };
}

/**
 * Plugins a start leaves out, with the reason: those that were not there when the box last ran well, or all but the
 * essential ones and what those need.
 */
export function leftOut(mode: StartMode, good: LastGood | undefined, manifests: Manifest[]): Map<string, string> {
  const out = new Map<string, string>();
  if (mode === 'last-good' && good) {
    for (const { id } of manifests) {
      if (!good.plugins.includes(id)) out.set(id, 'safe mode: it came after the box last started well');
    }
  }
  if (mode === 'essentials') {
    const kept = new Set<string>();
    const keep = (manifest: Manifest): void => {
      if (kept.has(manifest.id)) return;
      kept.add(manifest.id);
      for (const other of manifests) {
        if (other.provides.some((service) => manifest.requires.includes(service))) keep(other);
      }
    };
    for (const manifest of manifests) if (manifest.essential) keep(manifest);
    for (const { id } of manifests) if (!kept.has(id)) out.set(id, 'safe mode: only essential plugins run');
  }
  return out;
}
