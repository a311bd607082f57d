/**
 * CSV by RFC 4180: every field quoted, so that commas, quotes and lines inside survive; lines end in CR LF. Written as
 * UTF-8 behind `CSV_MARK`, which spreadsheets look for.
 */
export const CSV_MARK = '\ufeff';

/** First characters (full-width ones too) with which a spreadsheet may take a text for a formula. */
const FORMULA = /^[\s=+\-@|\uff1d\uff0b\uff0d\uff20]/u;

/** A line of fields. Text that a spreadsheet would run gets an apostrophe in front; numbers stay as they are. */
export function csvLine(fields: readonly (string | number)[]): string {
  return `${fields.map(field).join(',')}\r\n`;
}

function field(value: string | number): string {
  if (typeof value === 'number') return `"${value}"`;
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return `"${safe.replaceAll('"', '""')}"`;
}
