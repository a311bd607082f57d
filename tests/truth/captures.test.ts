import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClipTruth } from '../../models/training/render/types.ts';
import type { CaptureView } from '../../plugins/captures/view.ts';
import type { SeenFrame } from './align.ts';
import { judgeCaptures } from './captures.ts';

/** Pixels that somebody who hurries moves in a frame: beside themselves after two. */
const STEP = 16;

function runner(frame: number): [number, number, number, number] {
  return [frame * STEP, 100, frame * STEP + 40, 200];
}

const truth: ClipTruth = {
  scene: 'run',
  seed: 1,
  width: 640,
  height: 360,
  fps: 10,
  seconds: 2,
  zones: [],
  actors: [],
  vehicles: [],
  events: [],
  frames: Array.from({ length: 20 }, (_, frame) => ({
    frame,
    objects: [{ kind: 'person', of: 'a', box: runner(frame), visible: 1 }],
  })),
};

const seen: SeenFrame[] = truth.frames.map(({ frame }) => ({ time: 1e12 + frame * 100, boxes: [] }));
const numbers = truth.frames.map(({ frame }) => frame);

/** Somebody captured in frame 10, by a clock that says so many frames later. */
function capturedLate(frames: number): CaptureView {
  const capture: Partial<CaptureView> = {
    kind: 'body',
    time: 1e12 + (10 + frames) * 100,
    box: runner(10),
    attributes: {},
    aliveType: 0,
  };
  return capture as CaptureView;
}

test('a capture whose frame came two frames late or early still shows whom it shows', () => {
  const report = judgeCaptures([-2, -1, 0, 1, 2].map(capturedLate), seen, numbers, truth);
  assert.equal(report.captures, 5);
  assert.equal(report.ofNobody, 0);
  assert.deepEqual([...report.actors], ['a']);
});

test('a capture of another moment shows nobody', () => {
  const report = judgeCaptures([-5, 5].map(capturedLate), seen, numbers, truth);
  assert.equal(report.ofNobody, 2);
});
