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

/**
 * Files somebody still reads. `held`: size of one that is deleted for everybody else, and goes with its last pin.
 */
export const blobPins = sqliteTable('blob_pins', {
  path: text('path').primaryKey().notNull(),
  pins: integer('pins').notNull(),
  held: integer('held'),
});

/** Receivers with what is counted of them; `waiting` is kept by triggers. `keep` in ms. */
export const outboxDestinations = sqliteTable('outbox_destinations', {
  id: text('id').primaryKey().notNull(),
  name: text('name').notNull(),
  keep: integer('keep').notNull(),
  waiting: integer('waiting').notNull(),
  delivered: integer('delivered').notNull(),
  dead: integer('dead').notNull(),
  lastDelivered: integer('last_delivered'),
});

/** Messages that wait, in their order; `pictures` are the paths each pins, `content` the message as JSON. */
export const outboxMessages = sqliteTable('outbox_messages', {
  seq: integer('seq').primaryKey({ autoIncrement: true }).notNull(),
  addedAt: integer('added_at').notNull(),
  bytes: integer('bytes').notNull(),
  pictures: text('pictures').notNull(),
  content: text('content').notNull(),
});

/** What waits for whom; the message goes with its last row here. Both are removed by `core/outbox/rows.ts` alone. */
export const outboxDeliveries = sqliteTable(
  'outbox_deliveries',
  { destination: text('destination').notNull(), seq: integer('seq').notNull() },
  (table) => [primaryKey({ columns: [table.destination, table.seq] })],
);

/** Whom and which capture a message shows. */
export const outboxShows = sqliteTable(
  'outbox_shows',
  { seq: integer('seq').notNull(), key: text('key').notNull() },
  (table) => [primaryKey({ columns: [table.seq, table.key] })],
);

/** The last of what was given up, without what it said; `shows` is JSON. */
export const outboxDead = sqliteTable('outbox_dead', {
  number: integer('number').primaryKey({ autoIncrement: true }).notNull(),
  destination: text('destination').notNull(),
  message: text('message').notNull(),
  topic: text('topic').notNull(),
  time: integer('time').notNull(),
  endedAt: integer('ended_at').notNull(),
  reason: text('reason').notNull(),
  shows: text('shows').notNull(),
});

/** One row: messages and their bytes, kept by triggers. */
export const outboxTotals = sqliteTable('outbox_totals', {
  id: integer('id').primaryKey().notNull(),
  messages: integer('messages').notNull(),
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
