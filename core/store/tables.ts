import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Files of the blob store; a file belongs to the store exactly while its row is here. Times in ms since 1970 UTC. */
export const blobs = sqliteTable('blobs', {
  path: text('path').primaryKey().notNull(),
  size: integer('size').notNull(),
  /** Plugin that stored it. */
  owner: text('owner').notNull(),
  /** What decides who may see it, in the owner's own terms. */
  area: text('area'),
  /** A picture of people, which needs the right to see pictures. */
  picture: integer('picture', { mode: 'boolean' }).notNull(),
  createdAt: integer('created_at').notNull(),
});

/** Files whose row is gone and which are about to be unlinked. */
export const doomedBlobs = sqliteTable('doomed_blobs', {
  path: text('path').primaryKey().notNull(),
});

/** Number and bytes of each owner's blobs, kept by triggers: a sum over a million rows would take too long. */
export const blobTotals = sqliteTable('blob_totals', {
  owner: text('owner').primaryKey().notNull(),
  files: integer('files').notNull(),
  bytes: integer('bytes').notNull(),
});

/** Settings of the box; `sealed` values are encrypted JSON. */
export const settings = sqliteTable('settings', {
  key: text('key').primaryKey().notNull(),
  value: text('value').notNull(),
  sealed: integer('sealed', { mode: 'boolean' }).notNull(),
});

/** Next free number of a sequence; numbers are reserved in blocks, so that none is used twice after a crash. */
export const sequences = sqliteTable('sequences', {
  name: text('name').primaryKey().notNull(),
  next: integer('next').notNull(),
});

/** Migrations that were applied; one list for each plugin. */
export const migrations = sqliteTable(
  'migrations',
  {
    plugin: text('plugin').notNull(),
    name: text('name').notNull(),
    sha256: text('sha256').notNull(),
    appliedAt: integer('applied_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.plugin, table.name] })],
);
