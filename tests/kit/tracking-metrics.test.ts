import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JudgedFrame, type LabelledBox, trackingMetrics } from './tracking-metrics.ts';

/** A 10 x 10 box at x. */
function at(id: number, x: number): LabelledBox {
  return { id, box: [x, 0, x + 10, 10] };
}

function frames(count: number, frame: (index: number) => JudgedFrame): JudgedFrame[] {
  return Array.from({ length: count }, (_, index) => frame(index));
}

test('a perfect tracker scores 1, whatever its ids are called', () => {
  const metrics = trackingMetrics(
    frames(5, (i) => ({ truth: [at(1, i), at(2, 50)], tracked: [at(70, i), at(71, 50)] })),
  );
  assert.deepEqual(metrics, {
    idf1: 1,
    mota: 1,
    switches: 0,
    misses: 0,
    falsePositives: 0,
    truthBoxes: 10,
    trackedBoxes: 10,
  });
});

test('a track that breaks in two after 6 of 10 frames: one switch, 6 identity matches', () => {
  const metrics = trackingMetrics(frames(10, (i) => ({ truth: [at(1, 0)], tracked: [at(i < 6 ? 5 : 6, 0)] })));
  assert.equal(metrics.switches, 1);
  assert.ok(Math.abs(metrics.mota - 0.9) < 1e-12);
  // IDTP 6, 10 boxes each side: 12 / 20.
  assert.ok(Math.abs(metrics.idf1 - 0.6) < 1e-12);
});

test('two objects that swap tracks half way: two switches, half the identity matches', () => {
  const metrics = trackingMetrics(
    frames(10, (i) => ({
      truth: [at(1, 0), at(2, 50)],
      tracked: i < 5 ? [at(8, 0), at(9, 50)] : [at(9, 0), at(8, 50)],
    })),
  );
  assert.equal(metrics.switches, 2);
  assert.ok(Math.abs(metrics.mota - 0.9) < 1e-12);
  assert.ok(Math.abs(metrics.idf1 - 0.5) < 1e-12);
});

test('misses and false positives are counted apart', () => {
  // 4 frames of one object: found twice, missed twice; one false box in the last frame.
  const metrics = trackingMetrics(
    frames(4, (i) => ({ truth: [at(1, 0)], tracked: i < 2 ? [at(3, 0)] : i === 3 ? [at(4, 80)] : [] })),
  );
  assert.equal(metrics.misses, 2);
  assert.equal(metrics.falsePositives, 1);
  assert.equal(metrics.switches, 0);
  // 1 - 3 / 4; 2 x 2 / (4 + 3)
  assert.ok(Math.abs(metrics.mota - 0.25) < 1e-12);
  assert.ok(Math.abs(metrics.idf1 - 4 / 7) < 1e-12);
});

test('a switch is counted across a gap, and overlap below the threshold is none', () => {
  const gap = trackingMetrics(
    frames(3, (i) => ({ truth: [at(1, 0)], tracked: i === 0 ? [at(3, 0)] : i === 2 ? [at(4, 0)] : [] })),
  );
  assert.equal(gap.switches, 1);
  // Boxes of 10 shifted by 4 overlap by 6 / 14, by 3 7 / 13.
  assert.equal(trackingMetrics([{ truth: [at(1, 0)], tracked: [at(1, 4)] }]).misses, 1);
  assert.equal(trackingMetrics([{ truth: [at(1, 0)], tracked: [at(1, 3)] }]).misses, 0);
});

test('an earlier pair is kept while it overlaps enough, even where another fits better', () => {
  const metrics = trackingMetrics([
    { truth: [at(1, 0)], tracked: [at(3, 0)] },
    { truth: [at(1, 0)], tracked: [at(3, 3), at(4, 0)] },
  ]);
  assert.equal(metrics.switches, 0);
  assert.equal(metrics.falsePositives, 1);
});

test('a tracked box on a hidden object is left out', () => {
  const metrics = trackingMetrics([{ truth: [at(1, 0)], ignored: [at(2, 50)], tracked: [at(3, 0), at(4, 51)] }]);
  assert.equal(metrics.falsePositives, 0);
  assert.equal(metrics.idf1, 1);
});

test('nothing there and nothing said', () => {
  const empty = trackingMetrics([{ truth: [], tracked: [] }]);
  assert.equal(empty.idf1, 1);
  assert.ok(Number.isNaN(empty.mota));
  assert.equal(trackingMetrics([{ truth: [at(1, 0)], tracked: [] }]).idf1, 0);
});
