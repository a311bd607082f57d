import { and, asc, count, eq, type SQL, sql, sum } from 'drizzle-orm';
import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { Clock } from '../../core/plugin/contract.ts';
import type { Store, Tx } from '../../core/store/database.ts';
import { hasControls, LONGEST, oneLine } from './person.ts';
import type { DatabaseQuery, LibraryType, Page, PortraitDatabase } from './shapes.ts';
import { portraitDatabases } from './tables.ts';

/** Number of the database of strangers, which is none of those kept here. */
export const STRANGERS = 2_147_483_647;

export interface Limits {
  databases: number;
  /** In all databases. */
  images: number;
}

/**
 * The interface has codes for "too many" and no numbers. So many pictures are what the index of faces holds in memory
 * with room to spare, and so many databases fit on a page and into a camera's list.
 */
export const LIMITS: Limits = { databases: 100, images: 300_000 };

type Reader = Pick<Store['read'], 'select'> | Pick<Tx, 'select'>;

/** The portrait databases themselves; people are in `people.ts`. */
export class Databases {
  readonly #store: Store;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #limits: Limits;

  constructor(store: Store, clock: Pick<Clock, 'now'>, limits: Limits = LIMITS) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
  }

  list(): PortraitDatabase[] {
    const { libId } = portraitDatabases;
    return this.#store.read.select().from(portraitDatabases).where(STAYS).orderBy(asc(libId)).all().map(toDatabase);
  }

  get(libId: number): PortraitDatabase | undefined {
    return find(this.#store.read, libId);
  }

  /** The same inside a write job. */
  getIn(tx: Reader, libId: number): PortraitDatabase | undefined {
    return find(tx, libId);
  }

  /** @throws ContractError -117 */
  need(libId: number): PortraitDatabase {
    return needIn(this.#store.read, libId);
  }

  /** The same inside a write job. */
  needIn(tx: Reader, libId: number): PortraitDatabase {
    return needIn(tx, libId);
  }

  query({ libId, libName, libType, limit, offset }: DatabaseQuery): Page<PortraitDatabase> {
    const condition = and(
      STAYS,
      libId === undefined ? undefined : eq(portraitDatabases.libId, libId),
      libName === undefined ? undefined : contains(portraitDatabases.libName, libName),
      libType === undefined ? undefined : eq(portraitDatabases.libType, libType),
    );
    const { read } = this.#store;
    const rows = read
      .select()
      .from(portraitDatabases)
      .where(condition)
      .orderBy(asc(portraitDatabases.createTime), asc(portraitDatabases.libId))
      .limit(limit)
      .offset(offset)
      .all();
    const total = read.select({ n: count() }).from(portraitDatabases).where(condition).get()?.n ?? 0;
    return { rows: rows.map(toDatabase), total };
  }

  /** @throws ContractError -118, -119, -3596 */
  create(libName: string, libType: LibraryType, origin?: 'demo'): Promise<PortraitDatabase> {
    const name = checkedName(libName);
    const now = this.#clock.now();
    return this.#store.write((tx) => {
      const known = tx.select({ n: count() }).from(portraitDatabases).get()?.n ?? 0;
      if (known >= this.#limits.databases) {
        throw new ContractError(
          CODE.tooManyDatabases,
          `there are ${this.#limits.databases} portrait databases already`,
        );
      }
      refuseTaken(tx, name);
      const row = { libName: name, libType, createTime: now, updateTime: now, origin };
      return toDatabase(tx.insert(portraitDatabases).values(row).returning().get());
    });
  }

  /** The kind of a guest's database stays: by it its guest knows it. @throws ContractError -117, -119, -3596 */
  modify(libId: number, change: { libName?: string; libType?: LibraryType }): Promise<PortraitDatabase> {
    const libName = change.libName === undefined ? undefined : checkedName(change.libName);
    return this.#store.write((tx) => {
      const { origin, libType } = needIn(tx, libId);
      if (origin && (change.libType ?? libType) !== libType) {
        throw new ContractError(CODE.wrongParameter, 'a database of the demo keeps its kind');
      }
      if (libName !== undefined) refuseTaken(tx, libName, libId);
      const row = tx
        .update(portraitDatabases)
        .set({ libName, libType: change.libType, updateTime: this.#clock.now() })
        .where(eq(portraitDatabases.libId, libId))
        .returning()
        .get();
      return toDatabase(row as DatabaseRow);
    });
  }

  /**
   * Makes sure inside a write job that one more picture may come into a database.
   * @throws ContractError -117, -122
   */
  refuseFull(tx: Reader, libId: number): void {
    needIn(tx, libId);
    const known = Number(
      tx
        .select({ n: sum(portraitDatabases.pictures) })
        .from(portraitDatabases)
        .get()?.n ?? 0,
    );
    if (known >= this.#limits.images) {
      throw new ContractError(CODE.tooManyImages, `the databases hold ${this.#limits.images} images already`);
    }
  }

  /** Counts pictures that came (or, below zero, went) inside a write job. */
  counted(tx: Tx, libId: number, more: number): void {
    tx.update(portraitDatabases)
      .set({ pictures: sql`${portraitDatabases.pictures} + ${more}`, updateTime: this.#clock.now() })
      .where(eq(portraitDatabases.libId, libId))
      .run();
  }
}

type DatabaseRow = typeof portraitDatabases.$inferSelect;

const STAYS = eq(portraitDatabases.leaving, false);

/** A part of a text, whatever the case of Latin letters; nothing in it is a wildcard. */
export function contains(column: Parameters<typeof sql>[1], part: string): SQL {
  return sql`instr(lower(${column}), lower(${part})) > 0`;
}

function find(db: Reader, libId: number): PortraitDatabase | undefined {
  const row = db
    .select()
    .from(portraitDatabases)
    .where(and(eq(portraitDatabases.libId, libId), STAYS))
    .get();
  return row && toDatabase(row);
}

function needIn(db: Reader, libId: number): PortraitDatabase {
  const found = find(db, libId);
  if (!found) throw new ContractError(CODE.noSuchDatabase);
  return found;
}

function refuseTaken(tx: Reader, libName: string, except?: number): void {
  const same = tx
    .select({ libId: portraitDatabases.libId })
    .from(portraitDatabases)
    .where(eq(portraitDatabases.libName, libName))
    .get();
  if (same && same.libId !== except) throw new ContractError(CODE.databaseExists);
}

function checkedName(libName: string): string {
  const name = oneLine(libName);
  if (name === '' || name.length > LONGEST.libName || hasControls(name)) {
    const message = `lib_name: must have 1 to ${LONGEST.libName} characters, none of them a control character`;
    throw new ContractError(CODE.wrongParameter, message, '', 'lib_name');
  }
  return name;
}

function toDatabase(row: DatabaseRow): PortraitDatabase {
  const { leaving: _, origin, ...plain } = row;
  return { ...plain, ...(origin ? { origin } : {}) };
}
