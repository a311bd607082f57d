import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** One subscription key per user. Times in ms since 1970 UTC. */
export const pushKeys = sqliteTable('push_keys', {
  userId: integer('user_id').primaryKey().notNull(),
  sealedKey: text('sealed_key').notNull(),
  keyHash: text('key_hash').notNull().unique(),
  createdAt: integer('created_at').notNull(),
  /** Of the account when the key was drawn. */
  passwordVersion: integer('password_version').notNull().default(0),
});
