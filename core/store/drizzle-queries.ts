import { SQLiteAsyncDialect } from 'drizzle-orm/sqlite-core';
import { SQLiteRemoteSession, SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy';
import type { Queries } from './queries.ts';
import type { QueryStatement } from './query-process.ts';

/**
 * Drizzle for heavy reading (counts, lists, reports, exports), in a process of its own: `await` a query, or end it with
 * `get()`, `all()` or `values()`. Each query sees the newest state; those of one `batch([...])` see the same one. An
 * answer has 5,000 rows or 8 MB at most: ask for more page by page.
 */
export type QueryDb = Pick<SqliteRemoteDatabase, 'select' | 'selectDistinct' | 'with' | '$with' | 'batch'> & {
  /** The same with another limit: a query may wait so long for others, and then run so long, ms. */
  within(limitMs: number): QueryDb;
};

/** Whoever asked over HTTP has given up by then. */
const LIMIT_MS = 15_000;

const dialect = new SQLiteAsyncDialect();

type Method = 'run' | 'all' | 'values' | 'get';

/** A drizzle database whose queries are run by `queries`. */
export function drizzleQueries(queries: Queries, limitMs: number = LIMIT_MS): QueryDb {
  const statement = (sql: string, params: unknown[], method: Method): QueryStatement => ({
    sql,
    params,
    first: method === 'get',
  });
  /** As drizzle wants it: for `get` the row itself. */
  const given = (rows: unknown[][], method: Method) => ({ rows: method === 'get' ? (rows[0] as unknown[]) : rows });
  const session = new Session(
    async (sql, params, method) => {
      const [rows = []] = await queries.ask([statement(sql, params, method)], limitMs);
      return given(rows, method);
    },
    dialect,
    undefined,
    async (batch) => {
      const results = await queries.ask(
        batch.map(({ sql, params, method }) => statement(sql, params, method)),
        limitMs,
      );
      return results.map((rows, index) => given(rows, batch[index]?.method ?? 'all'));
    },
  );
  const db = new SqliteRemoteDatabase<Record<string, never>>('async', dialect, session, undefined);
  return Object.assign(db, { within: (other: number) => drizzleQueries(queries, other) });
}

/**
 * Drizzle wraps every error into one whose message is the statement with its values, names of people among them. Here
 * errors come as they are.
 */
class Session extends SQLiteRemoteSession<Record<string, never>, Record<string, never>> {
  override prepareQuery: SQLiteRemoteSession<Record<string, never>, Record<string, never>>['prepareQuery'] = (
    ...query
  ) => {
    const prepared = super.prepareQuery(...query);
    const queryWithCache = <T>(_sql: string, _params: unknown[], ask: () => Promise<T>) => ask();
    return Object.assign(prepared, { queryWithCache }) as never;
  };
}
