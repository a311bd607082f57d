import type { Tx } from '../store/database.ts';
import { cap } from './keys.ts';

/** What is made for download (plugin exports). */

export interface ExportEntry {
  /** Name in the archive; unsafe characters are replaced, equal names numbered. */
  name: string;
  data: Uint8Array | string;
}

/** Patience of calls that make an archive: hundreds of pictures are packed and encrypted one by one, ms. */
export const PACKING_MS = 3 * 60 * 1000;

export interface Exports {
  /**
   * Writes an archive with AES-256 and a fresh password, entry by entry. It is removed after a day.
   * @param kind first part of its name: `face_2026-01-31-12-00-00.zip`
   * @param shows who is in it (`exportKey`), and `capture/<id>` of captures in it: it goes when one of these is erased
   * @returns its path below `/ws/`
   */
  archive(
    kind: string,
    area: 'people' | 'records',
    entries: AsyncIterable<ExportEntry>,
    shows: readonly string[],
  ): Promise<{ path: string; password: string }>;
  /** A file for download (a result list, a cut face), removed after a day. */
  file(
    name: string,
    area: 'people' | 'records',
    data: Uint8Array | string,
    shows: readonly string[],
    options?: { picture?: boolean },
  ): Promise<{ path: string }>;
  /** Removes everything that shows one of these. @returns how many went. */
  erase(shows: readonly string[]): Promise<number>;
  /** The same inside a write job: what is just being made ends with an error at once. */
  eraseIn(tx: Tx, shows: readonly string[]): number;
}

export const exporting = cap<Exports>('exports@1');

/** The name under which exports and alarms know an enrolled picture. */
export function exportKey(library: number, imageId: string): string {
  return `${library}/${imageId}`;
}
