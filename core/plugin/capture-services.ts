import type { Box, CaptureKind, CaptureObservation } from '../vision/keys.ts';
import { cap, event } from './keys.ts';

/** What cameras captured: records of faces, persons and vehicles (plugin captures). */

/** What a comparison with the portrait databases said of a face. */
export interface CaptureMatch {
  libraryId: number;
  libraryName: string;
  libraryType: number;
  imageId: string;
  /** 0..100 */
  similarity: number;
  /** 1: the best of those compared with. */
  ranking: number;
  /** Of the database's picture, below `/ws/`. */
  imagePath: string;
  /** When that came into the database, ms. */
  enrolledAt?: number;
  personName: string;
  /** '0' female, '1' male, '' not known. */
  personGender: string;
  personAge: string;
  /** The database knows this of the person; the values stay there. */
  hasIdcard: boolean;
  hasAddress: boolean;
}

/** The number plate of a vehicle. Like a face it is never logged. */
export interface CapturePlate {
  /** Letters and digits alone; '' where they could not be read surely. */
  text: string;
  /** How sure the least sure of them is, 0..1. */
  score: number;
  /** In the crop. */
  box: Box;
  /** Of the plate cut out, below `/ws/`. */
  path: string;
}

/** A finished capture: stored, enriched, ready to be shown and pushed. */
export interface CaptureRecord {
  /** UUID. */
  id: string;
  kind: CaptureKind;
  channel: number;
  /** Of a scene of the demo site. */
  origin?: 'demo';
  cameraName: string;
  position: string;
  threshold: number;
  /** Wall clock of the moment, ms. */
  time: number;
  trackId: number;
  quality: number;
  /** In the full frame, native pixels. */
  box: Box;
  /** In the crop. */
  boxInCrop: Box;
  frameWidth: number;
  frameHeight: number;
  cropPath: string;
  framePath: string;
  /** 0 unknown, 1 not alive, 2 alive. */
  aliveType: 0 | 1 | 2;
  /** Appendix B or C, empty where no model gave any. */
  attributes: Record<string, string>;
  /** Ids of the models that said what is known of its looks and liveness. */
  describedBy: string[];
  /** It was compared with the databases of its camera; otherwise nobody knows whether it shows a stranger. */
  compared: boolean;
  /** The nearest of them, a match from the camera's `threshold` on. */
  match?: CaptureMatch;
  /** Of a vehicle, where one was found. */
  plate?: CapturePlate;
  /** JPEGs, so that whoever pushes need not read the disk. */
  crop: Uint8Array;
  frame: Uint8Array;
  plateCrop?: Uint8Array;
}

export const captureRecorded = event<CaptureRecord>('capture.recorded@1');
/**
 * Who a face is whose track goes on; nothing was recorded of it. In snap mode 1 captures come when a track has ended, and
 * who watches wants to know before.
 */
export type TrackVerdict = Pick<
  CaptureRecord,
  'kind' | 'channel' | 'trackId' | 'time' | 'quality' | 'threshold' | 'compared' | 'match'
>;

export const trackRecognised = event<TrackVerdict>('track.recognised@1');

/** The name under which what is told or exported of a capture is known, so that it goes with the capture. */
export function captureKey(id: string): string {
  return `capture/${id}`;
}

/** Of the names under which a message is known, whether one is that of a capture. */
export function isCaptureKey(key: string): boolean {
  return key.startsWith(captureKey(''));
}

/** Captures were deleted. */
export const capturesErased = event<{ ids: string[] | 'all' }>('capture.erased@1');

/** The picture of somebody in a database. */
export type EnrolledPicture = Pick<CaptureMatch, 'imageId' | 'imagePath'>;

/** The captures that are kept, for whoever brought the cameras they are of, and whoever erases people. */
export interface CaptureArchive {
  count(origin: 'demo'): Promise<number>;
  /**
   * Removes them with their pictures, in small steps, but for the newest `keep`; resolves to how many went. What a crash
   * interrupts is done by calling it again.
   */
  erase(origin: 'demo', keep?: number): Promise<number>;
  /**
   * Removes those that show people who leave a database, as far as the box knows: recognised as them, of the same track,
   * and those they were enrolled from.
   * @param people by their enrolled pictures; paths tell apart who had the same id one after the other, '' is any of them
   * @param takenFrom paths of pictures of captures, by which somebody of them was enrolled
   * @returns how many went, with how many messages of them that still waited for other systems, and how many exports
   */
  eraseOf(
    libraryId: number,
    people: readonly EnrolledPicture[],
    takenFrom?: readonly string[],
  ): Promise<{ captures: number; messages: number; exports: number }>;
}

export const captureArchive = cap<CaptureArchive>('capture.archive@1');

/** What an enricher found out; fields it does not know stay away. */
export type CaptureFindings = Partial<Pick<CaptureRecord, 'aliveType' | 'attributes' | 'compared' | 'match'>>;

/**
 * Looks at a capture before it becomes a record. All enrichers run at once; one that has not answered at its deadline
 * is left out, and the record says nothing in its place.
 */
export interface CaptureEnricher {
  id: string;
  kinds: CaptureKind[];
  /** ms */
  deadline: number;
  enrich(capture: CaptureObservation): Promise<CaptureFindings>;
  /** Of one that compares faces: whether there is such a portrait database. */
  hasLibrary?(libraryId: number): boolean;
  /** Of one that compares faces: whether somebody it told of is still enrolled. Asked within a write job. */
  stillKnows?(match: CaptureMatch): boolean;
}

export interface CaptureEnrichers {
  register(enricher: CaptureEnricher): () => void;
}

export const captureEnrichers = cap<CaptureEnrichers>('capture.enrichers@1');
