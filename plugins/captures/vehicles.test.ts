import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE } from '../../core/gateway/errors.ts';
import { startPlugin } from './fixture.ts';
import type { Page } from './rows.fixture.ts';
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
