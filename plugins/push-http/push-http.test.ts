import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContractError } from '../../core/gateway/errors.ts';
import { tableDrift } from '../../core/store/table-drift.ts';
import { assertPush, pushContract } from '../../tests/kit/contract.ts';
import { vehicleRecord } from '../../tests/kit/records.ts';
import { until } from '../../tests/kit/wait.ts';
import { Receiver } from '../../tests/receivers/receiver.ts';
import { match, record, startPushBox, WRONG } from './fixture.ts';
import { receiver } from './receivers.fixture.ts';
import type { TargetView } from './shapes.ts';
import * as tables from './tables.ts';

/** The receivers people and clients set up, and what arrives there. */

const KEY = 'db504129-85e0-49ca-8626-f639b8d09846';

test('the tables of the code are those of the database', async (t) => {
  assert.deepEqual(tableDrift((await startPushBox(t)).store, tables), []);
});

test('1298 sets the one receiver clients know, 1299 tells it, an empty address stops the pushes', async (t) => {
  const box = await startPushBox(t);
  assert.deepEqual((await box.send(1299)).data, { key: '', url: '' });
  assert.equal((await box.send(1298, { url: 'receiver.invalid', key: KEY })).code, 0);
  assert.deepEqual((await box.send(1299)).data, { key: '******', url: 'http://receiver.invalid/' });
  const [target] = await box.targets();
  assert.deepEqual(
    [target!.wire, target!.enabled, target!.key, target!.name],
    [true, true, '******', 'receiver.invalid'],
  );
  assert.equal((await box.send(1298, { url: 'https://receiver.invalid:8443/x', key: KEY })).code, 0);
  assert.equal((await box.targets()).length, 1, 'the same receiver, changed');
  assert.equal((await box.send(1298, { url: '', key: '' })).code, 0);
  assert.deepEqual((await box.send(1299)).data, { key: '', url: '' });
  assert.deepEqual(await box.targets(), []);
});

test('1298 refuses what nothing may be sent to', async (t) => {
  const box = await startPushBox(t, { allowLoopback: false });
  for (const url of ['ftp://a.example', 'http://169.254.169.254/', 'http://127.0.0.1/', 'http://[::1]:80/', 'a b']) {
    const { code, msg } = await box.send(1298, { url, key: KEY });
    assert.equal(code, WRONG, url);
    assert.ok(msg.length > 10);
  }
  for (const parameters of [{}, { url: 'a.example' }, { url: 'a'.repeat(501), key: '' }, { url: {}, key: '' }]) {
    assert.equal((await box.send(1298, parameters)).code, WRONG);
  }
  assert.deepEqual(await box.targets(), []);
});

test('a key is sealed, masked, kept with the mask, and goes to no other receiver', async (t) => {
  const box = await startPushBox(t);
  await box.send(1298, { url: 'http://a.invalid/push', key: KEY });
  assert.ok(!JSON.stringify(box.store.read.select().from(tables.pushTargets).all()).includes(KEY));
  assert.equal((await box.send(1298, { url: 'http://a.invalid/other', key: '******' })).code, 0);
  const elsewhere = await box.send(1298, { url: 'http://evil.invalid/', key: '******' });
  assert.equal(elsewhere.code, WRONG);
  const [{ id }] = (await box.targets()) as [TargetView];
  await assert.rejects(box.call('PATCH', `/targets/${id}`, { url: 'http://evil.invalid/' }), ContractError);
  await assert.rejects(box.call('POST', '/test', { id, url: 'http://evil.invalid/' }), ContractError);
  assert.ok(!box.log.join('').includes(KEY));
  assert.ok(!box.remarks.join('').includes(KEY));
  await box.restart();
  assert.equal((await box.targets())[0]!.key, '******');
});

test('who may only look sees no path: it may be what lets anybody in', async (t) => {
  const box = await startPushBox(t);
  const url = 'https://hooks.invalid/in/secret-path?token=secret';
  await box.send(1298, { url, key: '' });
  assert.equal((await box.targets())[0]!.url, url);
  box.role = 'viewer';
  assert.equal((await box.targets())[0]!.url, 'https://hooks.invalid/…');
  assert.deepEqual((await box.send(1299)).data, { key: '', url: 'https://hooks.invalid/…' });
});

