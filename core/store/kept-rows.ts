import type { ReadDb, Store, Tx } from './database.ts';

/** The rows of a small table that is asked all the time: in memory, and read anew after every change. */
export class KeptRows<Row> {
  readonly #store: Store;
  readonly #read: (read: ReadDb) => Row[];
  readonly #changed: (() => void) | undefined;
  #rows: readonly Row[];

  /**
   * @param read all of them
   * @param changed told after each change
   */
  constructor(store: Store, read: (read: ReadDb) => Row[], changed?: () => void) {
    this.#store = store;
    this.#read = read;
    this.#changed = changed;
    this.#rows = read(store.read);
  }

  list(): readonly Row[] {
    return this.#rows;
  }

  /** Changes the table; when it ends as `job` does, the rows in memory are the new ones. */
  write<T>(job: (tx: Tx) => T): Promise<T> {
    return this.#store.write((tx) => {
      tx.afterCommit(() => {
        this.#rows = this.#read(this.#store.read);
        this.#changed?.();
      });
      return job(tx);
    });
  }
}
