import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewAlarm } from '../../core/plugin/alarm-services.ts';
import { capturesErased } from '../../core/plugin/capture-services.ts';
import type { Subscriber } from '../../core/plugin/contract.ts';
import { exportKey } from '../../core/plugin/export-services.ts';
import { portraitsErased } from '../../core/plugin/face-services.ts';
import { until } from '../../tests/kit/wait.ts';
import { type AlarmBox, alarm, NOW, startAlarms, storePictures } from './fixture.ts';
import { Insisting } from './insisting.ts';
import type { AlarmView } from './view.ts';

const DAY = 86_400_000;
const SEEN = 'record/channel3/face/1_1.jpg';
const LIBRARY = 'facebase/libid2/2_1_1.jpg';
const PICTURES: NewAlarm['pictures'] = [
  { path: SEEN, label: 'seen' },
  { path: LIBRARY, label: 'library' },
];

/** At once, which is one commit for many. */
const raiseMany = (box: AlarmBox, count: number, change: (i: number) => Partial<NewAlarm>) =>
  Promise.all(Array.from({ length: count }, (_, i) => box.alarms.raise(alarm(change(i)))));

test('an alarm is stored, then told, and found as it was raised', async (t) => {
  const box = await startAlarms(t);
  await storePictures(box.store, SEEN, LIBRARY);
  const told: AlarmView[] = [];
  const topic = box.parts.topics!.find(({ id }) => id === 'alarms.new')!;
  const close = topic.open({}, {
    send: (view: AlarmView) => {
      assert.ok(box.titles().includes(view.title), 'it can be read by whoever hears of it');
      return told.push(view) > 0;
    },
  } as unknown as Subscriber);
  const { id } = await box.alarms.raise(
    alarm({ title: ' Zhang\u202e\nSan ', pictures: PICTURES, captureId: 'c1', shows: ['2/a', '2/a', '2/b'] }),
  );
  const found = await box.call<AlarmView>('GET', `/alarms/${id}`);
  assert.deepEqual(found, {
    id,
    kind: 'key-person',
    source: 'portraits',
    channel: 3,
    cameraName: 'Gate',
    time: NOW,
    title: 'Zhang  San',
    pictures: PICTURES,
    captureId: 'c1',
    facts: { similarity: 91.5, library: 'Watch list' },
    origin: null,
    state: 'open',
    acknowledgedBy: null,
    acknowledgedAt: null,
    note: null,
  });
  assert.deepEqual(told, [found]);
  close();
  await box.alarms.raise(alarm());
  assert.equal(told.length, 1);
});

test('what is no alarm is refused, without a value in the message', async (t) => {
  const box = await startAlarms(t);
  for (const [change, place] of [
    [{ title: ' \u0000 ' }, 'title'],
    [{ kind: 'Key Person' }, 'kind'],
    [{ time: Number.NaN }, 'time'],
    [{ pictures: [{ path: '../secret.key', label: 'seen' }] }, 'pictures'],
    [{ facts: { 'a b': 'Lin Secret' } }, 'facts'],
    [{ shows: new Array<string>(51).fill('2/Lin Secret') }, 'shows'],
  ] as [Partial<NewAlarm>, string][]) {
    await assert.rejects(box.alarms.raise(alarm(change)), (error: Error) => {
      assert.match(error.message, new RegExp(`not an alarm: ${place}`));
      assert.doesNotMatch(error.message, /Secret|secret/);
      return true;
    });
  }
  assert.deepEqual(box.titles(), []);
  const { id } = await box.alarms.raise(alarm({ title: 'x'.repeat(5000), pictures: [{ path: '', label: 'library' }] }));
  const found = await box.call<AlarmView>('GET', `/alarms/${id}`);
  assert.deepEqual([found.title.length, found.pictures], [200, []]);
});

test('what was deleted while its alarm was on its way raises none', async (t) => {
  const box = await startAlarms(t);
  await storePictures(box.store, SEEN);
  await assert.rejects(box.alarms.raise(alarm({ pictures: PICTURES })), /deleted meanwhile/);
  assert.deepEqual(box.titles(), []);
});

test('an alarm goes with its capture', async (t) => {
  const box = await startAlarms(t);
  await raiseMany(box, 450, (i) => ({ title: `a${i}`, captureId: `c${i % 150}` }));
  await box.alarms.raise(alarm({ title: 'other', captureId: 'other' }));
  await box.tell(capturesErased, { ids: Array.from({ length: 150 }, (_, i) => `c${i}`) });
  assert.deepEqual(box.titles(), ['other']);
  assert.ok(box.changes > 0);
});

test('with all captures every alarm goes but those of captures taken meanwhile', async (t) => {
  const box = await startAlarms(t);
  await storePictures(box.store, SEEN, 'record/channel3/face/2_2.jpg');
  await box.alarms.raise(alarm({ title: 'no capture' }));
  await box.alarms.raise(alarm({ title: 'old', captureId: 'c1', pictures: [{ path: SEEN, label: 'seen' }] }));
  const pictures: NewAlarm['pictures'] = [{ path: 'record/channel3/face/2_2.jpg', label: 'seen' }];
  await box.alarms.raise(alarm({ title: 'meanwhile', captureId: 'c2', pictures }));
  await box.store.write((tx) => tx.dropBlob(SEEN));
  await box.tell(capturesErased, { ids: 'all' });
  assert.deepEqual(box.titles(), ['meanwhile']);
});

