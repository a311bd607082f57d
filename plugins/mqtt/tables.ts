import { primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * Topics under which a broker keeps something of this box, so that it can be taken back when what it tells of is gone.
 * For what Home Assistant reads: the platform of every component it was ever told of, by id.
 */
export const retainedTopics = sqliteTable(
  'mqtt_retained_topics',
  {
    broker: text('broker').notNull(),
    topic: text('topic').notNull(),
    components: text('components', { mode: 'json' }).$type<Record<string, string>>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.broker, table.topic] })],
);
