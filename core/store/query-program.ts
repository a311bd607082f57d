import { Connection } from './connection.ts';
import { refuseControl } from './drizzle-libsql.ts';
import { codeOf } from './errors.ts';
import { QUERY_PRAGMAS } from './opening.ts';
import type { QueryReply, QueryRequest, QueryStatement } from './query-process.ts';

/** The program of a query process (`query-process.ts`): answers one request after another, and ends with the core. */

/** The answer is unpacked on the core's event loop: 5,000 rows hold it for some 10 ms. */
const MOST_ROWS = 5_000;
const MOST_BYTES = 8 * 1024 * 1024;

/** An answer that was broken off. Its statement is still under way, so whoever asked has to end this process. */
class TooMuchError extends RangeError {
  override readonly name = 'TooMuchError';
}

const [file] = process.argv.slice(2);
if (!file || !process.send) throw new Error('this is started by the store, with the database as its argument');
const connection = new Connection(file, QUERY_PRAGMAS);

process.on('message', (request: QueryRequest) => {
  try {
    reply({ results: run(request.statements) });
  } catch (error) {
    reply({ error: describe(error) });
  }
});
process.on('disconnect', () => process.exit(0));
// Sent to the whole group when the box is stopped: the core decides when this process ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
// A first page, so that the first query does not pay for reading the schema.
connection.prepare('SELECT count(*) FROM sqlite_master').all();
reply({ ready: true });

function reply(message: QueryReply): void {
  process.send?.(message);
}

/** Runs statements that all see the same state of the database. */
function run(statements: readonly QueryStatement[]): unknown[][][] {
  if (statements.length === 1) return statements.map(rowsOf);
  connection.exec('BEGIN');
  try {
    return statements.map(rowsOf);
  } finally {
    connection.exec('ROLLBACK');
  }
}

function rowsOf({ sql, params, first }: QueryStatement): unknown[][] {
  refuseControl(sql);
  const statement = connection.prepare(sql).raw();
  if (first) {
    const row = statement.get(...params);
    return row === undefined ? [] : [row];
  }
  const rows: unknown[][] = [];
  let bytes = 0;
  for (const row of statement.iterate(...params)) {
    rows.push(row);
    for (const value of row) bytes += sizeOf(value);
    if (rows.length > MOST_ROWS) throw new TooMuchError(`a query gives more than ${MOST_ROWS} rows: ask page by page`);
    if (bytes > MOST_BYTES) throw new TooMuchError(`a query gives more than ${MOST_BYTES} bytes: ask page by page`);
  }
  return rows;
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  return ArrayBuffer.isView(value) ? value.byteLength : 8;
}

function describe(error: unknown): { name: string; message: string; code?: string } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const code = codeOf(error);
  return { name: error.name, message: error.message, ...(code ? { code } : {}) };
}
