import { instantToLocal } from '../../core/clock.ts';
import type { Entry } from './tables.ts';

/** The log as CSV by RFC 4180: every field quoted, lines end in CR LF, UTF-8 with the mark that spreadsheets look for. */

const COLUMNS = ['Number', 'Time', 'User', 'Role', 'Module', 'Item', 'Detail', 'Source', 'Result'];

/** First characters (full-width ones too) with which a spreadsheet may take a text for a formula. */
const FORMULA = /^[\s=+\-@|\uff1d\uff0b\uff0d\uff20]/u;

/** Streams pieces of entries as they are read: nothing is collected, and who reads slowly is waited for. */
export function csvStream(pieces: AsyncGenerator<Entry[], void>, zone: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(encoder.encode(`\ufeff${line(COLUMNS)}`)),
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value.map((entry) => line(fields(entry, zone))).join('')));
      },
      async cancel() {
        await pieces.return();
      },
    },
    { highWaterMark: 1 },
  );
}

/** One text as a quoted field that no spreadsheet runs. */
export function field(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

function line(texts: string[]): string {
  return `${texts.map(field).join(',')}\r\n`;
}

function fields({ id, time, userName, role, module, item, detail, source, result }: Entry, zone: string): string[] {
  const outcome = result === 0 ? 'ok' : `refused ${result}`;
  return [String(id), instantToLocal(time, zone), userName, role, module, item, detail, source, outcome];
}
