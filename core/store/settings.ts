import { eq, like } from 'drizzle-orm';
import { prettifyError, type z } from 'zod';
import type { ReadDb } from './database.ts';
import type { Secrets } from './secrets.ts';
import { settings } from './tables.ts';
import type { JobDb } from './write-queue.ts';

type Write = (job: (tx: JobDb) => void) => Promise<void>;

/** A setting as it is stored; a sealed value stays sealed and fits only its own key. */
export interface SettingRow {
  key: string;
  value: string;
  sealed: boolean;
}

/** Small settings by key (`protocol.mode`, `plugin.captures`), as JSON, checked by a schema when they are read. */
export class Settings {
  readonly #read: ReadDb;
  readonly #write: Write;
  readonly #secrets: Secrets;

  constructor(read: ReadDb, write: Write, secrets: Secrets) {
    this.#read = read;
    this.#write = write;
    this.#secrets = secrets;
  }

  /**
   * The value under `key`, or undefined when there is none. Throws an Error naming the key when the stored value does
   * not fit the schema, and `SecretError` when a sealed one cannot be opened.
   */
  get<Schema extends z.ZodType>(key: string, schema: Schema): z.output<Schema> | undefined {
    const row = this.#read.select().from(settings).where(eq(settings.key, key)).get();
    if (!row) return undefined;
    const text = row.sealed ? this.#secrets.open(row.value, key) : row.value;
    const checked = schema.safeParse(JSON.parse(text));
    if (!checked.success) throw new Error(`the stored setting ${key} does not fit: ${prettifyError(checked.error)}`);
    return checked.data;
  }

  /** Stores a value that JSON can hold; with `sealed`, encrypted. Durable when the promise resolves. */
  set(key: string, value: unknown, options: { sealed?: boolean } = {}): Promise<void> {
    return this.#write((tx) => this.setIn(tx, key, value, options));
  }

  /** The same inside a write job, together with what else the job writes. */
  setIn(tx: JobDb, key: string, value: unknown, options: { sealed?: boolean } = {}): void {
    const json = JSON.stringify(value);
    if (json === undefined) throw new TypeError(`the setting ${key} cannot be stored as JSON`);
    const sealed = options.sealed ?? false;
    const row = { value: sealed ? this.#secrets.seal(json, key) : json, sealed };
    tx.insert(settings)
      .values({ key, ...row })
      .onConflictDoUpdate({ target: settings.key, set: row })
      .run();
  }

  /** Removes a value; nothing happens when there is none. */
  delete(key: string): Promise<void> {
    return this.#write((tx) => void tx.delete(settings).where(eq(settings.key, key)).run());
  }

  /** Every setting whose key begins with `prefix`, as it is stored. */
  rows(prefix: string): SettingRow[] {
    return this.#read
      .select()
      .from(settings)
      .where(like(settings.key, `${prefix}%`))
      .orderBy(settings.key)
      .all();
  }

  /** Keys under `prefix` whose values are other ones than in these rows, or that only one of the two sides has. */
  differences(prefix: string, rows: readonly SettingRow[]): string[] {
    const [wanted, now] = [rows.filter(({ key }) => key.startsWith(prefix)), this.rows(prefix)].map(
      (side) => new Map(side.map(({ key, value }) => [key, value])),
    );
    return [...new Set([...wanted!.keys(), ...now!.keys()])].filter((key) => wanted!.get(key) !== now!.get(key));
  }

  /** Makes the settings under `prefix` exactly these rows, in one step. */
  async replace(prefix: string, rows: readonly SettingRow[]): Promise<void> {
    const keys = this.differences(prefix, rows);
    const wanted = new Map(rows.map((row) => [row.key, row]));
    await this.#write((tx) => {
      for (const key of keys) {
        tx.delete(settings).where(eq(settings.key, key)).run();
        const row = wanted.get(key);
        if (row) tx.insert(settings).values(row).run();
      }
    });
  }
}
