import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CameraLoad } from './keys.ts';
import { FrameMeter, Meter, StageMeter, withBlame } from './load.ts';

test('a meter tells the mean of the last ten seconds, from the first second on', () => {
  const meter = new Meter(100_300);
  assert.equal(meter.perSecond(100_300), 0);
  for (let i = 0; i < 10; i += 1) meter.add(100_300 + i * 100);
  assert.equal(meter.perSecond(101_300), 10);
  assert.equal(meter.perSecond(102_300), 5);
  // After a long silence nothing old is left, and what comes counts for the whole window.
  assert.equal(meter.perSecond(190_000), 0);
  meter.add(190_500, 19);
  assert.equal(Math.round(meter.perSecond(190_500) * 10) / 10, 2);
});

test('a steady rate is told as it is, at whatever moment one asks', () => {
  const meter = new Meter(0);
  for (let now = 0; now < 60_000; now += 200) {
    meter.add(now);
    if (now < 20_000) continue;
    const rate = meter.perSecond(now);
    assert.ok(rate > 4.9 && rate < 5.2, `${rate} at ${now}`);
  }
});

test('frames: wanted are those analysed and those shed', () => {
  const frames = new FrameMeter(0);
  for (let second = 0; second < 10; second += 1) {
    for (let i = 0; i < 3; i += 1) frames.analysed(second * 1000 + i * 300);
    frames.shed(second * 1000, 2);
  }
  assert.deepEqual(frames.read(9_999), { analysedFps: 3, shedFps: 2, wantedFps: 5 });
});

test('a stage: time of a frame, part of the time, and a fault for as long as it is fresh', () => {
  const meter = new StageMeter('detect', 0);
  for (let now = 0; now < 10_000; now += 200) meter.took(now, 60);
  assert.deepEqual(meter.read(9_999), { stage: 'detect', ms: 60, share: 0.3 });
  meter.failed(9_999, 'no');
  assert.equal(meter.read(12_000).failing, 'no');
  assert.equal(meter.read(20_000).failing, undefined);
});

const load = (shedFps: number, stages: [string, number, number][]): CameraLoad => ({
  wantedFps: 5,
  shedFps,
  stages: stages.map(([stage, ms, share]) => ({ stage, ms, share })),
});

test('where cameras take about the same, each sheds for its own dearest stage', () => {
  const loads = withBlame(
    new Map([
      [
        1,
        load(2, [
          ['detect', 60, 0.3],
          ['track', 1, 0.01],
        ]),
      ],
      [
        2,
        load(2.2, [
          ['detect', 62, 0.28],
          ['faces', 90, 0.05],
        ]),
      ],
    ]),
  );
  assert.deepEqual(loads.get(1)?.blame, { channel: 1, stage: 'detect', ms: 60 });
  assert.deepEqual(loads.get(2)?.blame, { channel: 2, stage: 'detect', ms: 62 });
});

test('a camera that takes little sheds for the one that takes most; one that sheds nothing blames nobody', () => {
  const loads = withBlame(
    new Map([
      [1, load(3, [['count', 2, 0.01]])],
      [
        2,
        load(3, [
          ['slow', 700, 0.9],
          ['track', 1, 0.01],
        ]),
      ],
      [3, load(0.1, [['count', 2, 0.02]])],
      [4, load(3, [])],
    ]),
  );
  assert.deepEqual(loads.get(1)?.blame, { channel: 2, stage: 'slow', ms: 700 });
  assert.deepEqual(loads.get(2)?.blame, { channel: 2, stage: 'slow', ms: 700 });
  assert.equal(loads.get(3)?.blame, undefined);
  const starved = withBlame(new Map([[1, load(3, [['detect', 90, 0.9]])]]), 0.456);
  assert.deepEqual(starved.get(1)?.blame, { channel: 1, stage: 'detect', ms: 90, waiting: 0.46 });
  assert.deepEqual(loads.get(4)?.blame, { channel: 2, stage: 'slow', ms: 700 });
});
