import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CLEARLY_BETTER,
  captureNow,
  LONGEST_PRESENCE_MS,
  mayCaptureAgain,
  REALTIME_CAPTURES,
  REALTIME_PAUSE_MS,
  type ShotState,
} from './policy.ts';

const fresh: ShotState = { confirmedAt: 1000, best: 60, captures: 0, last: undefined };
const taken = (at: number, quality: number, captures = 1): ShotState => ({
  ...fresh,
  captures,
  last: { at, quality },
});
const INTERVAL = 3000;

test('accurate: at the end, or after the longest presence, and only once', () => {
  const now = (at: number, state = fresh, ended = false) => captureNow(1, state, at, ended, INTERVAL);
  assert.ok(!now(1000) && !now(1000 + LONGEST_PRESENCE_MS - 1));
  assert.ok(now(1000 + LONGEST_PRESENCE_MS));
  assert.ok(now(1200, fresh, true));
  assert.ok(!now(1e9, taken(5000, 60), true));
});

test('timing: the best of each interval; a short presence is captured at its end', () => {
  const now = (at: number, state = fresh, ended = false) => captureNow(2, state, at, ended, INTERVAL);
  assert.ok(!now(1000 + INTERVAL - 1));
  assert.ok(now(1000 + INTERVAL));
  assert.ok(!now(4000 + INTERVAL - 1, taken(4000, 99)));
  assert.ok(now(4000 + INTERVAL, taken(4000, 99)));
  assert.ok(now(1500, fresh, true));
  assert.ok(!now(4500, taken(4000, 10), true));
});

test('realtime: at once, later only what is clearly better, not at once, and not without end', () => {
  const now = (state: ShotState, at = 1e6, ended = false) => captureNow(3, state, at, ended, INTERVAL);
  assert.ok(now(fresh, 1000));
  assert.ok(!now({ ...taken(1000, 60), best: 60 + CLEARLY_BETTER - 1 }));
  assert.ok(now({ ...taken(1000, 60), best: 60 + CLEARLY_BETTER }));
  assert.ok(!now({ ...taken(1000, 60), best: 90 }, 1000 + REALTIME_PAUSE_MS - 1));
  assert.ok(now({ ...taken(1000, 60), best: 90 }, 1000 + REALTIME_PAUSE_MS));
  assert.ok(now({ ...taken(1000, 60), best: 90 }, 1100, true), 'a better one is not lost with the end');
  assert.ok(!now({ ...taken(1000, 10, REALTIME_CAPTURES), best: 100 }));
});

test('without a moment there is nothing to capture', () => {
  for (const mode of [1, 2, 3] as const)
    assert.ok(!captureNow(mode, { ...fresh, best: undefined }, 1e9, true, INTERVAL));
});

test('what can come no more need not be looked at', () => {
  assert.deepEqual(
    [1, 2, 3].map((mode) => mayCaptureAgain(mode as 1 | 2 | 3, 1)),
    [false, true, true],
  );
  assert.ok(!mayCaptureAgain(3, REALTIME_CAPTURES));
});
