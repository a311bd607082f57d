import type { Store } from '../store/database.ts';

/** Files one write job drops: it holds the box's only writer. */
const BATCH = 200;

/**
 * Drops the files for download (`tmp/`) of plugins that do not run: nobody would let them go when their day is over, or
 * when somebody they show is erased.
 * @returns how many went
 * @throws what `store.write` does; what is left goes with the next call
 */
export async function dropLeftDownloads(store: Store, runs: (plugin: string) => boolean): Promise<number> {
  const left = store.blobs.downloads().filter(({ owner }) => !runs(owner));
  for (let at = 0; at < left.length; at += BATCH) {
    await store.write((tx) => {
      for (const { path } of left.slice(at, at + BATCH)) tx.dropBlob(path);
    });
  }
  return left.length;
}
