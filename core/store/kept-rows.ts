import type { ReadDb, Store, Tx } from './database.ts';

/** The rows of a small table that is asked all the time: in memory, and read anew after every change. */
export class KeptRows<Row> {
  readonly #store: Store;
  readonly #read: (read: ReadDb) => Row[];
  readonly #changed: () => void;
  #rows: readonly Row[];

  /**
   * @param read all of them
   * @param changed told after each change
   */
  constructor(store: Store, read: (read: ReadDb) => Row[], changed: () => void) {
    this.#store = store;
    this.#read = read;
    this.#changed = changed;
    this.#rows = read(store.read);
  }

  list(): readonly Row[] {
    return this.#rows;
  }

  /** Changes the table; when it resolves, the rows in memory are the new ones. Rejects with what `job` throws. */
  async write(job: (tx: Tx) => unknown): Promise<void> {
    await this.#store.write((tx) => {
      tx.afterCommit(() => {
        this.#rows = this.#read(this.#store.read);
        this.#changed();
      });
      job(tx);
    });
  }
}
