import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eq, sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { Connection } from './connection.ts';
import type { Tx } from './database.ts';
import { StoreBusyError, StoreClosedError, WriteJobError } from './errors.ts';
import { atEnd, temporaryStore, until } from './fixture.ts';
import { DATABASE } from './opening.ts';

const notes = sqliteTable('notes', { id: integer('id').primaryKey(), text: text('text').notNull().unique() });

async function open(t: TestContext, capacity?: number) {
  const opened = await temporaryStore(t, capacity === undefined ? {} : { capacity });
  await opened.store.write((tx) => tx.run(sql`CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)`));
  const texts = () =>
    opened.store.read
      .select()
      .from(notes)
      .all()
      .map((note) => note.text);
  return { ...opened, texts };
}

const add = (text: string) => (tx: Tx) => tx.insert(notes).values({ text }).returning().get().id;

test('jobs queued together are committed together, and each gets its own result', async (t) => {
  const { store, texts } = await open(t);
  const before = store.stats();
  const ids = await Promise.all(Array.from({ length: 100 }, (_, i) => store.write(add(`note ${i}`))));
  assert.deepEqual(
    ids,
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  assert.equal(texts().length, 100);
  const after = store.stats();
  assert.equal(after.jobs - before.jobs, 100);
  // One transaction, or a few where the machine was slow enough for the time limit of a batch.
  assert.ok(after.commits - before.commits <= 10, `${after.commits - before.commits} commits for 100 jobs`);
  await store.write(add('alone'));
  assert.equal(store.stats().commits, after.commits + 1);
});

test('a job that throws is undone alone, and the others of its batch are stored', async (t) => {
  const { store, texts } = await open(t);
  const results = await Promise.allSettled([
    store.write(add('first')),
    store.write((tx) => {
      add('half')(tx);
      throw new RangeError('no');
    }),
    store.write((tx) => {
      add('also half')(tx);
      add('first')(tx);
    }),
    store.write((tx) => {
      assert.throws(() => add('first')(tx));
      return add('after a caught error')(tx);
    }),
    store.write(add('last')),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled', 'fulfilled'],
  );
  assert.ok((results[1] as PromiseRejectedResult).reason instanceof RangeError);
  assert.equal((results[2] as PromiseRejectedResult).reason.code, 'SQLITE_CONSTRAINT_UNIQUE');
  assert.deepEqual(texts().sort(), ['after a caught error', 'first', 'last']);
});

test('readers never see an open transaction, and see the result once the promise resolved', async (t) => {
  const { store, texts } = await open(t);
  await store.write((tx) => {
    add('inside')(tx);
    assert.equal(tx.select().from(notes).all().length, 1);
    assert.deepEqual(texts(), []);
  });
  assert.deepEqual(texts(), ['inside']);
});

test('a job that is asynchronous or forgets to execute its query is refused and undone', async (t) => {
  const { store, texts } = await open(t);
  let later: unknown;
  const job = async (tx: Tx) => {
    add('before the wait')(tx);
    await Promise.resolve();
    try {
      add('after the wait')(tx);
    } catch (error) {
      later = error;
      throw error;
    }
  };
  await assert.rejects(store.write(job), (error: unknown) => {
    return error instanceof WriteJobError && /synchronous.*returned a promise/.test(error.message);
  });
  await until('the asynchronous half ran', () => later !== undefined);
  assert.ok(later instanceof WriteJobError);
  assert.match((later as Error).message, /this transaction is over/);
  await assert.rejects(
    store.write((tx) => tx.insert(notes).values({ text: 'unexecuted' })),
    /query that was not executed/,
  );
  assert.deepEqual(texts(), []);
});

test('a transaction kept beyond its job is dead, prepared queries included', async (t) => {
  const { store, texts } = await open(t);
  let kept: Tx | undefined;
  const prepared = await store.write((tx) => {
    kept = tx;
    return { query: tx.select().from(notes).prepare() };
  });
  assert.throws(() => add('too late')(kept!), /this transaction is over/);
  assert.throws(() => prepared.query.all(), /this transaction is over/);
  assert.throws(() => kept!.afterCommit(() => {}), /this transaction is over/);
  assert.throws(() => kept!.dropBlob('record/channel1/face/1_1.jpg'), /this transaction is over/);
  assert.deepEqual(texts(), []);
});

test('a job cannot end its transaction or open another', async (t) => {
  const { store, texts } = await open(t);
  const sneaky = store.write((tx) => {
    add('sneaky')(tx);
    tx.run(sql`COMMIT`);
  });
  const nested = store.write((tx) => (tx as unknown as { transaction(body: () => void): void }).transaction(() => {}));
  await assert.rejects(sneaky, (error: unknown) =>
    /store alone controls/.test(String((error as Error).cause ?? error)),
  );
  await assert.rejects(nested, /one transaction already/);
  assert.deepEqual(texts(), []);
});

for (const goesOn of [true, false]) {
  const what = goesOn ? 'goes on writing' : 'returns as if all were well';
  test(`a job that rolls everything back and ${what} takes its batch with it; the next batch works`, async (t) => {
    const { store, texts } = await open(t);
    await store.write(add('kept'));
    const results = await Promise.allSettled([
      store.write(add('innocent')),
      store.write((tx) => {
        try {
          tx.run(sql`INSERT OR ROLLBACK INTO notes (text) VALUES ('kept')`);
        } catch {
          // The job hides the error; what follows must not run outside the transaction.
        }
        if (goesOn) add('escaped')(tx);
      }),
      store.write(add('next batch')),
    ]);
    assert.equal(results[2]?.status, 'fulfilled');
    for (const result of results.slice(0, 2)) {
      assert.ok(result.status === 'rejected');
      assert.equal(result.reason.code, 'SQLITE_CONSTRAINT_UNIQUE');
    }
    assert.deepEqual(texts().sort(), ['kept', 'next batch']);
  });
}

test('after-commit actions run once the row is stored, in order, and only for committed jobs', async (t) => {
  const { store, log } = await open(t);
  const seen: string[] = [];
  const rowIsThere = () => store.read.select().from(notes).where(eq(notes.text, 'a')).get() !== undefined;
  await Promise.allSettled([
    store
      .write((tx) => {
        add('a')(tx);
        tx.afterCommit(() => void seen.push(`a ${rowIsThere()}`));
        tx.afterCommit(() => {
          throw new Error('listener failed');
        });
        tx.afterCommit(async () => {
          throw new Error('asynchronous listener failed');
        });
        tx.afterCommit(() => void seen.push('a again'));
      })
      .then(() => seen.push('a resolved')),
    store.write((tx) => {
      tx.afterCommit(() => void seen.push('never'));
      throw new Error('undone');
    }),
    store.write((tx) => tx.afterCommit(() => void seen.push('c'))),
  ]);
  assert.deepEqual(seen, ['a true', 'a again', 'c', 'a resolved']);
  assert.deepEqual(
    log.lines.filter((line) => line.startsWith('error')),
    Array(2).fill('error: an action after a write failed'),
  );
});

test('the queue is bounded: what does not fit is refused with StoreBusyError, the rest is stored', async (t) => {
  const { store, texts } = await open(t, 50);
  const results = await Promise.allSettled(Array.from({ length: 80 }, (_, i) => store.write(add(`note ${i}`))));
  const refused = results.filter((result) => result.status === 'rejected');
  assert.equal(refused.length, 30);
  assert.ok(refused.every(({ reason }) => reason instanceof StoreBusyError));
  assert.equal(texts().length, 50);
  assert.equal(store.stats().refused, 30);
  await store.write(add('room again'));
});

test('another program that holds the lock is waited for without blocking the event loop', async (t) => {
  const { store, folder, texts } = await open(t);
  const other = new Connection(join(folder, DATABASE), ['busy_timeout = 0']);
  atEnd(t, () => other.close());
  other.exec('BEGIN IMMEDIATE');
  let done = false;
  const written = store.write(add('patient')).then(() => {
    done = true;
  });
  let turns = 0;
  await until('the loop turned while the lock was held', () => ++turns > 20);
  assert.equal(done, false);
  other.exec('COMMIT');
  await written;
  assert.deepEqual(texts(), ['patient']);
});

test('closing finishes what waits and refuses the rest', async (t) => {
  const { store, folder } = await open(t);
  const waiting = store.write(add('just in time'));
  const closed = store.close();
  await waiting;
  await closed;
  await assert.rejects(store.write(add('too late')), StoreClosedError);
  assert.throws(() => store.read.select().from(notes).all(), StoreClosedError);
  const again = await temporaryStore(t, { folder });
  assert.deepEqual(again.store.read.select().from(notes).all(), [{ id: 1, text: 'just in time' }]);
});
