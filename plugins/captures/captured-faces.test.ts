import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { nearVector, randomNumbers, randomVector } from '../../core/gallery/gallery.fixture.ts';
import type { Tx } from '../../core/store/database.ts';
import type { CaptureObservation } from '../../core/vision/keys.ts';
import { until } from '../../tests/kit/wait.ts';
import { CapturedFaces } from './captured-faces.ts';
import { FaceRows } from './face-rows.ts';
import { MemoryIndex, match, startPlugin, type TestPlugin } from './fixture.ts';
import { captureFaces } from './tables.ts';

const NOON = Date.UTC(2026, 10, 21, 12);
const KEEP = { keepFaces: true };
const random = randomNumbers(7);
const ada = randomVector(64, random);
const bob = randomVector(64, random);

const camera = (channel: number) => ({
  channel,
  name: `Door ${channel}`,
  position: 'north',
  description: '',
  threshold: 80,
  libraryIds: [],
  tasks: [],
  enabled: true,
  online: true,
});

async function started(t: TestContext, config: object = KEEP) {
  const index = new MemoryIndex();
  const box = await startPlugin(t, config, { index });
  for (const channel of [1, 2]) box.cameras.set(channel, camera(channel));
  return { box, index };
}

/** Somebody comes by: seen a little otherwise each time. */
async function seen(box: TestPlugin, who: Float32Array, change: Partial<CaptureObservation> = {}): Promise<string> {
  const before = box.recorded.length;
  const vector = [...nearVector(who, 0.3, random)];
  box.observe({ channel: 1, time: NOON, embedding: { model: 'm', vector }, ...change });
  await box.untilRecorded(before + 1);
  return box.recorded.at(-1)!.id;
}

const keepOne = (rows: FaceRows, tx: Tx, moment: number) =>
  rows.keep(tx, { moment, id: `${moment}`, channel: 1, embedding: { model: 'm', vector: [...ada] } });
const kept = (box: TestPlugin) => box.store.read.select().from(captureFaces).all();
const found = async (box: TestPlugin, query: Partial<Parameters<TestPlugin['faces']['search']>[0]> = {}) =>
  (await box.faces.search({ model: 'm', vector: ada, most: 10, least: 0.5, ...query })).map(({ id }) => id);

test('captures of the same person are found by a face, by time and camera; of others and other models none', async (t) => {
  const { box } = await started(t);
  const first = await seen(box, ada);
  const second = await seen(box, ada, { channel: 2, time: NOON + 60_000 });
  await seen(box, bob);
  await seen(box, ada, { embedding: { model: 'other', vector: [...ada] } });
  await seen(box, ada, { embedding: undefined } as object);
  // Too poor to tell anybody.
  await seen(box, ada, { quality: 19 });
  await seen(box, ada, { kind: 'body', embedding: undefined } as object);

  assert.deepEqual((await found(box)).sort(), [first, second].sort());
  assert.deepEqual(await found(box, { channels: [2] }), [second]);
  assert.deepEqual(await found(box, { to: NOON + 60_000 }), [first]);
  assert.deepEqual(await found(box, { from: NOON + 60_000 }), [second]);
  assert.deepEqual(await found(box, { from: NOON + 1, to: NOON + 60_000 }), []);
  // The last day a browser can show.
  assert.deepEqual(await found(box, { from: NOON + 60_000, to: 8.64e15 }), [second]);
  assert.deepEqual(await found(box, { from: 8.64e15 }), []);
  assert.equal((await found(box, { most: 1 })).length, 1);
  const [best] = await box.faces.search({ model: 'm', vector: ada, most: 1 });
  assert.ok(best!.cosine > 0.9 && best!.cosine <= 1.000001);
  assert.match(best!.cameraName, /^Door [12]$/);
  assert.equal('name' in best!, false);
  assert.deepEqual(box.faces.state(), { state: 'ready', faces: 4, total: 4, since: NOON });
});

test('whom a capture was recognised as is told with it', async (t) => {
  const { box } = await started(t);
  box.enrichers.register({
    id: 'match',
    kinds: ['face'],
    deadline: 1000,
    enrich: async ({ trackId }) => ({ compared: true, match: { ...match, similarity: trackId === 1 ? 91 : 79 } }),
  });
  await seen(box, ada, { trackId: 1 });
  await seen(box, ada, { trackId: 2 });
  const names = (await box.faces.search({ model: 'm', vector: ada, most: 10 })).map(({ name }) => name);
  assert.deepEqual(names.sort(), ['Ada', undefined]);
});

test('the numbers are sealed, bound to their capture, and read again after a start', async (t) => {
  const { box, index } = await started(t);
  const id = await seen(box, ada);
  await seen(box, bob);
  const before = [...index.faces.values()];
  await index.fill();
  assert.deepEqual([...index.faces.values()], before);
  assert.deepEqual(box.faces.face(id)?.embedding?.vector, before[0]!.vector);
  assert.equal(box.faces.face('nobody'), undefined);

  await box.store.write((tx) => {
    const [one, other] = kept(box);
    tx.update(captureFaces).set({ vector: other!.vector }).run();
    assert.notDeepEqual(one!.vector, other!.vector);
  });
  assert.deepEqual(box.faces.face(id), { cropPath: box.recorded[0]!.cropPath });
  await index.fill();
  assert.equal(index.faces.size, 1);
  assert.match((await box.parts.health!()).detail ?? '', /faces of 1 captures cannot be opened/);

  const plain = Buffer.from(before[0]!.vector.buffer);
  for (const file of ['gatehouse.db', 'gatehouse.db-wal']) {
    assert.equal(readFileSync(join(box.folder, file)).includes(plain.subarray(0, 16)), false, file);
  }
});

