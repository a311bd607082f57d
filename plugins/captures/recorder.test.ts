import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localToInstant } from '../../core/clock.ts';
import type { CaptureFindings } from '../../core/plugin/capture-services.ts';
import type { CaptureObservation } from '../../core/vision/keys.ts';
import { until } from '../../tests/kit/wait.ts';
import { bytes, match, observation, startPlugin, type TestPlugin } from './fixture.ts';
import { MOST_WAITING, Recorder, type RecorderOptions } from './recorder.ts';
import { captures } from './tables.ts';
import type { CaptureView } from './view.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const rows = (box: TestPlugin) => box.store.read.select().from(captures).orderBy(captures.moment).all();

const camera = (name: string) => ({
  channel: 3,
  name,
  position: 'north',
  description: '',
  threshold: 82,
  libraryIds: [],
  tasks: [],
  enabled: true,
  online: true,
});

test('who is erased while their capture is on its way is not recorded, and forgotten where they were only the nearest', async (t) => {
  const box = await startPlugin(t);
  box.cameras.set(3, camera('Gate'));
  const gone = new Set<string>();
  const found: [string, number][] = [
    ['img-1', 91],
    ['img-1', 60],
    ['img-2', 91],
  ];
  box.enrichers.register({
    id: 'faces',
    kinds: ['face'],
    deadline: 1_000,
    enrich: async () => {
      const [imageId, similarity] = found.shift()!;
      if (found.length === 0) gone.add('img-1');
      return { match: { ...match, imageId, similarity }, compared: true };
    },
    stillKnows: ({ imageId }) => !gone.has(imageId),
  });
  for (const at of [0, 1, 2]) box.observe({ time: observation.time + at, trackId: at });
  await box.untilRecorded(2);
  assert.deepEqual(
    box.recorded.map((record) => [record.trackId, record.compared, record.match?.imageId]),
    [
      [1, true, undefined],
      [2, true, 'img-2'],
    ],
  );
  assert.deepEqual(
    rows(box).map(({ trackId, imageId, personName }) => [trackId, imageId, personName]),
    [
      [1, null, null],
      [2, 'img-2', 'Ada'],
    ],
  );
  await box.store.blobs.idle();
  assert.equal(box.store.blobs.totals('captures').files, 4, 'no picture stays of the one that was not recorded');
});

test('a capture becomes a row with its camera as it is now, and two pictures', async (t) => {
  const box = await startPlugin(t);
  box.cameras.set(3, camera('Gate'));
  box.observe();
  await box.untilRecorded(1);
  const [record] = box.recorded;
  assert.match(record!.id, UUID);
  assert.match(record!.cropPath, /^record\/channel3\/face\/1795262370_\d+\.jpg$/);
  assert.match(record!.framePath, /^record\/channel3\/frame\/1795262370_\d+\.jpg$/);
  assert.equal(localToInstant('2026-11-21 11:59:30', 'UTC'), 1795262370_000);
  const { crop, frame, ...plain } = record!;
  assert.deepEqual([crop, frame], [observation.crop, observation.frame]);
  assert.deepEqual(plain, {
    id: record!.id,
    kind: 'face',
    channel: 3,
    cameraName: 'Gate',
    position: 'north',
    threshold: 82,
    time: observation.time,
    trackId: 7,
    quality: 73,
    box: [100, 50, 181, 161],
    boxInCrop: [32, 44, 112, 154],
    frameWidth: 1280,
    frameHeight: 720,
    cropPath: record!.cropPath,
    framePath: record!.framePath,
    aliveType: 0,
    attributes: {},
    describedBy: [],
    compared: false,
  });
  const [stored] = rows(box);
  assert.equal(stored?.cameraName, 'Gate');
  assert.deepEqual(stored?.box, [100, 50, 181, 161]);
  for (const [path, content] of [
    [record!.cropPath, 'crop'],
    [record!.framePath, 'frame'],
  ] as const) {
    const file = await box.store.blobs.open(path);
    assert.deepEqual([file?.row.owner, file?.row.area, file?.row.picture], ['captures', 'records', true]);
    assert.equal(String(await file?.bytes()), content);
  }
  // The camera is renamed, then deleted: the record keeps what was true.
  box.cameras.clear();
  box.observe({ trackId: 8 });
  await box.untilRecorded(2);
  assert.deepEqual(
    rows(box).map(({ cameraName, threshold }) => [cameraName, threshold]),
    [
      ['Gate', 82],
      ['', 0],
    ],
  );
});

