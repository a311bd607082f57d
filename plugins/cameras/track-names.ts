import type { TrackVerdict } from '../../core/plugin/capture-services.ts';
import { exportKey } from '../../core/plugin/export-services.ts';
import type { CameraStatus, OverlayBox } from '../../core/vision/keys.ts';

/** Whom a followed face was recognised as, as the live picture shows it. */
export type Who = { kind: 'key-person' | 'white-list'; name: string } | { kind: 'stranger' };

/** A box of the live picture, with whom it shows where that is known and may be told. */
export type NamedBox = OverlayBox & { who?: Who };

/** Databases of key personnel. */
const KEY_PERSONNEL = 1;
/** Faces remembered for each camera, the newest: more are never before one. */
const MOST = 100;
/** What was seen of somebody before he was erased may be told so much later, ms. */
const AFTERMATH_MS = 120_000;
/** Of those who were erased then, the last. */
const MOST_ERASED = 10_000;

interface Named {
  who: Who;
  /** Of the picture it was told by, ms. */
  time: number;
  /** Of that picture, 0..100. */
  quality: number;
  /** Of the enrolled picture (`exportKey`). */
  key?: string;
}

/**
 * Who the faces before the cameras are, by what their tracks were recognised as. A number of a track means
 * somebody only as long as the camera's stream lasts: afterwards the same number may be somebody else.
 */
export class TrackNames {
  readonly #statusOf: (channel: number) => Pick<CameraStatus, 'state' | 'since'> | undefined;
  readonly #named = new Map<number, Map<number, Named>>();
  /** Since when somebody is erased (`exportKey`), ms; the longest ago first. */
  readonly #erased = new Map<string, number>();

  /** @param statusOf of the camera's stream now */
  constructor(statusOf: (channel: number) => Pick<CameraStatus, 'state' | 'since'> | undefined) {
    this.#statusOf = statusOf;
  }

  /** A face was looked at. One that was not compared says nothing, and what was known stays. */
  told(verdict: TrackVerdict): void {
    const { kind, channel, trackId, time, compared } = verdict;
    if (kind !== 'face' || !compared) return;
    const status = this.#statusOf(channel);
    // Of a stream that is over, and its tracks with it.
    if (status?.state !== 'online' || time < status.since) return;
    const tracks = this.#named.get(channel) ?? new Map<number, Named>();
    const named = namedBy(verdict);
    // Compared before the erasure: the name would be back until the next one.
    if (named.key !== undefined && time <= (this.#erased.get(named.key) ?? Number.NEGATIVE_INFINITY)) return;
    const before = tracks.get(trackId);
    // Somebody who turns away is like nobody: only a picture as good as the one before takes a name away again.
    const better = before !== undefined && before.time >= status.since && before.quality > named.quality;
    if (named.who.kind === 'stranger' && better) return;
    tracks.delete(trackId);
    tracks.set(trackId, named);
    for (const oldest of tracks.keys()) {
      if (tracks.size <= MOST) break;
      tracks.delete(oldest);
    }
    this.#named.set(channel, tracks);
  }

  /** The stream of a camera is over, or another camera's. */
  forget(channel: number): void {
    this.#named.delete(channel);
  }

  /**
   * People have left a database: nobody is called by their names any more.
   * @param now wall clock, as times of captures are, ms
   */
  erased(keys: readonly string[], now: number): void {
    for (const key of keys) {
      this.#erased.delete(key);
      this.#erased.set(key, now);
    }
    for (const [key, since] of this.#erased) {
      if (this.#erased.size <= MOST_ERASED && Math.abs(now - since) < AFTERMATH_MS) break;
      this.#erased.delete(key);
    }
    const gone = new Set(keys);
    for (const tracks of this.#named.values()) {
      for (const [trackId, { key }] of tracks) if (key !== undefined && gone.has(key)) tracks.delete(trackId);
    }
  }

  /** The boxes of a camera's frame, with names. */
  onto(channel: number, overlay: readonly OverlayBox[]): NamedBox[] {
    const tracks = this.#named.get(channel);
    // A camera that is set up anew may be online again before anybody has heard that it was not.
    const since = this.#statusOf(channel)?.since ?? Number.POSITIVE_INFINITY;
    return overlay.map((box) => {
      const named = box.label === 'face' ? tracks?.get(box.trackId) : undefined;
      return named && named.time >= since ? { ...box, who: named.who } : box;
    });
  }
}

function namedBy({ match, threshold, time, quality }: TrackVerdict): Named {
  if (!match || match.similarity < threshold) return { who: { kind: 'stranger' }, time, quality };
  const kind = match.libraryType === KEY_PERSONNEL ? 'key-person' : 'white-list';
  // Somebody may be enrolled without a name.
  const name = match.personName.trim() || match.imageId;
  return { who: { kind, name }, time, quality, key: exportKey(match.libraryId, match.imageId) };
}
