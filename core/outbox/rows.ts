import { type SQL, sql } from 'drizzle-orm';
import type { DeadLetter, OutMessage } from '../plugin/push-services.ts';
import type { ReadDb, Tx } from '../store/database.ts';

/** A message that waits for one destination. */
export interface Waiting {
  /** Its place in the order of all messages. */
  seq: number;
  /** Wall clock of its coming, ms. */
  addedAt: number;
  message: OutMessage;
}

/** Why a delivery ended without arriving. */
export interface GivenUp {
  seq: number;
  reason: string;
}

/** What the tables say of a destination. */
export interface DestinationRow {
  id: string;
  name: string;
  keep: number;
  waiting: number;
  delivered: number;
  dead: number;
  lastDelivered: number | null;
  /** Wall clock of what the oldest that waits tells of, ms. */
  oldest: number | null;
}

export const TOO_OLD = 'too old: the receiver did not take it in time';
/** Dead letters that are kept of a destination. */
const DEAD_KEPT = 100;
/** A receiver's words are cut to so many characters. */
const LONGEST_REASON = 200;

/** One statement for lists of any length: the list travels as JSON. */
const listOf = (values: readonly (number | string)[]): SQL => sql`json_each(${JSON.stringify(values)})`;
const among = (values: readonly (number | string)[]): SQL => sql`(SELECT value FROM ${listOf(values)})`;

/** Makes a destination known, or renames it. */
export function noteDestination(tx: Tx, { id, name, keep }: { id: string; name: string; keep: number }): void {
  tx.run(sql`INSERT INTO outbox_destinations (id, name, keep, waiting, delivered, dead) VALUES (${id}, ${name}, ${keep}, 0, 0, 0)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, keep = excluded.keep`);
}

/** Makes a destination known where it is not: a record must not fail because that was not possible before. */
export function ensureDestination(tx: Tx, { id, name, keep }: { id: string; name: string; keep: number }): void {
  tx.run(sql`INSERT INTO outbox_destinations (id, name, keep, waiting, delivered, dead) VALUES (${id}, ${name}, ${keep}, 0, 0, 0)
    ON CONFLICT (id) DO NOTHING`);
}

/** Stores a message with a delivery for each destination, and pins its pictures. Gives its number. */
export function insertMessage(
  tx: Tx,
  { message, content, addedAt }: { message: OutMessage; content: string; addedAt: number },
  destinations: readonly string[],
): number {
  const paths = [...new Set(message.pictures.map(({ path }) => path))];
  const { seq } = tx.get<{ seq: number }>(sql`INSERT INTO outbox_messages (added_at, bytes, pictures, content)
    VALUES (${addedAt}, ${Buffer.byteLength(content)}, ${JSON.stringify(paths)}, ${content}) RETURNING seq`);
  for (const id of destinations) {
    tx.run(sql`INSERT INTO outbox_deliveries (destination, seq) VALUES (${id}, ${seq})`);
  }
  for (const key of new Set(message.shows)) tx.run(sql`INSERT INTO outbox_shows (seq, key) VALUES (${seq}, ${key})`);
  for (const path of paths) tx.pinBlob(path);
  return seq;
}

/** Bytes of all messages that wait. */
export function bytesWaiting(tx: Tx): number {
  return tx.get<{ bytes: number }>(sql`SELECT bytes FROM outbox_totals`).bytes;
}

export function countWaiting(tx: Tx, destination: string): number {
  return (
    tx.get<{ waiting: number } | undefined>(sql`SELECT waiting FROM outbox_destinations WHERE id = ${destination}`)
      ?.waiting ?? 0
  );
}

/** The oldest messages of all, or of one destination. */
export function oldest(tx: Tx, limit: number, destination?: string): number[] {
  const rows =
    destination === undefined
      ? tx.all<{ seq: number }>(sql`SELECT seq FROM outbox_messages ORDER BY seq LIMIT ${limit}`)
      : tx.all<{ seq: number }>(
          sql`SELECT seq FROM outbox_deliveries WHERE destination = ${destination} ORDER BY seq LIMIT ${limit}`,
        );
  return rows.map(({ seq }) => seq);
}

