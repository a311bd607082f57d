import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eq } from 'drizzle-orm';
import { CODE } from '../../core/gateway/errors.ts';
import { startPlugin } from './fixture.ts';
import type { Page } from './rows.fixture.ts';
import { captures } from './tables.ts';
import { captureMessage, pastMessage } from './telling.ts';
import type { CaptureView } from './view.ts';

interface Found {
  records: CaptureView[];
  total: number;
}

test('vehicles are captures like others; messages about faces and bodies know nothing of them', async (t) => {
  const box = await startPlugin(t);
  box.observe({ kind: 'vehicle', trackId: 9 });
  box.observe({ kind: 'body', trackId: 9 });
  box.observe({ kind: 'face', trackId: 9 });
  await box.untilRecorded(3);
  const [vehicle] = box.recorded.filter(({ kind }) => kind === 'vehicle');
  assert.ok(vehicle);
  assert.match(vehicle.cropPath, /^record\/channel3\/vehicle\//);
  assert.deepEqual([vehicle.compared, vehicle.attributes], [false, {}]);

  const all = await box.call<Found>('GET', '/captures');
  assert.deepEqual(all.records.map(({ kind }) => kind).sort(), ['body', 'face', 'vehicle']);
  const found = await box.call<Found>('GET', '/captures', { query: { kind: 'vehicle' } });
  assert.deepEqual([found.records.map(({ id }) => id), found.total], [[vehicle.id], 1]);

  for (const message of [1037, 1046]) {
    const { data } = await box.send<Page>(message);
    assert.equal(data.total_num, 1, String(message));
    assert.notEqual(data.record[0]?.['snap_id'], vehicle.id);
  }
  const { data: counts } = await box.send(1050);
  assert.deepEqual(counts, { key_person_cnt: 0, white_list_cnt: 0, stranger_cnt: 0 });
  for (const type of [0, 1, 2, 3, 4]) {
    assert.equal((await box.send(2129, { catch_ids: vehicle.id, type })).code, CODE.noSuchData);
  }
  assert.deepEqual(await box.call('POST', '/captures/delete', { body: { ids: [vehicle.id] } }), { deleted: 1 });
});

const plate = (text: string, score = 0.9) => ({
  text,
  score,
  // In the frame; the crop of these captures begins at (70, 36).
  box: [110.4, 100, 150, 110.2] as [number, number, number, number],
  jpeg: new Uint8Array([0xff, 0xd8, 1]),
});

test('what was read of a plate is kept with its picture, found by a part of it, and goes with the capture', async (t) => {
  const box = await startPlugin(t);
  const at = { box: [80, 40, 180, 140], boxInCrop: [10, 4, 110, 104] } as const;
  const observe = (text: string, score?: number) =>
    box.observe({ kind: 'vehicle', ...at, box: [...at.box], boxInCrop: [...at.boxInCrop], plate: plate(text, score) });
  observe('ABC123');
  observe('豫NLV880');
  observe('', 0.2);
  box.observe({ kind: 'vehicle' });
  box.observe({ kind: 'face' });
  await box.untilRecorded(5);
  const [record] = box.recorded;
  assert.ok(record?.plate);
  assert.deepEqual([record.plate.text, record.plate.score, record.plate.box], ['ABC123', 0.9, [40, 64, 80, 74]]);
  assert.match(record.plate.path, /^record\/channel3\/plate\//);
  assert.deepEqual(await box.store.blobs.readPinned(record.plate.path), Buffer.from(record.plateCrop!));

  const told = captureMessage(record);
  assert.deepEqual(told.pictures.at(-1), { part: 'plate', path: record.plate.path });
  assert.ok(!('plateCrop' in told.body) && !('crop' in told.body));
  const [row] = box.store.read.select().from(captures).where(eq(captures.id, record.id)).all();
  assert.deepEqual(pastMessage(row!), told);

  const texts = async (query: object) =>
    (await box.call<Found>('GET', '/captures', { query })).records.map((one) => one.plate?.text);
  assert.deepEqual(await texts({ plate: 'bc-1' }), ['ABC123']);
  assert.deepEqual(await texts({ plate: '豫 nlv' }), ['豫NLV880']);
  assert.deepEqual(await texts({ plate: '8' }), ['豫NLV880']);
  assert.deepEqual(await texts({ plate: '%', kind: 'face' }), [undefined]);
  assert.deepEqual(await texts({ plate: 'A_C' }), []);
  assert.deepEqual(await texts({ plate: 'ABC', kind: 'face' }), []);
  assert.deepEqual(await texts({ plate: 'ABC', channel: '4' }), []);
  assert.deepEqual(await texts({ plate: 'x' }), []);

  const view = await box.call<CaptureView>('GET', `/captures/${record.id}`);
  assert.deepEqual(view.plate, record.plate);
  const plain = (await box.call<Found>('GET', '/captures', { query: { kind: 'face' } })).records[0];
  assert.equal(plain?.plate, null);

  await box.call('POST', '/captures/delete', { body: { ids: [record.id] } });
  await box.store.blobs.idle();
  assert.equal(await box.store.blobs.open(record.plate.path), undefined);
});
