import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { NoticeRule } from '../../core/events/notice-rule.ts';

/** Who gets mail, and about what. `createdAt` in ms since 1970 UTC. */
export const recipients = sqliteTable('mail_recipients', {
  id: integer('id').primaryKey({ autoIncrement: true }).notNull(),
  address: text('address').notNull(),
  alarms: integer('alarms', { mode: 'boolean' }).notNull(),
  accounts: integer('accounts', { mode: 'boolean' }).notNull(),
  rule: text('rule', { mode: 'json' }).$type<NoticeRule>().notNull(),
  enabled: integer('enabled', { mode: 'boolean' }).notNull(),
  createdAt: integer('created_at').notNull(),
});

export type Recipient = typeof recipients.$inferSelect;
