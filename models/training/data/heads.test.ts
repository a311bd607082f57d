import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BODY_HEADS, DETECTOR_LABELS, FACE_HEADS, LIVENESS_HEADS, labelsOf } from './heads.ts';

test('heads and values have one name each', () => {
  for (const heads of [FACE_HEADS, BODY_HEADS, LIVENESS_HEADS]) {
    const names = heads.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const head of heads) {
      if (!('kind' in head)) assert.equal(new Set(head.values).size, head.values.length, head.name);
    }
  }
  assert.equal(DETECTOR_LABELS.length, 8);
});

test('labels are the places of values, -1 for what is not known', () => {
  const labels = labelsOf(FACE_HEADS, { gender_code: 'male', st_age_value: '26.000000', st_expression: 'st_yawn' });
  assert.deepEqual(labels, [1, -1, 26, -1, -1, -1, -1, 7, -1]);
});

test('a value that no head has is an error, not a label', () => {
  assert.throws(() => labelsOf(FACE_HEADS, { gender_code: 'robot' }), /gender_code has no value robot/);
  assert.throws(() => labelsOf(FACE_HEADS, { st_age_value: 'old' }), /st_age_value cannot be old/);
});
