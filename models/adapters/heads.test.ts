import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalise } from './arcface.ts';
import { ultralightHead } from './ultralight.ts';
import { yoloxHead } from './yolox.ts';
import { yunetHead } from './yunet.ts';

/** Cells of the grids at strides 8, 16 and 32. */
const INPUT = { width: 64, height: 32 };
const CELLS = { 8: 32, 16: 8, 32: 2 };

function close(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries()) assert.ok(Math.abs(value - expected[i]!) < 1e-4, `${actual}`);
}

test('YOLOX: boxes come from cell, offset and logarithm, scores from objectness times class', () => {
  const head = yoloxHead(['person', 'cat', 'car'], ['person', 'car']);
  const width = 5 + 3;
  const rows = new Float32Array(42 * width);
  // Stride 16: the cells 32 to 39, four in a row; cell 37 is column 1, row 1.
  rows.set([0.5, 0.25, Math.log(2), Math.log(1), 0.9, 0.5, 1, 0.8], 37 * width);
  // Stride 32: cell 41 is column 1, row 0. Only a cat.
  rows.set([0, 0, 0, 0, 1, 0.1, 1, 0.1], 41 * width);
  // Objectness below the threshold.
  rows.set([0, 0, 0, 0, 0.399, 1, 1, 1], 0);
  const found = head.decode(new Map([['output', rows]]), INPUT, 0.4);
  assert.deepEqual(
    found.map((one) => one.label),
    ['car'],
  );
  close([found[0]!.score], [0.72]);
  close(found[0]!.box, [24 - 16, 20 - 8, 24 + 16, 20 + 8]);
});

test('YOLOX: the usual labels by default, others by name, unknown ones refused', () => {
  assert.deepEqual(yoloxHead(['person', 'cat', 'truck', 'bus']).labels, ['person', 'bus', 'truck']);
  assert.deepEqual(yoloxHead(['person', 'cat'], ['cat']).labels, ['cat']);
  assert.throws(() => yoloxHead(['person'], ['dragon']), /knows no dragon; it knows person/);
  assert.throws(() => yoloxHead(['cat']), /name the labels/);
});

test('YOLOX: faces of a model with landmarks have them, other finds have none', () => {
  const head = yoloxHead(['person', 'face', 'helmet'], ['person', 'face'], true);
  const width = 5 + 3 + 10;
  const rows = new Float32Array(42 * width);
  const points = [0, 0, 1, 0, 0.5, 0.5, 0, 1, 1, 1];
  // Cell 37: stride 16, column 1, row 1. Cell 41: stride 32, column 1, row 0.
  rows.set([0.5, 0.5, 0, 0, 0.9, 0.1, 1, 0, ...points], 37 * width);
  rows.set([0.5, 0.5, 0, 0, 0.8, 1, 0, 0, ...points], 41 * width);
  const found = head.decode(new Map([['output', rows]]), INPUT, 0.4);
  assert.deepEqual(
    found.map(({ label, landmarks }) => [label, landmarks?.flat()]),
    [
      ['face', [16, 16, 32, 16, 24, 24, 16, 32, 32, 32]],
      ['person', undefined],
    ],
  );
  assert.throws(() => head.decode(new Map([['output', new Float32Array(42 * 8)]]), INPUT, 0.4), /336 numbers, not 756/);
});

test('YOLOX: the outputs of another model are refused', () => {
  const head = yoloxHead(['person']);
  assert.throws(() => head.decode(new Map([['output', new Float32Array(7)]]), INPUT, 0.4), /7 numbers, not 252/);
  const two = new Map([
    ['a', new Float32Array(252)],
    ['b', new Float32Array(252)],
  ]);
  assert.throws(() => head.decode(two, INPUT, 0.4), /2 outputs/);
});

function yunetOutputs(): Map<string, Float32Array> {
  const outputs = new Map<string, Float32Array>();
  for (const [stride, cells] of Object.entries(CELLS)) {
    outputs.set(`cls_${stride}`, new Float32Array(cells));
    outputs.set(`obj_${stride}`, new Float32Array(cells));
    outputs.set(`bbox_${stride}`, new Float32Array(cells * 4));
    outputs.set(`kps_${stride}`, new Float32Array(cells * 10));
  }
  return outputs;
}

test('YuNet: box, landmarks and score of a cell', () => {
  const outputs = yunetOutputs();
  // Stride 8: eight cells in a row; cell 19 is column 3, row 2.
  outputs.get('cls_8')![19] = 0.81;
  outputs.get('obj_8')![19] = 1;
  outputs.get('bbox_8')!.set([0.5, -0.5, Math.log(4), Math.log(2)], 19 * 4);
  outputs.get('kps_8')!.set([0, 0, 1, 0, 0.5, 0.5, 0, 1, 1, 1], 19 * 10);
  // Just below: the score is the root of the product.
  outputs.get('cls_32')![1] = 0.35;
  outputs.get('obj_32')![1] = 1;
  const found = yunetHead('face').decode(outputs, INPUT, 0.6);
  assert.equal(found.length, 1);
  assert.equal(found[0]!.label, 'face');
  close([found[0]!.score], [0.9]);
  close(found[0]!.box, [28 - 16, 12 - 8, 28 + 16, 12 + 8]);
  close(found[0]!.landmarks!.flat(), [24, 16, 32, 16, 28, 20, 24, 24, 32, 24]);
});

test('YuNet: the outputs of another model are refused', () => {
  const outputs = yunetOutputs();
  outputs.set('kps_16', new Float32Array(3));
  assert.throws(() => yunetHead('face').decode(outputs, INPUT, 0.6), /kps_16 holds 3 numbers, not 80/);
  outputs.delete('cls_8');
  assert.throws(() => yunetHead('face').decode(outputs, INPUT, 0.6), /no output cls_8/);
});

test('Ultra-Light: corners are parts of the input', () => {
  const outputs = new Map([
    ['scores', Float32Array.of(0.9, 0.1, 0.25, 0.75)],
    ['boxes', Float32Array.of(0, 0, 1, 1, 0.25, 0.5, 0.75, 1)],
  ]);
  const found = ultralightHead('face').decode(outputs, { width: 320, height: 240 }, 0.7);
  assert.deepEqual(found, [{ label: 'face', score: 0.75, box: [80, 120, 240, 240] }]);
  outputs.set('boxes', new Float32Array(3));
  assert.throws(() => ultralightHead('face').decode(outputs, INPUT, 0.7), /boxes holds 3 numbers, not 8/);
});

test('embeddings get length 1; one without direction is refused', () => {
  close([...normalise(Float32Array.of(3, 0, 4))], [0.6, 0, 0.8]);
  assert.throws(() => normalise(new Float32Array(4)), /no usable embedding/);
  assert.throws(() => normalise(Float32Array.of(1, Number.NaN)), /no usable embedding/);
});
