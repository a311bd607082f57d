import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { NoticeRule } from '../../core/events/notice-rule.ts';

/** Browsers that are pushed to, each belonging to an account. `createdAt` in ms since 1970 UTC. */
export const subscriptions = sqliteTable('web_push_subscriptions', {
  id: integer('id').primaryKey({ autoIncrement: true }).notNull(),
  userId: integer('user_id').notNull(),
  sealed: text('sealed').notNull(),
  endpointHash: text('endpoint_hash').notNull(),
  name: text('name').notNull(),
  language: text('language', { enum: ['en', 'zh'] }).notNull(),
  details: integer('details', { mode: 'boolean' }).notNull(),
  rule: text('rule', { mode: 'json' }).$type<NoticeRule>().notNull(),
  createdAt: integer('created_at').notNull(),
  /** Of the account when it subscribed. */
  passwordVersion: integer('password_version').notNull().default(0),
});

export type SubscriptionRow = typeof subscriptions.$inferSelect;
