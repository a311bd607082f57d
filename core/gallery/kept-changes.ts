import type { Change } from './protocol.ts';

export interface KeptChange {
  change: Change;
  /** Faces it is about. */
  faces: number;
  blobs: Uint8Array[];
}

const MOST_BYTES = 64 * 1024 * 1024;
/** What a face takes beside its vector, about. */
const FACE_BYTES = 100;

/**
 * Changes that came while the source was being read, in order. With too many of them they are all let go, and the source,
 * where they were stored before, has to be read once more.
 */
export class KeptChanges {
  #kept: KeptChange[] = [];
  #bytes = 0;
  #overflowed = false;

  get overflowed(): boolean {
    return this.#overflowed;
  }

  add(kept: KeptChange): void {
    if (this.#overflowed) return;
    this.#bytes += sizeOf(kept);
    if (this.#bytes > MOST_BYTES) {
      this.clear();
      this.#overflowed = true;
      return;
    }
    this.#kept.push(kept);
  }

  /** The oldest; undefined when there is none. */
  take(): KeptChange | undefined {
    const kept = this.#kept.shift();
    if (!kept) return undefined;
    this.#bytes -= sizeOf(kept);
    return kept;
  }

  clear(): void {
    this.#kept = [];
    this.#bytes = 0;
    this.#overflowed = false;
  }
}

function sizeOf({ faces, blobs }: KeptChange): number {
  return blobs.reduce((sum, blob) => sum + blob.byteLength, (faces + 1) * FACE_BYTES);
}
