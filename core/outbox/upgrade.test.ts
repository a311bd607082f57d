import assert from 'node:assert/strict';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { sql } from 'drizzle-orm';
import { makePrivateFile } from '../store/files.ts';
import { atEnd, temporaryFolder, until } from '../store/fixture.ts';
import { migrate } from '../store/migrate.ts';
import { DATABASE, openFile, WRITE_PRAGMAS } from '../store/opening.ts';
import { message, startOutbox, stored, TestReceiver } from './fixture.ts';

const MIGRATIONS = join(import.meta.dirname, '../store/migrations');

/** A database as a box had it before foreign keys of messages were given up, with what waited in it. */
async function before(folder: string, sources: string, waiting: { shows: string }[]): Promise<void> {
  await mkdir(sources);
  for (const name of ['0001_store.sql', '0002_outbox.sql']) await copyFile(join(MIGRATIONS, name), join(sources, name));
  await makePrivateFile(join(folder, DATABASE));
  const db = openFile(join(folder, DATABASE), WRITE_PRAGMAS);
  await migrate(db, 'core', sources);
  db.prepare('INSERT INTO outbox_destinations VALUES (?, ?, ?, 0, 0, 0, NULL)').run('test/one', 'Test', 86_400_000);
  for (const [at, { shows }] of waiting.entries()) {
    const content = JSON.stringify(message({ id: `old-${at}`, shows: [shows] }));
    db.prepare('INSERT INTO outbox_messages VALUES (?, ?, ?, ?, ?)').run(at + 1, Date.now(), 10, '[]', content);
    db.prepare('INSERT INTO outbox_deliveries VALUES (?, ?)').run('test/one', at + 1);
    db.prepare('INSERT INTO outbox_shows VALUES (?, ?)').run(shows, at + 1);
  }
  db.close();
}

test('what waited in the database of an older version is delivered in its order, or erased', async (t) => {
  const folder = await temporaryFolder(t);
  const shows = ['1/a', '2/b', '3/c', '4/d'].map((key) => ({ shows: key }));
  await before(folder, join(await temporaryFolder(t), 'sources'), shows);
  const { store, outbox, clock, put } = await startOutbox(t, { folder });
  clock.offset = Date.now() - clock.steady();
  assert.equal(outbox.reports()[0]?.waiting, 4);
  assert.equal(await outbox.erase(['2/b']), 1);
  assert.equal(outbox.reports()[0]?.waiting, 3, 'counted as before');
  const receiver = new TestReceiver(clock);
  const opened = outbox.open(receiver);
  atEnd(t, () => opened.close());
  await until('what waited arrives', () => receiver.arrived.length === 3);
  await put(message({ id: 'new', shows: ['5/e'] }));
  await until('all are noted', () => stored(store) === 0);
  assert.deepEqual(receiver.ids(), ['old-0', 'old-2', 'old-3', 'new']);
  assert.deepEqual(store.read.all(sql`SELECT * FROM outbox_shows`), [], 'nothing of a message outlasts it');
  assert.deepEqual(store.read.all(sql`SELECT * FROM outbox_deliveries`), []);
  assert.deepEqual(store.read.all(sql`SELECT waiting, delivered FROM outbox_destinations`), [
    { waiting: 0, delivered: 4 },
  ]);
});
