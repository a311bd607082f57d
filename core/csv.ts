/**
 * CSV by RFC 4180: every field quoted, so that commas, quotes and lines inside survive; lines end in CR LF. Written as
 * UTF-8 behind `CSV_MARK`, which spreadsheets look for.
 */
export const CSV_MARK = '\ufeff';

/** First characters (full-width ones too) with which a spreadsheet may take a text for a formula. */
const FORMULA = /^[\s=+\-@|\uff1d\uff0b\uff0d\uff20]/u;

export type CsvFields = readonly (string | number)[];

/** A line of fields. Text that a spreadsheet would run gets an apostrophe in front; numbers stay as they are. */
export function csvLine(fields: CsvFields): string {
  return `${fields.map(field).join(',')}\r\n`;
}

/** Lines as a whole file, the names of the columns among them. */
export function csvFile(lines: readonly CsvFields[]): string {
  return CSV_MARK + lines.map(csvLine).join('');
}

/**
 * A file made from pieces of rows as they are read: nothing is collected, and who reads slowly is waited for.
 * @param fieldsOf the line of a row
 */
export function csvStream<Row>(
  columns: CsvFields,
  pieces: AsyncGenerator<readonly Row[], void>,
  fieldsOf: (row: Row) => CsvFields,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(encoder.encode(csvFile([columns]))),
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value.map((row) => csvLine(fieldsOf(row))).join('')));
      },
      async cancel() {
        await pieces.return();
      },
    },
    { highWaterMark: 1 },
  );
}

function field(value: string | number): string {
  if (typeof value === 'number') return `"${value}"`;
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return `"${safe.replaceAll('"', '""')}"`;
}
