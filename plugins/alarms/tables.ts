import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { NewAlarm } from '../../core/plugin/alarm-services.ts';

/** One row per alarm, numbered as they came. Pictures and facts are JSON; times in ms since 1970 UTC. */
export const alarms = sqliteTable('alarms', {
  id: integer('id').primaryKey({ autoIncrement: true }).notNull(),
  kind: text('kind').notNull(),
  source: text('source').notNull(),
  channel: integer('channel').notNull(),
  cameraName: text('camera_name').notNull(),
  time: integer('time').notNull(),
  title: text('title').notNull(),
  pictures: text('pictures', { mode: 'json' }).$type<NewAlarm['pictures']>().notNull(),
  captureId: text('capture_id'),
  facts: text('facts', { mode: 'json' }).$type<NewAlarm['facts']>().notNull(),
  origin: text('origin', { enum: ['demo'] }),
  state: text('state', { enum: ['open', 'acknowledged'] }).notNull(),
  acknowledgedBy: text('acknowledged_by'),
  acknowledgedAt: integer('acknowledged_at'),
  note: text('note'),
});

/** Whom an alarm shows, by `exportKey`. */
export const alarmShows = sqliteTable(
  'alarm_shows',
  {
    alarm: integer('alarm').notNull(),
    key: text('key').notNull(),
  },
  (table) => [primaryKey({ columns: [table.key, table.alarm] })],
);

export type AlarmRow = typeof alarms.$inferSelect;
