import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE } from '../../core/gateway/errors.ts';
import type { CaptureRecord } from '../../core/plugin/capture-services.ts';
import { tableDrift } from '../../core/store/table-drift.ts';
import { assertPush, type PushContract, pushContract } from '../../tests/kit/contract.ts';
import { until } from '../../tests/kit/wait.ts';
import { ACKNOWLEDGED, account, match, record, startPlugin, type TestPlugin, TestSocket, vehicle } from './fixture.ts';
import { MOST_WAITING } from './outbox.ts';
import * as tables from './tables.ts';
import { pushKeys } from './tables.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const dataOf = (socket: TestSocket, i = 0) => socket.pushes[i]!['data'] as Record<string, unknown>;

/** Two subscribers, of whom the second may see no pictures. */
async function seeingAndBlind(box: TestPlugin): Promise<[TestSocket, TestSocket]> {
  const [socket, blind] = [new TestSocket(), new TestSocket()];
  await box.subscribe(socket, await box.keyOf(1));
  box.accounts.set(2, account(2, { imageRight: false }));
  await box.subscribe(blind, await box.keyOf(2));
  return [socket, blind];
}

test('the tables of the code are those of the database', async (t) => {
  assert.deepEqual(tableDrift((await startPlugin(t)).store, tables), []);
});

test('a key is void with a new password, also where nobody heard of the change', async (t) => {
  const box = await startPlugin(t);
  const key = await box.keyOf(1);
  box.accounts.set(1, account(1, { passwordVersion: 2 }));
  await box.restart();
  const socket = new TestSocket();
  await box.subscribe(socket, key);
  assert.equal(socket.closed, 1008);
  assert.deepEqual(
    socket.frames.map(({ code }) => code),
    [CODE.notLoggedIn],
  );
  const next = await box.keyOf(1);
  assert.notEqual(next, key);
  const again = new TestSocket();
  await box.subscribe(again, next);
  assert.deepEqual(again.frames, [ACKNOWLEDGED]);
});

test('a key is a UUID, one per user, the same each time and after a restart, and not readable in the database', async (t) => {
  const box = await startPlugin(t);
  const [key, again, other] = await Promise.all([box.keyOf(1), box.keyOf(1), box.keyOf(2)]);
  assert.match(key, UUID);
  assert.equal(again, key);
  assert.notEqual(other, key);
  await box.restart();
  assert.equal(await box.keyOf(1), key);
  const stored = JSON.stringify(box.store.read.select().from(pushKeys).all());
  assert.ok(!stored.includes(key));
});

test('the acknowledgement has no data; pushes follow', async (t) => {
  const box = await startPlugin(t);
  const socket = new TestSocket();
  await box.subscribe(socket, await box.keyOf(1));
  assert.deepEqual(socket.frames, [ACKNOWLEDGED]);
  assert.equal(JSON.stringify(socket.frames[0]), '{"code":0,"msg":""}');
  box.push(record);
  assert.equal(socket.pushes.length, 1);
  assert.equal(socket.closed, undefined);
});

test('a wrong key, and one of somebody who may not see records, is answered and the socket closed', async (t) => {
  const box = await startPlugin(t);
  box.accounts.set(4, account(4, { role: 'device-admin' }));
  const ofDeviceAdmin = await box.keyOf(4);
  const ofRemoved = await box.keyOf(3);
  box.accounts.delete(3);
  for (const key of ['04af251e-91d4-43bd-b8b0-8c8c6b3245bb', ofDeviceAdmin, ofRemoved]) {
    const socket = new TestSocket();
    await box.subscribe(socket, key);
    assert.equal(socket.frames.length, 1);
    assert.deepEqual(Object.keys(socket.frames[0]!), ['code', 'msg']);
    assert.equal(socket.frames[0]!['code'], CODE.notLoggedIn);
    assert.equal(socket.closed, 1008);
    box.push(record);
    assert.equal(socket.pushes.length, 0);
  }
  for (const key of ['', undefined, {}, 'x'.repeat(200)]) {
    const socket = new TestSocket();
    await box.subscribe(socket, key);
    assert.equal(socket.frames[0]!['code'], CODE.wrongParameter);
  }
  assert.deepEqual(await box.subscribers(), []);
});

