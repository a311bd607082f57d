import { sql } from 'drizzle-orm';
import { blob, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { CapturePlate } from '../../core/plugin/capture-services.ts';
import { type Box, CAPTURE_KINDS } from '../../core/vision/keys.ts';

/** Steps of `moment` in a millisecond. */
export const MOMENTS_PER_MS = 1000;

/** One row per capture. Boxes, attributes and lists are JSON; times in ms since 1970 UTC. */
export const captures = sqliteTable('captures', {
  /** `time * MOMENTS_PER_MS`, plus a number that tells captures of one millisecond apart. */
  moment: integer('moment').primaryKey().notNull(),
  id: text('id').notNull().unique(),
  kind: text('kind', { enum: CAPTURE_KINDS }).notNull(),
  channel: integer('channel').notNull(),
  origin: text('origin', { enum: ['demo'] }),
  cameraName: text('camera_name').notNull(),
  position: text('position').notNull(),
  threshold: integer('threshold').notNull(),
  time: integer('time').notNull(),
  trackId: integer('track_id').notNull(),
  quality: integer('quality').notNull(),
  box: text('box', { mode: 'json' }).$type<Box>().notNull(),
  boxInCrop: text('box_in_crop', { mode: 'json' }).$type<Box>().notNull(),
  frameWidth: integer('frame_width').notNull(),
  frameHeight: integer('frame_height').notNull(),
  cropPath: text('crop_path').notNull(),
  framePath: text('frame_path').notNull(),
  aliveType: integer('alive_type').$type<0 | 1 | 2>().notNull(),
  attributes: text('attributes', { mode: 'json' }).$type<Record<string, string>>().notNull(),
  describedBy: text('described_by', { mode: 'json' }).$type<string[]>().notNull().default([]),
  libId: integer('lib_id'),
  libName: text('lib_name'),
  libType: integer('lib_type'),
  imageId: text('image_id'),
  similarity: real('similarity'),
  ranking: integer('ranking'),
  imagePath: text('image_path'),
  enrolledAt: integer('enrolled_at'),
  personName: text('person_name'),
  personGender: text('person_gender'),
  personAge: text('person_age'),
  hasIdcard: integer('has_idcard', { mode: 'boolean' }),
  hasAddress: integer('has_address', { mode: 'boolean' }),
  compared: integer('compared', { mode: 'boolean' }).notNull().default(false),
  plateText: text('plate_text'),
  plateScore: real('plate_score'),
  plateBox: text('plate_box', { mode: 'json' }).$type<Box>(),
  platePath: text('plate_path'),
});

/** Faces of captures as numbers: sealed 32-bit floats of length 1. */
export const captureFaces = sqliteTable('captures_faces', {
  /** Of the capture, which takes it along when it goes. */
  moment: integer('moment').primaryKey().notNull(),
  /** The model that made them: those of different models are never compared. */
  model: text('model').notNull(),
  vector: blob('vector', { mode: 'buffer' }).notNull(),
});

/**
 * Recognised: at least as similar as the camera's threshold then. An index has this condition word for word, and only so
 * is used for it.
 */
export const isRecognised = sql`${captures.similarity} >= ${captures.threshold}`;

export type CaptureRow = typeof captures.$inferSelect;
/** A row that has no place in the order of the lists yet. */
export type NewCaptureRow = Omit<typeof captures.$inferInsert, 'moment'>;

/** The number plate of a row. */
export function plateOf({
  plateText: text,
  plateScore: score,
  plateBox: box,
  platePath: path,
}: CaptureRow): CapturePlate | undefined {
  return text === null || score === null || box === null || path === null ? undefined : { text, score, box, path };
}
