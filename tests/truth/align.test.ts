import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClipTruth } from '../../models/training/render/types.ts';
import { alignToClip, type SeenFrame } from './align.ts';

const FPS = 10;
const FRAMES = 200;

/** Somebody walks there and back at changing speed. */
function walker(frame: number): [number, number, number, number] {
  const x = 300 + 250 * Math.sin((2 * Math.PI * frame) / FRAMES + Math.sin(frame / 9));
  return [x, 100, x + 60, 260];
}

const truth: ClipTruth = {
  scene: 'walk',
  seed: 1,
  width: 640,
  height: 360,
  fps: FPS,
  seconds: FRAMES / FPS,
  zones: [],
  actors: [],
  vehicles: [],
  events: [],
  frames: Array.from({ length: FRAMES }, (_, frame) => ({
    frame,
    objects: [{ kind: 'person', of: 'a', box: walker(frame), visible: 1 }],
  })),
};

function seen(offset: (n: number) => number): SeenFrame[] {
  return Array.from({ length: 60 }, (_, n) => ({
    time: 1e12 + n * 200,
    boxes: [{ trackId: 1, label: 'person', box: walker((n * 2 + offset(n)) % FRAMES) }],
  }));
}

test('a stream that was joined anywhere is brought to its clip', () => {
  for (const offset of [0, 37, 199]) {
    const frames = alignToClip(
      seen(() => offset),
      truth,
    );
    assert.deepEqual(
      frames,
      frames.map((_, n) => (n * 2 + offset) % FRAMES),
    );
  }
});

test('a hiccup in the middle moves only what comes after it', () => {
  const frames = alignToClip(
    seen((n) => (n < 25 ? 50 : 47)),
    truth,
  );
  assert.equal(frames[0], 50);
  assert.equal(frames[24], 98);
  assert.equal(frames[25], 97);
  assert.equal(frames[59], 165);
});

test('nothing seen aligns to nothing', () => {
  assert.deepEqual(alignToClip([], truth), []);
});