test('a push has every field of the interface for what it shows, of its type', async (t) => {
  const contract = await pushContract(t, '777');
  if (!contract) return;
  const box = await startPlugin(t);
  const socket = new TestSocket();
  await box.subscribe(socket, await box.keyOf(1));
  const near = { ...match, similarity: 40.4 };
  const sent = [record, { ...record, kind: 'body' as const }, { ...record, match: near }, { ...record, match }];
  const { plate: _, ...unread } = vehicle;
  sent.push(vehicle, unread);
  for (const one of sent) box.push(one);
  await until('all captures to be sent', () => socket.pushes.length === sent.length);
  for (const [i, frame] of socket.pushes.entries()) {
    const isVehicle = sent[i]?.kind === 'vehicle';
    const { envelope, fields }: PushContract = contract.forms[isVehicle ? 'vehicle' : 'face_body'];
    assert.deepEqual(Object.keys(frame).sort(), envelope.toSorted());
    // Sample clients demand the fields of a person also of a vehicle.
    assertPush(dataOf(socket, i), fields, contract.required);
  }
});

test('a vehicle as it goes out', async (t) => {
  const box = await startPlugin(t);
  const [socket, blind] = await seeingAndBlind(box);
  box.push(vehicle);
  const unsure: CaptureRecord = { ...vehicle, plate: { ...vehicle.plate!, text: '', score: 0.4 } };
  box.push(unsure);
  const data = dataOf(socket);
  const expected = {
    obj_label: 4,
    vehicle_number: '豫NLV880',
    verhicle_number: '豫NLV880',
    vehicle_num_left: 40,
    vehicle_num_top: 110,
    vehicle_num_right: 90,
    vehicle_num_bottom: 122,
    vehicle_num_img: `data:image/jpeg;base64,${Buffer.from('plate').toString('base64')}`,
    snap_buf: `data:image/jpeg;base64,${Buffer.from('crop').toString('base64')}`,
    similarity: -1,
    lib_type: 0,
    person_name: '',
    ranking: '',
    notify: 0,
    is_vip: 0,
    img: -1,
  };
  for (const [name, value] of Object.entries(expected)) assert.deepEqual(data[name], value, name);
  assert.deepEqual(new Set(Object.values(data['vehicle_attr'] as object)), new Set(['']));
  assert.ok(['vehicle_color', 'vehicle_class', 'Brand'].every((name) => name in (data['vehicle_attr'] as object)));
  assert.ok(!('face_attr' in data) && !('alive_type' in data));
  const second = dataOf(socket, 1);
  assert.deepEqual([second['vehicle_number'], second['vehicle_num_right']], ['', 90]);
  const unseen = dataOf(blind);
  assert.deepEqual([unseen['vehicle_number'], unseen['vehicle_num_img'], unseen['snap_buf']], ['豫NLV880', '', '']);
  box.images.snap = false;
  box.push(vehicle);
  assert.equal(dataOf(socket, 2)['vehicle_num_img'], '');
});

