import type { Alarms } from '../../core/plugin/alarm-services.ts';
import type { CaptureMatch, CaptureRecord } from '../../core/plugin/capture-services.ts';
import { exportKey } from '../../core/plugin/export-services.ts';
import type { Library } from './library.ts';

/** Somebody who stays before a camera is captured again and again: one alarm for each is enough in this time, ms. */
export const REPEAT_MS = 30_000;
/** What is remembered of alarms for that; of more than these at once, the oldest may be raised again. */
const MOST_REMEMBERED = 1_000;
/** Databases of key personnel. */
const KEY_PERSONNEL = 1;

export interface KeyPersonOptions {
  source: string;
  library: Pick<Library, 'get'>;
  /** Undefined while nobody takes alarms. */
  alarms(): Alarms | undefined;
  /** An alarm could not be raised. */
  failed(error: Error): void;
}

/**
 * Raises an alarm when somebody of a database of key personnel is recognised: at once for the first capture, and not
 * again within half a minute of capture time for the same enrolled picture at the same camera, or for another picture of
 * that name while the same track goes on: somebody may be enrolled with several. One that could not be raised does not
 * count.
 */
export class KeyPersonAlarms {
  readonly #options: KeyPersonOptions;
  /** Time of the capture by `coming`, the longest ago first. */
  readonly #raised = new Map<string, number>();

  constructor(options: KeyPersonOptions) {
    this.#options = options;
  }

  /** Looks at a stored capture. Does not reject. */
  async recorded(record: CaptureRecord): Promise<void> {
    const { match, channel, time } = record;
    if (!match || !record.compared || match.similarity < record.threshold) return;
    if (match.libraryType !== KEY_PERSONNEL || record.aliveType === 1) return;
    const alarms = this.#options.alarms();
    // Somebody may have been erased since the capture was compared: an alarm would bring the name back.
    if (!alarms || !this.#options.library.get(match.libraryId, match.imageId)) return;
    const who = exportKey(match.libraryId, match.imageId);
    const known = coming(record, match, who);
    // Captures may come late and clocks are set: a time far off on either side is another coming.
    if (known.some((key) => Math.abs(time - (this.#raised.get(key) ?? Number.NaN)) < REPEAT_MS)) return;
    for (const key of known) this.#remember(key, time);
    try {
      await alarms.raise({
        kind: 'key-person',
        source: this.#options.source,
        channel,
        cameraName: record.cameraName,
        time,
        title: SEEN.test(match.personName) ? match.personName.trim() : match.imageId,
        pictures: [
          { path: record.cropPath, label: 'seen' },
          { path: match.imagePath, label: 'library' },
        ],
        captureId: record.id,
        shows: [who],
        facts: { similarity: match.similarity, library: match.libraryName },
        ...(record.origin ? { origin: record.origin } : {}),
      });
    } catch (error) {
      for (const key of known) if (this.#raised.get(key) === time) this.#raised.delete(key);
      this.#options.failed(error as Error);
    }
  }

  #remember(key: string, time: number): void {
    this.#raised.delete(key);
    this.#raised.set(key, time);
    for (const oldest of this.#raised.keys()) {
      if (this.#raised.size <= MOST_REMEMBERED) return;
      this.#raised.delete(oldest);
    }
  }
}

/** Of a name that shows: somebody may be enrolled without one, or with marks of writing alone. */
const SEEN = /[^\p{C}\p{Z}]/u;

/** By what one coming of somebody is known again: the enrolled picture, and the name as long as it is the same track. */
function coming({ channel, origin, trackId }: CaptureRecord, match: CaptureMatch, who: string): string[] {
  const place = `${channel} ${origin ?? ''}`;
  const name = match.personName.trim();
  return [`${place} ${who}`, ...(name === '' ? [] : [`${place} track ${trackId} ${match.libraryId} ${name}`])];
}
