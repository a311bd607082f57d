import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from './backoff.ts';
import { type FrameRate, RateGovernor, type RateSetting } from './rate.ts';
import { Timeline } from './timeline.ts';

/** Runs a stream of `fps` for some seconds past a governor, as videorate would count it. */
function run(governor: RateGovernor, fps: number, seconds: number, from = 0): RateSetting {
  for (let at = from; at <= from + seconds * 1000; at += 500) {
    const decoded = Math.floor((at * fps) / 1000) + 1;
    const { framesPerSecond } = governor.setting;
    governor.observe({ at, decoded, passed: Math.floor((at * Math.min(fps, framesPerSecond)) / 1000) });
  }
  return governor.setting;
}

for (const [rate, fps, expected] of [
  [{ perSecond: 5 }, 25, 5],
  [{ perSecond: 5 }, 30, 5],
  [{ perSecond: 5 }, 5, 1000],
  [{ perSecond: 5 }, 3, 1000],
  [{ everyNth: 5 }, 25, 5],
  [{ everyNth: 5 }, 30, 6],
  [{ everyNth: 5 }, 50, 10],
  [{ everyNth: 4 }, 10, 2.5],
  [{ everyNth: 3 }, 12.5, 4.167],
  [{ everyNth: 1 }, 25, 1000],
  [{ everyNth: 25 }, 5, 0.2],
] as [FrameRate, number, number][]) {
  test(`${JSON.stringify(rate)} of a stream of ${fps} a second`, () => {
    const { framesPerSecond } = run(new RateGovernor(rate), fps, 6);
    // Within the error of counting frames for four seconds.
    assert.ok(Math.abs(framesPerSecond / expected - 1) < 0.06, `${framesPerSecond} instead of ${expected}`);
  });
}

test('a stream that turns slow and fast again keeps to the rate', () => {
  const governor = new RateGovernor({ perSecond: 5 });
  assert.equal(run(governor, 25, 6).framesPerSecond, 5);
  governor.restart();
  assert.deepEqual(run(governor, 4, 10, 10_000), { framesPerSecond: 1000, averaging: true });
  governor.restart();
  assert.deepEqual(run(governor, 25, 10, 30_000), { framesPerSecond: 5, averaging: false });
});

test('a grid that fell behind is started anew', () => {
  const governor = new RateGovernor({ perSecond: 5 });
  let [decoded, passed] = [1, 1];
  const seen: boolean[] = [];
  for (let at = 0; at < 6000; at += 500) {
    decoded += 12.5;
    // After a pause everything is let through. Averaging for one tick is what resets the grid.
    passed += at >= 3000 && at < 4000 ? 12.5 : 2.5;
    governor.observe({ at, decoded, passed });
    seen.push(governor.setting.averaging);
  }
  assert.deepEqual(seen.slice(5), [false, true, false, false, false, false, false]);
});

test('times of several runs always grow', () => {
  const timeline = new Timeline();
  const times = [timeline.place(100e6), timeline.place(300e6)];
  timeline.restart();
  times.push(timeline.place(0), timeline.place(200e6), timeline.place(150e6));
  assert.deepEqual(times, [100e6, 300e6, 340e6, 540e6, 580e6]);
});

test('waits grow to four seconds, to thirty for a refused password, and start anew', () => {
  const backoff = new Backoff(() => 1);
  const waits = Array.from({ length: 6 }, () => backoff.next('refused'));
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 4000, 4000]);
  assert.deepEqual(
    Array.from({ length: 5 }, () => backoff.next('unauthorized')),
    [5000, 10_000, 20_000, 30_000, 30_000],
  );
  backoff.reset();
  assert.equal(backoff.next('lost'), 500);
  const early = new Backoff(() => 0);
  assert.deepEqual([early.next('lost'), early.next('lost'), early.next('lost')], [500, 750, 1500]);
});
