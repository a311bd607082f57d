import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewAlarm } from '../../core/plugin/alarm-services.ts';
import type { CaptureRecord } from '../../core/plugin/capture-services.ts';
import { matchOf, recordOf } from './match.fixture.ts';
import { KeyPersonAlarms, REPEAT_MS } from './match-alarms.ts';

function watching() {
  const raised: NewAlarm[] = [];
  const failures: string[] = [];
  const state = { there: true, broken: false, erased: new Set<string>() };
  const alarms = {
    raise: async (alarm: NewAlarm) => {
      if (state.broken) throw new Error('the disk is full');
      raised.push(alarm);
      return { id: raised.length };
    },
  };
  const watch = new KeyPersonAlarms({
    source: 'portraits',
    library: { get: (_, imgId) => (state.erased.has(imgId) ? undefined : ({ imgId } as never)) },
    alarms: () => (state.there ? alarms : undefined),
    failed: (error) => failures.push(error.message),
  });
  const see = (change: Partial<CaptureRecord> = {}) => watch.recorded(recordOf(change));
  return { see, raised, failures, state };
}

test('somebody of a database of key personnel raises an alarm with both pictures', async () => {
  const { see, raised } = watching();
  await see({ origin: 'demo' });
  assert.deepEqual(raised, [
    {
      kind: 'key-person',
      source: 'portraits',
      channel: 3,
      cameraName: 'Door',
      time: 1_000,
      title: 'Ada',
      pictures: [
        { path: 'crops/1.jpg', label: 'seen' },
        { path: 'images/a1.jpg', label: 'library' },
      ],
      captureId: 'capture-1',
      shows: ['1/a1'],
      facts: { similarity: 90, library: 'Watch list' },
      origin: 'demo',
    },
  ]);
});

test('nobody else raises one', async () => {
  const { see, raised, state } = watching();
  await see({ match: matchOf({ libraryType: 2 }) });
  await see({ match: matchOf({ similarity: 79 }) });
  await see({ compared: false });
  await see({ aliveType: 1 });
  const { match: _, ...stranger } = recordOf();
  await see({ ...stranger, match: undefined as never });
  state.erased.add('a1');
  await see();
  assert.equal(raised.length, 0);
  state.erased.clear();
  await see({ match: matchOf({ similarity: 80, personName: ' ' }) });
  assert.equal(raised[0]?.title, 'a1', 'somebody without a name has the id of the picture');
  await see({ time: 20, match: matchOf({ imageId: 'a9', personName: '\u202e\u2066 ' }) });
  assert.equal(raised[1]?.title, 'a9', 'and somebody whose name shows nothing');
});

test('one alarm for each person and camera in half a minute', async () => {
  const { see, raised } = watching();
  const times = () => raised.map(({ channel, time, shows }) => [channel, time, shows[0]]);
  await Promise.all([see({ time: 0 }), see({ time: 10 }), see({ time: REPEAT_MS - 1 })]);
  assert.deepEqual(times(), [[3, 0, '1/a1']]);
  await see({ time: 20, channel: 4 });
  await see({ time: 30, trackId: 8, match: matchOf({ imageId: 'a2' }) });
  await see({ time: 40, match: matchOf({ libraryId: 5 }) });
  assert.deepEqual(times().slice(1), [
    [4, 20, '1/a1'],
    [3, 30, '1/a2'],
    [3, 40, '5/a1'],
  ]);
  await see({ time: REPEAT_MS });
  await see({ time: 2 * REPEAT_MS - 1 });
  assert.deepEqual(times().slice(4), [[3, REPEAT_MS, '1/a1']], 'the half minute counts from the alarm on');
  await see({ time: -REPEAT_MS });
  assert.equal(raised.length, 6, 'a clock that was set back silences nobody');
});

test('somebody enrolled with two pictures raises one alarm as long as the same track goes on', async () => {
  const { see, raised, state } = watching();
  const other = { time: 20, match: matchOf({ imageId: 'a2' }) };
  state.broken = true;
  await see({ time: 0 });
  state.broken = false;
  await see({ time: 10 });
  await see(other);
  assert.equal(raised.length, 1);
  // People of one name, people without any, and who comes again are others.
  await see({ ...other, trackId: 8 });
  await see({ ...other, channel: 4 });
  await see({ ...other, match: matchOf({ imageId: 'a3', personName: 'Grace' }) });
  await see({ ...other, match: matchOf({ imageId: 'a4', personName: '' }) });
  await see({ ...other, match: matchOf({ imageId: 'a5', personName: ' ' }) });
  await see({ time: 10 + REPEAT_MS, match: matchOf({ imageId: 'a6' }) });
  assert.deepEqual(
    raised.map(({ shows }) => shows[0]),
    ['1/a1', '1/a2', '1/a2', '1/a3', '1/a4', '1/a5', '1/a6'],
  );
});

test('the first is never lost: what could not be raised does not silence the next', async () => {
  const { see, raised, failures, state } = watching();
  state.broken = true;
  await see({ time: 0 });
  assert.deepEqual([raised.length, failures], [0, ['the disk is full']]);
  state.broken = false;
  state.there = false;
  await see({ time: 5 });
  state.there = true;
  await see({ time: 10 });
  assert.deepEqual(
    raised.map(({ time }) => time),
    [10],
  );
});

test('what is remembered is bounded', async () => {
  const { see, raised } = watching();
  for (let n = 0; n < 1_001; n += 1) await see({ match: matchOf({ imageId: `p${n}`, personName: '' }) });
  await see({ match: matchOf({ imageId: 'p1000', personName: '' }) });
  assert.equal(raised.length, 1_001);
  await see({ match: matchOf({ imageId: 'p0', personName: '' }) });
  assert.equal(raised.length, 1_002);
});
