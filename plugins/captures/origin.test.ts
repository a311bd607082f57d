import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CaptureArchive, captureArchive } from '../../core/plugin/capture-services.ts';
import type { CameraInfo } from '../../core/plugin/services.ts';
import { fill, row, startPlugin, type TestPlugin } from './fixture.ts';
import type { Page } from './rows.fixture.ts';

function archiveOf(box: TestPlugin): CaptureArchive {
  return box.parts.services?.find(({ capability }) => capability.id === captureArchive.id)
    ?.implementation as CaptureArchive;
}

const total = async (box: TestPlugin) => (await box.send<Page>(1037)).data.total_num;

test('a capture keeps the origin it was taken with, whatever camera the channel has by then', async (t) => {
  const box = await startPlugin(t);
  box.observe({ origin: 'demo' });
  box.observe();
  await box.untilRecorded(2);
  assert.deepEqual(
    box.recorded.map(({ origin }) => origin),
    ['demo', undefined],
  );
  const { records } = await box.call<{ records: { origin: string | null }[] }>('GET', '/captures', {});
  assert.deepEqual(records.map(({ origin }) => origin).sort(), ['demo', null]);
  const archive = archiveOf(box);
  assert.equal(await archive.count('demo'), 1);
  const [demo, own] = box.recorded;
  assert.equal(await archive.erase('demo'), 1);
  assert.deepEqual(box.erased, [[demo?.id]]);
  assert.equal(await total(box), 1);
  await box.store.blobs.idle();
  assert.equal(await box.store.blobs.open(demo!.cropPath), undefined);
  const kept = await box.store.blobs.open(own!.cropPath);
  assert.ok(kept);
  await kept.close();
  assert.equal(await archive.erase('demo'), 0);
});

test('a capture is not given the name of a camera that has taken its channel since', async (t) => {
  const box = await startPlugin(t);
  const camera = { channel: 3, name: 'Front door', position: 'Street', threshold: 70 } as CameraInfo;
  box.cameras.set(3, camera);
  box.observe({ channel: 3, origin: 'demo' });
  box.observe({ channel: 3 });
  await box.untilRecorded(2);
  box.cameras.set(3, { ...camera, name: 'Lobby (demo)', origin: 'demo' });
  box.observe({ channel: 3, origin: 'demo' });
  box.observe({ channel: 3 });
  await box.untilRecorded(4);
  assert.deepEqual(
    box.recorded.map(({ cameraName, threshold }) => [cameraName, threshold]),
    [
      ['', 0],
      ['Front door', 70],
      ['Lobby (demo)', 70],
      ['', 0],
    ],
  );
});

test('what is of one origin goes in steps, all of it or all but the newest', async (t) => {
  const box = await startPlugin(t);
  await fill(
    box.store,
    Array.from({ length: 900 }, (_, i) => row({ time: i, ...(i % 2 === 0 ? { origin: 'demo' as const } : {}) })),
  );
  const archive = archiveOf(box);
  assert.equal(await archive.erase('demo', 450), 0);
  assert.equal(await archive.erase('demo', 10), 440);
  assert.ok(box.erased.length > 1, 'told step by step');
  assert.equal(await archive.count('demo'), 10);
  const { records } = await box.call<{ records: { origin: string | null; time: number }[] }>('GET', '/captures', {
    query: { limit: 20 },
  });
  assert.deepEqual(
    records.filter(({ origin }) => origin === 'demo').map(({ time }) => time),
    Array.from({ length: 10 }, (_, i) => 898 - 2 * i),
  );
  assert.equal(await archive.erase('demo'), 10);
  assert.equal(await total(box), 450);
});