/** Number of the last message that waits for a destination; 0 where none does. */
export function newest(tx: Tx, destination: string): number {
  const found = tx.get<{ last: number | null }>(
    sql`SELECT max(seq) AS last FROM outbox_deliveries WHERE destination = ${destination}`,
  );
  return found.last ?? 0;
}

/** Destinations that messages wait for. */
export function waitingFor(tx: Tx, seqs: readonly number[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const { destination, seq } of tx.all<{ destination: string; seq: number }>(
    sql`SELECT destination, seq FROM outbox_deliveries WHERE seq IN ${among(seqs)}`,
  )) {
    found.set(destination, [...(found.get(destination) ?? []), seq]);
  }
  return found;
}

/** Ends deliveries that have arrived. */
export function arrived(tx: Tx, destination: string, seqs: readonly number[], at: number): void {
  if (seqs.length === 0) return;
  const { changes } = tx.run(
    sql`DELETE FROM outbox_deliveries WHERE destination = ${destination} AND seq IN ${among(seqs)}`,
  );
  tx.run(sql`UPDATE outbox_destinations SET delivered = delivered + ${changes}, last_delivered = ${at}
    WHERE id = ${destination}`);
  dropFinished(tx, seqs);
}

/** Ends deliveries that will not arrive, and remembers the last of them. @returns how many there were */
export function giveUp(tx: Tx, destination: string, given: readonly GivenUp[], at: number): number {
  if (given.length === 0) return 0;
  const reasons = new Map(given.map(({ seq, reason }) => [seq, reason]));
  const gone = removeDeliveries(tx, destination, [...reasons.keys()]);
  for (const { seq, content } of contents(tx, gone.slice(-DEAD_KEPT))) {
    const { id, topic, time, shows } = JSON.parse(content) as OutMessage;
    const reason = (reasons.get(seq) ?? '').slice(0, LONGEST_REASON);
    tx.run(sql`INSERT INTO outbox_dead (destination, message, topic, time, ended_at, reason, shows)
      VALUES (${destination}, ${id}, ${topic}, ${time}, ${at}, ${reason}, ${JSON.stringify(shows)})`);
  }
  tx.run(sql`DELETE FROM outbox_dead WHERE destination = ${destination} AND number NOT IN
    (SELECT number FROM outbox_dead WHERE destination = ${destination} ORDER BY number DESC LIMIT ${DEAD_KEPT})`);
  tx.run(sql`UPDATE outbox_destinations SET dead = dead + ${gone.length} WHERE id = ${destination}`);
  dropFinished(tx, gone);
  return gone.length;
}

/** Removes deliveries and gives those that were there, in their order. */
function removeDeliveries(tx: Tx, destination: string, seqs: readonly number[]): number[] {
  return tx
    .all<{ seq: number }>(
      sql`DELETE FROM outbox_deliveries WHERE destination = ${destination} AND seq IN ${among(seqs)} RETURNING seq`,
    )
    .map(({ seq }) => seq)
    .sort((a, b) => a - b);
}

function contents(tx: Tx, seqs: readonly number[]): { seq: number; content: string }[] {
  return tx.all(sql`SELECT seq, content FROM outbox_messages WHERE seq IN ${among(seqs)} ORDER BY seq`);
}

/** Removes those of these messages that nobody waits for any more. */
function dropFinished(tx: Tx, seqs: readonly number[]): void {
  const finished = tx.get<{ seqs: string }>(sql`SELECT json_group_array(value) AS seqs FROM ${listOf(seqs)}
    WHERE NOT EXISTS (SELECT 1 FROM outbox_deliveries d WHERE d.seq = value)`);
  removeMessages(tx, JSON.parse(finished.seqs) as number[]);
}

/** Removes messages whoever waits for them, without a trace. */
export function eraseMessages(tx: Tx, seqs: readonly number[]): number {
  tx.run(sql`DELETE FROM outbox_deliveries WHERE seq IN ${among(seqs)}`);
  return removeMessages(tx, seqs);
}

/** Removes messages that nobody waits for with whom they show, and lets their pictures go. @returns how many there were */
function removeMessages(tx: Tx, seqs: readonly number[]): number {
  // Few statements that give few rows: rows cost more than what is done with them.
  const pinned = tx.all<{ pictures: string }>(
    sql`SELECT pictures FROM outbox_messages WHERE seq IN ${among(seqs)} AND pictures <> '[]'`,
  );
  tx.run(sql`DELETE FROM outbox_shows WHERE seq IN ${among(seqs)}`);
  const { changes } = tx.run(sql`DELETE FROM outbox_messages WHERE seq IN ${among(seqs)}`);
  if (pinned.length > 0) tx.unpinBlobs(pinned.flatMap(({ pictures }) => JSON.parse(pictures) as string[]));
  return changes;
}

