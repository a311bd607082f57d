import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'drizzle-orm';
import type { Store } from './database.ts';
import { temporaryStore } from './fixture.ts';
import { createRetention } from './retention.ts';

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const YEARS = 3650 * DAY;

/** Retention over records a day apart, with what has passed and what the clock says moved apart by hand. */
async function aging(t: TestContext) {
  const { store, log } = await temporaryStore(t);
  const time = { passed: 400 * DAY, set: 0 };
  const now = () => time.passed + time.set;
  await store.write((tx) => tx.run(sql`CREATE TABLE records (time INTEGER NOT NULL)`));
  const add = (ageDays: number) =>
    store.write((tx) => tx.run(sql`INSERT INTO records VALUES (${time.passed - ageDays * DAY})`));
  const count = () => store.read.get<{ n: number }>(sql`SELECT count(*) AS n FROM records`).n;
  /** As the box has it from a start to the next: the clock is read again, what has passed begins anew. */
  const start = () => {
    const began = time.passed;
    const retention = createRetention({
      store,
      log,
      clock: { now },
      steady: () => time.passed - began,
      readDisk: async () => ({ total: 100, free: 90, records: 0 }),
    });
    retention.register({ name: 'records', removeOlderThan, removeOldest: () => 0 });
    return retention;
  };
  return { store, time, add, count, start };
}

function removeOlderThan(tx: Parameters<Parameters<Store['write']>[0]>[0], time: number, limit: number): number {
  return Number(
    tx.run(sql`DELETE FROM records WHERE rowid IN (SELECT rowid FROM records WHERE time < ${time} LIMIT ${limit})`)
      .changes,
  );
}

for (const [name, jump] of [
  ['ten years ahead', YEARS],
  ['an hour ahead', HOUR],
  ['an hour back', -HOUR],
] as const) {
  test(`a clock set ${name}: nothing goes for its age until it has gone on for a day`, async (t) => {
    const { time, add, count, start } = await aging(t);
    for (const age of [1, 20, 40]) await add(age);
    const retention = start();
    await retention.run();
    assert.equal(count(), 2, 'what is too old by an undoubted clock goes');
    await add(40);
    time.passed += HOUR;
    time.set = jump;
    assert.equal((await retention.run()).doubtedUntil, time.passed + jump + DAY);
    assert.equal(count(), 3);
    time.passed += 23 * HOUR;
    await retention.run();
    assert.equal(count(), 3);
    time.passed += 2 * HOUR;
    assert.equal((await retention.run()).doubtedUntil, undefined);
    assert.equal(count(), jump === YEARS ? 0 : 2, 'a clock that goes on is right');
  });
}

test('a clock that jumps and is put right again has cost nothing', async (t) => {
  const { time, add, count, start } = await aging(t);
  await add(20);
  const retention = start();
  await retention.run();
  time.set = YEARS;
  await retention.run();
  time.passed += 10 * HOUR;
  time.set = 0;
  await retention.run();
  time.passed += 2 * DAY;
  assert.equal((await retention.run()).doubtedUntil, undefined);
  assert.equal(count(), 1);
});

test('restarts: a jump while the box was off is seen, and a doubt goes on where it was', async (t) => {
  const { store, time, add, count, start } = await aging(t);
  await add(20);
  const first = start();
  await first.run();
  await first.stop();
  await store.write(() => {});

  time.passed += HOUR;
  time.set = YEARS;
  const second = start();
  assert.notEqual((await second.run()).doubtedUntil, undefined);
  assert.equal(count(), 1);
  time.passed += 13 * HOUR;
  await second.run();
  await second.stop();
  await store.write(() => {});

  time.passed += 13 * HOUR;
  const third = start();
  assert.equal((await third.run()).doubtedUntil, undefined, 'a day in all is over');
  assert.equal(count(), 0);
  await third.stop();
});

/** A box that was switched off for fourteen hours, with a record that is too old. */
async function afterTheNight(t: TestContext) {
  const box = await aging(t);
  const first = box.start();
  await first.run();
  await first.stop();
  await box.store.write(() => {});
  await box.add(40);
  box.time.passed += 14 * HOUR;
  return box;
}

test('a night without power raises no doubt', async (t) => {
  const { count, start } = await afterTheNight(t);
  const second = start();
  assert.equal((await second.run()).doubtedUntil, undefined);
  assert.equal(count(), 0);
});

test('a clock without a battery, put right by the time service after a night: no doubt; set further, there is one', async (t) => {
  const { time, add, count, start } = await afterTheNight(t);
  // It starts where it was switched off.
  time.set = -14 * HOUR;
  const second = start();
  await second.run();
  await add(40);
  time.passed += HOUR / 60;
  time.set = 0;
  assert.equal((await second.run()).doubtedUntil, undefined);
  assert.equal(count(), 0);
  time.set = 2 * HOUR;
  assert.notEqual((await second.run()).doubtedUntil, undefined, 'only the first time after a start');
  await second.stop();
});
