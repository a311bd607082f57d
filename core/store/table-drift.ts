import { is, sql } from 'drizzle-orm';
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core';
import type { ReadDb } from './database.ts';

interface Column {
  name: string;
  type: string;
  notNull: boolean;
  key: boolean;
}

/**
 * Compares drizzle tables with the tables of the database: one sentence for each difference in tables, columns, types,
 * NOT NULL and primary keys, none when they agree. `tables`: what a plugin declares; values that are no tables
 * (relations, views) are passed over.
 */
export function tableDrift(store: { read: ReadDb }, tables: Record<string, unknown>): string[] {
  const found: string[] = [];
  for (const table of Object.values(tables)) {
    if (is(table, SQLiteTable)) found.push(...driftOf(store.read, table));
  }
  return found;
}

function driftOf(read: ReadDb, table: SQLiteTable): string[] {
  const config = getTableConfig(table);
  const keys = new Set(config.primaryKeys.flatMap((key) => key.columns.map((column) => column.name)));
  const declared: Column[] = config.columns.map((column) => ({
    name: column.name,
    type: column.getSQLType().toUpperCase(),
    notNull: column.notNull,
    key: column.primary || keys.has(column.name),
  }));
  const stored = read
    .all<{ name: string; type: string; notnull: number; pk: number }>(
      sql`SELECT name, type, "notnull", pk FROM pragma_table_info(${config.name})`,
    )
    .map(({ name, type, notnull, pk }) => ({ name, type: type.toUpperCase(), notNull: notnull !== 0, key: pk !== 0 }));
  if (stored.length === 0) return [`table ${config.name} is not in the database`];
  return [
    ...declared.flatMap((column) =>
      compare(
        config.name,
        column,
        stored.find(({ name }) => name === column.name),
      ),
    ),
    ...stored
      .filter(({ name }) => !declared.some((column) => column.name === name))
      .map(({ name }) => `column ${config.name}.${name} is in the database but not declared`),
  ];
}

function compare(table: string, declared: Column, stored: Column | undefined): string[] {
  const at = `column ${table}.${declared.name}`;
  if (!stored) return [`${at} is not in the database`];
  const found: string[] = [];
  if (declared.type !== stored.type) found.push(`${at} is declared ${declared.type} but stored as ${stored.type}`);
  if (declared.key !== stored.key) {
    found.push(`${at} is ${declared.key ? '' : 'not '}declared as part of the primary key, the database differs`);
  }
  // INTEGER PRIMARY KEY is never NULL, whether or not the SQL says so.
  if (declared.notNull !== stored.notNull && !(declared.key && stored.key)) {
    found.push(`${at} is declared ${declared.notNull ? 'NOT NULL' : 'nullable'}, the database differs`);
  }
  return found;
}