/** Messages that show one of these. */
export function showing(tx: Tx, keys: readonly string[]): number[] {
  return tx
    .all<{ seq: number }>(sql`SELECT DISTINCT seq FROM outbox_shows WHERE key IN ${among(keys)}`)
    .map(({ seq }) => seq);
}

/** Removes dead letters that tell of one of these. @returns how many went */
export function eraseDead(tx: Tx, keys: readonly string[]): number {
  const gone = tx.run(sql`DELETE FROM outbox_dead WHERE EXISTS
    (SELECT 1 FROM json_each(outbox_dead.shows) s WHERE s.value IN ${among(keys)})`);
  return Number(gone.changes);
}

/** What waits for a destination after a place in the order, and before another. */
export function readWaiting(
  read: ReadDb,
  destination: string,
  { after, before, limit }: { after: number; before: number; limit: number },
): Waiting[] {
  const rows = read.all<{ seq: number; addedAt: number; content: string }>(
    sql`SELECT m.seq AS seq, m.added_at AS addedAt, m.content AS content FROM outbox_deliveries d
      JOIN outbox_messages m ON m.seq = d.seq
      WHERE d.destination = ${destination} AND d.seq > ${after} AND d.seq < ${before} ORDER BY d.seq LIMIT ${limit}`,
  );
  return rows.map(({ seq, addedAt, content }) => ({ seq, addedAt, message: JSON.parse(content) as OutMessage }));
}

/** Those of the oldest deliveries of a destination whose messages came before a time. */
export function expired(db: Tx | ReadDb, destination: string, before: number, limit: number): number[] {
  return db
    .all<{ seq: number }>(
      sql`SELECT seq FROM (SELECT d.seq AS seq, m.added_at AS addedAt FROM outbox_deliveries d
        JOIN outbox_messages m ON m.seq = d.seq WHERE d.destination = ${destination} ORDER BY d.seq LIMIT ${limit})
        WHERE addedAt < ${before}`,
    )
    .map(({ seq }) => seq);
}

const HOLDS = sql`EXISTS (SELECT 1 FROM json_each(m.pictures) p
  JOIN blob_pins b ON b.path = p.value AND b.held IS NOT NULL)`;
const ANY_HELD = sql`EXISTS (SELECT 1 FROM blob_pins WHERE held IS NOT NULL)`;

/** The oldest messages that alone keep pictures on the disk, with their time. */
export function holding(db: Tx | ReadDb, limit: number): { seq: number; addedAt: number }[] {
  return db.all(
    sql`SELECT m.seq AS seq, m.added_at AS addedAt FROM outbox_messages m
      WHERE ${ANY_HELD} AND ${HOLDS} ORDER BY m.seq LIMIT ${limit}`,
  );
}

/** All destinations there are, open or not, by id. */
export function destinationRows(read: ReadDb): DestinationRow[] {
  return read.all(
    sql`SELECT o.id AS id, o.name AS name, o.keep AS keep, o.waiting AS waiting, o.delivered AS delivered, o.dead AS dead,
      o.last_delivered AS lastDelivered,
      (SELECT json_extract(m.content, '$.time') FROM outbox_deliveries d JOIN outbox_messages m ON m.seq = d.seq
        WHERE d.destination = o.id ORDER BY d.seq LIMIT 1) AS oldest
      FROM outbox_destinations o ORDER BY o.id`,
  );
}

/** What was given up last, newest first. */
export function deadLetters(read: ReadDb, destination: string): DeadLetter[] {
  return read.all(
    sql`SELECT message AS id, topic, time, ended_at AS endedAt, reason FROM outbox_dead
      WHERE destination = ${destination} ORDER BY number DESC LIMIT ${DEAD_KEPT}`,
  );
}

/** Forgets a destination that nothing waits for, with its counts. */
export function removeDestination(tx: Tx, destination: string): void {
  tx.run(sql`DELETE FROM outbox_destinations WHERE id = ${destination}`);
}
