import type { BatchRow } from './batch-run.ts';

/** Results as CSV by RFC 4180, with the mark spreadsheets look for, and nothing they would run as a formula. */

/** First characters (full-width ones too) with which a spreadsheet may take a text for a formula. */
const FORMULA = /^[\s=+\-@|\uff1d\uff0b\uff0d\uff20]/u;

/** A number is none, though it may begin with a minus. */
const NUMBER = /^-?\d+(\.\d+)?$/;

export function csvField(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

export function csvOf(lines: readonly (readonly string[])[]): string {
  return `\ufeff${lines.map((line) => `${line.map(csvField).join(',')}\r\n`).join('')}`;
}

/** Words for the columns and the outcomes, in the user's language. */
export interface ResultWords {
  columns: readonly [file: string, name: string, imageId: string, result: string, code: string, reason: string];
  outcome: (row: BatchRow<unknown>) => string;
  reason: (row: BatchRow<unknown>) => string;
}

/** A line for every file of a batch. */
export function resultsCsv(rows: readonly BatchRow<unknown>[], words: ResultWords): string {
  const lines = rows.map((row) => {
    const { named, outcome } = row;
    const given = 'fault' in named ? { name: '', imageId: '' } : { name: named.person.name, imageId: named.imageId };
    const imageId = (outcome.state === 'enrolled' && outcome.imageId) || given.imageId;
    const code = outcome.state === 'enrolled' ? '0' : outcome.state === 'refused' ? String(outcome.code) : '';
    return [row.path, given.name, imageId, words.outcome(row), code, words.reason(row)];
  });
  return csvOf([words.columns, ...lines]);
}