test('an alarm goes with whoever it shows, and nothing is left of them', async (t) => {
  const box = await startAlarms(t);
  await box.alarms.raise(alarm({ title: 'A', shows: [exportKey(2, 'a')] }));
  await box.alarms.raise(alarm({ title: 'A and B', shows: [exportKey(2, 'a'), exportKey(2, 'b')] }));
  await box.alarms.raise(alarm({ title: 'B', shows: [exportKey(2, 'b')] }));
  await box.alarms.raise(alarm({ title: 'another database', shows: [exportKey(3, 'a')] }));
  await box.tell(portraitsErased, { library: 2, imageIds: ['a'], keys: [exportKey(2, 'a')] });
  assert.deepEqual(box.titles(), ['another database', 'B']);
  const keys = box.store.read.all<{ key: string }>('SELECT key FROM alarm_shows ORDER BY key');
  assert.deepEqual(
    keys.map(({ key }) => key),
    ['2/b', '3/a'],
  );
});

test('the demo takes its alarms away, and no others', async (t) => {
  const box = await startAlarms(t);
  await raiseMany(box, 210, () => ({ title: 'demo', origin: 'demo' }));
  await box.alarms.raise(alarm({ title: 'real' }));
  assert.equal(await box.archive.erase('demo'), 210);
  assert.deepEqual(box.titles(), ['real']);
  assert.equal(await box.archive.erase('demo'), 0);
});

test('what was deleted while nobody listened is found at the next start', async (t) => {
  const box = await startAlarms(t);
  const frame = 'record/channel3/frame/9_9.jpg';
  await storePictures(box.store, SEEN, LIBRARY, frame);
  await box.alarms.raise(alarm({ title: 'capture gone', captureId: 'c', pictures: PICTURES.slice(0, 1) }));
  await box.alarms.raise(alarm({ title: 'stays', pictures: [{ path: frame, label: 'frame' }] }));
  await box.alarms.raise(alarm({ title: 'person gone', pictures: PICTURES.slice(1) }));
  await box.alarms.raise(alarm({ title: 'stays too' }));
  await box.store.write((tx) => [SEEN, LIBRARY, frame].map((path) => tx.dropBlob(path)));
  await box.parts.start?.();
  await until('the orphans to go', () => box.titles().length === 2);
  assert.deepEqual(box.titles(), ['stays too', 'stays']);
});

test('there are never more than the setting allows: acknowledged ones make room first', async (t) => {
  const box = await startAlarms(t, { maxAlarms: 1000 });
  const raised = await raiseMany(box, 500, (i) => ({ title: `a${i}` }));
  await raiseMany(box, 500, (i) => ({ title: `b${i}` }));
  const ids = raised.slice(100, 102).map(({ id }) => id);
  await box.call('POST', '/acknowledge', { body: { ids } });
  for (let i = 0; i < 3; i++) await box.alarms.raise(alarm({ title: `new${i}` }));
  const kept = new Set(box.titles());
  assert.equal(kept.size, 1000);
  for (const gone of ['a100', 'a101', 'a0']) assert.ok(!kept.has(gone), gone);
  for (const there of ['a1', 'a102', 'new2']) assert.ok(kept.has(there), there);
});

test('a flood is refused beyond what may wait, and the rest is stored', async (t) => {
  const box = await startAlarms(t);
  const outcomes = await Promise.allSettled(Array.from({ length: 520 }, () => box.alarms.raise(alarm())));
  const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
  assert.equal(refused.length, 20);
  assert.match(String(refused[0]?.reason), /too many alarms wait/);
  assert.equal(box.titles().length, 500);
});

test('alarms go by age, in batches, and never for room on the disk', async (t) => {
  const box = await startAlarms(t);
  await raiseMany(box, 40, (i) => ({ title: `d${i}`, time: NOW - i * DAY, shows: ['2/a'] }));
  const [policy] = box.policies;
  assert.ok(policy);
  assert.equal(policy.keepDays?.(), 30);
  box.config.keepDays = 0;
  assert.equal(policy.keepDays?.(), 0);
  const remove = () => box.store.write((tx) => policy.removeOlderThan(tx, NOW - 20 * DAY, 15));
  assert.equal(await remove(), 15);
  assert.equal(await remove(), 4);
  assert.equal(box.titles()[0], 'd20');
  assert.equal(box.titles().length, 21);
  assert.equal(await box.store.write((tx) => policy.removeOldest(tx, 20)), 0);
});

test('what cannot be removed now is tried again until it is gone, or the plugin stops', async () => {
  const failures: string[] = [];
  const insisting = new Insisting((error) => failures.push(error.message), 2);
  let attempts = 0;
  await insisting.until(async () => {
    attempts += 1;
    if (attempts < 4) throw new Error('the disk is full');
  });
  await until('the fourth attempt', () => attempts === 4);
  assert.equal(failures.length, 3);
  insisting.stop();
  await insisting.until(async () => {
    attempts += 1;
    throw new Error('closed');
  });
  await new Promise((done) => setTimeout(done, 20));
  assert.equal(attempts, 5);
});
