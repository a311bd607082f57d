import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE } from '../../core/gateway/errors.ts';
import type { GuestCamera } from '../../core/plugin/services.ts';
import { SNAP_MODE } from '../../core/vision/keys.ts';
import { rtspCamera, startBox, status } from './fixture.ts';

const guest = (key: string, change: Partial<GuestCamera> = {}): GuestCamera => ({
  key,
  origin: 'demo',
  name: key,
  position: 'Demo site',
  description: '',
  url: `rtsp://demo:secret@127.0.0.1:1/${key}`,
  tasks: ['face', 'body'],
  snapMode: SNAP_MODE.realtime,
  faceSizeMin: 30,
  faceSizeMax: 1000,
  ...change,
});

interface Listed {
  camera: { camera_name: string; channel: number; url: string; status: number }[];
  used_computing_power: number;
}

test('guests take the highest channels, cost nothing and are listed as what they are', async (t) => {
  const box = await startBox(t);
  await box.send(513, rtspCamera());
  box.guests.show([guest('lobby'), guest('gate', { filesFolder: '/scenes', url: 'file:gate.mp4' })]);
  assert.deepEqual(
    [...box.guests.channels()],
    [
      ['lobby', 32],
      ['gate', 31],
    ],
  );
  assert.deepEqual(
    box.vision.plans.map(({ channel, origin, filesFolder }) => [channel, origin, filesFolder]),
    [
      [1, undefined, undefined],
      [31, 'demo', '/scenes'],
      [32, 'demo', undefined],
    ],
  );
  box.vision.states.set(32, status(32));
  const { data } = (await box.send(516, {})) as { data: unknown };
  const { camera, used_computing_power: used } = data as Listed;
  assert.deepEqual(
    camera.map((one) => [one.channel, one.camera_name, one.status, one.url]),
    [
      [1, 'Gate', 0, 'rtsp://admin:******@10.0.0.9:554/stream1'],
      [31, 'gate (demo)', 0, 'file:gate.mp4'],
      [32, 'lobby (demo)', 1, 'rtsp://demo:******@127.0.0.1:1/lobby'],
    ],
  );
  assert.equal(used, 2);
  const { cameras } = (await box.call('GET', '/cameras')) as { cameras: Record<string, unknown>[] };
  assert.deepEqual(
    cameras.map(({ name, origin, filesFolder }) => [name, origin, filesFolder]),
    [
      ['Gate', undefined, undefined],
      ['gate', 'demo', undefined],
      ['lobby', 'demo', undefined],
    ],
  );
  assert.equal(box.directory.get(32)?.origin, 'demo');
  assert.equal(box.directory.get(1)?.origin, undefined);
});

test('a camera of the box pushes a guest aside, and a full box has no room for guests', async (t) => {
  const box = await startBox(t);
  box.config.computeUnits = 64;
  box.guests.show([guest('lobby'), guest('gate')]);
  box.emitted.length = 0;
  assert.equal((await box.send(513, rtspCamera({ channel: 32 }))).code, 0);
  assert.deepEqual(Object.fromEntries(box.guests.channels()), { gate: 31, lobby: 30 });
  assert.equal(box.directory.get(32)?.name, 'Gate');
  assert.deepEqual(
    new Set(box.emitted.map(({ payload }) => (payload as { channel: number }).channel)),
    new Set([32, 30]),
  );
  for (let channel = 1; channel <= 31; channel++) {
    assert.equal((await box.send(513, rtspCamera({ channel }))).code, 0, `channel ${channel}`);
  }
  assert.equal(box.guests.channels().size, 0);
  assert.equal(box.vision.plans.length, 32);
  await box.send(514, { channel: 7 });
  assert.deepEqual([...box.guests.channels().values()], [7]);
});

test('a guest is looked at like a camera, and changed by nobody', async (t) => {
  const box = await startBox(t);
  box.guests.show([guest('lobby')]);
  for (const [id, parameters] of [
    [514, {}],
    [515, { camera_name: 'Mine' }],
  ] as const) {
    const answer = await box.send(id, { channel: 32, ...parameters });
    assert.equal(answer.code, CODE.wrongParameter);
    assert.match(answer.msg, /demo site/);
  }
  await assert.rejects(async () => box.call('DELETE', '/cameras/32'), /demo site/);
  await assert.rejects(async () => box.call('PATCH', '/cameras/32', { name: 'Mine' }), /demo site/);
  box.vision.picture = { jpeg: Buffer.from('jpeg'), time: 1, width: 64, height: 36 };
  const picture = (await box.call('GET', '/cameras/32/snapshot.jpg')) as Response;
  assert.equal(picture.status, 200);
  const opened = box.open('cameras.frames', { channel: 32, picture: true });
  assert.equal(box.vision.watchers.length, 1);
  opened.close();
  await box.tellStatus(status(32, { width: 1280, height: 720 }));
  const { data } = await box.send(516, {});
  assert.equal((data as { camera: { roi_max: number }[] }).camera[0]?.roi_max, 1280 * 720);
});

test('a guest is bound to the databases that it brings, and to none otherwise', async (t) => {
  const box = await startBox(t);
  box.guests.show([guest('lobby'), guest('gate', { libraryIds: [7, 9] })]);
  assert.deepEqual([box.directory.get(32)?.libraryIds, box.directory.get(31)?.libraryIds], [[], [7, 9]]);
  const plans = JSON.stringify(box.vision.plans);
  const before = box.changes.length;
  box.guests.show([guest('lobby', { libraryIds: [7] }), guest('gate', { libraryIds: [7, 9] })]);
  assert.deepEqual(box.directory.get(32)?.libraryIds, [7]);
  assert.ok(box.changes.length > before, 'pages are told');
  assert.equal(JSON.stringify(box.vision.plans), plans, 'its stream goes on as it is');
  const { data } = await box.send(516, {});
  assert.deepEqual(
    (data as { camera: { lib_ids: string }[] }).camera.map((one) => one.lib_ids),
    ['7,9', '7'],
  );
});

test('a guest says itself whether its faces are checked for being alive', async (t) => {
  const box = await startBox(t);
  box.guests.show([guest('lobby', { liveness: true }), guest('gate')]);
  assert.deepEqual(
    box.vision.plans.map(({ channel, liveness }) => [channel, liveness]),
    [
      [31, undefined],
      [32, {}],
    ],
  );
  const { data } = await box.send(516, {});
  assert.deepEqual(
    (data as { camera: { liveness_switch: number }[] }).camera.map((one) => one.liveness_switch),
    [0, 1],
  );
});

test('guests that leave free their channels; their last captures still find a name', async (t) => {
  const box = await startBox(t);
  box.guests.show([guest('lobby'), guest('gate')]);
  box.guests.show([guest('gate')]);
  assert.deepEqual([...box.guests.channels()], [['gate', 31]]);
  assert.equal(box.directory.list().length, 1);
  assert.equal(box.directory.get(32)?.name, 'lobby (demo)');
  box.steady += 61_000;
  assert.equal(box.directory.get(32), undefined);
  const before = box.changes.length;
  box.guests.show([guest('gate')]);
  assert.equal(box.changes.length, before, 'the same again is no change');
  await box.restart();
  assert.equal(box.directory.list().length, 0, 'nothing of a guest is stored');
});
