import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box, Detection } from '../../../core/vision/keys.ts';
import { withPlates } from './vehicle-plates.ts';

const SCALING = { width: 1280, height: 720, scaleX: 2, scaleY: 2 };
const vehicle = (box: Box): Detection => ({ label: 'vehicle', score: 0.9, box });
const plate = (box: Box, score = 0.8): Detection => ({ label: 'plate', score, box });

test('a plate is that of the vehicle in front, the largest where several are seen, and nothing where none is', () => {
  const car = vehicle([100, 300, 400, 600]);
  const bus = vehicle([50, 100, 900, 500]);
  const far = vehicle([1000, 100, 1200, 200]);
  const found = [
    plate([100, 240, 130, 250]),
    plate([105, 200, 112, 203]),
    plate([550, 80, 560, 84], 0.3),
    plate([10, 10, 30, 15]),
    { ...plate([520, 60, 560, 80]), label: 'person' },
  ];
  assert.deepEqual(
    withPlates([car, bus, far], found, SCALING).map((one) => one.plate),
    [[200, 480, 260, 500], null, null],
  );
});
