import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'drizzle-orm';
import { temporaryStore } from './fixture.ts';
import { KeptRows } from './kept-rows.ts';

test('rows in memory are those of the table: after a change, and after one that was undone', async (t) => {
  const { store } = await temporaryStore(t);
  await store.write((tx) => tx.run(sql`CREATE TABLE things (name TEXT NOT NULL)`));
  await store.write((tx) => tx.run(sql`INSERT INTO things VALUES ('a')`));
  let changes = 0;
  const rows = new KeptRows(
    store,
    (read) => read.all<{ name: string }>(sql`SELECT name FROM things ORDER BY name`).map(({ name }) => name),
    () => {
      changes += 1;
    },
  );
  assert.deepEqual(rows.list(), ['a']);
  const given = await rows.write((tx) => {
    tx.run(sql`INSERT INTO things VALUES ('b')`);
    assert.deepEqual(rows.list(), ['a'], 'nothing is told before the commit');
    return 'given';
  });
  assert.equal(given, 'given');
  assert.deepEqual([rows.list(), changes], [['a', 'b'], 1]);
  const undone = rows.write((tx) => {
    tx.run(sql`DELETE FROM things`);
    throw new Error('undone');
  });
  await assert.rejects(undone, /undone/);
  assert.deepEqual([rows.list(), changes], [['a', 'b'], 1]);
});