test('two changes at once: each keeps what it named', async (t) => {
  const box = await startPushBox(t);
  await box.send(1298, { url: 'http://a.invalid/push', key: '' });
  const [{ id }] = (await box.targets()) as [TargetView];
  await Promise.all([
    box.call('PATCH', `/targets/${id}`, { url: 'http://b.invalid/push' }),
    box.call('PATCH', `/targets/${id}`, { enabled: false }),
  ]);
  const [target] = await box.targets();
  assert.deepEqual([target!.url, target!.enabled], ['http://b.invalid/push', false]);
});

test('1298 with another address does not keep the pinned certificate of the last receiver', async (t) => {
  const box = await startPushBox(t);
  await box.send(1298, { url: 'https://a.invalid/', key: '' });
  const [{ id }] = (await box.targets()) as [TargetView];
  await box.call('PATCH', `/targets/${id}`, { trust: 'pinned', fingerprint: 'ab'.repeat(32) });
  assert.equal((await box.send(1298, { url: 'https://a.invalid/other', key: '' })).code, 0);
  assert.equal((await box.targets())[0]!.trust, 'pinned');
  assert.equal((await box.send(1298, { url: 'http://b.invalid/', key: '' })).code, 0);
  const [target] = await box.targets();
  assert.deepEqual([target!.trust, target!.fingerprint], ['system', null]);
});

test('the sample receiver takes heartbeats and pushes of faces, bodies and matches', async (t) => {
  const sample = new Receiver('http_receiver.py');
  t.after(() => sample.stop());
  const port = await sample.value('port');
  const box = await startPushBox(t, { heartbeatMs: 100 });
  await box.send(1298, { url: `http://127.0.0.1:${port}/agbox`, key: KEY });
  box.push();
  box.push({ kind: 'body', attributes: { bag_type: 'backpack' } });
  box.push({ match });
  box.push({ match: { ...match, similarity: 40 } });
  await until('four pushes and three heartbeats', () => sample.of(774).length === 4 && sample.of(775).length >= 3);
  assert.deepEqual(sample.faults, []);
  const [face, body, known, alike] = sample.of(774) as unknown as [Told, Told, Told, Told];
  assert.deepEqual([face.key, face.files], [KEY, { snap: 7, snap_frame: 8 }]);
  assert.deepEqual(known.files, { snap: 7, img: 11, snap_frame: 8 });
  assert.deepEqual(alike.files, { snap: 7, snap_frame: 8 }, 'who is only resembled is not shown');
  assert.equal(face.starts['snap'], 'ffd8ff');
  assert.deepEqual(
    ['camera_name', 'device_id', 'trigger', 'obj_label', 'similarity', 'snap_id'].map((name) => face.data[name]),
    [record.cameraName, 'north-gate', '2026-11-22 04:09:21', 1, -1, record.id],
  );
  assert.ok(!('img' in face.data));
  assert.deepEqual([body.data['obj_label'], known.data['person_name'], alike.data['person_name']], [2, 'Ada', '']);
  const [beat] = sample.of(775) as unknown as [Told];
  assert.deepEqual([beat.key, beat.data], [KEY, { device_id: 'north-gate', trigger: '2026-11-22 04:09:21' }]);
  const [target] = await box.targets();
  assert.deepEqual([target!.delivered, target!.dead, target!.waiting], [4, 0, 0]);
  assert.equal(target!.heartbeat?.ok, true);
});

