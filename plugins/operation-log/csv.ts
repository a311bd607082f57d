import { instantToLocal } from '../../core/clock.ts';
import { csvStream } from '../../core/csv.ts';
import type { Entry } from './tables.ts';

/** The log as CSV. */

const COLUMNS = ['Number', 'Time', 'User', 'Role', 'Module', 'Item', 'Detail', 'Source', 'Result'];

export function logCsv(pieces: AsyncGenerator<Entry[], void>, zone: string): ReadableStream<Uint8Array> {
  return csvStream(COLUMNS, pieces, (entry) => fields(entry, zone));
}

function fields({ id, time, userName, role, module, item, detail, source, result }: Entry, zone: string): string[] {
  const outcome = result === 0 ? 'ok' : `refused ${result}`;
  return [String(id), instantToLocal(time, zone), userName, role, module, item, detail, source, outcome];
}
