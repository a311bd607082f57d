import type { Readable } from 'node:stream';

/** A stored file. `createdAt`: ms since 1970 UTC. */
export interface BlobRow {
  path: string;
  size: number;
  owner: string;
  area: string | undefined;
  picture: boolean;
  createdAt: number;
}

export interface BlobInput {
  /** From `recordPath` or `facebasePath`, or any other path below `BLOB_FOLDERS`. */
  path: string;
  bytes: Uint8Array | AsyncIterable<Uint8Array>;
  /** Plugin id. */
  owner: string;
  /** What decides who may see it, in the owner's terms (`channel:3`). */
  area?: string;
  /** A picture of people: seeing it takes the right to see pictures. Default true. */
  picture?: boolean;
}

/** A file that is durable on disk and waits for the row that names it. */
export interface StagedBlob {
  readonly path: string;
  readonly size: number;
  /** Gives it up; the file is removed. Does nothing once a row was committed. */
  discard(): void;
}

/** An open stored file; it can be read to its end even when it is deleted meanwhile. Read it or close it. */
export interface OpenBlob {
  readonly row: BlobRow;
  bytes(): Promise<Buffer>;
  stream(): Readable;
  close(): Promise<void>;
}

/** What a write job can do with files. */
export interface BlobTx {
  /** Adds the row of a staged file. The file comes or goes with the job. */
  addBlob(staged: StagedBlob): void;
  /** Removes a file's row now and the file after the commit; false when there is no such file. */
  dropBlob(path: string): boolean;
  /** Somebody still needs the file: when it is dropped it is hidden, and goes with the last pin. Pins are counted. */
  pinBlob(path: string): void;
  /** Takes one pin back for each time a path is named. */
  unpinBlobs(paths: readonly string[]): void;
}

export interface BlobTotals {
  files: number;
  bytes: number;
}