test('a face as it goes out', async (t) => {
  const box = await startPlugin(t);
  const socket = new TestSocket();
  await box.subscribe(socket, await box.keyOf(1));
  box.push(record);
  const [frame] = socket.pushes;
  assert.deepEqual([frame!['code'], frame!['msg'], frame!['msg_id']], [0, '', '777']);
  const data = dataOf(socket);
  const expected = {
    camera_name: 'Gate',
    device_id: 'north-gate',
    channel: 3,
    position: 'north',
    threshold: 82,
    trigger: '2026-11-22 04:09:21',
    obj_label: 1,
    snap_id: record.id,
    snap_path: record.cropPath,
    snap_buf: `data:image/jpeg;base64,${Buffer.from('crop').toString('base64')}`,
    snap_frame: `data:image/jpeg;base64,${Buffer.from('frame').toString('base64')}`,
    snap_feat: '',
    quality: 73,
    alive_type: 2,
    pos_left: 32,
    pos_top: 44,
    pos_right: 112,
    pos_bottom: 154,
    ora_pos_left: 100,
    ora_pos_top: 50,
    ora_pos_right: 181,
    ora_pos_bottom: 161,
    face_attr: { glass_style: 'sunglasses', glasses_style: 'sunglasses' },
    body_attr: {},
    img: -1,
    img_id: '',
    lib_id: 0,
    lib_type: 0,
    similarity: -1,
    events_type: '',
  };
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, data[name]])), expected);
});

test('a body, and a face that was recognised', async (t) => {
  const box = await startPlugin(t);
  box.identity = undefined;
  const socket = new TestSocket();
  await box.subscribe(socket, await box.keyOf(1));
  box.push({ ...record, kind: 'body', attributes: { bag_type: 'backpack' } });
  const body = dataOf(socket);
  assert.deepEqual([body['obj_label'], body['device_id'], body['face_attr']], [2, '', {}]);
  assert.deepEqual(body['body_attr'], { bag_type: 'backpack', bag_style: 'backpack' });
  box.push({ ...record, match: { ...match, similarity: 91.6 } });
  await until('the capture to be sent', () => socket.pushes.length === 2);
  const face = dataOf(socket, 1);
  assert.deepEqual(
    ['lib_id', 'lib_name', 'lib_type', 'img_id', 'similarity', 'ranking'].map((name) => face[name]),
    [4, 'Staff', 2, 'img-1', 92, 1],
  );
  // Who is only the nearest is not told of.
  box.push({ ...record, match: { ...match, similarity: record.threshold - 1 } });
  await until('the stranger to be sent', () => socket.pushes.length === 3);
  const stranger = dataOf(socket, 2);
  assert.deepEqual(
    ['lib_id', 'img_id', 'img_path', 'person_name', 'similarity'].map((name) => stranger[name]),
    [4, '', '', '', record.threshold - 1],
  );
});

test('without the right to see pictures the push comes without them; the right counts at every push', async (t) => {
  const box = await startPlugin(t);
  const [socket, other] = [new TestSocket(), new TestSocket()];
  await box.subscribe(socket, await box.keyOf(1));
  await box.subscribe(other, await box.keyOf(2));
  box.push(record);
  box.accounts.set(1, account(1, { imageRight: false }));
  box.push(record);
  box.accounts.set(1, account(1));
  box.push(record);
  assert.deepEqual(
    socket.pushes.map((_, i) => [dataOf(socket, i)['snap_buf'] !== '', dataOf(socket, i)['snap_frame'] !== '']),
    [
      [true, true],
      [false, false],
      [true, true],
    ],
  );
  assert.ok([0, 1, 2].every((i) => dataOf(other, i)['snap_buf'] !== ''));
});

test('those who get the same frame get it one after another, so that it is turned into bytes once', async (t) => {
  const box = await startPlugin(t);
  box.accounts.set(2, account(2, { imageRight: false }));
  const order: object[] = [];
  for (let i = 0; i < 6; i += 1) {
    const socket = new TestSocket();
    await box.subscribe(socket, await box.keyOf(1 + (i % 2)));
    socket.send = (frame) => order.push(frame) > 0;
  }
  box.push(record);
  assert.equal(order.length, 6);
  assert.deepEqual(
    [...new Set(order)].flatMap((one) => [one, one, one]).map((one, i) => one === order[i]),
    Array(6).fill(true),
  );
});

