import { setImmediate as nextTurn } from 'node:timers/promises';
import { and, count, desc, eq, gte, inArray, lt, lte, type SQL, sql } from 'drizzle-orm';
import type { QueryDb, ReadDb, Store } from '../../core/store/database.ts';
import { type AlarmRow, alarmShows, alarms } from './tables.ts';

/** What alarms are asked for by; everything not given is open. */
export interface AlarmFilter {
  state?: 'open' | 'acknowledged' | undefined;
  kind?: string | undefined;
  channel?: number | undefined;
  /** ms, inclusive. */
  from?: number | undefined;
  /** ms, exclusive. */
  to?: number | undefined;
  /** Part of the title, whatever the case of Latin letters. */
  text?: string | undefined;
}

export interface Counts {
  open: number;
  /** Since midnight. */
  openToday: number;
  today: number;
  /** Every kind there is, most open ones first. */
  kinds: { kind: string; open: number; total: number }[];
}

const PIECE = 500;
/** Each shows 50 at most, and an answer holds 5,000. */
const SHOWN_PIECE = 100;

/** Reads alarms, newest first. Lists and counts run in the store's query process. */
export class AlarmList {
  readonly #read: ReadDb;
  readonly #query: QueryDb;

  constructor(store: Pick<Store, 'read' | 'query'>) {
    this.#read = store.read;
    this.#query = store.query;
  }

  find(id: number): AlarmRow | undefined {
    return this.#read.select().from(alarms).where(eq(alarms.id, id)).get();
  }

  /** The newest, or those that came before `before`; `total` counts all that match. */
  async page(filter: AlarmFilter, limit: number, before?: number): Promise<{ rows: AlarmRow[]; total: number }> {
    const wanted = where(filter);
    const [rows, total] = await this.#query.batch([
      this.#rows(and(wanted, before === undefined ? undefined : lt(alarms.id, before)), limit),
      this.#query.select({ n: count() }).from(alarms).where(wanted),
    ]);
    return { rows, total: total[0]?.n ?? 0 };
  }

  /** How many there are, and the newest open ones. @param midnight since when today is, ms */
  async summary(midnight: number, newest: number): Promise<Counts & { newest: AlarmRow[] }> {
    const open = sql<number>`coalesce(sum(${alarms.state} = 'open'), 0)`;
    const [kinds, today, rows] = await this.#query.batch([
      this.#query.select({ kind: alarms.kind, open, total: count() }).from(alarms).groupBy(alarms.kind),
      this.#query.select({ open, total: count() }).from(alarms).where(gte(alarms.time, midnight)),
      this.#rows(eq(alarms.state, 'open'), newest),
    ]);
    kinds.sort((a, b) => b.open - a.open || b.total - a.total);
    return {
      open: kinds.reduce((sum, kind) => sum + kind.open, 0),
      openToday: today[0]?.open ?? 0,
      today: today[0]?.total ?? 0,
      kinds,
      newest: rows,
    };
  }

  /** All that match and were there when it began, newest first, in pieces that are read as they are taken. */
  async *all(filter: AlarmFilter): AsyncGenerator<AlarmRow[], void> {
    const wanted = where(filter);
    let before = Number.MAX_SAFE_INTEGER;
    for (;;) {
      const rows = await this.#rows(and(wanted, lt(alarms.id, before)), PIECE);
      if (rows.length === 0) return;
      yield rows;
      if (rows.length < PIECE) return;
      before = rows.at(-1)!.id;
    }
  }

  /** Those of a moment (ms) and later with whom they show, newest first, so many at most; read in pieces. */
  async since(from: number, most: number): Promise<{ row: AlarmRow; shows: string[] }[]> {
    const found: { row: AlarmRow; shows: string[] }[] = [];
    for await (const rows of this.all({ from })) {
      const wanted = rows.slice(0, most - found.length);
      for (let at = 0; at < wanted.length; at += SHOWN_PIECE) {
        const some = wanted.slice(at, at + SHOWN_PIECE);
        const shows = await this.#shows(some.map(({ id }) => id));
        found.push(...some.map((row) => ({ row, shows: shows.get(row.id) ?? [] })));
      }
      if (found.length >= most) break;
    }
    return found;
  }

  async #shows(ids: number[]): Promise<Map<number, string[]>> {
    const rows = await this.#query.select().from(alarmShows).where(inArray(alarmShows.alarm, ids));
    const shows = new Map<number, string[]>();
    for (const { alarm, key } of rows) shows.set(alarm, [...(shows.get(alarm) ?? []), key]);
    return shows;
  }

  #rows(condition: SQL | undefined, limit: number) {
    return this.#query.select().from(alarms).where(condition).orderBy(desc(alarms.id)).limit(limit);
  }
}

/** Who says that it was looked at, when (ms), and what they found. */
export interface Acknowledgement {
  by: string;
  at: number;
  note: string;
}

/** Acknowledges those of the ids that are open. The first word stands: there is no second. @returns how many */
export function acknowledge(store: Store, ids: readonly number[], said: Acknowledgement): Promise<number> {
  return store.write((tx) =>
    Number(
      tx
        .update(alarms)
        .set(mark(said))
        .where(openAmong([...ids]))
        .run().changes,
    ),
  );
}

/**
 * Acknowledges all open ones that match and came no later than `last`, in small jobs with room for others between them.
 * @returns how many
 */
export async function acknowledgeAll(
  store: Store,
  filter: AlarmFilter,
  last: number,
  said: Acknowledgement,
): Promise<number> {
  const wanted = and(where({ ...filter, state: 'open' }), lte(alarms.id, last));
  let done = 0;
  for (;;) {
    const changed = await store.write((tx) => {
      const ids = tx.select({ id: alarms.id }).from(alarms).where(wanted).limit(PIECE).all();
      if (ids.length === 0) return 0;
      const among = openAmong(ids.map(({ id }) => id));
      return Number(tx.update(alarms).set(mark(said)).where(among).run().changes);
    });
    done += changed;
    if (changed < PIECE) return done;
    await nextTurn();
  }
}

function mark({ by, at, note }: Acknowledgement) {
  return { state: 'acknowledged' as const, acknowledgedBy: by, acknowledgedAt: at, note: note === '' ? null : note };
}

function openAmong(ids: number[]): SQL | undefined {
  return and(inArray(alarms.id, ids), eq(alarms.state, 'open'));
}

function where({ state, kind, channel, from, to, text }: AlarmFilter): SQL | undefined {
  return and(
    state === undefined ? undefined : eq(alarms.state, state),
    kind === undefined ? undefined : eq(alarms.kind, kind),
    channel === undefined ? undefined : eq(alarms.channel, channel),
    from === undefined ? undefined : gte(alarms.time, from),
    to === undefined ? undefined : lt(alarms.time, to),
    text === undefined ? undefined : contains(text),
  );
}

/** % and _ stand for themselves. */
function contains(part: string): SQL {
  const pattern = `%${part.replace(/[\\%_]/g, '\\$&')}%`;
  return sql`${alarms.title} LIKE ${pattern} ESCAPE '\\'`;
}
