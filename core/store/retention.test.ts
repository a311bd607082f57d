import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { asc, eq, lt, sql } from 'drizzle-orm';
import { integer, type SQLiteColumn, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { Store, Tx } from './database.ts';
import { atEnd, filesBelow, temporaryStore, until } from './fixture.ts';
import { createRetention, type DiskUse, type RetentionOptions, type RetentionPolicy } from './retention.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOW = 400 * DAY;

const table = (name: string) =>
  sqliteTable(name, { id: integer('id').primaryKey(), time: integer('time').notNull(), path: text('path').notNull() });
const captures = table('captures');
const alarms = table('alarms');
type Records = typeof captures;

function policy(store: Store, name: string, records: Records, dated: boolean): RetentionPolicy {
  const remove = (tx: Tx, rows: { id: number; path: string }[]): number => {
    for (const { id, path } of rows) {
      tx.dropBlob(path);
      tx.delete(records)
        .where(eq(records.id as SQLiteColumn, id))
        .run();
    }
    return rows.length;
  };
  const oldest = () => store.read.select().from(records).orderBy(asc(records.time)).get()?.time;
  return {
    name,
    removeOlderThan: (tx, time, limit) =>
      remove(tx, tx.select().from(records).where(lt(records.time, time)).limit(limit).all()),
    removeOldest: (tx, limit) => remove(tx, tx.select().from(records).orderBy(asc(records.time)).limit(limit).all()),
    ...(dated ? { oldest } : {}),
    bytes: () =>
      store.read.get<{ sum: number }>(sql`SELECT coalesce(sum(size), 0) AS sum FROM ${records} JOIN blobs USING (path)`)
        .sum,
  };
}

async function open(t: TestContext, options: Partial<RetentionOptions> = {}) {
  const { store, folder, log } = await temporaryStore(t);
  await store.write((tx) => {
    for (const name of ['captures', 'alarms']) {
      tx.run(sql.raw(`CREATE TABLE ${name} (id INTEGER PRIMARY KEY, time INTEGER NOT NULL, path TEXT NOT NULL)`));
    }
  });
  /** Adds one record for each age in days, with a file of 100 bytes. */
  const add = async (records: Records, ages: number[]) => {
    await Promise.all(
      ages.map(async (age) => {
        const path = `record/channel1/face/1_${store.blobs.nextNumber()}.jpg`;
        const staged = await store.blobs.stage({ path, bytes: Buffer.alloc(100), owner: 'test' });
        await store.write((tx) => {
          tx.addBlob(staged);
          tx.insert(records)
            .values({ time: NOW - age * DAY, path })
            .run();
        });
      }),
    );
  };
  const ages = (records: Records) =>
    store.read
      .select()
      .from(records)
      .orderBy(asc(records.time))
      .all()
      .map(({ time }) => Math.round((NOW - time) / DAY));
  const empty = async () => ({ total: 100, free: 90 });
  const retention = createRetention({ store, log, clock: { now: () => NOW }, readDisk: empty, batch: 10, ...options });
  atEnd(t, () => retention.stop());
  /** A disk whose stored files take what is in the store, and others `elsewhere` bytes. */
  const disk = (total: number, elsewhere: number) => async (): Promise<DiskUse> => {
    const { bytes } = store.blobs.totals();
    return { total, free: total - elsewhere - bytes };
  };
  return { store, folder, log, add, ages, retention, disk };
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test('records older than their days go with their files, in batches; the others stay', async (t) => {
  let days = 30;
  const { store, folder, add, ages, retention } = await open(t, { days: () => days });
  await add(captures, range(1, 60));
  await add(alarms, range(1, 60));
  retention.register(policy(store, 'captures', captures, true));
  retention.register({ ...policy(store, 'alarms', alarms, true), keepDays: () => 50 });
  const commits = store.stats().commits;
  const report = await retention.run();
  assert.deepEqual(report.removed, { captures: { aged: 30, forRoom: 0 }, alarms: { aged: 10, forRoom: 0 } });
  assert.deepEqual(report.errors, []);
  assert.equal(report.stillFull, undefined);
  assert.deepEqual(ages(captures), range(1, 30).reverse());
  assert.deepEqual(ages(alarms), range(1, 50).reverse());
  assert.equal((await filesBelow(folder, 'record')).length, 80);
  assert.ok(store.stats().commits - commits >= 5, 'small batches, not one long transaction');
  assert.deepEqual(retention.last(), report);

  days = 0;
  assert.deepEqual((await retention.run()).removed['captures'], { aged: 0, forRoom: 0 }, '0 is for ever');
  days = Number.NaN;
  assert.match((await retention.run()).errors.join(), /captures: NaN is no number of days/);
  assert.equal(ages(captures).length, 30);
});

test('above 80 % of the disk the oldest records of all kinds go, until it is below', async (t) => {
  const opened = await open(t, { readDisk: () => readDisk() });
  const { store, folder, add, ages, retention } = opened;
  const readDisk = opened.disk(10_000, 4000);
  await add(captures, range(1, 25));
  await add(alarms, range(11, 29));
  retention.register(policy(store, 'captures', captures, true));
  retention.register(policy(store, 'alarms', alarms, true));
  // 4,400 bytes of records and 4,000 of others: at least four records must go; a batch is ten.
  const report = await retention.run();
  assert.equal(report.useBefore, 0.84);
  assert.equal(Math.round(report.useAfter! * 100), 74);
  assert.equal(report.stillFull, undefined);
  assert.equal((await filesBelow(folder, 'record')).length, 34);
  assert.deepEqual(report.removed, { captures: { aged: 0, forRoom: 0 }, alarms: { aged: 0, forRoom: 10 } });
  assert.deepEqual(ages(alarms), range(11, 19).reverse());
  assert.equal(ages(captures).length, 25);
});

test('kinds that do not tell their age take turns', async (t) => {
  const opened = await open(t, { readDisk: () => readDisk() });
  const { store, add, retention } = opened;
  const readDisk = opened.disk(10_000, 5000);
  await add(captures, range(1, 25));
  await add(alarms, range(1, 20));
  retention.register(policy(store, 'captures', captures, false));
  retention.register(policy(store, 'alarms', alarms, false));
  const report = await retention.run();
  assert.deepEqual(report.removed, { captures: { aged: 0, forRoom: 10 }, alarms: { aged: 0, forRoom: 10 } });
  assert.equal(report.stillFull, undefined);
});

test('where others fill the disk, records are not thrown away for nothing', async (t) => {
  let elsewhere = 8500;
  const opened = await open(t, { readDisk: () => opened.disk(10_000, elsewhere)() });
  const { store, add, ages, retention } = opened;
  await add(captures, range(1, 4));
  retention.register(policy(store, 'captures', captures, true));
  const report = await retention.run();
  assert.match(report.stillFull ?? '', /other files fill the disk/);
  assert.equal(ages(captures).length, 4);
  elsewhere = 9200;
  assert.match((await retention.run()).stillFull ?? '', /other files fill the disk/);
  elsewhere = 9400;
  await retention.run();
  assert.equal(ages(captures).length, 0, 'above 95 % the oldest go all the same');
});

test('a disk that others fill is told of once, and tried again when it is fuller still', async (t) => {
  let elsewhere = 8500;
  let looks = 0;
  const read = async () => {
    looks += 1;
    return opened.disk(10_000, elsewhere)();
  };
  const opened = await open(t, { readDisk: () => read(), lookMs: 5 });
  const { store, log, add, ages, retention } = opened;
  await add(captures, range(1, 4));
  retention.register(policy(store, 'captures', captures, true));
  retention.start();
  const runs = () => log.lines.filter((line) => line === 'info: retention ran').length;
  await until('many looks', () => looks > 40);
  assert.equal(runs(), 1);
  elsewhere = 9400;
  await until('the oldest to go', () => ages(captures).length === 0);
});

test('the last room of a disk that others fill is kept again and again, however little fuller it gets', async (t) => {
  let elsewhere = 94_300;
  const opened = await open(t, { readDisk: () => opened.disk(100_000, elsewhere)(), lookMs: 5 });
  const { store, add, ages, retention } = opened;
  await add(captures, range(1, 4));
  retention.register(policy(store, 'captures', captures, true));
  await retention.run();
  assert.equal(ages(captures).length, 4);
  retention.start();
  // Half of a hundredth would be 94,800.
  elsewhere = 94_650;
  await until('the oldest to go', () => ages(captures).length === 0);
  for (const age of [7, 8]) {
    await add(captures, Array(4).fill(age));
    await until(`those of ${age} days to go`, () => ages(captures).length === 0);
  }
});

test('files that no policy deletes, such as portraits, do not make records go in vain', async (t) => {
  const opened = await open(t, { readDisk: () => opened.disk(20_000, 15_000)() });
  const { store, add, ages, retention } = opened;
  await add(captures, [1]);
  const portrait = await store.blobs.stage({ path: 'facebase/1.jpg', bytes: Buffer.alloc(3000), owner: 'portraits' });
  await store.write((tx) => tx.addBlob(portrait));
  retention.register(policy(store, 'captures', captures, true));
  const report = await retention.run();
  assert.equal(report.useBefore, 0.905);
  assert.match(report.stillFull ?? '', /other files fill the disk/);
  assert.deepEqual(ages(captures), [1]);
});

test('a policy that cannot say what it holds is reported and counts as nothing', async (t) => {
  const opened = await open(t, { readDisk: () => opened.disk(10_000, 7950)() });
  const { store, add, ages, retention } = opened;
  await add(captures, [1]);
  await add(alarms, [1]);
  const bytes = () => {
    throw new Error('no idea');
  };
  retention.register({ ...policy(store, 'alarms', alarms, true), bytes });
  retention.register(policy(store, 'captures', captures, true));
  const report = await retention.run();
  assert.deepEqual(report.errors, ['alarms: no idea']);
  assert.equal(report.useBefore, 0.815);
  assert.match(report.stillFull ?? '', /other files fill the disk/);
  assert.deepEqual([ages(captures), ages(alarms)], [[1], [1]]);
});

test('a disk that does not empty stops the run, and the setting to keep records is respected', async (t) => {
  let strategy: 'overwrite' | 'freeze' = 'freeze';
  const opened = await open(t, {
    readDisk: async () => ({ total: 100, free: 3 }),
    whenFull: () => strategy,
    batch: 500,
  });
  const { store, ages, retention } = opened;
  await store.write((tx) =>
    tx.run(sql`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
      INSERT INTO captures (time, path) SELECT i, 'record/none' FROM n`),
  );
  retention.register({ ...policy(store, 'captures', captures, true), keepDays: () => 0, bytes: () => 90 });
  assert.match((await retention.run()).stillFull ?? '', /set to keep its records/);
  assert.equal(ages(captures).length, 3000);
  strategy = 'overwrite';
  assert.match((await retention.run()).stillFull ?? '', /deleting 2000 rows freed no space/);
  assert.equal(ages(captures).length, 1000);
  assert.match((await retention.run()).stillFull ?? '', /no records are left/);
});

test('a failing policy is reported and does not keep the others from their work', async (t) => {
  const { store, add, ages, retention, log } = await open(t);
  await add(captures, [10, 40]);
  const never = () => {
    throw new Error('broken policy');
  };
  retention.register({ name: 'broken', removeOlderThan: never, removeOldest: never });
  retention.register({ name: 'confused', removeOlderThan: () => Number.NaN, removeOldest: never });
  retention.register({ name: 'lying', removeOlderThan: (_tx, _time, limit) => limit, removeOldest: never });
  retention.register(policy(store, 'captures', captures, true));
  assert.throws(() => retention.register(policy(store, 'captures', captures, true)), /registered already/);
  const report = await retention.run();
  assert.deepEqual(report.errors, [
    'broken: broken policy',
    'confused: NaN is no number of rows',
    'lying: it says that 10 rows went, but none did',
  ]);
  assert.deepEqual(ages(captures), [10]);
  assert.ok(log.lines.includes('error: retention ran with errors'));
});

test('a disk that cannot be read is an error in the report, not a rejection', async (t) => {
  const { retention } = await open(t, { readDisk: () => Promise.reject(new Error('no such disk')) });
  const report = await retention.run();
  assert.deepEqual(report.errors, ['no such disk']);
  assert.equal(report.useBefore, undefined);
});

test('it runs at the start and then again and again, one run at a time, until it is stopped', async (t) => {
  let calls = 0;
  const { retention } = await open(t, { everyMs: 5 });
  const count = () => {
    calls++;
    return 0;
  };
  retention.register({ name: 'count', removeOlderThan: count, removeOldest: () => 0 });
  assert.equal(retention.run(), retention.run(), 'a second call joins the run');
  retention.start();
  retention.start();
  await until('it ran several times', () => calls >= 4);
  await retention.stop();
  const after = calls;
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(calls, after);
});

test('other writes get through between the batches', async (t) => {
  const { store, add, ages, retention } = await open(t, { batch: 5 });
  await add(captures, range(31, 130));
  retention.register(policy(store, 'captures', captures, true));
  let finished = false;
  const run = retention.run().then(() => (finished = true));
  await store.write((tx) => tx.insert(alarms).values({ time: NOW, path: 'record/none' }).run());
  assert.equal(finished, false);
  assert.ok(ages(captures).length > 50, 'the write did not wait for the run');
  await run;
  assert.deepEqual(ages(captures), []);
});
