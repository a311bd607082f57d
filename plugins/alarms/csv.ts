import { instantToLocal } from '../../core/clock.ts';
import { csvStream } from '../../core/csv.ts';
import type { AlarmRow } from './tables.ts';

/** Alarms as CSV, without pictures, so that the right to see records is enough. */

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

export function alarmsCsv(pieces: AsyncGenerator<AlarmRow[], void>, zone: string): ReadableStream<Uint8Array> {
  return csvStream(COLUMNS, pieces, (alarm) => fields(alarm, zone));
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
