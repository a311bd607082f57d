import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** One row per act. Time in ms since 1970 UTC; `result` is 0 or the code of the refusal. */
export const operationLog = sqliteTable('operation_log', {
  id: integer('id').primaryKey({ autoIncrement: true }).notNull(),
  time: integer('time').notNull(),
  userName: text('user_name').notNull(),
  role: text('role').notNull(),
  module: text('module').notNull(),
  item: text('item').notNull(),
  detail: text('detail').notNull(),
  source: text('source').notNull(),
  result: integer('result').notNull(),
});

export type Entry = typeof operationLog.$inferSelect;
