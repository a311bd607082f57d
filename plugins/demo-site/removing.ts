import type { AlarmArchive } from '../../core/plugin/alarm-services.ts';
import type { CaptureArchive } from '../../core/plugin/capture-services.ts';

/** What may be left of the demo, with whoever keeps it. */
export interface Traces {
  archive: CaptureArchive | undefined;
  alarms: AlarmArchive | undefined;
  /** Takes its portrait databases away; undefined where there are none. */
  people: (() => Promise<number>) | undefined;
}

/**
 * Removes what was recorded of the demo and who was enrolled for it; doing it again does no harm.
 * @throws Error where some of it is still there
 */
export async function removeTraces({ archive, alarms, people }: Traces): Promise<{ captures: number; people: number }> {
  if (!archive) throw new Error('no plugin keeps captures now');
  const captures = await archive.erase('demo');
  // Those of captures went with them.
  await alarms?.erase('demo');
  return { captures, people: (await people?.()) ?? 0 };
}