test('a face goes with its capture, whatever takes it: chosen, all, an erased person, age', async (t) => {
  const { box, index } = await started(t);
  box.enrichers.register({
    id: 'match',
    kinds: ['face'],
    deadline: 1000,
    enrich: async ({ trackId }) => (trackId === 9 ? { compared: true, match } : {}),
  });
  const gone = async (what: string, act: () => Promise<unknown>, left: number) => {
    await act();
    assert.equal(kept(box).length, left, what);
    assert.deepEqual(
      [...index.faces.keys()].sort(),
      kept(box).map(({ moment }) => moment),
      what,
    );
  };
  const chosen = await seen(box, ada, { time: NOON + 3 });
  await seen(box, ada, { time: NOON + 4, trackId: 9 });
  await seen(box, ada, { time: NOON });
  await seen(box, ada, { time: NOON + 5 });
  assert.equal(kept(box).length, 4);
  await gone('chosen', () => box.send(2129, { catch_ids: chosen, type: 0 }), 3);
  await gone('erased', () => box.archive.eraseOf(match.libraryId, [match]), 2);
  const [policy] = box.policies;
  await gone('old', () => box.store.write((tx) => policy!.removeOlderThan(tx, NOON + 1, 10)), 1);
  await gone('all', () => box.send(1045), 0);
});

test('off, which is how it starts, nothing is kept; switched off, what was kept goes', async (t) => {
  const { box, index } = await started(t, {});
  await seen(box, ada);
  assert.deepEqual(kept(box), []);
  assert.equal(index.source, undefined);
  assert.deepEqual(box.faces.state(), { state: 'off', faces: 0, total: 0 });
  await assert.rejects(found(box), { fault: 'down' });

  const store = box.store;
  const rows = new FaceRows(store, store.keys.for('captures'));
  await store.write((tx) => {
    for (let moment = 1; moment <= 450; moment += 1) keepOne(rows, tx, moment);
  });
  const options = { store, rows, index, failed: (error: Error) => assert.fail(error) };
  // Nobody knows whether that was meant: the settings could not be read.
  const unsure = new CapturedFaces({ ...options, wanted: false, mayEmpty: false });
  unsure.start();
  await unsure.stop();
  assert.equal(kept(box).length, 450);
  const off = new CapturedFaces({ ...options, wanted: false });
  off.start();
  await until('all to be gone', () => kept(box).length === 0);
  await off.stop();
});

test('faces that could not be let go at once are let go later, and after the end none is kept any more', async (t) => {
  // The plugin itself keeps them: it does not take away what is to be let go here.
  const { box, index } = await started(t);
  const rows = new FaceRows(box.store, box.store.keys.for('captures'));
  await box.store.write((tx) => keepOne(rows, tx, 1));
  const faults: string[] = [];
  const busyOnce: typeof box.store = {
    ...box.store,
    write: (...job) =>
      faults.length === 0 ? Promise.reject(new Error('too much waits to be written')) : box.store.write(...job),
  };
  const failed = (error: Error) => void faults.push(error.message);
  const off = new CapturedFaces({ store: busyOnce, rows, index, wanted: false, failed, againMs: 1 });
  off.start();
  await until('it to be gone', () => kept(box).length === 0);
  assert.deepEqual(faults, ['too much waits to be written']);
  await off.stop();

  // Keeping is switched off while a capture is still being stored.
  const on = new CapturedFaces({ store: box.store, rows, index, wanted: true, failed });
  const keep = (moment: number) =>
    box.store.write((tx) => {
      on.keep(tx, { moment, id: `${moment}`, channel: 1, quality: 70 }, { model: 'm', vector: [...ada] });
    });
  on.start();
  await keep(2);
  await on.stop();
  await keep(3);
  assert.deepEqual(
    kept(box).map(({ moment }) => moment),
    [2],
  );
});

test('of more than are kept the oldest go', async (t) => {
  const { box, index } = await started(t);
  const store = box.store;
  const rows = new FaceRows(store, store.keys.for('captures'));
  await store.write((tx) => {
    for (let moment = 1; moment <= 700; moment += 1) keepOne(rows, tx, moment);
  });
  const few = new CapturedFaces({
    store,
    rows,
    index,
    wanted: true,
    most: 300,
    failed: (error) => assert.fail(error),
  });
  few.start();
  await until('the oldest to be gone', () => kept(box).length === 300);
  assert.equal(kept(box)[0]?.moment, 401);
  await few.stop();
});

test('while the index loads or is down, searches say so and captures go on', async (t) => {
  const { box, index } = await started(t);
  await seen(box, ada);
  for (const fault of ['loading', 'down'] as const) {
    index.fault = fault;
    await assert.rejects(found(box), { fault });
    assert.equal(box.faces.state().state, fault);
    await seen(box, ada);
  }
  assert.equal((await box.parts.health!()).state, 'degraded');
  index.fault = undefined;
  assert.equal((await found(box)).length, 3);
});
