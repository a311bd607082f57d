import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** One row per greeting. Time in ms since 1970 UTC. */
export const greetings = sqliteTable('greeter_greetings', {
  id: integer('id').primaryKey({ autoIncrement: true }).notNull(),
  time: integer('time').notNull(),
  name: text('name').notNull(),
});