test('what enrichers find is in the record; the late, the failing and the uninterested are left out', async (t) => {
  const box = await startPlugin(t);
  box.cameras.set(3, camera('Gate'));
  const asked: string[] = [];
  const enricher = (id: string, enrich: () => Promise<object>, kinds: ('face' | 'body')[] = ['face']) =>
    box.enrichers.register({
      id,
      kinds,
      deadline: 200,
      enrich: (seen) => {
        assert.deepEqual(seen.crop, observation.crop);
        asked.push(id);
        return enrich();
      },
    });
  const leave = enricher('match', async () => ({ match }));
  enricher('age', async () => ({ attributes: { st_age: 'st_adult' } }));
  enricher('glasses', async () => ({ attributes: { glass_style: 'sunglasses' }, aliveType: 2 }));
  enricher('late', () => new Promise(() => {}));
  enricher('failing', () => Promise.reject(new Error('no model')));
  enricher('silent', async () => undefined as unknown as object);
  enricher('body', async () => ({ attributes: { st_hat: 'st_hat' } }), ['body']);
  assert.throws(() => enricher('match', async () => ({})), /registered already/);

  box.observe();
  await box.untilRecorded(1);
  assert.deepEqual(asked.sort(), ['age', 'failing', 'glasses', 'late', 'match', 'silent']);
  const [record] = box.recorded;
  assert.deepEqual(record?.match, match);
  assert.equal(record?.aliveType, 2);
  assert.deepEqual(record?.attributes, { st_age: 'st_adult', glass_style: 'sunglasses' });
  const [stored] = rows(box);
  assert.deepEqual(
    [stored?.libId, stored?.libName, stored?.libType, stored?.imageId, stored?.similarity, stored?.ranking],
    [4, 'Staff', 2, 'img-1', 91, 1],
  );
  assert.deepEqual([record?.compared, stored?.compared], [true, true]);
  const { imagePath, enrolledAt, personName, personGender, personAge, hasIdcard, hasAddress } = stored!;
  assert.deepEqual(
    { ...match, imagePath, enrolledAt, personName, personGender, personAge, hasIdcard, hasAddress },
    { ...match },
  );
  const view = await box.call<CaptureView>('GET', `/captures/${record!.id}`);
  assert.deepEqual([view.match?.personName, view.match?.imagePath], ['Ada', match.imagePath]);
  // The pages get the name and the picture of a person and no more.
  assert.ok(!Object.keys(view.match!).some((name) => /age|gender|idcard|address/i.test(name.replace(/^image/, ''))));

  leave();
  box.observe();
  await box.untilRecorded(2);
  assert.equal(box.recorded[1]?.match, undefined);
});

test('a face is a match, a stranger, or was not compared', async (t) => {
  const box = await startPlugin(t);
  box.cameras.set(3, camera('Gate'));
  let findings: CaptureFindings = {};
  box.enrichers.register({ id: 'match', kinds: ['face', 'body'], deadline: 5_000, enrich: async () => findings });
  const cases: [CaptureFindings, Partial<CaptureObservation>, boolean, boolean][] = [
    [{}, {}, false, false],
    [{ compared: false }, {}, false, false],
    [{ compared: true }, {}, true, false],
    [{ compared: true, match }, {}, true, true],
    [{ compared: true, match }, { aliveType: 2 }, true, true],
    // A photo held before the camera, by whoever found it out.
    [{ compared: true, match }, { aliveType: 1 }, false, false],
    [{ compared: true, match, aliveType: 1 }, { aliveType: 2 }, false, false],
    [{ compared: true, match }, { kind: 'body' }, false, false],
    // Its camera is gone, and its threshold with it.
    [{ compared: true, match }, { channel: 9 }, false, false],
  ];
  for (const [i, [found, change, compared, matched]] of cases.entries()) {
    findings = found;
    box.observe(change);
    await box.untilRecorded(i + 1);
    const { id, ...record } = box.recorded[i]!;
    const row = rows(box).find((one) => one.id === id)!;
    assert.deepEqual([record.compared, row.compared], [compared, compared], `case ${i}`);
    assert.deepEqual([record.match !== undefined, row.libId !== null], [matched, matched], `case ${i}`);
  }
});

