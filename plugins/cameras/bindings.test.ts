import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE } from '../../core/gateway/errors.ts';
import type { GuestCamera } from '../../core/plugin/services.ts';
import { SNAP_MODE } from '../../core/vision/keys.ts';
import { rtspCamera, startBox } from './fixture.ts';
import { cameras } from './tables.ts';

/** Cameras and the portrait databases they are bound to. */

test('a camera is bound to databases alone that are there, as far as anybody knows', async (t) => {
  const box = await startBox(t);
  const bound = async (id: number, parameters: Record<string, unknown>) => (await box.send(id, parameters)).code;
  assert.equal(await bound(513, rtspCamera({ lib_ids: '4711' })), CODE.ok, 'nobody keeps databases');
  const there = [1, 2];
  const leave = box.databases.register((tx, id) => {
    assert.ok(tx.select, 'inside the write job');
    return there.includes(id);
  });
  const refused = await box.send(513, rtspCamera({ lib_ids: '1,4712' }));
  assert.deepEqual([refused.code, refused.msg], [CODE.noSuchDatabase, 'there is no portrait database 4712']);
  assert.equal(await bound(515, { channel: 1, lib_ids: '4711,4712' }), CODE.noSuchDatabase);
  assert.deepEqual(box.vision.plans.length, 1);
  const { camera } = (await box.send(516, {})).data as { camera: Record<string, unknown>[] };
  const [written] = camera;
  // What is gone may stay, so that a row can be written back; once taken off it does not come again.
  assert.equal(await bound(515, { ...written, camera_name: 'Yard' }), CODE.ok);
  assert.equal(await bound(515, { channel: 1, lib_ids: '2,4711' }), CODE.ok);
  assert.equal(await bound(515, { channel: 1, lib_ids: '2' }), CODE.ok);
  assert.equal(await bound(515, { channel: 1, lib_ids: '2,4711' }), CODE.noSuchDatabase);
  await assert.rejects(async () => box.call('PATCH', '/cameras/1', { libraryIds: [9] }), {
    code: CODE.noSuchDatabase,
    field: 'libraryIds',
  });
  leave();
  assert.equal(await bound(515, { channel: 1, lib_ids: '2,4711' }), CODE.ok);
});

test('whoever deletes a database is told which are bound, as of the write job it is asked in', async (t) => {
  const box = await startBox(t);
  const bound = (...ids: number[]) => box.store.write((tx) => ids.map((id) => box.databases.boundIn(tx, id)));
  assert.equal((await box.send(513, rtspCamera({ lib_ids: '3,5' }))).code, CODE.ok);
  assert.deepEqual(await bound(3, 4, 5), [true, false, true]);
  const seen = await box.store.write((tx) => {
    tx.update(cameras)
      .set({ libraryIds: [4] })
      .run();
    return [3, 4].map((id) => box.databases.boundIn(tx, id));
  });
  assert.deepEqual(seen, [false, true]);
  const guest: GuestCamera = {
    key: 'lobby',
    origin: 'demo',
    name: 'lobby',
    position: '',
    description: '',
    url: 'file:lobby.mp4',
    tasks: ['face'],
    snapMode: SNAP_MODE.realtime,
    faceSizeMin: 30,
    faceSizeMax: 1000,
    libraryIds: [7],
  };
  box.guests.show([guest]);
  assert.deepEqual(await bound(7, 8), [true, false]);
});
