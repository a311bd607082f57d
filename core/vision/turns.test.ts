import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextRunner } from './turns.ts';

interface Camera {
  /** ms between two frames. */
  interval: number;
  /** ms its stages take for one. */
  cost: number;
  ready: boolean;
  lastTurn: number;
  nextFrame: number;
  analysed: number;
  shed: number;
}

const camera = (perSecond: number, cost: number, phase = 0): Camera => ({
  interval: 1000 / perSecond,
  cost,
  ready: false,
  lastTurn: 0,
  nextFrame: phase,
  analysed: 0,
  shed: 0,
});

/** Plays so many seconds: frames come at their times, the newest waits, one turn is had at a time. */
function play(cameras: Camera[], seconds: number): void {
  let now = 0;
  let turns = 0;
  const arrive = () => {
    for (const one of cameras) {
      for (; one.nextFrame <= now; one.nextFrame += one.interval) {
        if (one.ready) one.shed += 1;
        one.ready = true;
      }
    }
  };
  while (now < seconds * 1000) {
    arrive();
    const next = nextRunner(cameras);
    if (!next) {
      now = Math.min(...cameras.map((one) => one.nextFrame));
      continue;
    }
    next.ready = false;
    turns += 1;
    next.lastTurn = turns;
    next.analysed += 1;
    now += next.cost;
  }
}

test('nobody is next where nobody has work', () => {
  assert.equal(nextRunner([]), undefined);
  assert.equal(nextRunner([camera(5, 10)]), undefined);
});

test('alike cameras shed alike, whatever moment their frames come at', () => {
  const cameras = Array.from({ length: 9 }, (_, i) => camera(5, 31, (i * i * 17) % 200));
  play(cameras, 120);
  const mean = cameras.reduce((sum, one) => sum + one.analysed, 0) / cameras.length;
  assert.ok(mean < 120 * 5 * 0.8, 'they shed');
  for (const { analysed } of cameras) assert.ok(Math.abs(analysed - mean) <= 2, `${analysed} of ${mean}`);
});

test('a camera that wants less than its part loses nothing; the others share the rest, however many frames they have', () => {
  const [slow, ...fast] = [camera(1, 40), camera(5, 40), camera(5, 40), camera(25, 40), camera(25, 40), camera(12, 40)];
  play([slow!, ...fast], 100);
  assert.equal(slow!.shed, 0);
  const mean = fast.reduce((sum, one) => sum + one.analysed, 0) / fast.length;
  assert.ok(mean > 460 && mean < 500, `${mean}`);
  for (const { analysed } of fast) assert.ok(Math.abs(analysed - mean) <= mean * 0.05, `${analysed} of ${mean}`);
});

test('one camera with dear stages costs the others time, not turns', () => {
  const cameras = [camera(5, 300), camera(5, 20), camera(5, 20), camera(5, 20)];
  play(cameras, 100);
  const turns = cameras.map(({ analysed }) => analysed);
  assert.ok(Math.max(...turns) - Math.min(...turns) <= 2, `${turns}`);
});
