import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { CaptureKind } from '../../core/vision/keys.ts';

/** Receivers. Lists are JSON, flags 0 or 1, times in ms since 1970 UTC. */
export const pushTargets = sqliteTable('push_targets', {
  id: integer('id').primaryKey({ autoIncrement: true }).notNull(),
  name: text('name').notNull(),
  url: text('url').notNull(),
  sealedKey: text('sealed_key').notNull(),
  trust: text('trust', { enum: ['system', 'pinned'] }).notNull(),
  fingerprint: text('fingerprint'),
  kinds: text('kinds', { mode: 'json' }).$type<CaptureKind[]>().notNull(),
  recognisedOnly: integer('recognised_only', { mode: 'boolean' }).notNull(),
  channels: text('channels', { mode: 'json' }).$type<number[]>().notNull(),
  demo: integer('demo', { mode: 'boolean' }).notNull(),
  enabled: integer('enabled', { mode: 'boolean' }).notNull(),
  wire: integer('wire', { mode: 'boolean' }).notNull(),
  createdAt: integer('created_at').notNull(),
});

export type TargetRow = typeof pushTargets.$inferSelect;