test('who may see records no more, or is gone, is let go at the next push', async (t) => {
  const box = await startPlugin(t);
  const sockets = [1, 2, 3].map(() => new TestSocket());
  for (const [i, socket] of sockets.entries()) await box.subscribe(socket, await box.keyOf(i + 1));
  box.accounts.set(1, account(1, { role: 'visitor-admin' }));
  box.accounts.delete(2);
  box.push(record);
  assert.deepEqual(
    sockets.map(({ closed, pushes }) => [closed, pushes.length]),
    [
      [1008, 0],
      [1008, 0],
      [undefined, 1],
    ],
  );
});

test('a changed password or a removed account ends its subscriptions and its key; changed rights do not', async (t) => {
  const box = await startPlugin(t);
  const keys = await Promise.all([1, 2, 3].map((id) => box.keyOf(id)));
  const sockets = keys.map(() => new TestSocket());
  for (const [i, socket] of sockets.entries()) await box.subscribe(socket, keys[i]);
  await box.accountChanges(1, 'password');
  await box.accountChanges(2, 'removed');
  await box.accountChanges(3, 'rights');
  assert.deepEqual(
    sockets.map(({ closed }) => closed),
    [1008, 1008, undefined],
  );
  const late = new TestSocket();
  await box.subscribe(late, keys[0]);
  assert.equal(late.frames[0]!['code'], CODE.notLoggedIn);
  const next = await box.keyOf(1);
  assert.notEqual(next, keys[0]);
  assert.equal(await box.keyOf(3), keys[2]);
  await box.subscribe(new TestSocket(), next);
  assert.deepEqual(
    (await box.subscribers()).map(({ userName }) => userName),
    ['user 3', 'user 1'],
  );
});

test('several subscriptions on one socket bring each capture once, on behalf of the last user', async (t) => {
  const box = await startPlugin(t);
  const socket = new TestSocket();
  const key = await box.keyOf(1);
  await box.subscribe(socket, key);
  await box.subscribe(socket, key);
  await box.subscribe(socket, await box.keyOf(2));
  assert.equal(socket.frames.length, 3);
  box.push(record);
  assert.equal(socket.pushes.length, 1);
  assert.deepEqual(
    (await box.subscribers()).map(({ userName, sent }) => [userName, sent]),
    [['user 2', 1]],
  );
});

const PARTS = ['snap', 'frame', 'library'];

test('a slow reader loses captures, which are counted, and keeps nobody waiting', async (t) => {
  const box = await startPlugin(t);
  const [slow, quick] = [new TestSocket(), new TestSocket()];
  await box.subscribe(slow, await box.keyOf(1));
  await box.subscribe(quick, await box.keyOf(2));
  slow.stuck = true;
  for (let i = 0; i < 3; i += 1) box.push(record);
  slow.stuck = false;
  box.push(record);
  assert.equal(quick.pushes.length, 4);
  assert.deepEqual(await box.subscribers(), [
    { id: slow.id, source: '10.0.0.7', userName: 'user 1', since: 1000, sent: 1, dropped: 3, pictures: PARTS },
    { id: quick.id, source: '10.0.0.7', userName: 'user 2', since: 1000, sent: 4, dropped: 0, pictures: PARTS },
  ]);
  slow.close(1000);
  assert.equal((await box.subscribers()).length, 1);
  await box.parts.stop!();
  assert.equal(quick.closed, 1001);
  assert.deepEqual(await box.subscribers(), []);
});

test('the log says which client loses captures: at once, then once a minute, the rest when it goes', async (t) => {
  const box = await startPlugin(t);
  const [slow, quick] = [new TestSocket(), new TestSocket()];
  await box.subscribe(slow, await box.keyOf(1));
  await box.subscribe(quick, await box.keyOf(2));
  slow.stuck = true;
  const told = () => box.warnings.splice(0).map(({ user, source, captures }) => [user, source, captures]);
  for (let i = 0; i < 5; i += 1) box.push(record);
  assert.deepEqual(told(), [[1, '10.0.0.7', 1]]);
  box.steady += 59_999;
  box.push(record);
  assert.deepEqual(told(), []);
  box.steady += 1;
  box.push(record);
  assert.deepEqual(told(), [[1, '10.0.0.7', 6]]);
  quick.stuck = true;
  box.push(record);
  assert.deepEqual(told(), [[2, '10.0.0.7', 1]], 'another client is told of by itself');
  slow.close(1000);
  quick.close(1000);
  assert.deepEqual(told(), [[1, '10.0.0.7', 1]]);
  assert.equal((await box.answer()).dropped, 9, 'clients that are gone count');
});