test('the sample receiver takes vehicles; what it gets is the form of the interface', async (t) => {
  const sample = new Receiver('http_receiver.py');
  t.after(() => sample.stop());
  const box = await startPushBox(t);
  await box.send(1298, { url: `http://127.0.0.1:${await sample.value('port')}/agbox`, key: KEY });
  const { plate, ...unread } = vehicleRecord();
  box.push({ ...unread, plate: plate! });
  box.push(unread);
  await until('two pushes', () => sample.of(774).length === 2);
  assert.deepEqual(sample.faults, []);
  const [read, blank] = sample.of(774) as unknown as [Told, Told];
  assert.deepEqual(read.starts, { snap: 'ffd8ff', snap_frame: 'ffd8ff', vehicle_num_img: 'ffd8ff' });
  assert.deepEqual(Object.keys(blank.files), ['snap', 'snap_frame']);
  const told = [
    'obj_label',
    'vehicle_number',
    'verhicle_number',
    'vehicle_num_left',
    'vehicle_num_bottom',
    'similarity',
  ];
  assert.deepEqual(
    told.map((name) => read.data[name]),
    [4, '豫NLV880', '豫NLV880', 40, 122, -1],
  );
  assert.deepEqual(
    told.map((name) => blank.data[name]),
    [4, '', '', 0, 0, -1],
  );

  const contract = await pushContract(t, '774');
  if (!contract) return;
  for (const { data } of [read, blank]) assertPush(data, contract.forms.vehicle.fields, contract.required);
});

interface Told {
  key: string;
  files: Record<string, number>;
  starts: Record<string, string>;
  data: Record<string, unknown>;
}

test('each receiver gets what it wants', async (t) => {
  const box = await startPushBox(t);
  const wishes = {
    all: {},
    faces: { kinds: ['face'] },
    known: { kinds: ['face'], recognisedOnly: true },
    cars: { kinds: ['vehicle'] },
    people: { kinds: ['face', 'body'], channels: [3] },
    yard: { channels: [8] },
    real: { demo: false },
    off: { enabled: false },
    none: { kinds: [] },
  };
  const receivers = new Map<string, { heard: { id: string; body: string }[] }>();
  for (const [name, wish] of Object.entries(wishes)) {
    const one = await receiver(t);
    receivers.set(name, one);
    await box.call('POST', '/targets', { name, url: one.url, ...wish });
  }
  box.push({ id: 'face' });
  box.push({ id: 'body', kind: 'body' });
  box.push({ id: 'known', match });
  box.push({ id: 'alike', match: { ...match, similarity: 81 } });
  box.push({ id: 'yard', channel: 8 });
  box.push({ id: 'car', kind: 'vehicle' });
  box.push({ id: 'demo', origin: 'demo' });
  await until('all to be delivered', async () => (await box.targets()).every(({ waiting }) => waiting === 0));
  const got = (name: string) =>
    receivers
      .get(name)!
      .heard.filter(({ id }) => id === '774')
      .map(({ body }) => /"snap_id":"([a-z]+)"/.exec(body)![1]);
  assert.deepEqual(got('all'), ['face', 'body', 'known', 'alike', 'yard', 'car', 'demo']);
  assert.deepEqual(got('faces'), ['face', 'known', 'alike', 'yard', 'demo']);
  assert.deepEqual(got('known'), ['known']);
  assert.deepEqual(got('cars'), ['car']);
  assert.deepEqual(got('people'), ['face', 'body', 'known', 'alike', 'demo']);
  assert.deepEqual(got('yard'), ['yard']);
  assert.deepEqual(got('real'), ['face', 'body', 'known', 'alike', 'yard', 'car']);
  assert.deepEqual([got('off'), receivers.get('off')!.heard], [[], []], 'no heartbeat either');
  assert.deepEqual(got('none'), []);
});

test('1360 chooses which pictures go; what is left out stays as it is', async (t) => {
  const box = await startPushBox(t);
  const one = await receiver(t);
  await box.send(1298, { url: one.url, key: '' });
  const on = { push_snap_img: 1, push_frame_img: 1, push_compared_img: 1 };
  assert.deepEqual((await box.send(1361)).data, on);
  const parts = async (change: object) => {
    assert.equal((await box.send(1360, change)).code, 0);
    const before = one.heard.length;
    box.push({ match });
    const { body } = await until('the push', () => one.heard.slice(before).find(({ id }) => id === '774'));
    return [...body.matchAll(/name="([a-z_]+)"; filename="[a-z_.]+"\r\n[^\r]+\r\n\r\n([^\r]*)/g)].map(
      ([, name, content]) => `${name} ${content!.length}`,
    );
  };
  assert.deepEqual(await parts({}), ['snap 7', 'img 11', 'snap_frame 8']);
  assert.deepEqual(await parts({ push_compared_img: '0' }), ['snap 7', 'snap_frame 8']);
  assert.deepEqual(await parts({ push_frame_img: 0 }), ['snap 7', 'snap_frame 0'], 'receivers want both or none');
  assert.deepEqual(await parts({ push_snap_img: 0 }), []);
  assert.equal((await box.send(1360, { push_snap_img: 2 })).code, WRONG);
  await box.restart();
  assert.deepEqual((await box.send(1361)).data, { push_snap_img: 0, push_frame_img: 0, push_compared_img: 0 });
});

