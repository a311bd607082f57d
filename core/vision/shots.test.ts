import assert from 'node:assert/strict';
import { test } from 'node:test';
import { i420Layout, type VideoFrame } from '../../drivers/video/frame.ts';
import type { InstalledModel } from '../../models/install.ts';
import { cutsOf, takeShot } from './shots.ts';

/** Grey whose brightness tells the column: 2 for each pixel to the right. */
function frame(width: number, height: number): VideoFrame {
  const layout = i420Layout(width, height);
  const data = new Uint8Array(layout.size).fill(128);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) data[y * layout.yStride + x] = Math.min(255, 2 * x);
  }
  const full = { width, height, data, layout, colorimetry: { matrix: 'bt601', range: 'full' } } as const;
  return { pts: 0, time: 0, width, height, pictures: new Map(), full };
}

const red = ({ data, width }: { data: Uint8Array; width: number }, x: number, y: number) => data[(y * width + x) * 3];

test('a shot holds what each describer asks for, at the resolution of the stream', () => {
  const subject = { kind: 'face' as const, box: [40, 30, 50, 50] as [number, number, number, number] };
  const shot = takeShot(frame(120, 90), subject, [{ times: 1.2 }, { square: true, times: 2 }]);
  // A square of 20 around (45, 40), twice as large.
  assert.deepEqual([shot.picture.width, shot.picture.height], [40, 40]);
  assert.deepEqual(shot.box, [15, 10, 25, 30]);
  assert.deepEqual(shot.frameBox, subject.box);
  assert.deepEqual([shot.frameWidth, shot.frameHeight], [120, 90]);
  assert.equal(red(shot.picture, 15, 10), 80);
  assert.equal(shot.landmarks, undefined);
});

test('what lies outside the frame is not there, and box and landmarks say so', () => {
  const box: [number, number, number, number] = [-10, 60, 30, 100];
  const shot = takeShot(frame(120, 90), { kind: 'face', box, landmarks: [[5, 70]] }, [{ times: 1.5 }]);
  assert.deepEqual([shot.picture.width, shot.picture.height], [40, 40]);
  assert.deepEqual(shot.box, [-10, 10, 30, 50]);
  assert.deepEqual(shot.landmarks, [[5, 20]]);
});

test('a large subject is averaged down to the largest size asked for', () => {
  const box: [number, number, number, number] = [20, 10, 100, 50];
  const shot = takeShot(frame(120, 90), { kind: 'body', box, landmarks: [[60, 30]] }, [{ size: 20 }, { size: 40 }]);
  assert.deepEqual([shot.picture.width, shot.picture.height], [40, 20]);
  assert.deepEqual(shot.box, [0, 0, 40, 20]);
  assert.deepEqual(shot.landmarks, [[20, 10]]);
  assert.equal(red(shot.picture, 0, 0), 41);
});

test('a box outside the frame, or of nonsense, is refused', () => {
  for (const box of [
    [200, 0, 220, 20],
    [0, 0, Number.NaN, 10],
    [10, 10, 10, 10],
  ] as const) {
    assert.throws(() => takeShot(frame(120, 90), { kind: 'face', box: [...box] }, [{}]), RangeError);
  }
});

test('a part that must lie inside the frame is moved into it, and made smaller where it is larger than that', () => {
  const part = (box: [number, number, number, number], times: number) => {
    const shot = takeShot(frame(120, 90), { kind: 'face', box }, [{ times, moved: true }]);
    // Two for each column of the frame.
    const left = red(shot.picture, 0, 0)! / 2;
    return { left, top: box[1] - shot.box[1], width: shot.picture.width, height: shot.picture.height };
  };
  assert.deepEqual(part([50, 40, 60, 50], 3), { left: 40, top: 30, width: 30, height: 30 });
  assert.deepEqual(part([0, 40, 10, 50], 3), { left: 0, top: 30, width: 30, height: 30 });
  assert.deepEqual(part([110, 80, 120, 90], 3), { left: 90, top: 60, width: 30, height: 30 });
  // 40 x 60, four times as large, is 160 x 240; the frame holds 60 x 90 of that shape.
  assert.deepEqual(part([60, 10, 100, 70], 4), { left: 50, top: 0, width: 60, height: 90 });
});

test('a model whose card says what it looks at is shown that, and the subject as large as without', () => {
  const crop = { times: 4, shape: 'box', beyond: 'move' } as const;
  const model = { id: 'a', crop } as InstalledModel;
  const cut = { square: true, times: 2 };
  assert.deepEqual(cutsOf({ cut }), [cut]);
  assert.deepEqual(cutsOf({ cut, model: { id: 'b' } as InstalledModel }), [cut]);
  const moved = { square: false, times: 4, moved: true, size: 1024 };
  assert.deepEqual(cutsOf({ cut, model }), [moved]);
  assert.deepEqual(cutsOf({ cut, model: { ...model, others: [{ id: 'b' } as InstalledModel] } }), [moved, cut]);
});
