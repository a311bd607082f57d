import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { runAndKill } from '../../tests/kit/crash.ts';
import { skip } from '../../tests/kit/runtime.ts';
import { openStore } from '../store/database.ts';
import { atEnd, collectLog, filesBelow, temporaryFolder, until } from '../store/fixture.ts';
import { message, SimulatedTime, stored, TestReceiver } from './fixture.ts';
import { OutboxService } from './outbox.ts';

/** What a killed process and a full disk leave. */

const child = fileURLToPath(new URL('./crash-child.ts', import.meta.url));

/** Runs the child until it acknowledged `enough` records, kills it, and gives the numbers of what it said. */
async function saidOf(folder: string, first: number, enough: number) {
  const said = { stored: new Set<string>(), failed: new Set<string>() };
  for (const line of await runAndKill(child, [folder, String(first)], enough)) {
    const [word, number = ''] = line.split(' ');
    said[word as keyof typeof said].add(number);
  }
  return said;
}

test('after kill -9 every acknowledged record is delivered, and none that was not recorded', async (t) => {
  const folder = await temporaryFolder(t);
  let delivered = 0;
  for (let round = 0; round < 3; round++) {
    const said = await saidOf(folder, round * 100_000, 60 + round * 40);
    const store = await openStore({ folder, log: collectLog() });
    const clock = new SimulatedTime();
    clock.offset = Date.now() - clock.steady();
    const outbox = new OutboxService({ store, log: collectLog(), clock });
    const receiver = new TestReceiver(clock);
    try {
      const received = (await readFile(join(folder, 'received'), 'utf8')).split('\n').slice(0, -1);
      outbox.open(receiver);
      await until('what waited arrives', () => stored(store) === 0);
      delivered += receiver.arrived.length;
      assert.ok(
        receiver.pictures.every((bytes) => bytes?.byteLength === 500),
        'with its pictures',
      );
      const records = new Set(
        store.read.all<{ number: number }>(sql`SELECT number FROM records`).map(({ number }) => String(number)),
      );
      const came = new Set([...received, ...receiver.ids()]);
      for (const id of said.stored) assert.ok(records.has(id) && came.has(id), `record ${id} was lost`);
      for (const id of said.failed) assert.ok(!came.has(id), `record ${id} was undone but told of`);
      const thisRound = [...records].filter((id) => Number(id) > round * 100_000);
      for (const id of thisRound) assert.ok(came.has(id), `record ${id} was never delivered`);
      for (const id of came) assert.ok(records.has(id) || Number(id) < round * 100_000, `${id} was never recorded`);
      await store.blobs.idle();
      assert.deepEqual(store.read.all(sql`SELECT * FROM blob_pins`), []);
      const kept = store.read.all<{ path: string }>(sql`SELECT path FROM blobs ORDER BY path`).map(({ path }) => path);
      assert.deepEqual(await filesBelow(folder, 'record', 'staged'), kept);
    } finally {
      await outbox.stop();
      await store.close();
    }
  }
  assert.ok(delivered > 0, 'at least one kill left something to deliver');
});

test('on a disk that is nearly full records get the rest of it, and deliveries are counted as given up', async (t) => {
  const folder = await temporaryFolder(t);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'gatehouse-test', folder]).status !== 0) {
    skip(t, 'a test disk cannot be mounted here (needs root)');
    return;
  }
  atEnd(t, () => spawnSync('umount', ['-l', folder]));
  const log = collectLog();
  const store = await openStore({ folder: join(folder, 'data'), log, reserveBytes: 1024 * 1024 });
  const clock = new SimulatedTime();
  const outbox = new OutboxService({ store, log, clock });
  atEnd(t, async () => {
    await outbox.stop();
    await store.close();
  });
  await store.write((tx) => tx.run(sql`CREATE TABLE records (number INTEGER PRIMARY KEY)`));
  const receiver = new TestReceiver(clock);
  receiver.manner = async () => {
    throw new Error('away');
  };
  const opened = outbox.open(receiver);
  const record = (number: number) =>
    store.write((tx) => {
      tx.run(sql`INSERT INTO records VALUES (${number})`);
      outbox.add(tx, message({ body: { number } }));
    });
  await record(1);
  // All but a hundred kilobytes.
  const filler = join(folder, 'filler');
  const file = await open(filler, 'w');
  const { free } = (await store.usage()).disk;
  await file.write(Buffer.alloc(free - 100 * 1024, 1));
  await outbox.look();
  for (let number = 2; number <= 12; number++) await record(number);
  assert.equal(store.read.all(sql`SELECT * FROM records`).length, 12, 'every record is stored');
  assert.equal(stored(store), 1, 'nothing more waits');
  assert.equal(outbox.reports()[0]?.dead, 11);

  // Filled to the last byte: what arrives cannot be noted, and is noted when there is room again.
  await file.write(Buffer.alloc(free, 1)).catch(() => {});
  await assert.rejects(
    store.write((tx) => tx.run(sql`CREATE TABLE large AS SELECT zeroblob(900000) AS bytes`)),
    (error: Error) => error.name === 'StoreFullError',
  );
  receiver.manner = async () => {};
  opened.retry();
  await until('it arrives', () => receiver.arrived.length === 1);
  await file.close();
  await unlink(filler);
  await outbox.look();
  await until('it is noted', () => stored(store) === 0);
  await record(13);
  await until('deliveries are taken again', () => receiver.arrived.length === 2);
  assert.equal(receiver.ids().length, 2, 'nothing comes twice');
});
