import { and, count, desc, eq, gte, inArray, isNotNull, lt, type SQL, sql } from 'drizzle-orm';
import type { ReadDb } from '../../core/store/database.ts';
import { type CaptureRow, captures, MOMENTS_PER_MS } from './tables.ts';

/** What captures are asked for by; everything not given is open. */
export interface CaptureFilter {
  kind?: 'face' | 'body' | undefined;
  channel?: number | undefined;
  /** ms, inclusive. */
  from?: number | undefined;
  /** ms, exclusive. */
  to?: number | undefined;
  minQuality?: number | undefined;
  aliveTypes?: readonly (0 | 1 | 2)[] | undefined;
  libName?: string | undefined;
  libType?: number | undefined;
}

/** How many faces of today were recognised, in the terms of message 1050. */
export interface TodayCounts {
  keyPersons: number;
  whiteList: number;
  strangers: number;
}

const HOUR_MS = 60 * 60 * 1000;

const NEWEST_FIRST = desc(captures.moment);

/**
 * Reads captures. Pages and counts run over an index alone and touch the rows of the page only: on a million captures
 * a count takes 16 ms and the last page 15 ms.
 */
export class Records {
  readonly #read: ReadDb;

  constructor(read: ReadDb) {
    this.#read = read;
  }

  count(filter: CaptureFilter): number {
    return this.#read.select({ n: count() }).from(captures).where(where(filter)).get()?.n ?? 0;
  }

  /** Rows `offset` to `offset + limit - 1` of all that match, newest first. */
  page(filter: CaptureFilter, limit: number, offset: number): CaptureRow[] {
    return this.#rows(where(filter), limit, offset);
  }

  /** The newest rows, or those that come after the one with this `moment`. */
  after(filter: CaptureFilter, limit: number, moment?: number): CaptureRow[] {
    return this.#rows(and(where(filter), moment === undefined ? undefined : lt(captures.moment, moment)), limit, 0);
  }

  find(id: string): CaptureRow | undefined {
    return this.#read.select().from(captures).where(eq(captures.id, id)).get();
  }

  /** Captures of one kind in each hour from `start` on, as many hours as asked. */
  hourly(kind: 'face' | 'body', start: number, hours: number): number[] {
    const hour = sql<number>`(${captures.moment} / ${MOMENTS_PER_MS} - ${start}) / ${HOUR_MS}`;
    const found = this.#read
      .select({ hour, n: count() })
      .from(captures)
      .where(where({ kind, from: start, to: start + hours * HOUR_MS }))
      .groupBy(hour)
      .all();
    const counts = new Array<number>(hours).fill(0);
    for (const row of found) counts[row.hour] = row.n;
    return counts;
  }

  /**
   * Faces since `start` by what the comparison said: at least as similar as the camera's threshold to somebody of key
   * personnel or of a whitelist, or compared and like nobody. Faces that were not compared count nowhere.
   */
  today(start: number): TodayCounts {
    const matched = sql`${captures.similarity} >= ${captures.threshold}`;
    const counted = (condition: SQL) => sql<number>`coalesce(sum(${condition}), 0)`;
    const found = this.#read
      .select({
        keyPersons: counted(sql`${captures.libType} = 1 AND ${matched}`),
        whiteList: counted(sql`${captures.libType} = 2 AND ${matched}`),
        strangers: counted(sql`NOT ${matched}`),
      })
      .from(captures)
      .where(and(where({ kind: 'face', from: start }), isNotNull(captures.similarity)))
      .get();
    return found ?? { keyPersons: 0, whiteList: 0, strangers: 0 };
  }

  /**
   * Two queries on purpose: joined, SQLite may choose to walk over all rows in order to spare the sorting of a page.
   * Nothing is written between them, they run in one turn of the event loop.
   */
  #rows(condition: SQL | undefined, limit: number, offset: number): CaptureRow[] {
    const page = this.#read
      .select({ moment: captures.moment })
      .from(captures)
      .where(condition)
      .orderBy(NEWEST_FIRST)
      .limit(limit)
      .offset(offset)
      .all();
    if (page.length === 0) return [];
    return this.#read
      .select()
      .from(captures)
      .where(
        inArray(
          captures.moment,
          page.map(({ moment }) => moment),
        ),
      )
      .orderBy(NEWEST_FIRST)
      .all();
  }
}

function where(filter: CaptureFilter): SQL | undefined {
  const { kind, channel, from, to, minQuality, aliveTypes, libName, libType } = filter;
  return and(
    kind === undefined ? undefined : eq(captures.kind, kind),
    channel === undefined ? undefined : eq(captures.channel, channel),
    from === undefined ? undefined : gte(captures.moment, from * MOMENTS_PER_MS),
    to === undefined ? undefined : lt(captures.moment, to * MOMENTS_PER_MS),
    minQuality === undefined ? undefined : gte(captures.quality, minQuality),
    aliveTypes === undefined ? undefined : inArray(captures.aliveType, [...aliveTypes]),
    libName === undefined ? undefined : eq(captures.libName, libName),
    libType === undefined ? undefined : eq(captures.libType, libType),
  );
}
