import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box } from '../keys.ts';
import { extendTrail, pairCost, type TrailPoint } from './association.ts';
import { type AxisState, correctAxis, predictAxis, startAxis } from './kalman.ts';
import { measureBox } from './measurement.ts';
import { boxOf, correctBox, predictBox, replayGap, startBox } from './motion.ts';

const motion = { velocityDeviation: 100, memory: 2 };

function assertClose(actual: AxisState, expected: AxisState, relative: number): void {
  for (const key of Object.keys(expected) as (keyof AxisState)[]) {
    const gap = Math.abs(actual[key] - expected[key]);
    assert.ok(gap <= relative * Math.max(1, Math.abs(expected[key])), `${key}: ${actual[key]} is not ${expected[key]}`);
  }
}

test('a prediction does not depend on how its time is cut into steps', () => {
  const start = correctAxis(predictAxis(startAxis(50, 9, 200), 0.2, motion), 70, 9);
  const once = predictAxis(start, 1.3, motion);
  let often = start;
  for (const step of [0.04, 0.36, 0.1, 0.5, 0.3]) often = predictAxis(often, step, motion);
  assertClose(often, once, 1e-9);
  let tiny = start;
  for (let i = 0; i < 1300; i++) tiny = predictAxis(tiny, 0.001, motion);
  assertClose(tiny, once, 1e-3);
});

test('no time changes nothing, and much time forgets the velocity instead of running away', () => {
  const moving = correctAxis(predictAxis(startAxis(0, 1, 200), 0.2, motion), 40, 1);
  assert.deepEqual(predictAxis(moving, 0, motion), moving);
  const later = predictAxis(moving, 3600, motion);
  assert.ok(Math.abs(later.velocity) < 1e-6);
  assert.ok(later.position < 40 + moving.velocity * motion.memory + 1);
  assert.ok(Math.abs(later.velocityVariance - motion.velocityDeviation ** 2) < 1);
});

test('sightings of a steady mover give its velocity, and an uncertainty that stays positive', () => {
  let state = startAxis(0, 16, 200);
  let time = 0;
  for (const step of [0.2, 0.4, 0.1, 0.2, 0.6, 0.2, 0.2, 0.3]) {
    time += step;
    state = correctAxis(predictAxis(state, step, motion), 120 * time, 16);
    assert.ok(state.positionVariance > 0 && state.velocityVariance > 0);
    assert.ok(state.positionVariance * state.velocityVariance > state.covariance ** 2);
  }
  assert.ok(Math.abs(state.velocity - 120) < 8, `velocity ${state.velocity}`);
});

test('a replayed gap leaves the velocity of the way gone, where a plain correction overshoots', () => {
  const boxAt = (x: number): Box => [x - 50, 100, x + 50, 350];
  const seenAt = (x: number) => measureBox(boxAt(x), 0.9);
  let state = startBox(seenAt(0));
  for (let i = 1; i <= 8; i++) state = correctBox(predictBox(state, 0.2), seenAt(i * 30));
  assert.ok(Math.abs(state.cx.velocity - 150) < 15);
  // It turned while nobody looked: 1.6 s later it is 160 px further left, -100 px/s on the way.
  const replayed = replayGap(state, seenAt(240), seenAt(80), 1.6);
  const corrected = correctBox(predictBox(state, 1.6), seenAt(80));
  assert.ok(Math.abs(replayed.cx.velocity + 100) < 25, `replayed ${replayed.cx.velocity}`);
  assert.ok(corrected.cx.velocity < -150, `corrected ${corrected.cx.velocity}`);
  assert.ok(Math.abs(boxOf(replayed)[0] - 30) < 10);
});

test('a low score and a side cut by the border make a measurement less certain', () => {
  const frame = { width: 640, height: 360 };
  const box: Box = [100, 100, 200, 340];
  assert.ok(measureBox(box, 0.2, frame).noise.cx > 1.5 * measureBox(box, 0.9, frame).noise.cx);
  const cut = measureBox([100, 200, 200, 360], 0.9, frame);
  assert.ok(cut.tolerance.logHeight > 4 * cut.noise.logHeight);
  assert.deepEqual(measureBox(box, 0.9, frame).tolerance, measureBox(box, 0.9).noise);
});

test('a step straight back costs more than one straight on, and standing still has no direction', () => {
  const state = startBox(measureBox([100, 100, 200, 350], 0.9));
  const seen = (x: number) => measureBox([100 + x, 100, 200 + x, 350], 0.9);
  const cost = (fromX: number, toX: number) => {
    const trail: TrailPoint[] = [
      { time: 0, cx: 150 - fromX, cy: 225 },
      { time: 400, cx: 150, cy: 225 },
    ];
    return pairCost({ predicted: state, trail, unseen: 0.2 }, seen(toX));
  };
  assert.ok(cost(200, -30) > cost(200, 30) + 0.4);
  assert.ok(Math.abs(cost(0, -30) - cost(0, 30)) < 1e-9);
});

test('the trail for a heading spans half a second and is bounded even where the clock stands still', () => {
  let trail: TrailPoint[] = [];
  for (let time = 0; time <= 2000; time += 200) trail = extendTrail(trail, { time, cx: time, cy: 0 });
  assert.deepEqual(
    trail.map((point) => point.time),
    [1400, 1600, 1800, 2000],
  );
  for (let i = 0; i < 1000; i++) trail = extendTrail(trail, { time: 2000, cx: i, cy: 0 });
  assert.ok(trail.length <= 32);
  trail = extendTrail(trail, { time: 9000, cx: 0, cy: 0 });
  assert.equal(trail.length, 2);
});
