import { setImmediate } from 'node:timers/promises';
import { and, desc, eq, gte, lt, lte, max, min, ne, or, type SQL, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import type { ReadDb } from '../../core/store/database.ts';
import { type Entry, operationLog } from './tables.ts';

/** What to look for; what is not given does not matter. */
export interface Filter {
  /** ms since 1970 UTC, both ends included. */
  from?: number | undefined;
  to?: number | undefined;
  /** Part of the user's name. */
  user?: string | undefined;
  module?: string | undefined;
  result?: 'ok' | 'failed' | undefined;
  /** Part of user, item, detail or source. */
  text?: string | undefined;
}

/** Rows looked at by one query: a few milliseconds, after which other requests have their turn. */
const WINDOW = 4000;

/**
 * Entries that match, the newest first, in pieces of at most `piece`. Entries written meanwhile are left out.
 * @param before only entries with a smaller number
 */
export async function* search(
  read: ReadDb,
  filter: Filter,
  piece: number,
  before = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<Entry[], void> {
  const { newest, oldest } = edges(read);
  const wanted = conditions(filter);
  let upper = Math.min(before, newest + 1);
  while (upper > oldest) {
    const lower = upper - WINDOW;
    const found = read
      .select()
      .from(operationLog)
      .where(and(lt(operationLog.id, upper), gte(operationLog.id, lower), ...wanted))
      .orderBy(desc(operationLog.id))
      .limit(piece)
      .all();
    const last = found.at(-1);
    upper = found.length === piece && last ? last.id : lower;
    if (found.length > 0) yield found;
    await setImmediate();
  }
}

/** One page, and the number to go on from: null at the end. */
export async function page(
  read: ReadDb,
  filter: Filter,
  limit: number,
  before?: number,
): Promise<{ entries: Entry[]; next: number | null }> {
  const entries: Entry[] = [];
  for await (const found of search(read, filter, limit + 1, before)) {
    entries.push(...found);
    if (entries.length > limit) break;
  }
  const shown = entries.slice(0, limit);
  return { entries: shown, next: entries.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

function edges(read: ReadDb): { newest: number; oldest: number } {
  const found = read
    .select({ newest: max(operationLog.id), oldest: min(operationLog.id) })
    .from(operationLog)
    .get();
  return { newest: found?.newest ?? 0, oldest: found?.oldest ?? 1 };
}

function conditions({ from, to, user, module, result, text }: Filter): SQL[] {
  const { userName, item, detail, source } = operationLog;
  return [
    from === undefined ? undefined : gte(operationLog.time, from),
    to === undefined ? undefined : lte(operationLog.time, to),
    user === undefined ? undefined : contains(userName, user),
    module === undefined ? undefined : eq(operationLog.module, module),
    result === 'ok' ? eq(operationLog.result, 0) : undefined,
    result === 'failed' ? ne(operationLog.result, 0) : undefined,
    text === undefined ? undefined : or(...[userName, item, detail, source].map((column) => contains(column, text))),
  ].filter((condition) => condition !== undefined);
}

/** Whether a column holds a text, whatever the case of Latin letters; % and _ stand for themselves. */
function contains(column: SQLiteColumn, part: string): SQL {
  const pattern = `%${part.replace(/[\\%_]/g, '\\$&')}%`;
  return sql`${column} LIKE ${pattern} ESCAPE '\\'`;
}
