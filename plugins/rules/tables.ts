import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Step } from './rule.ts';
import type { When } from './when.ts';

/** Rules of the user. `createdAt` in ms since 1970 UTC. */
export const rules = sqliteTable('rules', {
  id: integer('id').primaryKey({ autoIncrement: true }).notNull(),
  name: text('name').notNull(),
  enabled: integer('enabled', { mode: 'boolean' }).notNull(),
  when: text('when', { mode: 'json' }).$type<When>().notNull(),
  steps: text('steps', { mode: 'json' }).$type<Step[]>().notNull(),
  createdAt: integer('created_at').notNull(),
});

/** When a rule fired last at a camera: the time of what was seen, ms. */
export const firings = sqliteTable(
  'rules_firings',
  {
    rule: integer('rule').notNull(),
    channel: integer('channel').notNull(),
    at: integer('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.rule, table.channel] })],
);

/** Actions that were begun: none is run twice. `at`: the time of what was seen, ms. */
export const begun = sqliteTable(
  'rules_begun',
  {
    message: text('message').notNull(),
    rule: integer('rule').notNull(),
    action: text('action').notNull(),
    at: integer('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.message, table.rule, table.action] })],
);

export type Rule = typeof rules.$inferSelect;
