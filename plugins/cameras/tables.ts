import { integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Box } from '../../core/vision/keys.ts';

/** One row per camera. Lists are JSON. */
export const cameras = sqliteTable('cameras', {
  channel: integer('channel').primaryKey().notNull(),
  mode: text('camera_mode').notNull(),
  protocol: text('protocol').notNull(),
  name: text('name').notNull(),
  sealedUrl: text('sealed_url').notNull(),
  transport: text('transport').notNull(),
  decoding: text('decoding').notNull(),
  enabled: integer('enabled', { mode: 'boolean' }).notNull(),
  position: text('position').notNull(),
  description: text('description').notNull(),
  threshold: integer('threshold').notNull(),
  snapMode: integer('snap_mode').notNull(),
  faceSizeMin: integer('facesize_min').notNull(),
  faceSizeMax: integer('facesize_max').notNull(),
  tasks: text('tasks', { mode: 'json' }).$type<string[]>().notNull(),
  frameInterval: integer('frame_interval'),
  roi: text('roi', { mode: 'json' }).$type<Box>(),
  libraryIds: text('lib_ids', { mode: 'json' }).$type<number[]>().notNull(),
  vehicleLibraryIds: text('vehicle_lib_ids', { mode: 'json' }).$type<number[]>().notNull(),
  behaviour: text('behaviour', { mode: 'json' }).$type<Record<string, unknown>>().notNull(),
  streamWidth: integer('stream_width'),
  streamHeight: integer('stream_height'),
  streamFps: real('stream_fps'),
});