test('records of a channel keep their order, whichever is enriched first; another channel does not wait', async (t) => {
  const box = await startPlugin(t);
  const release = new Map<number, () => void>();
  box.enrichers.register({
    id: 'slow',
    kinds: ['face'],
    deadline: 60_000,
    enrich: ({ channel, trackId }) =>
      channel === 9 ? Promise.resolve({}) : new Promise((resolve) => release.set(trackId, () => resolve({}))),
  });
  for (const trackId of [1, 2, 3]) box.observe({ channel: 3, trackId });
  box.observe({ channel: 9, trackId: 4 });
  await box.untilRecorded(1);
  assert.equal(box.recorded[0]?.channel, 9);
  for (const trackId of [3, 2, 1]) release.get(trackId)!();
  await box.untilRecorded(4);
  assert.deepEqual(
    box.recorded.map(({ trackId }) => trackId),
    [4, 1, 2, 3],
  );
});

test('too many waiting captures: the oldest are dropped and counted, memory stays bounded', async (t) => {
  const box = await startPlugin(t);
  let open: () => void = () => {};
  const gate = new Promise<object>((resolve) => {
    open = () => resolve({});
  });
  box.enrichers.register({ id: 'gate', kinds: ['face'], deadline: 60_000, enrich: () => gate });
  const sent = MOST_WAITING + 50;
  for (let trackId = 0; trackId < sent; trackId += 1) box.observe({ trackId });
  assert.equal(box.gauges.get('waiting')!(), MOST_WAITING);
  const dropped = box.gauges.get('dropped')!();
  assert.ok(dropped > 30 && dropped < 50, String(dropped));
  open();
  await box.untilRecorded(sent - dropped);
  const tracks = box.recorded.map(({ trackId }) => trackId);
  assert.deepEqual(
    tracks,
    tracks.toSorted((a, b) => a - b),
  );
  assert.equal(tracks.at(-1), sent - 1);
  assert.equal(rows(box).length, sent - dropped);
});

test('large pictures count by their bytes', () => {
  const recorder = new Recorder({
    enrichers: { enrich: () => new Promise(() => {}) },
    cameras: () => undefined,
  } as unknown as RecorderOptions);
  const frame = new Uint8Array(20 * 1024 * 1024);
  for (let i = 0; i < 20; i += 1) recorder.observe({ ...observation, frame });
  assert.equal(recorder.waiting, 4);
  assert.equal(recorder.dropped, 8);
});

test('a capture that cannot be stored leaves no file, is shown by the health, and the next one is stored', async (t) => {
  const box = await startPlugin(t);
  box.observe({ quality: Number.NaN });
  await until('the failure to show', async () => (await box.parts.health!()).state === 'degraded');
  assert.match((await box.parts.health!()).detail ?? '', /could not be stored/);
  box.observe();
  await box.untilRecorded(1);
  await box.store.blobs.idle();
  assert.equal(box.store.blobs.totals('captures').files, 2);
  box.clock.time += 3_600_000;
  assert.equal((await box.parts.health!()).state, 'ok');
});

test('stopping waits for what is being stored', async (t) => {
  const box = await startPlugin(t);
  for (let trackId = 0; trackId < 20; trackId += 1) box.observe({ trackId, crop: bytes(`crop ${trackId}`) });
  await box.parts.stop!();
  assert.equal(box.recorded.length, 20);
});

test('pages hear of new captures, of those they asked for', async (t) => {
  const box = await startPlugin(t);
  const all = box.open('captures.new', {});
  const bodies = box.open('captures.new', { kind: 'body' });
  const other = box.open('captures.new', { channel: 4 });
  box.observe();
  box.observe({ kind: 'body' });
  await box.untilRecorded(2);
  assert.equal(all.sent.length, 2);
  assert.equal(bodies.sent.length, 1);
  assert.equal(other.sent.length, 0);
  const [told] = all.sent as { id: string; crop?: unknown; match: unknown }[];
  assert.equal(told?.id, box.recorded[0]?.id);
  assert.equal(told?.crop, undefined);
  assert.deepEqual(told, await box.call('GET', `/captures/${told!.id}`));
  all.close();
  box.observe();
  await box.untilRecorded(3);
  assert.equal(all.sent.length, 2);
});