test('who is subscribed is shown with the pictures it gets', async (t) => {
  const box = await startPlugin(t);
  box.accounts.set(2, account(2, { imageRight: false }));
  for (const user of [1, 2]) await box.subscribe(new TestSocket(), await box.keyOf(user));
  box.images.frame = false;
  assert.deepEqual(
    (await box.subscribers()).map(({ userName, pictures }) => [userName, pictures]),
    [
      ['user 1', ['snap', 'library']],
      ['user 2', []],
    ],
  );
});

test('pictures are turned into text once for all, and not at all when nobody gets them', async (t) => {
  const box = await startPlugin(t);
  let read = 0;
  const counted: CaptureRecord = {
    ...record,
    get crop() {
      read += 1;
      return record.crop;
    },
  };
  box.push(counted);
  assert.equal(read, 0);
  box.accounts.set(1, account(1, { imageRight: false }));
  await box.subscribe(new TestSocket(), await box.keyOf(1));
  box.push(counted);
  assert.equal(read, 0);
  for (let i = 0; i < 5; i += 1) await box.subscribe(new TestSocket(), await box.keyOf(2));
  box.push(counted);
  assert.equal(read, 1);
});

/** Stores the enrolled picture of the match. */
async function enrol(box: TestPlugin, content: string): Promise<void> {
  const bytes = new TextEncoder().encode(content);
  const staged = await box.store.blobs.stage({ path: match.imagePath, bytes, owner: 'portraits', area: 'people' });
  await box.store.write((tx) => tx.addBlob(staged));
}

const PERSON = ['person_name', 'person_gender', 'person_age', 'person_idcard', 'person_addr', 'img_path'];

test('a match comes with the person and the enrolled picture; who is only resembled is not named', async (t) => {
  const box = await startPlugin(t);
  const [socket, blind] = await seeingAndBlind(box);
  await enrol(box, 'enrolled');
  box.push({ ...record, match });
  box.push({ ...record, match: { ...match, similarity: record.threshold - 1 } });
  await until('both to be sent', () => socket.pushes.length === 2 && blind.pushes.length === 2);
  const [known, alike, unseen] = [dataOf(socket), dataOf(socket, 1), dataOf(blind)];
  assert.equal(known['img'], `data:image/png;base64,${Buffer.from('enrolled').toString('base64')}`);
  assert.deepEqual(
    PERSON.map((name) => known[name]),
    ['Ada', '0', '36', '', '', match.imagePath],
  );
  assert.equal(alike['img'], -1);
  assert.deepEqual(
    PERSON.map((name) => alike[name]),
    ['', '', '', '', '', ''],
  );
  assert.deepEqual([alike['lib_id'], alike['similarity']], [4, record.threshold - 1]);
  assert.deepEqual([known['alarm_type'], alike['alarm_type']], [1, 2], 'somebody known, a stranger');
  box.push({ ...record, compared: false });
  box.push({ ...record, kind: 'body' });
  await until('two more', () => socket.pushes.length === 4);
  assert.deepEqual([dataOf(socket, 2)['alarm_type'], dataOf(socket, 3)['alarm_type']], [0, 0], 'nobody knows; a body');
  assert.deepEqual([unseen['img'], unseen['snap_buf'], unseen['person_name']], [-1, '', 'Ada']);
});

