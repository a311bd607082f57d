import { and, asc, count, desc, eq, getTableColumns, gte, inArray, lt, type SQL, sql } from 'drizzle-orm';
import type { AnySQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { QueryDb, ReadDb } from '../../core/store/database.ts';
import type { CaptureKind } from '../../core/vision/keys.ts';
import { type CaptureRow, captures, isRecognised, MOMENTS_PER_MS } from './tables.ts';

/** What captures are asked for by; everything not given is open. */
export interface CaptureFilter {
  kind?: CaptureKind | undefined;
  channel?: number | undefined;
  /** ms, inclusive. */
  from?: number | undefined;
  /** ms, exclusive. */
  to?: number | undefined;
  minQuality?: number | undefined;
  aliveTypes?: readonly (0 | 1 | 2)[] | undefined;
  libName?: string | undefined;
  libType?: number | undefined;
  libIds?: readonly number[] | undefined;
  /** Part of what was read of a number plate: `plateQuery`. */
  plate?: string | undefined;
  /** Only faces that were recognised; no others are, so `kind` says nothing then. */
  recognised?: true;
}

/** How many faces of today were recognised, in the terms of message 1050. */
export interface TodayCounts {
  keyPersons: number;
  whiteList: number;
  strangers: number;
}

const HOUR_MS = 60 * 60 * 1000;

/** Up to here a page is walked to from the newest capture without knowing how many there are: 0.4 ms. */
const NEAR = 20_000;
/** Rows of a long answer that are read at once: turning them into objects takes the event loop. */
const PIECE = 250;

/** Some of the captures that match, and how many match in all. */
export interface CapturePage {
  rows: CaptureRow[];
  total: number;
}

/**
 * Reads captures. Pages and counts run over an index alone and touch the rows of the page only; a count passes over
 * everything that matches (a million in some 20 ms), so they run in the store's query process.
 */
export class Records {
  readonly #read: ReadDb;
  readonly #query: QueryDb;
  readonly #near: number;

  constructor(store: { read: ReadDb; query: QueryDb }, near: number = NEAR) {
    this.#read = store.read;
    this.#query = store.query;
    this.#near = near;
  }

  /** Rows `offset` to `offset + limit - 1` of all that match, newest first. */
  async page(filter: CaptureFilter, limit: number, offset: number): Promise<CapturePage> {
    const condition = where(filter);
    if (offset <= this.#near) {
      const [rows, total] = await this.#query.batch([this.#rows(condition, limit, offset), this.#count(condition)]);
      return { rows, total: total[0]?.n ?? 0 };
    }
    const total = (await this.#count(condition))[0]?.n ?? 0;
    // Walked to from the nearer end. What is recorded between the two questions does not move rows counted from the
    // oldest; of those counted from the newest some may then stand on two pages, as with every list that grows.
    const wanted = Math.min(limit, total - offset);
    if (wanted <= 0) return { rows: [], total };
    const behind = total - offset - wanted;
    if (offset <= behind) return { rows: await this.#rows(condition, wanted, offset), total };
    return { rows: (await this.#rows(condition, wanted, behind, asc)).reverse(), total };
  }

  /** The newest rows, or those that come after the one with this `moment`; `total` counts all that match. */
  async after(filter: CaptureFilter, limit: number, moment?: number): Promise<CapturePage> {
    const condition = where(filter);
    const older = and(condition, moment === undefined ? undefined : lt(captures.moment, moment));
    const [rows, total] = await this.#query.batch([this.#rows(older, limit, 0), this.#count(condition)]);
    return { rows, total: total[0]?.n ?? 0 };
  }

  /** Those of a moment (ms) and later, newest first, so many at most, in pieces that are read as they are taken. */
  async *since(from: number, most: number): AsyncGenerator<CaptureRow[], void> {
    let last: number | undefined;
    for (let left = most; left > 0; left -= PIECE) {
      const older = and(where({ from }), last === undefined ? undefined : lt(captures.moment, last));
      const rows = await this.#rows(older, Math.min(PIECE, left), 0);
      yield rows;
      if (rows.length < PIECE) return;
      last = rows.at(-1)?.moment;
    }
  }

  /** Those of the ids that exist, in the order of the ids. */
  findAll(ids: readonly string[]): CaptureRow[] {
    const rows = this.#read
      .select()
      .from(captures)
      .where(inArray(captures.id, [...ids]))
      .all();
    const byId = new Map(rows.map((row) => [row.id, row]));
    return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
  }

  find(id: string): CaptureRow | undefined {
    return this.#read.select().from(captures).where(eq(captures.id, id)).get();
  }

  async countOf(origin: 'demo'): Promise<number> {
    return (await this.#count(eq(captures.origin, origin)))[0]?.n ?? 0;
  }

  /** Captures of each kind in each hour from `start` on, as many hours as asked, and the newest of all. */
  async summary(
    start: number,
    hours: number,
    newest: number,
  ): Promise<{ hourly: Record<CaptureKind, number[]>; newest: CaptureRow[] }> {
    const [face, body, vehicle, rows] = await this.#query.batch([
      this.#hourly('face', start, hours),
      this.#hourly('body', start, hours),
      this.#hourly('vehicle', start, hours),
      this.#rows(undefined, newest, 0),
    ]);
    const spread = (found: { hour: number; n: number }[]) => {
      const counts = new Array<number>(hours).fill(0);
      for (const row of found) counts[row.hour] = row.n;
      return counts;
    };
    return { hourly: { face: spread(face), body: spread(body), vehicle: spread(vehicle) }, newest: rows };
  }

  /**
   * Faces since `start` by what the comparison said: at least as similar as the camera's threshold to somebody of key
   * personnel or of a whitelist, or compared and like nobody. Faces that were not compared count nowhere.
   */
  async today(start: number): Promise<TodayCounts> {
    const since = gte(captures.moment, start * MOMENTS_PER_MS);
    const counted = (libType: number) => sql<number>`coalesce(sum(${captures.libType} = ${libType}), 0)`;
    const [[known], [compared]] = await this.#query.batch([
      this.#query
        .select({ keyPersons: counted(1), whiteList: counted(2), all: count() })
        .from(captures)
        .where(and(isRecognised, since)),
      // A constant, not a parameter: only so the index is used.
      this.#count(and(sql`${captures.compared} = 1`, since)),
    ]);
    const { keyPersons = 0, whiteList = 0, all = 0 } = known ?? {};
    return { keyPersons, whiteList, strangers: (compared?.n ?? 0) - all };
  }

  #count(condition: SQL | undefined) {
    return this.#query.select({ n: count() }).from(captures).where(condition);
  }

  #hourly(kind: CaptureKind, start: number, hours: number) {
    const hour = sql<number>`(${captures.moment} / ${MOMENTS_PER_MS} - ${start}) / ${HOUR_MS}`;
    return this.#query
      .select({ hour, n: count() })
      .from(captures)
      .where(where({ kind, from: start, to: start + hours * HOUR_MS }))
      .groupBy(hour);
  }

  /**
   * A page, in the order of `direction`. The index gives its moments, and then each row is fetched by its own: without
   * the cross join, which SQLite does not turn round, it may choose to walk over all rows to spare sorting the page.
   */
  #rows(condition: SQL | undefined, limit: number, offset: number, direction: typeof asc = desc) {
    const page = this.#query
      .select({ moment: captures.moment })
      .from(captures)
      .where(condition)
      .orderBy(direction(captures.moment))
      .limit(limit)
      .offset(offset)
      .as('page');
    return this.#query
      .select(getTableColumns(captures))
      .from(page)
      .crossJoin(captures)
      .where(eq(captures.moment, page.moment))
      .orderBy(direction(page.moment));
  }
}

