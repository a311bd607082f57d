import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** One row per portrait database; times in ms since 1970 UTC. */
export const portraitDatabases = sqliteTable('portrait_databases', {
  libId: integer('lib_id').primaryKey().notNull(),
  libName: text('lib_name').notNull().unique(),
  /** 1: key personnel, 2: whitelist. */
  libType: integer('lib_type').notNull(),
  /** Images in the database. */
  pictures: integer('picture_no').notNull().default(0),
  createTime: integer('create_time').notNull(),
  updateTime: integer('update_time').notNull(),
});