test('receivers are added, changed, tested and removed; their number is limited', async (t) => {
  const box = await startPushBox(t);
  const one = await receiver(t);
  const { id } = await box.call<TargetView>('POST', '/targets', { url: one.url, key: KEY, name: ' Tower ' });
  await until('a heartbeat', () => one.heard.length === 1);
  const tested = await box.call<{ ok: boolean; status: number }>('POST', '/test', { id, url: one.url, key: '******' });
  assert.deepEqual([tested.ok, tested.status], [true, 200]);
  assert.ok(one.heard[1]!.body.includes(KEY));
  const changed = await box.call<TargetView>('PATCH', `/targets/${id}`, { name: 'Mast', kinds: ['body'] });
  assert.deepEqual([changed.name, changed.kinds, changed.key], ['Mast', ['body'], '******']);
  await box.call('DELETE', `/targets/${id}`);
  assert.deepEqual([await box.targets(), box.outbox.reports()], [[], []]);
  await assert.rejects(box.call('DELETE', `/targets/${id}`), ContractError);
  const add = () => box.call('POST', '/targets', { url: 'http://a.invalid/', enabled: false });
  for (let i = 0; i < 16; i += 1) await add();
  await assert.rejects(add(), ContractError);
});

test('a receiver nobody named is called by its host, and by the new one where it moves', async (t) => {
  const box = await startPushBox(t);
  const { id } = await box.call<TargetView>('POST', '/targets', { url: 'http://a.invalid/', enabled: false });
  const moved = { url: 'http://b.invalid/', key: '' };
  // As the form sends it: with the name it was shown.
  for (const change of [{ ...moved, name: 'a.invalid' }, moved]) {
    assert.equal((await box.call<TargetView>('PATCH', `/targets/${id}`, change)).name, 'b.invalid');
  }
  assert.equal((await box.call<TargetView>('PATCH', `/targets/${id}`, { ...moved, name: 'Mast' })).name, 'Mast');
  assert.equal(
    (await box.call<TargetView>('PATCH', `/targets/${id}`, { url: 'http://c.invalid/', key: '' })).name,
    'Mast',
  );
});

test('what a receiver left that was half removed goes at the next start, and nothing else does', async (t) => {
  const box = await startPushBox(t);
  const { id } = await box.call<TargetView>('POST', '/targets', { url: 'http://a.invalid/' });
  const deliver = () => Promise.reject(new Error('away'));
  for (const other of ['push-http/99', 'rules/1']) {
    await box.outbox.open({ id: other, name: other, wants: () => true, deliver }).close();
  }
  await box.restart();
  const left = box.outbox.reports().map((one) => one.id);
  assert.deepEqual(left.sort(), [`push-http/${id}`, 'rules/1']);
});

test('a heartbeat that succeeds again wakes what waits, and all heartbeats end with the plugin', async (t) => {
  const box = await startPushBox(t, { heartbeatMs: 50 });
  (box.outbox as { pauseMs: number }).pauseMs = 60_000;
  let well = false;
  const one = await receiver(t, (response) => {
    response.statusCode = well ? 204 : 503;
    response.end();
  });
  await box.send(1298, { url: one.url, key: '' });
  box.push();
  await until('a failure', async () => (await box.targets())[0]!.failures === 1);
  await until('a heartbeat that failed', async () => (await box.targets())[0]!.heartbeat?.ok === false);
  well = true;
  await until('the delivery', async () => (await box.targets())[0]!.delivered === 1);
  await box.parts.stop!();
  const beats = one.heard.length;
  await new Promise((done) => setTimeout(done, 200));
  assert.equal(one.heard.length, beats);
});