/** What somebody enters of a plate, as plates are kept: letters and digits alone, capitals. */
export function plateQuery(entered: string): string {
  return entered.toUpperCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function where(filter: CaptureFilter): SQL | undefined {
  const { kind, channel, from, to, minQuality, aliveTypes, libName, libType, libIds, plate, recognised } = filter;
  // The indexes of recognised faces and of plates are for all their questions: a column behind a plus does not lead SQLite
  // to another one.
  const own = recognised || plate;
  const of = (column: AnySQLiteColumn): SQL => (own ? sql`+${column}` : sql`${column}`);
  return and(
    recognised && isRecognised,
    // The first condition is that of the index, word for word.
    plate ? sql`${captures.plateText} <> '' AND instr(${captures.plateText}, ${plate}) > 0` : undefined,
    kind === undefined || recognised ? undefined : eq(of(captures.kind), kind),
    channel === undefined ? undefined : eq(of(captures.channel), channel),
    from === undefined ? undefined : gte(captures.moment, from * MOMENTS_PER_MS),
    to === undefined ? undefined : lt(captures.moment, to * MOMENTS_PER_MS),
    minQuality === undefined ? undefined : gte(of(captures.quality), minQuality),
    aliveTypes === undefined ? undefined : inArray(of(captures.aliveType), [...aliveTypes]),
    libName === undefined ? undefined : eq(of(captures.libName), libName),
    libType === undefined ? undefined : eq(of(captures.libType), libType),
    libIds === undefined ? undefined : inArray(of(captures.libId), [...libIds]),
  );
}
