import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'drizzle-orm';
import { until } from '../store/fixture.ts';
import { message, startOutbox, stored, storePicture, TestReceiver } from './fixture.ts';

test('pictures that several messages need go with the last of them, also where they end together', async (t) => {
  const { store, outbox, clock, put } = await startOutbox(t);
  const receiver = new TestReceiver(clock);
  receiver.manner = async ({ id }) => {
    if (id === 'later') throw new Error('away');
  };
  outbox.open(Object.assign(receiver, { window: 8 }));
  const both = ['record/a.jpg', 'record/b.jpg'];
  for (const path of both) await storePicture(store, path);
  const pictures = both.map((path) => ({ part: 'snap' as const, path }));
  await put(message({ pictures }), message({ pictures }), message({ pictures: pictures.slice(1) }));
  await put(message({ id: 'later', pictures: pictures.slice(1) }));
  await store.write((tx) => both.map((path) => tx.dropBlob(path)));
  await until('three are noted', () => stored(store) === 1);
  const pins = sql`SELECT path, pins FROM blob_pins ORDER BY path`;
  assert.deepEqual(store.read.all(pins), [{ path: both[1], pins: 1 }]);
  await store.blobs.idle();
  assert.equal(await store.blobs.readPinned(both[0]!), undefined);
  assert.equal((await store.blobs.readPinned(both[1]!))?.byteLength, both[1]!.length);
  assert.equal(await outbox.forget('test/one'), 1);
  await store.blobs.idle();
  assert.deepEqual(store.read.all(pins), []);
  assert.equal(await store.blobs.readPinned(both[1]!), undefined);
});
