import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { BlobRow, OpenBlob } from './blob-types.ts';

/** A row of `blobs` as the database gives it. */
export interface StoredRow {
  path: string;
  size: number;
  owner: string;
  area: string | null;
  picture: number;
  created_at: number;
}

export function toRow(stored: StoredRow): BlobRow {
  return {
    path: stored.path,
    size: stored.size,
    owner: stored.owner,
    area: stored.area ?? undefined,
    picture: stored.picture !== 0,
    createdAt: stored.created_at,
  };
}

/** The file of a row, open. */
export class OpenFile implements OpenBlob {
  readonly row: BlobRow;
  readonly #handle: FileHandle;

  constructor(row: BlobRow, handle: FileHandle) {
    this.row = row;
    this.#handle = handle;
  }

  async bytes(): Promise<Buffer> {
    try {
      return await this.#handle.readFile();
    } finally {
      await this.#handle.close();
    }
  }

  stream(): Readable {
    return this.#handle.createReadStream();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
