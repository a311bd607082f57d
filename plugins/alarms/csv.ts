import { instantToLocal } from '../../core/clock.ts';
import type { AlarmRow } from './tables.ts';

/**
 * Alarms as CSV by RFC 4180: every field quoted, lines end in CR LF, UTF-8 with the mark that spreadsheets look for.
 * Without pictures, so that the right to see records is enough.
 */

const COLUMNS = [
  'Number',
  'Time',
  'Kind',
  'Title',
  'Channel',
  'Camera',
  'State',
  'Acknowledged by',
  'Acknowledged at',
  'Note',
  'Facts',
];

/** First characters (full-width ones too) with which a spreadsheet may take a text for a formula. */
const FORMULA = /^[\s=+\-@|\uff1d\uff0b\uff0d\uff20]/u;

/** Streams pieces of alarms as they are read: nothing is collected, and who reads slowly is waited for. */
export function csvStream(pieces: AsyncGenerator<AlarmRow[], void>, zone: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(encoder.encode(`\ufeff${line(COLUMNS)}`)),
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value.map((alarm) => line(fields(alarm, zone))).join('')));
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

function fields(alarm: AlarmRow, zone: string): string[] {
  const { id, time, kind, title, channel, cameraName, state, acknowledgedBy, acknowledgedAt, note, facts } = alarm;
  return [
    String(id),
    instantToLocal(time, zone),
    kind,
    title,
    String(channel),
    cameraName,
    state,
    acknowledgedBy ?? '',
    acknowledgedAt === null ? '' : instantToLocal(acknowledgedAt, zone),
    note ?? '',
    Object.entries(facts)
      .map(([name, value]) => `${name}: ${value}`)
      .join('; '),
  ];
}
