/** Longest path of a blob; its staging name (slashes replaced) must fit into one file name of 255 bytes. */
const LONGEST = 200;

/** Folders that hold blobs; the store's own files lie beside them and no blob path may reach those. */
export const BLOB_FOLDERS = ['record', 'facebase', 'tmp'] as const;

const SEGMENT = /^[a-z0-9_-][a-z0-9_.-]*$/;

/**
 * Whether `path` has the form of a blob's path: below one of `BLOB_FOLDERS`, segments of `[a-z0-9_.-]` joined by single
 * slashes, none starting with a dot. Upper case is refused, so that two names never meet in one file on any file system.
 */
export function isBlobPath(path: string): boolean {
  if (path.length > LONGEST) return false;
  const [folder, ...below] = path.split('/');
  return (
    BLOB_FOLDERS.some((known) => known === folder) && below.length > 0 && below.every((part) => SEGMENT.test(part))
  );
}

/** Gives `path` back, or throws a TypeError when it has not the form of a blob's path. */
export function blobPath(path: string): string {
  if (typeof path === 'string' && isBlobPath(path)) return path;
  throw new TypeError(
    `not a blob path: ${JSON.stringify(String(path).slice(0, LONGEST))} ` +
      `(below ${BLOB_FOLDERS.join('/, ')}/; a-z 0-9 _ . - and single slashes, no segment starting with a dot)`,
  );
}

/**
 * Path of a recorded picture in the form the clients know: `record/channel3/face/1623040030_278.jpg`.
 * `timeMs`: wall clock, ms since 1970 UTC. `number`: from `Blobs.nextNumber()`, which makes the path unique.
 * `kind`: `face`, `body`, `vehicle`, `frame`, ...
 */
export function recordPath(channel: number, kind: string, timeMs: number, number: number, extension = 'jpg'): string {
  return blobPath(`record/channel${whole(channel)}/${kind}/${seconds(timeMs)}_${whole(number)}.${extension}`);
}

/** Path of a picture in a portrait database: `facebase/libid2/2_1620975347_1.png`. Arguments as in `recordPath`. */
export function facebasePath(library: number, timeMs: number, number: number, extension = 'jpg'): string {
  return blobPath(`facebase/libid${whole(library)}/${whole(library)}_${seconds(timeMs)}_${whole(number)}.${extension}`);
}

/** The name under which a blob waits in the staging folder; `~` stands in no path. */
export function stagingName(path: string): string {
  return path.replaceAll('/', '~');
}

/** The path behind a name in the staging folder, or undefined for a file that is not the store's. */
export function pathOfStagingName(name: string): string | undefined {
  const path = name.replaceAll('~', '/');
  return isBlobPath(path) ? path : undefined;
}

function whole(value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`not a whole number from 0: ${value}`);
  return value;
}

function seconds(timeMs: number): number {
  return whole(Math.floor(timeMs / 1000));
}