test('captures keep their order, and one whose person has no picture any more comes without', async (t) => {
  const box = await startPlugin(t);
  const socket = new TestSocket();
  await box.subscribe(socket, await box.keyOf(1));
  const count = MOST_WAITING * 2;
  for (let i = 0; i < count; i += 1) box.push({ ...record, id: String(i), ...(i % 3 === 0 ? { match } : {}) });
  await until('all to be sent', () => socket.pushes.length === count);
  assert.deepEqual(
    socket.pushes.map((_, i) => dataOf(socket, i)['snap_id']),
    Array.from({ length: count }, (_, i) => String(i)),
  );
  assert.equal(dataOf(socket)['img'], -1);
  await enrol(box, 'enrolled');
  for (let i = 0; i < count; i += 1) box.push({ ...record, match });
  await until('all to be sent', () => socket.pushes.length === count * 2);
  const withPicture = socket.pushes.filter((_, i) => dataOf(socket, i)['img'] !== -1).length;
  assert.equal(withPicture, MOST_WAITING, 'beyond what may wait they go without');
});

test('what is not to be pushed (1360) is left empty, and the enrolled picture is not even read', async (t) => {
  const box = await startPlugin(t);
  const socket = new TestSocket();
  await box.subscribe(socket, await box.keyOf(1));
  await enrol(box, 'enrolled');
  const parts = async () => {
    const before = socket.pushes.length;
    box.push({ ...record, match });
    await until('the push', () => socket.pushes.length > before);
    const data = dataOf(socket, before);
    return [data['snap_buf'] !== '', data['snap_frame'] !== '', data['img'] !== -1];
  };
  assert.deepEqual(await parts(), [true, true, true]);
  box.images.library = false;
  assert.deepEqual(await parts(), [true, true, false]);
  box.images = { snap: false, frame: true, library: true };
  assert.deepEqual(await parts(), [false, true, true]);
  box.images = { snap: true, frame: false, library: false };
  assert.deepEqual(await parts(), [true, false, false]);
});

const COUNTS = { key_person_cnt: 1, white_list_cnt: 2, stranger_cnt: 3 };

test('778 tells the counts of today at once and when they have changed, however often something happens', async (t) => {
  const box = await startPlugin(t);
  const [socket, other, wrong] = [new TestSocket(), new TestSocket(), new TestSocket()];
  await box.subscribe(wrong, 'none', 778);
  assert.deepEqual([wrong.closed, wrong.frames[0]!['code']], [1008, CODE.notLoggedIn]);
  await box.subscribe(socket, await box.keyOf(1), 778);
  assert.deepEqual(socket.frames[0], ACKNOWLEDGED);
  await until('the counts', () => socket.told.length === 1);
  assert.deepEqual(socket.frames[1], { code: 0, data: COUNTS, msg: '', msg_id: '778' });
  await box.subscribe(other, await box.keyOf(2), 778);
  await until('the counts', () => other.told.length === 1);
  const key = await box.keyOf(1);
  const before = box.reads;
  for (let i = 0; i < 50; i += 1) {
    box.push(record);
    // Who asks again and again is told, and not with a reading each.
    await box.subscribe(socket, key, 778);
  }
  box.counts.strangers = 53;
  await until('the change', () => socket.told.length >= 2 && other.told.length === 2);
  assert.deepEqual(socket.told.at(-1), { ...COUNTS, stranger_cnt: 53 });
  const told = socket.told.length;
  assert.ok(box.reads - before <= 10, `read ${box.reads - before} times`);
  assert.equal(socket.pushes.length, 0, 'captures are another subscription');
  box.push({ ...record, compared: false });
  box.accounts.delete(2);
  box.counts = { keyPersons: 0, whiteList: 0, strangers: 0 };
  box.erase();
  await until('the change', () => socket.told.length > told);
  assert.equal(other.closed, 1008, 'whose user is gone is let go');
  await box.accountChanges(1, 'password');
  assert.equal(socket.closed, 1008);
  await box.parts.stop!();
});
