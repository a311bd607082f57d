import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

export type ExportKind = 'archive' | 'file' | 'picture';

/** One row per file for download. `created` in ms since 1970 UTC, `size` in bytes. */
export const exportedFiles = sqliteTable('exports', {
  path: text('path').primaryKey().notNull(),
  kind: text('kind', { enum: ['archive', 'file', 'picture'] }).notNull(),
  size: integer('size').notNull(),
  created: integer('created').notNull(),
});

/** What is in it: people by `exportKey`, captures as `capture/<id>`. */
export const exportShows = sqliteTable(
  'export_shows',
  {
    shows: text('shows').notNull(),
    path: text('path').notNull(),
  },
  (table) => [primaryKey({ columns: [table.shows, table.path] })],
);
